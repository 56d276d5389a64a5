// SPDX-License-Identifier: Apache-2.0
//
// ScriptedHandler: a handler that does what the test wrote down: ScriptedHandler{kFailed, kHandled}
// fails once and handles the rest. It remembers what it was given and told, can be made to wait
// inside handle() and can answer later. Any thread.
#pragma once

#include <algorithm>
#include <initializer_list>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/check.h"
#include "base/mutex.h"
#include "model/handler.h"

namespace hookhost::test {

// An attempt as the handler saw it.
struct SeenAttempt {
  std::string path, body, event_id, delivery_id;
  bool has_delivery_id = false;
  bool has_index = false;
  std::vector<std::pair<std::string, std::string>> parameters;
  MonotonicTime deadline{};
  std::thread::id thread;
};

class ScriptedHandler final : public Handler {
 public:
  // The last one goes on for ever.
  ScriptedHandler(std::initializer_list<OutcomeKind> script = {OutcomeKind::kHandled}) {
    for (const OutcomeKind kind : script) script_.push_back({.kind = kind});
  }
  explicit ScriptedHandler(Outcome outcome) : script_{outcome} {}

  Outcome handle(Attempt& attempt) noexcept override {
    const MutexLock lock(mutex_);
    SeenAttempt seen{.path = std::string(attempt.path),
                     .body = std::string(attempt.body),
                     .event_id = std::string(attempt.event_id),
                     .delivery_id = std::string(attempt.delivery_id),
                     .has_delivery_id = attempt.delivery_id.data() != nullptr,
                     .has_index = !attempt.index.empty(),
                     .parameters = {},
                     .deadline = attempt.deadline,
                     .thread = std::this_thread::get_id()};
    for (const PathParameter& parameter : attempt.parameters)
      seen.parameters.emplace_back(parameter.name, parameter.value);
    attempts_.push_back(std::move(seen));
    running_max_ = std::max(++running_, running_max_);
    changed_.notify_all();
    while (is_shut_) changed_.wait(mutex_);
    --running_;
    const Outcome outcome = script_[std::min(attempts_.size(), script_.size()) - 1];
    if (outcome.kind == OutcomeKind::kPending) pending_.push_back(&attempt);
    return outcome;
  }

  void cancel(Attempt& attempt, CancelReason reason) noexcept override {
    const MutexLock lock(mutex_);
    cancels_.push_back(reason);
    cancelled_.emplace_back(attempt.path);  // reads its memory: a dead one shows under ASan
  }

  // ---- What the test does ----

  // handle() waits inside until open().
  void shut() { set_shut(true); }
  void open() { set_shut(false); }
  // Until so many attempts have come.
  void wait_for_attempts(std::size_t count) {
    const MutexLock lock(mutex_);
    while (attempts_.size() < count) changed_.wait(mutex_);
  }
  // The oldest attempt that is pending ends with this.
  void finish(const Outcome& outcome) {
    Attempt* attempt = nullptr;
    {
      const MutexLock lock(mutex_);
      HOOKHOST_CHECK(!pending_.empty());
      attempt = pending_.front();
      pending_.erase(pending_.begin());
    }
    attempt->finish(outcome);
  }

  bool has_pending() const {
    const MutexLock lock(mutex_);
    return !pending_.empty();
  }

  std::vector<SeenAttempt> attempts() const { return under_lock(attempts_); }
  std::vector<CancelReason> cancels() const { return under_lock(cancels_); }
  std::size_t running_max() const { return under_lock(running_max_); }

 private:
  void set_shut(bool is_shut) {
    const MutexLock lock(mutex_);
    is_shut_ = is_shut;
    changed_.notify_all();
  }
  template <class T>
  T under_lock(const T& member) const {
    const MutexLock lock(mutex_);
    return member;
  }

  mutable Mutex mutex_;
  hookhost::Condition changed_;
  std::vector<Outcome> script_;
  std::vector<SeenAttempt> attempts_;
  std::vector<CancelReason> cancels_;
  std::vector<std::string> cancelled_;
  std::vector<Attempt*> pending_;
  std::size_t running_ = 0;
  std::size_t running_max_ = 0;
  bool is_shut_ = false;
};

}  // namespace hookhost::test
