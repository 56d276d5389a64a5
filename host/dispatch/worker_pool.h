// SPDX-License-Identifier: Apache-2.0
//
// WorkerPool: N threads of the host and one bounded queue. What waits in it belongs to whoever
// posted it (intrusive), so posting allocates nothing; a full queue says so at once. app owns it;
// everything else may be called from any thread, stop() not from one of its own.
//
//   constructed --start()--> running --stop()--> stopping (runs what is queued) --> stopped
#pragma once

#include <cstddef>
#include <cstdint>
#include <thread>
#include <vector>

#include "base/executor.h"
#include "base/mutex.h"
#include "base/result.h"

namespace hookhost::dispatch {

struct WorkerPoolOptions {
  // 0: two per core, at least 8. Handlers wait for other people's servers more than they compute.
  unsigned threads = 0;
  // Work that waits for a thread; beyond it senders get 503 at once instead of a late answer.
  std::size_t queue_max = 1024;
};

class WorkerPool final : public Executor {
 public:
  explicit WorkerPool(WorkerPoolOptions options = {});
  ~WorkerPool();  // stop()
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  // Starts the threads. kUnavailable: the system has none to give; then none is left running.
  Status start();

  // False: queue_max works wait already, or stop() was called. Nothing was taken then.
  bool try_post(Work& work) noexcept;

  // The same without a limit: for the host's own work, which is bounded elsewhere. Not after
  // stop().
  void post(Work& work) noexcept override;

  // Puts another thread in the place of each, which ends as soon as it has run what it runs: with
  // it goes what handlers left in thread-local storage. Nothing while the ones before are still
  // ending, or when the system has no threads to give. app's thread.
  void recycle() noexcept;

  // Takes nothing new, runs what is queued, ends the threads. Waits for work that runs.
  void stop() noexcept;

  unsigned threads() const noexcept { return thread_count_; }
  std::size_t queued() const noexcept;  // at some moment of the call
  std::size_t busy() const noexcept;    // threads that run work, likewise

 private:
  bool push(Work& work) noexcept HOOKHOST_REQUIRES(mutex_);  // true: wake one
  Work* pop() noexcept HOOKHOST_REQUIRES(mutex_);            // nullptr: empty
  void serve(unsigned index, std::uint64_t shift) noexcept;

  const unsigned thread_count_;
  const std::size_t queue_max_;
  std::vector<std::thread> threads_;  // of the shift that works
  std::vector<std::thread> leaving_;  // of the shift before
  std::uint64_t last_shift_ = 0;

  mutable Mutex mutex_;
  Condition wake_;
  Work* first_ HOOKHOST_GUARDED_BY(mutex_) = nullptr;
  Work* last_ HOOKHOST_GUARDED_BY(mutex_) = nullptr;
  std::size_t queued_ HOOKHOST_GUARDED_BY(mutex_) = 0;
  // Threads asleep for which no work came yet; never fewer than there are, or one would be missed.
  unsigned sleeping_ HOOKHOST_GUARDED_BY(mutex_) = 0;
  std::size_t busy_ HOOKHOST_GUARDED_BY(mutex_) = 0;
  bool is_stopping_ HOOKHOST_GUARDED_BY(mutex_) = false;
  std::uint64_t shift_ HOOKHOST_GUARDED_BY(mutex_) = 0;     // threads of an earlier one end
  unsigned leaving_count_ HOOKHOST_GUARDED_BY(mutex_) = 0;  // that have not ended yet
};

}  // namespace hookhost::dispatch
