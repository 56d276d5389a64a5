// SPDX-License-Identifier: Apache-2.0
#include <dirent.h>
#include <sys/resource.h>
#include <unistd.h>

#include <fstream>
#include <sstream>

#include "telemetry/process_metrics.h"

namespace hookhost::telemetry {
namespace {

void add_times_and_memory(MetricSet& set) {
  std::ifstream file("/proc/self/stat");
  std::string text;
  std::getline(file, text);
  // The command's name stands in brackets and may hold anything; the fields behind it begin with
  // the third of proc(5).
  const auto bracket = text.rfind(')');
  if (bracket == std::string::npos) return;
  std::istringstream fields(text.substr(bracket + 1));
  std::string skipped;
  for (int field = 3; field < 14; ++field) fields >> skipped;
  std::uint64_t user_ticks = 0, system_ticks = 0, threads = 0, start_ticks = 0, virtual_bytes = 0;
  std::uint64_t resident_pages = 0;
  fields >> user_ticks >> system_ticks;
  for (int field = 16; field < 20; ++field) fields >> skipped;
  fields >> threads >> skipped >> start_ticks >> virtual_bytes >> resident_pages;
  if (!fields) return;

  const auto ticks = static_cast<double>(::sysconf(_SC_CLK_TCK));
  set.add("process_cpu_seconds_total", static_cast<double>(user_ticks + system_ticks) / ticks);
  set.add("process_resident_memory_bytes",
          static_cast<double>(resident_pages) * static_cast<double>(::sysconf(_SC_PAGESIZE)));
  set.add("process_virtual_memory_bytes", static_cast<double>(virtual_bytes));
  set.add("process_threads", static_cast<double>(threads));

  std::ifstream kernel("/proc/stat");
  for (std::string word; kernel >> word;) {
    double boot_time = 0;
    if (word != "btime" || !(kernel >> boot_time)) continue;
    set.add("process_start_time_seconds", boot_time + static_cast<double>(start_ticks) / ticks);
    break;
  }
}

void add_descriptors(MetricSet& set) {
  if (DIR* folder = ::opendir("/proc/self/fd"); folder != nullptr) {
    int count = 0;
    while (::readdir(folder) != nullptr) ++count;
    ::closedir(folder);
    set.add("process_open_fds", count - 3);  // ".", ".." and the folder itself
  }
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) == 0) {
    set.add("process_max_fds", static_cast<double>(limit.rlim_cur));
  }
}

}  // namespace

void add_process_metrics(MetricSet& set) {
  add_times_and_memory(set);
  add_descriptors(set);
}

}  // namespace hookhost::telemetry
