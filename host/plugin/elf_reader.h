// SPDX-License-Identifier: Apache-2.0
//
// Reads a shared library without running it: is it ours, is it whole, what does it export? Every
// offset of the file is a stranger's number and is checked against the file before it is followed.
// A truncated library would kill the process inside dlopen with SIGBUS, which is why this comes
// first. Pure. Any thread.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"

namespace hookhost::plugin {

struct ElfReport {
  std::string machine;                       // "x86-64"
  std::string soname;                        // DT_SONAME; empty: none
  std::string search_path;                   // DT_RUNPATH, else DT_RPATH: "$ORIGIN/../lib"
  std::vector<std::string> entry_symbols;    // "hookhost_entry_v1" ..., at most kEntrySymbolsMax
  std::vector<std::string> unique_symbols;   // the first few STB_GNU_UNIQUE ones that it defines
  std::size_t unique_count = 0;              // and how many there are
  std::vector<std::string> needed;           // DT_NEEDED: "libstdc++.so.6"
  std::size_t undefined_count = 0;           // symbols that other libraries have to define
  std::string build_id;                      // hex; empty: no build-id note
  std::string manifest_note;                 // JSON of the manifest note as it is; empty: none
  bool has_thread_local_destructor = false;  // stays mapped while a thread that ran it lives
  bool is_nodelete = false;                  // DF_1_NODELETE: dlclose will not unmap it
  bool has_text_relocations = false;         // would need writable code
  bool has_executable_stack = false;         // PT_GNU_STACK says so, or is not there
};

// Lists longer than these are cut: they are for people.
inline constexpr std::size_t kEntrySymbolsMax = 16;
inline constexpr std::size_t kUniqueSymbolsShownMax = 10;
inline constexpr std::size_t kNeededMax = 256;
// A longer manifest note is cut, and then is no JSON: 256 endpoints with long paths fit.
inline constexpr std::size_t kManifestNoteBytesMax = 128 * 1024;

// kInvalid: not a 64-bit shared library for this machine, not complete, or with a table that points
// outside the file; the message names the field, what was found and what is needed.
Result<ElfReport> read_elf(std::span<const std::byte> file);

// May a host of ABI `major.minor` load a library with this report? Refused: no entry symbol of that
// major, text relocations, an executable stack.
Status check_elf(const ElfReport& report, unsigned abi_major, unsigned abi_minor);

}  // namespace hookhost::plugin
