// SPDX-License-Identifier: Apache-2.0
//
// FakeJournal: a journal in a list, whose commits happen when the test says so, or at once. One
// thread: the test's.
//
//   FakeJournal journal(clock);
//   journal.hold();      // what is appended waits
//   journal.commit();    // ... until now; or fail(): the disk said no
#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "store/journal.h"
#include "support/fake_clock.h"

namespace hookhost::test {

class FakeJournal final : public store::Journal {
 public:
  struct Kept {
    store::NewEvent event;
    MonotonicTime due{};
    bool is_leased = false;
    std::vector<store::Finish> finishes = {};
  };

  explicit FakeJournal(FakeClock& clock) : clock_(clock) {}

  // ---- What the test does ----
  void hold() { is_held_ = true; }
  void commit() { settle(store::Appended::Kind::kKept); }
  void fail() { settle(store::Appended::Kind::kFailed); }
  // The queue is full.
  void refuse() { is_full_ = true; }
  // What append() says from now on, for an event that is kept.
  void be_twin_of(EventId id, store::State state) {
    twin_ = {store::Appended::Kind::kTwin, id, state};
  }
  std::vector<Kept>& kept() { return kept_; }
  std::size_t waiting() const { return waiting_.size(); }

  // ---- Journal ----
  bool append(store::NewEvent event, store::AppendCallback done) override {
    if (is_full_) return false;
    waiting_.emplace_back(std::move(event), std::move(done));
    if (!is_held_) commit();
    return true;
  }
  std::vector<store::Lease> claim(std::size_t max) override {
    std::vector<store::Lease> leases;
    for (Kept& one : kept_) {
      if (leases.size() == max) break;
      if (!is_ready(one) || one.due > clock_.monotonic_now()) continue;
      one.is_leased = true;
      leases.push_back({.id = one.event.id,
                        .attempts = one.event.attempts,
                        .received_at = one.event.received_at,
                        .route = one.event.route,
                        .type = one.event.type,
                        .sender_id = one.event.sender_id,
                        .head = one.event.head,
                        .body = one.event.body,
                        .handler = one.event.handler});
    }
    return leases;
  }
  std::optional<MonotonicTime> next_due() override {
    std::optional<MonotonicTime> next;
    for (const Kept& one : kept_) {
      if (is_ready(one) && (!next || one.due < *next)) next = one.due;
    }
    return next;
  }
  void finish(const store::Lease& lease, store::Finish finish) override {
    Kept& one = of(lease.id);
    one.is_leased = false;
    one.event.state = finish.state;
    one.event.attempts = finish.attempts;
    one.due = clock_.monotonic_now() + finish.due_in;
    one.finishes.push_back(std::move(finish));
  }
  void release(const store::Lease& lease, std::chrono::milliseconds due_in) override {
    Kept& one = of(lease.id);
    one.is_leased = false;
    one.due = clock_.monotonic_now() + due_in;
  }
  Result<std::vector<store::EventRow>> page(const store::Filter& filter, EventId before,
                                            std::size_t max) override {
    asked_ = {filter, before, max};
    return rows_;
  }
  Result<store::EventDetail> find(EventId id) override {
    if (detail_ && detail_->row.id == id) return *detail_;
    return Error{ErrorCode::kNotFound, "there is no such event", {}};
  }
  Status replay(EventId id) override { return change("replay", id); }
  Status drop_dead(EventId id) override { return change("drop", id); }
  void flush() override {}
  EventId last_id() const override { return last_id_; }
  store::Stats stats() const override { return {}; }

  EventId last_id_ = 0;
  // What people are answered, and what they asked.
  struct Asked {
    store::Filter filter = {};
    EventId before = 0;
    std::size_t max = 0;
  } asked_;
  std::vector<store::EventRow> rows_;
  std::optional<store::EventDetail> detail_;
  std::vector<std::string> changes_;  // "replay 7"

 private:
  Status change(std::string_view verb, EventId id) {
    if (!detail_ || detail_->row.id != id)
      return Error{ErrorCode::kNotFound, "there is no such event", {}};
    changes_.push_back(std::string(verb) + ' ' + std::to_string(id));
    return {};
  }
  static bool is_ready(const Kept& one) {
    return one.event.state == store::State::kReady && !one.is_leased;
  }
  Kept& of(EventId id) {
    return *std::ranges::find_if(kept_, [&](const Kept& one) { return one.event.id == id; });
  }
  void settle(store::Appended::Kind kind) {
    for (auto& [event, done] : std::exchange(waiting_, {})) {
      store::Appended appended{kind, event.id};
      if (kind == store::Appended::Kind::kKept && twin_) {
        appended = *twin_;
      } else if (kind == store::Appended::Kind::kKept) {
        const MonotonicTime due = clock_.monotonic_now() + event.due_in;
        kept_.push_back({std::move(event), due});
      }
      done(appended);
    }
  }

  FakeClock& clock_;
  std::vector<std::pair<store::NewEvent, store::AppendCallback>> waiting_;
  std::vector<Kept> kept_;
  std::optional<store::Appended> twin_;
  bool is_held_ = false;
  bool is_full_ = false;
};

}  // namespace hookhost::test
