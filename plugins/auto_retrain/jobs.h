// SPDX-License-Identifier: Apache-2.0
//
// Jobs: starts what the operator configured, a command or a URL, for a commit of a dataset; at most
// one at a time for each dataset. A commit that comes meanwhile waits, and of several the newest
// wins. Who runs and who waits stands in hookhost.kv, so the next generation of this plugin keeps
// the rule and sees the end of the commands that this one has started. Any thread.
//
//   waiting --take_waiting--> holds the dataset --launch--> runs --finished--> next waiting one
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <hookhost/hookhost.hpp>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

class Jobs {
 public:
  enum class Started { kNothingConfigured, kStarted, kWaits };

  explicit Jobs(hookhost::Host& host);

  // Throws std::runtime_error when the command cannot be started or the URL does not take the job.
  Started start(const std::string& dataset, std::string_view commit);

  void on_activate();
  // A command that still runs is not ended: it belongs to the operator.
  void on_quiesce();

 private:
  // The right to run a job for the dataset: its entry in kv, in this version. It is lost after
  // timeout_s, and the entry may then be another job's.
  struct Hold {
    std::string dataset;
    std::string commit;
    std::uint64_t version;
  };
  struct Running {
    pid_t pid;
    Hold hold;
  };

  std::optional<Hold> take_waiting(const std::string& dataset);
  void launch(Hold hold);
  void run_command(Hold hold);
  void call_url(const Hold& hold);
  void adopt(const std::string& dataset);
  void reap();
  void finished(const Hold& hold, std::string_view how);
  void start_next(const std::string& dataset);

  const hookhost::Host host_;
  const std::string command_;
  const std::string url_;
  const std::chrono::seconds timeout_;
  hookhost::Timer reaper_;
  std::mutex mutex_;
  std::vector<Running> running_;  // guarded by mutex_
};
