// SPDX-License-Identifier: Apache-2.0
#include "store/journal_writer.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <system_error>

#include "base/thread.h"

namespace hookhost::store {
namespace {

using std::chrono::milliseconds;

constexpr std::size_t kGroupEventsMax = 512;
constexpr std::size_t kGroupBytesMax = 1024 * 1024;
constexpr std::chrono::seconds kRetryAfter{1};  // a failed write, and a look at a full disk

// Of due times: none is later than all.
bool is_before(const std::optional<MonotonicTime>& a, const std::optional<MonotonicTime>& b) {
  return a && (!b || *a < *b);
}

std::string trouble_of(const SqliteError& error) {
  if (is_full(error)) return "no space left on device";
  return to_error(error, "journal").message;
}

}  // namespace

Result<std::unique_ptr<JournalWriter>> JournalWriter::start(const Options& options,
                                                            const Clock& clock, Open open,
                                                            FreeBytes free_bytes) {
  auto tables = open();
  if (!tables) return std::move(tables).error();
  std::unique_ptr<JournalWriter> writer(new JournalWriter(
      options, clock, std::move(open), std::move(free_bytes), std::move(*tables)));
  // What is due is known before anybody asks.
  writer->load_due();
  writer->look_at_disk();
  try {
    writer->thread_ = std::thread([raw = writer.get()] { raw->serve(); });
  } catch (const std::system_error&) {
    return Error{ErrorCode::kUnavailable, "the system gives no thread for the journal",
                 "raise the limit of tasks (ulimit -u, TasksMax)"};
  }
  return writer;
}

JournalWriter::JournalWriter(const Options& options, const Clock& clock, Open open,
                             FreeBytes free_bytes, JournalTables tables)
    : options_(options),
      clock_(clock),
      open_(std::move(open)),
      free_bytes_(std::move(free_bytes)),
      tables_(std::move(tables)),
      time_(tables_->tally().newest == 0
                ? std::nullopt
                : std::optional<std::int64_t>(tables_->tally().newest_kept_ms),
            clock.now(), clock.monotonic_now()),
      counted_(tables_->tally()),
      retention_(options),
      newest_(counted_.newest) {
  stats_.ready = static_cast<std::uint64_t>(counted_.ready);
  stats_.dead = static_cast<std::uint64_t>(counted_.dead);
}

JournalWriter::~JournalWriter() {
  {
    const MutexLock lock(mutex_);
    is_stopping_ = true;
  }
  work_.notify_one();
  if (thread_.joinable()) thread_.join();
}

std::size_t JournalWriter::size_of(const NewEvent& event) noexcept {
  return sizeof(Waiting) + event.head.size() + event.body.size() + event.route.size() +
         event.type.size() + event.sender_id.size() + event.handler.size() + event.error.size() +
         event.generation.size();
}

bool JournalWriter::append(NewEvent event, AppendCallback done) {
  const std::size_t bytes = size_of(event);
  {
    const MutexLock lock(mutex_);
    if (is_stopping_ || !stats_.trouble.empty() || events_.size() >= options_.queue_events_max ||
        bytes > options_.queue_bytes_max - std::min(event_bytes_, options_.queue_bytes_max)) {
      return false;
    }
    events_.push_back({std::move(event), std::move(done)});
    event_bytes_ += bytes;
    ++handed_;
  }
  work_.notify_one();
  return true;
}

std::vector<DueKey> JournalWriter::take(std::size_t max) {
  std::vector<DueKey> taken;
  bool wants_page = false;
  {
    const MutexLock lock(mutex_);
    taken = schedule_.take(clock_.monotonic_now(), max);
    wants_page = schedule_.wants_page();
  }
  if (wants_page) work_.notify_one();
  return taken;
}

std::optional<MonotonicTime> JournalWriter::next_due() const {
  const MutexLock lock(mutex_);
  return schedule_.next();
}

void JournalWriter::finish(EventId id, std::uint32_t run, Finish finish) {
  {
    const MutexLock lock(mutex_);
    finishes_.push_back({id, run, std::move(finish)});
  }
  work_.notify_one();
}

void JournalWriter::release(EventId id, std::uint32_t run, milliseconds due_in) {
  bool is_earlier = false;
  {
    const MutexLock lock(mutex_);
    const auto before = schedule_.next();
    schedule_.put_back(id, run, clock_.monotonic_now() + due_in);
    is_earlier = is_before(schedule_.next(), before);
  }
  if (is_earlier) wake();
}

Status JournalWriter::carry_out(Order order) {
  Status outcome;
  bool is_done = false;
  const MutexLock lock(mutex_);
  orders_.push_back({order, &outcome, &is_done});
  work_.notify_one();
  while (!is_done) settled_.wait(mutex_);
  return outcome;
}

void JournalWriter::flush() {
  const MutexLock lock(mutex_);
  const std::uint64_t pass = ++asked_, events = handed_;
  work_.notify_one();
  while (passed_ < pass || answered_ < events) settled_.wait(mutex_);
}

EventId JournalWriter::last_id() const {
  const MutexLock lock(mutex_);
  // The whole millisecond is taken: other loops may have had ids in it.
  constexpr int kBelowMs = 23;
  return newest_ == 0 ? 0 : ((newest_ >> kBelowMs) + 1) << kBelowMs;
}

Stats JournalWriter::stats() const {
  const MutexLock lock(mutex_);
  Stats stats = stats_;
  stats.waiting = events_.size();
  stats.waiting_bytes = event_bytes_;
  return stats;
}

SystemTime JournalWriter::wall_time(std::int64_t journal_ms) const noexcept {
  return clock_.now() + milliseconds(journal_ms - time_.at(clock_.monotonic_now()));
}

void JournalWriter::wake() const {
  if (options_.wake) options_.wake();
}

void JournalWriter::serve() {
  name_this_thread("journal", 0);
  while (auto group = take_group()) settle(std::move(*group));
  // A log that is empty makes the next start short. Its error is found there.
  if (tables_) {
    const auto ignored = tables_->checkpoint_all();
    static_cast<void>(ignored);
  }
}

std::optional<JournalWriter::Group> JournalWriter::take_group() {
  const MutexLock lock(mutex_);
  const bool was_in_trouble = !stats_.trouble.empty();
  const auto until = SystemClock().monotonic_now() + kRetryAfter;
  for (;;) {
    if (!events_.empty() || !orders_.empty() || asked_ > passed_) break;
    if (was_in_trouble) {
      if (is_stopping_) return std::nullopt;
      if (SystemClock().monotonic_now() >= until) break;
      work_.wait_until(mutex_, until);
      continue;
    }
    if (!finishes_.empty() || schedule_.wants_page()) break;
    if (is_stopping_) return std::nullopt;
    work_.wait(mutex_);
  }
  Group group{.pass = asked_};
  std::size_t bytes = 0;
  while (!events_.empty() && group.events.size() < kGroupEventsMax && bytes < kGroupBytesMax) {
    const std::size_t size = size_of(events_.front().event);
    bytes += size;
    event_bytes_ -= size;
    group.events.push_back(std::move(events_.front()));
    events_.pop_front();
  }
  group.finishes.swap(finishes_);
  group.orders.swap(orders_);
  return group;
}

void JournalWriter::settle(Group group) {
  if (is_broken_) recover();
  look_at_disk();
  {
    const MutexLock lock(mutex_);
    // In trouble nothing more is taken, and what was waits for nobody.
    if (!stats_.trouble.empty()) {
      std::move(events_.begin(), events_.end(), std::back_inserter(group.events));
      events_.clear();
      event_bytes_ = 0;
    }
  }
  if (!is_taking()) refuse_events(group);
  if (!tables_) {
    give_up(group);
  } else if (auto answers = write(group)) {
    publish(group, *answers);
    load_due();
    keep_log_short();
  } else {
    stumble(answers.error());
    give_up(group);
    if (!is_full(answers.error())) recover();
  }
  const MutexLock lock(mutex_);
  passed_ = std::max(passed_, group.pass);
  settled_.notify_all();
}

Sqlite<JournalWriter::Answers> JournalWriter::write(const Group& group) {
  Answers answers;
  const MonotonicTime now = clock_.monotonic_now();
  const std::int64_t now_ms = time_.at(now);
  const bool purges = retention_.is_due(now, group.events.size(), counted_.body_bytes);
  const bool tells_somebody = !group.events.empty() || !group.orders.empty();
  if (!tells_somebody && group.finishes.empty() && !purges) return answers;

  auto begun = tables_->begin(tells_somebody ? Durability::kFull : Durability::kOrder);
  if (!begun) return begun.error();
  // Before the events: what a twin is told, and whether it revives a dead one, comes of them.
  for (const Finished& finished : group.finishes) {
    auto done = tables_->finish(finished.id, finished.run, finished.finish, now_ms);
    if (!done) return done.error();
  }
  for (const Ordered& ordered : group.orders) {
    auto done = ordered.order.kind == Order::Kind::kReplay
                    ? tables_->replay(ordered.order.id, now_ms)
                    : tables_->drop_dead(ordered.order.id);
    if (!done) return done.error();
    answers.orders.push_back(std::move(*done));
  }
  const std::int64_t twin_after_ms = now_ms - milliseconds(options_.twin_window).count();
  for (const Waiting& waiting : group.events) {
    auto done = tables_->append(waiting.event, now_ms, twin_after_ms);
    if (!done) return done.error();
    answers.events.push_back(*done);
  }
  if (purges) {
    const auto goes_on = tables_->purge(retention_, now_ms);
    if (!goes_on) return goes_on.error();
    retention_.looked(now, *goes_on);
  }
  const MonotonicTime before = clock_.monotonic_now();
  auto committed = tables_->commit();
  if (!committed) return committed.error();
  answers.committed = std::move(*committed);
  answers.commit =
      std::chrono::duration_cast<std::chrono::microseconds>(clock_.monotonic_now() - before);
  answers.is_written = true;
  return answers;
}

void JournalWriter::publish(Group& group, Answers& answers) {
  bool is_earlier = false;
  {
    const MutexLock lock(mutex_);
    counted_ = tables_->tally();
    newest_ = std::max(newest_, counted_.newest);
    stats_.ready = static_cast<std::uint64_t>(counted_.ready);
    stats_.dead = static_cast<std::uint64_t>(counted_.dead);
    stats_.appended = static_cast<std::uint64_t>(counted_.appended);
    stats_.twins = static_cast<std::uint64_t>(counted_.twins);
    stats_.purged = static_cast<std::uint64_t>(counted_.purged);
    if (answers.is_written) {
      ++stats_.commits;
      stats_.last_commit = answers.commit;
    }
    const auto before = schedule_.next();
    for (const auto& [id, run] : answers.committed.settled) schedule_.settle(id, run);
    const MonotonicTime now = clock_.monotonic_now();
    for (const DueKey& key : answers.committed.ready) {
      schedule_.add({key, time_.when(key.next_ms, now)});
    }
    is_earlier = is_before(schedule_.next(), before);
    for (std::size_t i = 0; i < group.orders.size(); ++i) {
      *group.orders[i].outcome = std::move(answers.orders[i]);
      *group.orders[i].is_done = true;
    }
    group.orders.clear();
  }
  settled_.notify_all();
  answer(group.events, answers.events);
  if (is_earlier) wake();
}

// What became of each, and one kFailed for each that has no answer.
void JournalWriter::answer(std::vector<Waiting>& events, const std::vector<Appended>& answers) {
  std::uint64_t failed = 0;
  for (std::size_t i = 0; i < events.size(); ++i) {
    const Appended appended = i < answers.size() ? answers[i] : Appended{};
    failed += appended.kind == Appended::Kind::kFailed ? 1 : 0;
    if (events[i].done) events[i].done(appended);
  }
  const MutexLock lock(mutex_);
  answered_ += events.size();
  stats_.failed += failed;
  events.clear();
}

void JournalWriter::refuse_events(Group& group) { answer(group.events, {}); }

// The group was not written: nobody is told that it was, and leases end another time.
void JournalWriter::give_up(Group& group) {
  refuse_events(group);
  const MutexLock lock(mutex_);
  group.finishes.insert(group.finishes.end(), std::make_move_iterator(finishes_.begin()),
                        std::make_move_iterator(finishes_.end()));
  finishes_ = std::move(group.finishes);
  for (const Ordered& ordered : group.orders) {
    *ordered.outcome = Error{ErrorCode::kUnavailable, "the journal: " + stats_.trouble, {}};
    *ordered.is_done = true;
  }
  group.orders.clear();
  settled_.notify_all();
}

bool JournalWriter::is_taking() const {
  const MutexLock lock(mutex_);
  return stats_.trouble.empty();
}

void JournalWriter::set_trouble(const std::string& trouble) {
  {
    const MutexLock lock(mutex_);
    if (stats_.trouble == trouble) return;
    stats_.trouble = trouble;
  }
  if (options_.on_trouble) options_.on_trouble(trouble);
}

void JournalWriter::stumble(const SqliteError& error) {
  if (tables_) tables_->rollback();
  is_broken_ = true;
  needs_reopening_ = needs_reopening_ || !is_full(error);
  set_trouble(trouble_of(error));
}

void JournalWriter::recover() {
  if (needs_reopening_) {
    // First closed: two connections of one process to one file would share what is believed.
    tables_.reset();
    auto opened = open_();
    if (!opened) return set_trouble(opened.error().message);
    tables_.emplace(std::move(*opened));
    tables_->go_on_from(counted_);
    if (auto emptied = tables_->checkpoint_all(); !emptied) return stumble(emptied.error());
    const auto holds = counted_.newest == 0 ? Sqlite<bool>(true) : tables_->holds(counted_.newest);
    if (!holds) return stumble(holds.error());
    if (!*holds) {
      // Only a disk that lies loses what it had synced. Nothing that is taken now would be safe.
      tables_.reset();
      return set_trouble("an event that was on disk is not there any more");
    }
    needs_reopening_ = false;
  }
  if (auto written = tables_->try_write(); !written) return stumble(written.error());
  is_broken_ = false;
  set_trouble({});
}

void JournalWriter::look_at_disk() {
  if (is_broken_) return;
  const MonotonicTime now = clock_.monotonic_now();
  if (now < next_look_ && is_taking()) return;
  next_look_ = now + kRetryAfter;
  const auto free = free_bytes_();
  if (free && *free < options_.disk_reserve) {
    set_trouble(fmt::format("less than {} bytes are free on the journal's disk, its reserve",
                            options_.disk_reserve));
  } else if (retention_.is_stuck(counted_.body_bytes)) {
    set_trouble(fmt::format("the journal is full: more than {} bytes of bodies, and none is done",
                            options_.bytes_max));
  } else {
    set_trouble({});
  }
}

void JournalWriter::keep_log_short() {
  if (!tables_) return;
  if (auto done = tables_->checkpoint_if_long(); !done) {
    stumble(done.error());
    if (!is_full(done.error())) recover();
  }
}

void JournalWriter::load_due() {
  for (;;) {
    DueKey last;
    {
      const MutexLock lock(mutex_);
      if (!schedule_.wants_page()) return;
      last = schedule_.last();
    }
    const auto keys = tables_->due_page(last, DueSchedule::kPage);
    if (!keys) return stumble(keys.error());
    bool is_earlier = false;
    {
      const MutexLock lock(mutex_);
      const MonotonicTime now = clock_.monotonic_now();
      std::vector<Due> page;
      page.reserve(keys->size());
      for (const DueKey& key : *keys) page.push_back({key, time_.when(key.next_ms, now)});
      const auto before = schedule_.next();
      schedule_.add_page(page, keys->size() < DueSchedule::kPage);
      is_earlier = is_before(schedule_.next(), before);
    }
    if (is_earlier) wake();
  }
}

}  // namespace hookhost::store
