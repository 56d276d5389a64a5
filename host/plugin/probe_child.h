// SPDX-License-Identifier: Apache-2.0
//
// One running child of a probe: started with a batch of builds, watched until it ends. Control
// thread.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "base/unique_fd.h"
#include "plugin/probe_protocol.h"

namespace hookhost::plugin {

class ProbeChild {
 public:
  // subjects: the caller's numbers of the orders, in their order.
  static Result<ProbeChild> start(const ProbeOptions& options, const ProbeRequest& request,
                                  std::vector<std::size_t> subjects);
  ProbeChild(ProbeChild&&) noexcept = default;
  ProbeChild& operator=(ProbeChild&&) noexcept = default;
  ~ProbeChild();  // kills what still runs

  int verdict_fd() const noexcept { return verdicts_.get(); }
  int output_fd() const noexcept { return output_.get(); }
  int process_fd() const noexcept { return process_.get(); }

  // Reads what is there; a message per call, nothing when none is complete.
  void read();
  std::optional<ProbeMessage> next_message();

  const std::vector<std::size_t>& subjects() const noexcept { return subjects_; }
  const std::string& output() const noexcept { return output_text_; }

  // It has that long from now on: on a processor or asleep. Waiting for a processor does not count,
  // up to kDelayMax: on a machine with more work than cores good builds would be refused.
  void give_time(std::chrono::milliseconds time);
  // Is that over? Before deadline() it is not; afterwards deadline() may be another one.
  bool is_late();
  static constexpr std::chrono::seconds kDelayMax{60};

  void kill() noexcept;
  // "crashed with signal 11 (Segmentation fault)", "called exit(7)". Once, after process_fd() is
  // readable.
  std::string wait_for_end();

  // ---- The parent's notes about it.
  std::size_t verdicts = 0;  // orders that are answered; the next one is being worked on
  std::size_t end = 0;       // orders from here on were given to another child
  std::string phase;         // of the one that is being worked on; empty: not begun
  std::string payload;       // of the phase: "x:17"; empty: none

  MonotonicTime deadline() const noexcept { return deadline_; }  // of the same
  bool is_overtaken() const noexcept { return end < subjects_.size(); }

 private:
  ProbeChild() = default;
  pid_t pid_ = -1;
  UniqueFd process_, verdicts_, output_;
  std::string pending_;  // bytes of incomplete lines
  std::string output_text_;
  std::vector<std::size_t> subjects_;
  // What the kernel says of its main thread since its start.
  struct Schedule {
    std::chrono::nanoseconds ran{0}, waited{0};
    bool is_runnable = false;  // or running
  };
  Schedule schedule() const;
  MonotonicTime granted_{}, deadline_{};  // the deadline as it was set, and as it is now
  std::chrono::milliseconds time_{0};
  Schedule at_grant_;
};

}  // namespace hookhost::plugin
