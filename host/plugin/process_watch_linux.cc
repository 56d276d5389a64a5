// SPDX-License-Identifier: Apache-2.0
#include "plugin/process_watch.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <system_error>
#include <thread>
#include <utility>

#include "base/text.h"

namespace hookhost::plugin {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kNamesMax = 4;  // a line
constexpr std::chrono::milliseconds kThreadPatience{100};
constexpr std::chrono::milliseconds kThreadStep{1};

std::vector<int> thread_numbers() {
  std::vector<int> numbers;
  std::error_code error;
  for (fs::directory_iterator task("/proc/self/task", error), end; !error && task != end;
       task.increment(error)) {
    const std::string name = task->path().filename().native();
    int number = 0;
    std::from_chars(name.data(), name.data() + name.size(), number);
    numbers.push_back(number);
  }
  std::sort(numbers.begin(), numbers.end());
  return numbers;
}

bool is_there(int thread) {
  std::error_code ignored;
  return fs::exists(fmt::format("/proc/self/task/{}", thread), ignored);
}

std::string thread_name(int thread) {
  std::ifstream file(fmt::format("/proc/self/task/{}/comm", thread));
  std::string name;
  std::getline(file, name);
  return name;
}

// Whatever the host keeps closes on exec. What does not was opened by a library for a moment, on
// another thread: the sanitizers' runtime asks with a pipe whether an address can be read.
bool is_of_the_host(const Descriptor& descriptor) {
  return descriptor.number <= STDERR_FILENO || ::fcntl(descriptor.number, F_GETFD) == FD_CLOEXEC;
}

// "2 descriptors (/dev/full, pipe)"
std::string phrase(std::size_t count, std::string_view noun,
                   const std::vector<std::string>& names) {
  std::string list;
  for (std::size_t i = 0; i < std::min(names.size(), kNamesMax); ++i)
    list += (i == 0 ? "" : ", ") + printable(names[i], 256);
  return fmt::format("{} {}{} ({})", count, noun, count == 1 ? "" : "s", list);
}

std::string words_of(const MarkChange& marks) {
  if (marks.names.empty()) return {};
  return fmt::format("changed {} of the whole process (rule R8){}", marks.names,
                     marks.is_put_back ? ", put back" : "; not all of it can be put back");
}

std::string words_of(const SpareDescriptors::Loss& loss) {
  if (loss.closed == 0) return {};
  const std::string listening =
      loss.listening == 0 ? "" : fmt::format(", {} of them listening,", loss.listening);
  return fmt::format(
      "closed {} descriptor{} of the host{} (rule R8){}", loss.closed, loss.closed == 1 ? "" : "s",
      listening,
      loss.put_back == loss.closed ? ", put back; connections are lost" : "; restart the host");
}

}  // namespace

void Belongings::add(Belongings more) {
  std::move(more.descriptors.begin(), more.descriptors.end(), std::back_inserter(descriptors));
  threads.insert(threads.end(), more.threads.begin(), more.threads.end());
}

std::string Belongings::remaining() const {
  std::vector<std::string> open;
  for (const Descriptor& descriptor : descriptors) {
    if (is_open(descriptor)) open.push_back(name_of(descriptor));
  }
  const auto until = std::chrono::steady_clock::now() + kThreadPatience;
  while (std::any_of(threads.begin(), threads.end(), is_there) &&
         std::chrono::steady_clock::now() < until)
    std::this_thread::sleep_for(kThreadStep);
  std::vector<std::string> running;
  for (const int thread : threads) {
    if (is_there(thread)) running.push_back(thread_name(thread));
  }
  std::string text;
  if (!open.empty()) text = phrase(open.size(), "descriptor", open);
  if (!running.empty())
    text += (text.empty() ? "" : " and ") + phrase(running.size(), "thread", running);
  return text;
}

const ProcessWatch::Home& ProcessWatch::home() {
  const MutexLock lock(mutex_);
  if (home_) return *home_;
  home_ = Home{ProcessMarks::take(), scan_descriptors(WithFiles::kNo)};
  std::erase_if(home_->descriptors, std::not_fn(is_of_the_host));
  return *home_;
}

ProcessWatch::Look::Look(ProcessWatch& watch, Scope scope)
    : watch_(watch), scope_(scope), is_open_(watch.is_on_) {
  if (!is_open_) return;
  const Home& home = watch_.home();
  has_company_ = watch_.open_.fetch_add(1) != 0;
  number_ = watch_.begun_.fetch_add(1) + 1;
  before_ = ProcessMarks::take();
  if (scope_ != Scope::kComingUp) return;
  descriptors_ = scan_descriptors(WithFiles::kYes);
  threads_ = thread_numbers();
  std::vector<Descriptor> needed;
  for (const Descriptor& descriptor : descriptors_) {
    if (descriptor.is_listening || std::find(home.descriptors.begin(), home.descriptors.end(),
                                             descriptor) != home.descriptors.end())
      needed.push_back(descriptor);
  }
  spares_.emplace(needed);
}

ProcessWatch::Finding ProcessWatch::Look::end() {
  Finding finding;
  if (!std::exchange(is_open_, false)) return finding;
  if (spares_) finding.words = words_of(spares_->put_back());
  if (const std::string marks = words_of(put_back_marks(watch_.home().marks, before_));
      !marks.empty())
    finding.words += (finding.words.empty() ? "" : "; ") + marks;
  if (scope_ == Scope::kComingUp) {
    std::ranges::set_difference(scan_descriptors(WithFiles::kYes), descriptors_,
                                std::back_inserter(finding.added.descriptors), {},
                                &Descriptor::number, &Descriptor::number);
    std::ranges::set_difference(thread_numbers(), threads_,
                                std::back_inserter(finding.added.threads));
  }
  finding.is_sole = !has_company_ && watch_.begun_.load() == number_;
  watch_.open_.fetch_sub(1);
  return finding;
}

}  // namespace hookhost::plugin
