// SPDX-License-Identifier: Apache-2.0
#include "plugin/reaper.h"

#include <system_error>
#include <utility>

#include "base/thread.h"
#include "plugin/library.h"

namespace hookhost::plugin {

void Reaper::take(Build build) {
  Job& job = jobs_.emplace_back();
  job.build = std::move(build);
  const auto end = [&job, patience = patience_] {
    job.report = job.build.generation->retire(patience);
    job.is_done.store(true, std::memory_order_release);
  };
  try {
    job.thread = std::thread([end] {
      name_this_thread("reaper", 0);
      end();
    });
  } catch (const std::system_error&) {
    end();  // no thread to have: here, then
  }
}

EndedBuild Reaper::end_of(Job& job) {
  if (job.thread.joinable()) job.thread.join();
  // What its own thread still held went with it.
  if (!job.report.was_unmapped && !job.report.is_meant_to_stay && job.report.held == 0)
    job.report.was_unmapped = try_unmap(job.build.staged.path);
  if (job.report.was_unmapped) job.report.pinned_reason.clear();
  return {std::move(job.build), std::move(job.report)};
}

std::vector<EndedBuild> Reaper::collect() {
  std::vector<EndedBuild> ended;
  for (auto job = jobs_.begin(); job != jobs_.end();) {
    if (!job->is_done.load(std::memory_order_acquire)) {
      ++job;
      continue;
    }
    ended.push_back(end_of(*job));
    job = jobs_.erase(job);
  }
  return ended;
}

std::vector<EndedBuild> Reaper::finish() {
  std::vector<EndedBuild> ended;
  for (Job& job : jobs_) ended.push_back(end_of(job));
  jobs_.clear();
  return ended;
}

}  // namespace hookhost::plugin
