// SPDX-License-Identifier: Apache-2.0
//
// The ELF reader on any bytes: it never reads outside of them, and what it reports of a library is
// within its limits. Seeds: any small shared library.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "fuzz/cost_limit.h"
#include "plugin/elf_reader.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const hookhost::fuzz::CostLimit cost(size);
  using namespace hookhost::plugin;
  const auto report = read_elf({reinterpret_cast<const std::byte*>(data), size});
  if (!report) {
    if (report.error().message.empty()) std::abort();  // a refusal has a reason
    return 0;
  }
  if (report->entry_symbols.size() > kEntrySymbolsMax ||
      report->unique_symbols.size() > kUniqueSymbolsShownMax || report->needed.size() > kNeededMax)
    std::abort();
  static_cast<void>(check_elf(*report, 1, 0));
  return 0;
}
