// SPDX-License-Identifier: Apache-2.0
//
// Reaper: ends generations that nobody reaches any more, each on a short-lived thread of its own:
// a quiesce or destroy that hangs delays nobody, and what it leaves in thread-local storage goes
// with its thread instead of keeping the code in memory. Owned by the control thread.
//
//   take() -> (quiesce, destroy, unload on its thread) -> collect(): joined, "is it unmapped?"
#pragma once

#include <atomic>
#include <chrono>
#include <filesystem>
#include <list>
#include <memory>
#include <thread>
#include <vector>

#include "plugin/generation.h"
#include "plugin/staging.h"

namespace hookhost::plugin {

// One generation of one file.
struct Build {
  std::filesystem::path file;
  std::shared_ptr<Generation> generation;
  StagedFile staged;
};

struct EndedBuild {
  Build build;
  RetireReport report;
};

class Reaper {
 public:
  // patience: how long calls may take to end before they are cancelled, and then once more for the
  // plugin to let go.
  explicit Reaper(std::chrono::milliseconds patience) noexcept : patience_(patience) {}
  ~Reaper() { static_cast<void>(finish()); }
  Reaper(const Reaper&) = delete;
  Reaper& operator=(const Reaper&) = delete;

  void take(Build build);

  // Those that have ended since. Does not wait.
  std::vector<EndedBuild> collect();
  // Waits for all.
  std::vector<EndedBuild> finish();

  bool is_busy() const noexcept { return !jobs_.empty(); }
  std::size_t size() const noexcept { return jobs_.size(); }
  // Calls visit(build) for those that are being ended.
  template <class Visit>
  void for_each(Visit visit) const {
    for (const Job& job : jobs_) visit(job.build);
  }

 private:
  struct Job {
    Build build;
    RetireReport report = {};
    std::atomic<bool> is_done{false};
    std::thread thread = {};
  };
  static EndedBuild end_of(Job& job);

  const std::chrono::milliseconds patience_;
  std::list<Job> jobs_;  // they must not move
};

}  // namespace hookhost::plugin
