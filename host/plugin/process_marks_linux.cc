// SPDX-License-Identifier: Apache-2.0
#include <pthread.h>
#include <sys/stat.h>
#include <unistd.h>

#include <clocale>
#include <filesystem>
#include <system_error>

#include "plugin/process_marks.h"

namespace hookhost::plugin {

ProcessMarks ProcessMarks::take() {
  ProcessMarks marks;
  std::error_code ignored;
  marks.folder_ = std::filesystem::current_path(ignored).native();
  const char* locale = std::setlocale(LC_ALL, nullptr);
  marks.locale_ = locale == nullptr ? "" : locale;
  const mode_t mask = ::umask(0);  // there is no other way to read it
  ::umask(mask);
  marks.umask_ = mask;
  sigset_t blocked;
  ::pthread_sigmask(SIG_SETMASK, nullptr, &blocked);
  for (int signal = 1; signal < static_cast<int>(marks.blocked_.size()); ++signal)
    marks.blocked_[static_cast<std::size_t>(signal)] = sigismember(&blocked, signal) == 1;
  for (std::size_t i = 0; i < kSignals.size(); ++i) {
    struct sigaction action {};
    ::sigaction(kSignals[i], nullptr, &action);
    marks.handlers_[i] = reinterpret_cast<void*>(action.sa_sigaction);
  }
  return marks;
}

std::size_t thread_count() {
  std::error_code ignored;
  std::size_t count = 0;
  for (std::filesystem::directory_iterator at("/proc/self/task", ignored), end; at != end;
       at.increment(ignored))
    ++count;
  return count;
}

std::string ProcessMarks::difference(const ProcessMarks& later) const {
  const struct {
    bool is_changed;
    const char* name;
  } rows[] = {{folder_ != later.folder_, "the working directory"},
              {umask_ != later.umask_, "the umask"},
              {locale_ != later.locale_, "the locale"},
              {blocked_ != later.blocked_, "the signal mask"},
              {handlers_ != later.handlers_, "a signal handler"}};
  std::string text;
  for (const auto& row : rows) {
    if (row.is_changed) text += (text.empty() ? "" : ", ") + std::string(row.name);
  }
  return text;
}

}  // namespace hookhost::plugin
