// SPDX-License-Identifier: Apache-2.0
#include "dispatch/worker_pool.h"

#include <algorithm>
#include <system_error>
#include <utility>

#include "base/check.h"
#include "base/cores.h"
#include "base/thread.h"

namespace hookhost::dispatch {
namespace {

constexpr unsigned kThreadsMin = 8;

unsigned default_threads() noexcept { return std::max(kThreadsMin, 2 * usable_cores()); }

}  // namespace

WorkerPool::WorkerPool(WorkerPoolOptions options)
    : thread_count_(options.threads == 0 ? default_threads() : options.threads),
      queue_max_(options.queue_max) {}

WorkerPool::~WorkerPool() { stop(); }

Status WorkerPool::start() {
  HOOKHOST_CHECK(threads_.empty());
  try {
    threads_.reserve(thread_count_);
    for (unsigned i = 0; i < thread_count_; ++i) threads_.emplace_back([this, i] { serve(i, 0); });
  } catch (const std::system_error&) {
    stop();
    return Error{ErrorCode::kUnavailable, "the system gives no more threads for the worker pool",
                 "raise the limit of tasks (ulimit -u, TasksMax) or lower pool.threads"};
  }
  return {};
}

bool WorkerPool::try_post(Work& work) noexcept {
  bool has_sleeper = false;
  {
    const MutexLock lock(mutex_);
    if (is_stopping_ || queued_ >= queue_max_) return false;
    has_sleeper = push(work);
  }
  if (has_sleeper) wake_.notify_one();
  return true;
}

void WorkerPool::post(Work& work) noexcept {
  bool has_sleeper = false;
  {
    const MutexLock lock(mutex_);
    HOOKHOST_CHECK(!is_stopping_);
    has_sleeper = push(work);
  }
  if (has_sleeper) wake_.notify_one();
}

bool WorkerPool::push(Work& work) noexcept {
  work.next = nullptr;
  (last_ == nullptr ? first_ : last_->next) = &work;
  last_ = &work;
  ++queued_;
  // A thread that works takes the next one without being woken; and one wakes for one work, so a
  // burst costs as many system calls as there are threads asleep.
  if (sleeping_ == 0) return false;
  --sleeping_;
  return true;
}

Work* WorkerPool::pop() noexcept {
  if (first_ == nullptr) return nullptr;
  Work* work = std::exchange(first_, first_->next);
  if (first_ == nullptr) last_ = nullptr;
  --queued_;
  return work;
}

void WorkerPool::recycle() noexcept {
  {
    const MutexLock lock(mutex_);
    if (is_stopping_ || leaving_count_ != 0) return;
  }
  const std::uint64_t next = ++last_shift_;
  for (std::thread& thread : leaving_) thread.join();  // they have left the loop
  leaving_.clear();
  std::vector<std::thread> threads;
  try {
    threads.reserve(thread_count_);
    for (unsigned i = 0; i < thread_count_; ++i)
      threads.emplace_back([this, i, next] { serve(i, next); });
  } catch (const std::exception&) {
    // Fewer than wanted; those that are there help until the next shift.
  }
  if (threads.size() < thread_count_) {
    for (std::thread& thread : threads) threads_.push_back(std::move(thread));
    return;
  }
  leaving_ = std::exchange(threads_, std::move(threads));
  const MutexLock lock(mutex_);
  shift_ = next;
  leaving_count_ = static_cast<unsigned>(leaving_.size());
  sleeping_ = 0;  // all of them are woken, and look before they sleep again
  wake_.notify_all();
}

void WorkerPool::serve(unsigned index, std::uint64_t shift) noexcept {
  name_this_thread("pool", index);
  wait_for_turn_when_woken();  // the loop that posts has more to read first
  Work* work = nullptr;
  for (;;) {
    {
      const MutexLock lock(mutex_);
      if (work != nullptr) --busy_;
      for (;;) {
        if (shift < shift_) {
          --leaving_count_;
          return;
        }
        if ((work = pop()) != nullptr) break;
        if (is_stopping_) return;
        ++sleeping_;
        wake_.wait(mutex_);
      }
      ++busy_;
    }
    work->run(*work);  // may destroy the node
  }
}

void WorkerPool::stop() noexcept {
  {
    const MutexLock lock(mutex_);
    is_stopping_ = true;
    sleeping_ = 0;
    wake_.notify_all();
  }
  for (std::vector<std::thread>* shift : {&threads_, &leaving_}) {
    for (std::thread& thread : *shift) thread.join();
    shift->clear();
  }

  // Left over only when there was no thread: start() failed or was never called.
  for (;;) {
    Work* work = nullptr;
    {
      const MutexLock lock(mutex_);
      work = pop();
    }
    if (work == nullptr) return;
    work->run(*work);
  }
}

std::size_t WorkerPool::queued() const noexcept {
  const MutexLock lock(mutex_);
  return queued_;
}

std::size_t WorkerPool::busy() const noexcept {
  const MutexLock lock(mutex_);
  return busy_;
}

}  // namespace hookhost::dispatch
