// SPDX-License-Identifier: Apache-2.0
#include "plugin/process_holdings.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string_view>
#include <system_error>

#include "base/text.h"

namespace hookhost::plugin {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kNamesMax = 4;  // a line
constexpr std::string_view kMemory = "memory";

template <class Name>
void count_each(const char* folder, std::map<std::string, std::size_t>& counts, Name name) {
  std::error_code error;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error))
    ++counts[name(entry->path())];
}

// "socket:[4711]" is a socket like the others.
std::string descriptor_name(const fs::path& link) {
  std::error_code ignored;
  const std::string name = fs::read_symlink(link, ignored).native();
  const bool is_numbered = name.starts_with("socket:[") || name.starts_with("pipe:[");
  return is_numbered ? name.substr(0, name.find(':')) : name;
}

std::string thread_name(const fs::path& task) {
  std::ifstream file(task / "comm");
  std::string name;
  std::getline(file, name);
  return name;
}

std::size_t sum(const std::map<std::string, std::size_t>& counts) {
  std::size_t total = 0;
  for (const auto& [name, count] : counts) total += count;
  return total;
}

// The sixth column of a line of maps; it may hold spaces.
std::string mapping_name(std::string_view line) {
  for (int column = 0; column < 5; ++column) {
    line.remove_prefix(std::min(line.find(' '), line.size()));
    line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
  }
  return std::string(line.empty() ? kMemory : line);
}

}  // namespace

std::size_t thread_count() {
  std::error_code ignored;
  std::size_t count = 0;
  for (fs::directory_iterator at("/proc/self/task", ignored), end; at != end; at.increment(ignored))
    ++count;
  return count;
}

ProcessHoldings ProcessHoldings::take() {
  ProcessHoldings holdings;
  count_each("/proc/self/fd", holdings.descriptors_, descriptor_name);
  count_each("/proc/self/task", holdings.threads_, thread_name);
  std::ifstream maps("/proc/self/maps");
  for (std::string line; std::getline(maps, line);) ++holdings.mappings_[mapping_name(line)];
  return holdings;
}

std::vector<ProcessHoldings::Growth> ProcessHoldings::growth(const ProcessHoldings& later,
                                                             std::size_t rounds) const {
  const struct {
    Kind kind;
    const char* noun;
    const Counts& before;
    const Counts& after;
  } rows[] = {{Kind::kDescriptors, "descriptor", descriptors_, later.descriptors_},
              {Kind::kThreads, "thread", threads_, later.threads_},
              {Kind::kMappings, "mapping", mappings_, later.mappings_}};
  std::vector<Growth> grown;
  for (const auto& row : rows) {
    if (sum(row.after) <= sum(row.before)) continue;  // another one in the place of the first
    std::size_t total = 0, names = 0;
    std::string list;
    for (const auto& [name, count] : row.after) {
      const auto found = row.before.find(name);
      const std::size_t before = found == row.before.end() ? 0 : found->second;
      const std::size_t more = count - std::min(count, before);
      if (more == 0) continue;
      if (row.kind == Kind::kMappings && name == kMemory &&
          more <= std::max(kMemoryMappingsTolerated, rounds / 2))
        continue;
      total += more;
      if (++names <= kNamesMax) list += (list.empty() ? "" : ", ") + printable(name, 256);
    }
    if (total == 0) continue;
    if (names > kNamesMax) list += fmt::format(" and {} other names", names - kNamesMax);
    grown.push_back({row.kind, fmt::format("{} {}{} more", total, row.noun, total == 1 ? "" : "s"),
                     std::move(list)});
  }
  return grown;
}

}  // namespace hookhost::plugin
