// SPDX-License-Identifier: Apache-2.0
#include "support/host_process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <stdexcept>

namespace hookhost::test {
namespace {

using std::chrono::steady_clock;

struct Pipe {
  Pipe() {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) throw std::runtime_error("pipe failed");
    read_end.reset(ends[0]);
    write_end.reset(ends[1]);
  }
  UniqueFd read_end;
  UniqueFd write_end;
};

// A child with the three descriptors given; the environment is PATH, the sanitizers' options and
// these variables.
int spawn(const std::vector<std::string>& command,
          const std::map<std::string, std::string>& environment, int in, int out, int err) {
  std::vector<std::string> variables;
  for (const char* kept :
       {"PATH", "ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS", "ASAN_SYMBOLIZER_PATH", "HOME"}) {
    if (const char* value = std::getenv(kept)) variables.push_back(std::string(kept) + "=" + value);
  }
  for (const auto& [name, value] : environment) variables.push_back(name + "=" + value);
  std::vector<char*> argv;
  for (const std::string& word : command) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  std::vector<char*> envp;
  for (const std::string& variable : variables) envp.push_back(const_cast<char*>(variable.c_str()));
  envp.push_back(nullptr);

  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, in, 0);
  ::posix_spawn_file_actions_adddup2(&actions, out, 1);
  ::posix_spawn_file_actions_adddup2(&actions, err, 2);
  pid_t pid = -1;
  const int failed = ::posix_spawnp(&pid, argv[0], &actions, nullptr, argv.data(), envp.data());
  ::posix_spawn_file_actions_destroy(&actions);
  if (failed != 0) throw std::runtime_error("cannot start " + command[0]);
  return pid;
}

int exit_code_of(int status) {
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

// The port of the address that stands behind the marker; 0: there is none.
std::uint16_t port_behind(std::string_view text, std::string_view marker) {
  const std::size_t at = text.find(marker);
  if (at == text.npos) return 0;
  text.remove_prefix(at + marker.size());
  const std::string address(text.substr(0, text.find_first_of("/\"")));
  return static_cast<std::uint16_t>(std::atoi(address.c_str() + address.rfind(':') + 1));
}

UniqueFd open_null() { return UniqueFd(::open("/dev/null", O_RDWR | O_CLOEXEC)); }

}  // namespace

ProcessResult run_process(const std::vector<std::string>& command,
                          const std::map<std::string, std::string>& environment,
                          std::string_view input, std::chrono::seconds limit) {
  Pipe in, out, err;
  const int pid =
      spawn(command, environment, in.read_end.get(), out.write_end.get(), err.write_end.get());
  out.write_end.reset();
  err.write_end.reset();
  // Inputs of tests fit a pipe (64 KiB), so this cannot block. Its other end is still open here, so
  // that a child which ends without reading is no SIGPIPE.
  if (!input.empty() && ::write(in.write_end.get(), input.data(), input.size()) < 0)
    throw std::runtime_error("write failed");
  in.read_end.reset();
  in.write_end.reset();

  ProcessResult result;
  const auto deadline = steady_clock::now() + limit;
  pollfd streams[] = {{out.read_end.get(), POLLIN, 0}, {err.read_end.get(), POLLIN, 0}};
  int open_streams = 2;
  while (open_streams > 0) {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline - steady_clock::now())
            .count();
    if (left <= 0) {
      ::kill(pid, SIGKILL);
      result.err += "\n(killed by the test after its time limit)";
      break;
    }
    if (::poll(streams, 2, static_cast<int>(left)) < 0) continue;
    for (int i = 0; i < 2; ++i) {
      if (streams[i].fd < 0 || streams[i].revents == 0) continue;
      char bytes[4096];
      const ssize_t count = ::read(streams[i].fd, bytes, sizeof bytes);
      if (count > 0) {
        (i == 0 ? result.out : result.err).append(bytes, static_cast<std::size_t>(count));
      } else {
        streams[i].fd = -1;
        --open_streams;
      }
    }
  }
  int status = 0;
  ::waitpid(pid, &status, 0);
  result.exit_code = exit_code_of(status);
  return result;
}

HostProcess::HostProcess(std::vector<std::string> arguments,
                         std::map<std::string, std::string> environment, std::string program) {
  std::vector<std::string> command{std::move(program)};
  command.insert(command.end(), arguments.begin(), arguments.end());
  for (const char* word : {"--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0"})
    command.emplace_back(word);
  environment.try_emplace("HOOKHOST_JOURNAL__DIR", "none");
  Pipe out;
  const UniqueFd null = open_null();
  pid_ = spawn(command, environment, null.get(), out.write_end.get(), out.write_end.get());
  out.write_end.reset();
  reader_ = std::thread([this, fd = out.read_end.release()] { read_output(fd); });

  const bool is_pretty = std::find(command.begin(), command.end(), "pretty") != command.end();
  const bool is_ready =
      wait_for_output(is_pretty ? "\n  Journal" : "\"msg\":\"ready\"", std::chrono::seconds(100));
  const std::string printed = output();
  if (!is_ready) {
    ::kill(pid_, SIGKILL);
    wait();
    throw std::runtime_error("the host did not get ready:\n" + printed);
  }
  port_ = port_behind(printed, is_pretty ? "Landing page  http://" : "\"listen\":\"");
  admin_port_ = port_behind(printed, is_pretty ? "Admin         http://" : "\"admin_listen\":\"");
}

HostProcess::~HostProcess() {
  if (!exit_code_) {
    ::kill(pid_, SIGKILL);
    wait();
  }
}

void HostProcess::read_output(int fd) {
  const UniqueFd stream(fd);
  char bytes[4096];
  for (;;) {
    const ssize_t count = ::read(stream.get(), bytes, sizeof bytes);
    const MutexLock lock(mutex_);
    if (count <= 0) {
      ended_ = true;
      grown_.notify_all();
      return;
    }
    output_.append(bytes, static_cast<std::size_t>(count));
    grown_.notify_all();
  }
}

std::string HostProcess::output() const {
  const MutexLock lock(mutex_);
  return output_;
}

bool HostProcess::wait_for_output(std::string_view text, std::chrono::seconds limit) const {
  const auto deadline = steady_clock::now() + limit;
  const MutexLock lock(mutex_);
  // A record is complete with its line end.
  while (output_.find('\n', output_.find(text)) == std::string::npos ||
         output_.find(text) == std::string::npos) {
    if (ended_ || steady_clock::now() >= deadline) return false;
    grown_.wait_until(mutex_, deadline);
  }
  return true;
}

void HostProcess::signal(int number) const { ::kill(pid_, number); }

int HostProcess::wait() {
  if (!exit_code_) {
    int status = 0;
    ::waitpid(pid_, &status, 0);
    exit_code_ = exit_code_of(status);
    reader_.join();
  }
  return *exit_code_;
}

}  // namespace hookhost::test
