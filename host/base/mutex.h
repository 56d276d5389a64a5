// SPDX-License-Identifier: Apache-2.0
//
// Mutex and MutexLock, annotated so that clang's -Wthread-safety proves that every guarded member
// is touched under its mutex.
#pragma once

#include <condition_variable>
#include <mutex>

#if defined(__clang__)
#define HOOKHOST_THREAD_ATTRIBUTE(x) __attribute__((x))
#else
#define HOOKHOST_THREAD_ATTRIBUTE(x)
#endif
#define HOOKHOST_GUARDED_BY(mutex) HOOKHOST_THREAD_ATTRIBUTE(guarded_by(mutex))
#define HOOKHOST_REQUIRES(mutex) HOOKHOST_THREAD_ATTRIBUTE(requires_capability(mutex))
#define HOOKHOST_EXCLUDES(mutex) HOOKHOST_THREAD_ATTRIBUTE(locks_excluded(mutex))

namespace hookhost {

class HOOKHOST_THREAD_ATTRIBUTE(capability("mutex")) Mutex {
 public:
  void lock() HOOKHOST_THREAD_ATTRIBUTE(acquire_capability()) { mutex_.lock(); }
  void unlock() HOOKHOST_THREAD_ATTRIBUTE(release_capability()) { mutex_.unlock(); }

 private:
  friend class Condition;
  std::mutex mutex_;
};

class HOOKHOST_THREAD_ATTRIBUTE(scoped_lockable) MutexLock {
 public:
  explicit MutexLock(Mutex& mutex) HOOKHOST_THREAD_ATTRIBUTE(acquire_capability(mutex))
      : mutex_(mutex) {
    mutex_.lock();
  }
  ~MutexLock() HOOKHOST_THREAD_ATTRIBUTE(release_capability()) { mutex_.unlock(); }
  MutexLock(const MutexLock&) = delete;
  MutexLock& operator=(const MutexLock&) = delete;

 private:
  Mutex& mutex_;
};

// Waits with the mutex held; always in a loop around the condition.
// Notify after the mutex is free: who wakes needs it at once.
class Condition {
 public:
  void wait(Mutex& mutex) HOOKHOST_REQUIRES(mutex) {
    std::unique_lock<std::mutex> lock(mutex.mutex_, std::adopt_lock);
    condition_.wait(lock);
    lock.release();  // the caller's again
  }
  template <class Time>
  void wait_until(Mutex& mutex, Time time) HOOKHOST_REQUIRES(mutex) {
    std::unique_lock<std::mutex> lock(mutex.mutex_, std::adopt_lock);
    condition_.wait_until(lock, time);
    lock.release();
  }
  void notify_one() noexcept { condition_.notify_one(); }
  void notify_all() noexcept { condition_.notify_all(); }

 private:
  std::condition_variable condition_;
};

}  // namespace hookhost
