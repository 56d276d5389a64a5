// SPDX-License-Identifier: Apache-2.0
#include "plugin/departures.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "plugin/generation.h"
#include "plugin/library.h"

namespace hookhost::plugin {
namespace {

// At 100 ms for the first, some six seconds; then a longer handler, or an event loop, has it.
constexpr int kLooksMax = 6;

}  // namespace

Departures::Departures(DepartureOptions options, const Clock& clock, LogSink& log,
                       std::function<void(const StagedFile&)> discard,
                       std::function<void()> recycle_threads)
    : options_(options),
      clock_(clock),
      log_(log),
      discard_(std::move(discard)),
      recycle_threads_(std::move(recycle_threads)),
      reaper_(options.patience) {}

void Departures::drain(Build build, WayTo way) {
  drains_.push_back(replaced(std::move(build), std::move(way)));
}

void Departures::forget_drain(const Generation& generation) {
  std::erase_if(drains_,
                [&](const Replaced& one) { return one.build.generation.get() == &generation; });
}

void Departures::leave(Build build, WayTo way) {
  leavers_.push_back(replaced(std::move(build), std::move(way)));
}

std::vector<Drained> Departures::tend() {
  std::vector<Drained> drained;
  const MonotonicTime now = clock_.monotonic_now();
  std::erase_if(drains_, [&](Replaced& one) {
    const bool is_free = one.is_free();
    if (!is_free && now - one.since < options_.swap_drain) return false;
    std::int64_t cut_off = 0;
    if (!is_free) {
      cut_off = one.build.generation->in_flight();
      one.build.generation->cancel_deferred();
    }
    drained.push_back({std::move(one.build),
                       std::chrono::duration_cast<std::chrono::milliseconds>(now - one.since),
                       cut_off});
    return true;
  });
  std::erase_if(leavers_, [&](Replaced& one) {
    if (!one.is_free() && now - one.since < options_.swap_drain) return false;
    reaper_.take(std::move(one.build));
    return true;
  });
  std::vector<EndedBuild> ended = reaper_.collect();
  look_at_pinned(!ended.empty());  // what has ended may have held another one
  for (EndedBuild& one : ended) bury(std::move(one));
  return drained;
}

void Departures::finish() noexcept {
  is_finishing_ = true;
  drains_.clear();
  for (Pinned& one : pinned_) {
    if (std::exchange(one.next_look, {}) != MonotonicTime{}) tell_pinned(one);
  }
  for (EndedBuild& ended : reaper_.finish()) bury(std::move(ended));
  for (Replaced& leaver : std::exchange(leavers_, {})) {
    reaper_.take(std::move(leaver.build));
    for (EndedBuild& ended : reaper_.finish()) bury(std::move(ended));
  }
}

void Departures::bury(EndedBuild ended) {
  if (ended.report.was_unmapped) return discard_(ended.build.staged);
  if (ended.report.held != 0) Generation::keep_for_ever(ended.build.generation);
  Pinned& pinned =
      pinned_.emplace_back(Pinned{std::move(ended.build), std::move(ended.report), clock_.now()});
  const bool waits_for_threads = recycle_threads_ && !is_finishing_ && pinned.report.held == 0 &&
                                 !pinned.report.is_meant_to_stay &&
                                 pinned.build.generation->elf().has_thread_local_destructor;
  if (!waits_for_threads) return tell_pinned(pinned);
  recycle_threads_();
  pinned.next_look = clock_.monotonic_now() + options_.first_look;
}

void Departures::tell_pinned(const Pinned& pinned) {
  if (pinned.report.is_meant_to_stay) return;
  newly_pinned_.push_back({pinned.build, pinned.report.pinned_reason});
  const Generation& generation = *pinned.build.generation;
  LogLine line;
  line.level = pinned.report.held != 0 ? LogLevel::kError : LogLevel::kWarn;
  const std::string message = fmt::format("{}: its code stays in memory: {}",
                                          generation.file_name(), pinned.report.pinned_reason);
  line.plugin = generation.manifest().id;
  line.generation = generation.number();
  line.message = message;
  log_.write(line);
}

MonotonicTime Departures::next_look() const noexcept {
  MonotonicTime next = MonotonicTime::max();
  for (const Pinned& one : pinned_) {
    if (one.next_look != MonotonicTime{}) next = std::min(next, one.next_look);
  }
  return next;
}

void Departures::look_at_pinned(bool all) {
  const MonotonicTime now = clock_.monotonic_now();
  bool needs_recycling = false;
  std::erase_if(pinned_, [&](Pinned& one) {
    const bool is_due = one.next_look != MonotonicTime{} && now >= one.next_look;
    if (!all && !is_due) return false;
    if (try_unmap(one.build.staged.path)) {
      discard_(one.build.staged);
      return true;
    }
    if (!is_due) return false;
    ++one.looks;
    one.next_look =
        one.looks < kLooksMax ? now + options_.first_look * (1 << one.looks) : MonotonicTime{};
    needs_recycling |= one.looks < kLooksMax;
    if (one.looks == kLooksMax) tell_pinned(one);
    return false;
  });
  if (needs_recycling) recycle_threads_();  // the last time it may have been too early
}

Status Departures::check_room(const std::filesystem::path& file) const {
  const auto is_of_file = [&](const Pinned& one) { return one.build.file == file; };
  const auto count = std::count_if(pinned_.begin(), pinned_.end(), is_of_file);
  if (static_cast<std::size_t>(count) < options_.pinned_max) return {};
  const auto last = std::find_if(pinned_.rbegin(), pinned_.rend(), is_of_file);
  return Error{ErrorCode::kInvalid,
               fmt::format("{} builds of it could not be unloaded and are still in memory: {}",
                           count, last->report.pinned_reason),
               "restart the host; hookhost check says what keeps a build in memory"};
}

void Departures::visit(const Visit& visit) const {
  for (const Replaced& one : leavers_) visit(one.build, Stage::kDraining, one.since_for_people, {});
  reaper_.for_each([&](const Build& build) { visit(build, Stage::kEnding, {}, {}); });
  for (const Pinned& one : pinned_)
    visit(one.build, Stage::kPinned, one.since, one.report.pinned_reason);
}

}  // namespace hookhost::plugin
