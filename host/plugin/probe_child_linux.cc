// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <system_error>

#include "base/spawn_plan.h"
#include "base/text.h"
#include "plugin/probe_child.h"

namespace hookhost::plugin {
namespace {

constexpr std::size_t kOutputBytesMax = 4096;

Error system_error(std::string_view what) {
  return {ErrorCode::kUnavailable,
          fmt::format("{}: {}", what, std::generic_category().message(errno)),
          {}};
}

// The request as memory without a name: it holds secrets and may be larger than a pipe.
UniqueFd memory_with(std::string_view text) {
  UniqueFd memory(::memfd_create("hookhost-probe", MFD_CLOEXEC));
  if (!memory) return {};
  for (std::size_t done = 0; done < text.size();) {
    const ssize_t written = ::write(memory.get(), text.data() + done, text.size() - done);
    if (written <= 0) return {};
    done += static_cast<std::size_t>(written);
  }
  if (::lseek(memory.get(), 0, SEEK_SET) != 0) return {};
  return moved_up(std::move(memory));
}

}  // namespace

Result<ProbeChild> ProbeChild::start(const ProbeOptions& options, const ProbeRequest& request,
                                     std::vector<std::size_t> subjects) {
  std::string text = write_request(request);
  const UniqueFd memory = memory_with(text);
  ::explicit_bzero(text.data(), text.size());
  auto verdicts = make_child_pipe();
  auto output = make_child_pipe();
  if (!memory || !verdicts || !output) return system_error("cannot start a probe child");
  ProbeChild child;
  SpawnPlan plan;
  plan.give(memory);
  plan.give(output->write);
  plan.give(output->write);
  static_assert(kVerdictFd == STDERR_FILENO + 1);
  plan.give(verdicts->write);
  std::vector<std::string> words{options.program.native()};
  words.insert(words.end(), options.arguments.begin(), options.arguments.end());
  if (const int error = plan.run(std::move(words), child.pid_); error != 0) {
    errno = error;
    return system_error("cannot start " + printable(options.program.native()));
  }
  child.process_ =
      UniqueFd(static_cast<int>(::syscall(SYS_pidfd_open, child.pid_, 0)));  // no glibc wrapper yet
  child.verdicts_ = std::move(verdicts->read);
  child.output_ = std::move(output->read);
  child.subjects_ = std::move(subjects);
  child.end = child.subjects_.size();
  if (!child.process_) return system_error("cannot watch a probe child");
  return child;
}

ProbeChild::~ProbeChild() {
  if (!process_) return;  // moved from, or waited for
  kill();
  wait_for_end();
}

// schedstat: "1234567 890 12", nanoseconds on a processor, nanoseconds of waiting for one, turns.
// stat: "4711 (a name) R 1 ...". A kernel without them: nothing, and the clock alone decides.
ProbeChild::Schedule ProbeChild::schedule() const {
  Schedule schedule;
  std::int64_t ran = 0, waited = 0;
  std::ifstream(fmt::format("/proc/{}/schedstat", pid_)) >> ran >> waited;
  schedule.ran = std::chrono::nanoseconds(ran);
  schedule.waited = std::chrono::nanoseconds(waited);
  std::string line;
  std::getline(std::ifstream(fmt::format("/proc/{}/stat", pid_)), line);
  schedule.is_runnable = std::string_view(line).substr(line.rfind(')') + 1).starts_with(" R");
  return schedule;
}

void ProbeChild::give_time(std::chrono::milliseconds time) {
  time_ = time;
  granted_ = deadline_ = SystemClock().monotonic_now() + time;
  at_grant_ = schedule();
}

bool ProbeChild::is_late() {
  constexpr std::chrono::milliseconds kNextLook{50};
  const MonotonicTime now = SystemClock().monotonic_now();
  if (now < deadline_) return false;
  const Schedule schedule = this->schedule();
  deadline_ =
      granted_ + std::min<std::chrono::nanoseconds>(schedule.waited - at_grant_.waited, kDelayMax);
  // It waits right now, which is in no book yet.
  if (schedule.is_runnable && schedule.ran - at_grant_.ran < time_ && now < granted_ + kDelayMax)
    deadline_ = std::max(deadline_, now + kNextLook);
  return now >= deadline_;
}

void ProbeChild::kill() noexcept { kill_child(pid_); }

void ProbeChild::read() {
  drain(verdicts_, [this](std::string_view bytes) {
    if (pending_.size() < 2 * kVerdictBytesMax) pending_ += bytes;  // beyond it is nonsense
  });
  drain(output_, [this](std::string_view bytes) {
    output_text_ +=
        bytes.substr(0, kOutputBytesMax - std::min(kOutputBytesMax, output_text_.size()));
  });
}

std::optional<ProbeMessage> ProbeChild::next_message() {
  for (;;) {
    const std::size_t line_end = pending_.find('\n');
    if (line_end == pending_.npos) return std::nullopt;
    auto message = read_message(std::string_view(pending_).substr(0, line_end));
    pending_.erase(0, line_end + 1);
    // In order, one verdict each; a plugin that writes to our descriptor is not listened to.
    if (message && message->index == verdicts && verdicts < end) return message;
  }
}

std::string ProbeChild::wait_for_end() {
  const int status = hookhost::wait_for_end(pid_);
  process_.reset();
  if (WIFSIGNALED(status))
    return fmt::format("crashed with signal {} ({})", WTERMSIG(status),
                       ::strsignal(WTERMSIG(status)));
  return fmt::format("ended the process with exit code {}", WEXITSTATUS(status));
}

}  // namespace hookhost::plugin
