// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <system_error>

#include "base/text.h"
#include "plugin/probe_child.h"

extern char** environ;  // NOLINT: POSIX declares it nowhere

namespace hookhost::plugin {
namespace {

constexpr std::size_t kOutputBytesMax = 4096;

Error system_error(std::string_view what) {
  return {ErrorCode::kUnavailable,
          fmt::format("{}: {}", what, std::generic_category().message(errno)),
          {}};
}

// Above the numbers that the child's own descriptors get, so that dup2 cannot meet them.
UniqueFd moved_up(UniqueFd fd) {
  constexpr int kFirstFree = 10;
  return UniqueFd(::fcntl(fd.get(), F_DUPFD_CLOEXEC, kFirstFree));
}

struct Pipe {
  UniqueFd read, write;
};
std::optional<Pipe> make_pipe() {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return std::nullopt;
  Pipe pipe{UniqueFd(ends[0]), moved_up(UniqueFd(ends[1]))};
  ::fcntl(pipe.read.get(), F_SETFL, O_NONBLOCK);
  if (!pipe.write) return std::nullopt;
  return pipe;
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

// Hands over what can be read now. At the end of the stream the descriptor goes, so that nobody
// polls it again.
template <class Take>
void drain(UniqueFd& fd, Take take) {
  std::array<char, 16 * 1024> buffer;
  while (fd) {
    const ssize_t bytes = ::read(fd.get(), buffer.data(), buffer.size());
    if (bytes < 0) return;  // nothing now
    if (bytes == 0) return fd.reset();
    take(std::string_view(buffer.data(), static_cast<std::size_t>(bytes)));
  }
}

class SpawnPlan {
 public:
  SpawnPlan() {
    ::posix_spawn_file_actions_init(&actions_);
    ::posix_spawnattr_init(&attributes_);
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    ::posix_spawnattr_setsigmask(&attributes_, &none);
    ::posix_spawnattr_setsigdefault(&attributes_, &all);
    // A group of its own: whatever it starts can be ended with it.
    ::posix_spawnattr_setpgroup(&attributes_, 0);
    ::posix_spawnattr_setflags(
        &attributes_, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
  }
  ~SpawnPlan() {
    ::posix_spawn_file_actions_destroy(&actions_);
    ::posix_spawnattr_destroy(&attributes_);
  }
  SpawnPlan(const SpawnPlan&) = delete;
  SpawnPlan& operator=(const SpawnPlan&) = delete;

  void give(const UniqueFd& fd, int as) {
    ::posix_spawn_file_actions_adddup2(&actions_, fd.get(), as);
  }
  // 0, or an errno.
  int run(const ProbeOptions& options, pid_t& pid) {
    ::posix_spawn_file_actions_addclosefrom_np(&actions_, kVerdictFd + 1);
    std::vector<std::string> words = {options.program.native()};
    words.insert(words.end(), options.arguments.begin(), options.arguments.end());
    std::vector<char*> pointers;
    for (std::string& word : words) pointers.push_back(word.data());
    pointers.push_back(nullptr);
    return ::posix_spawn(&pid, options.program.c_str(), &actions_, &attributes_, pointers.data(),
                         environ);
  }

 private:
  posix_spawn_file_actions_t actions_;
  posix_spawnattr_t attributes_;
};

}  // namespace

Result<ProbeChild> ProbeChild::start(const ProbeOptions& options, const ProbeRequest& request,
                                     std::vector<std::size_t> subjects) {
  std::string text = write_request(request);
  const UniqueFd memory = memory_with(text);
  ::explicit_bzero(text.data(), text.size());
  auto verdicts = make_pipe();
  auto output = make_pipe();
  if (!memory || !verdicts || !output) return system_error("cannot start a probe child");
  ProbeChild child;
  SpawnPlan plan;
  plan.give(memory, STDIN_FILENO);
  plan.give(output->write, STDOUT_FILENO);
  plan.give(output->write, STDERR_FILENO);
  plan.give(verdicts->write, kVerdictFd);
  if (const int error = plan.run(options, child.pid_); error != 0) {
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

void ProbeChild::kill() noexcept {
  ::kill(-pid_, SIGKILL);
  ::kill(pid_, SIGKILL);  // when it has left its group
}

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
  int status = 0;
  pid_t ended = 0;
  do {
    ended = ::waitpid(pid_, &status, 0);
  } while (ended < 0 && errno == EINTR);
  process_.reset();
  ::kill(-pid_, SIGKILL);  // what it left behind in its group
  if (WIFSIGNALED(status))
    return fmt::format("crashed with signal {} ({})", WTERMSIG(status),
                       ::strsignal(WTERMSIG(status)));
  return fmt::format("ended the process with exit code {}", WEXITSTATUS(status));
}

}  // namespace hookhost::plugin
