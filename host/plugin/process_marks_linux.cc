// SPDX-License-Identifier: Apache-2.0
#include "plugin/process_marks.h"

#include <pthread.h>
#include <sys/stat.h>
#include <unistd.h>

#include <clocale>
#include <filesystem>
#include <fstream>
#include <system_error>

namespace hookhost::plugin {
namespace {

// umask(2) can only be asked by setting it, which every other thread would see for a moment.
unsigned read_umask() {
  constexpr std::string_view kKey = "Umask:";
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with(kKey))
      return static_cast<unsigned>(std::stoul(line.substr(kKey.size()), nullptr, 8));
  }
  return 0;
}

struct Change {
  const ProcessMarks& home;
  const ProcessMarks& before;
  const ProcessMarks& now;
};

// A member that is the whole process's.
template <auto member>
bool is_changed(const Change& change) {
  return change.now.*member != change.before.*member && change.now.*member != change.home.*member;
}

bool is_mask_changed(const Change& change) {
  for (int signal = 1; signal < static_cast<int>(ProcessMarks::kSignals); ++signal) {
    if (sigismember(&change.before.blocked, signal) != sigismember(&change.now.blocked, signal))
      return true;
  }
  return false;
}

bool is_same(const struct sigaction& a, const struct sigaction& b) {
  // SA_RESTORER is the C library's word to the kernel: set from the first sigaction() on.
  constexpr int kRestorer = 0x04000000;
  return a.sa_sigaction == b.sa_sigaction && (a.sa_flags | kRestorer) == (b.sa_flags | kRestorer);
}
bool is_handler_changed(const Change& change, std::size_t signal) {
  const struct sigaction& now = change.now.handlers[signal];
  const struct sigaction& before = change.before.handlers[signal];
  const bool is_used_up =
      (before.sa_flags & static_cast<int>(SA_RESETHAND)) != 0 && now.sa_handler == SIG_DFL;
  return !is_used_up && !is_same(now, before) && !is_same(now, change.home.handlers[signal]);
}
bool is_any_handler_changed(const Change& change) {
  for (std::size_t signal = 1; signal < ProcessMarks::kSignals; ++signal) {
    if (is_handler_changed(change, signal)) return true;
  }
  return false;
}
bool put_handlers_back(const Change& change) {
  bool is_done = true;
  for (std::size_t signal = 1; signal < ProcessMarks::kSignals; ++signal) {
    if (is_handler_changed(change, signal))
      is_done &= ::sigaction(static_cast<int>(signal), &change.home.handlers[signal], nullptr) == 0;
  }
  return is_done;
}

struct Mark {
  const char* name;
  bool (*is_changed)(const Change& change);
  bool (*put_back)(const Change& change);  // false: it cannot be
};
constexpr Mark kMarks[] = {
    {"the working directory", is_changed<&ProcessMarks::folder>,
     [](const Change& change) { return ::chdir(change.home.folder.c_str()) == 0; }},
    {"the umask", is_changed<&ProcessMarks::umask>,
     [](const Change& change) {
       ::umask(change.home.umask);
       return true;
     }},
    {"the locale", is_changed<&ProcessMarks::locale>,
     [](const Change& change) {
       return std::setlocale(LC_ALL, change.home.locale.c_str()) != nullptr;
     }},
    // The thread's own, and so it is only compared with what it was.
    {"the signal mask", is_mask_changed,
     [](const Change& change) {
       return ::pthread_sigmask(SIG_SETMASK, &change.before.blocked, nullptr) == 0;
     }},
    {"a signal handler", is_any_handler_changed, put_handlers_back},
};

}  // namespace

ProcessMarks ProcessMarks::take() {
  ProcessMarks marks;
  std::error_code ignored;
  marks.folder = std::filesystem::current_path(ignored).native();
  const char* locale = std::setlocale(LC_ALL, nullptr);
  marks.locale = locale == nullptr ? "" : locale;
  marks.umask = read_umask();
  ::pthread_sigmask(SIG_SETMASK, nullptr, &marks.blocked);
  for (std::size_t signal = 1; signal < kSignals; ++signal)
    ::sigaction(static_cast<int>(signal), nullptr, &marks.handlers[signal]);
  return marks;
}

MarkChange put_back_marks(const ProcessMarks& home, const ProcessMarks& before) {
  const ProcessMarks now = ProcessMarks::take();
  const Change change{home, before, now};
  MarkChange changed;
  for (const Mark& mark : kMarks) {
    if (!mark.is_changed(change)) continue;
    changed.names += (changed.names.empty() ? "" : ", ") + std::string(mark.name);
    changed.is_put_back &= mark.put_back(change);
  }
  return changed;
}

}  // namespace hookhost::plugin
