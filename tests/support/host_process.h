// SPDX-License-Identifier: Apache-2.0
//
// HostProcess: the real binary as a child, on ephemeral loopback ports, for end-to-end tests. Waits
// for the `ready` record, collects everything it prints, and never outlives the test.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/mutex.h"
#include "base/unique_fd.h"

namespace hookhost::test {

struct ProcessResult {
  int exit_code = -1;  // 128 + n: ended by signal n
  std::string out;
  std::string err;
};

// Runs a program to its end, with these variables in place of ours (PATH stays). Killed after the
// limit.
ProcessResult run_process(const std::vector<std::string>& command,
                          const std::map<std::string, std::string>& environment = {},
                          std::string_view input = {},
                          std::chrono::seconds limit = std::chrono::seconds(60));

// The binary under test.
inline std::string hookhost_binary() { return HOOKHOST_BINARY; }

class HostProcess {
 public:
  // arguments behind `hookhost`: "serve", "--plugins", ... ; both listeners are put on port 0.
  // It keeps no journal unless the environment says otherwise. With `--log-format pretty` it prints
  // as on a terminal. Throws std::runtime_error with all output when it does not get ready.
  // program: the binary, when it is another one.
  explicit HostProcess(std::vector<std::string> arguments,
                       std::map<std::string, std::string> environment = {},
                       std::string program = hookhost_binary());
  ~HostProcess();
  HostProcess(const HostProcess&) = delete;
  HostProcess& operator=(const HostProcess&) = delete;

  // 0: not printed, as the listener's on a Space with `pretty`.
  std::uint16_t port() const noexcept { return port_; }
  std::uint16_t admin_port() const noexcept { return admin_port_; }
  int pid() const noexcept { return pid_; }

  // Everything on stdout and stderr so far.
  std::string output() const;
  // Waits until the output holds the text; false when it does not within the limit.
  bool wait_for_output(std::string_view text,
                       std::chrono::seconds limit = std::chrono::seconds(10)) const;

  void signal(int number) const;
  // Waits for its end; the exit code (128 + n: signal n).
  int wait();

 private:
  void read_output(int fd);

  int pid_ = -1;
  std::uint16_t port_ = 0;
  std::uint16_t admin_port_ = 0;
  mutable Mutex mutex_;
  mutable Condition grown_;
  std::string output_ HOOKHOST_GUARDED_BY(mutex_);
  bool ended_ HOOKHOST_GUARDED_BY(mutex_) = false;  // its output was closed
  std::thread reader_;
  std::optional<int> exit_code_;
};

}  // namespace hookhost::test
