// SPDX-License-Identifier: Apache-2.0
#include "plugin/held_calls.h"

#include <hookhost/ext/state.h>

#include <atomic>
#include <memory>
#include <utility>

#include "base/check.h"
#include "base/executor.h"
#include "plugin/generation.h"

namespace hookhost::plugin {
namespace {

Outcome turned_away(OutcomeKind kind, std::string_view detail) noexcept {
  Outcome outcome;
  outcome.kind = kind;
  outcome.detail = detail;
  return outcome;
}

Outcome run_on(Generation& generation, Attempt& attempt, std::string_view path) noexcept {
  Handler* const handler = generation.find_handler(path);
  if (handler == nullptr)
    return turned_away(OutcomeKind::kCancelled, "the build that took over has no such endpoint");
  return handler->handle(attempt);
}

// Owns itself from a successful try_post until it has run.
struct Resumed : Work {
  Resumed(Attempt& its_attempt, std::string_view its_path, Generation& its_generation) noexcept
      : Work(&Resumed::run_once),
        attempt(its_attempt),
        path(its_path),
        generation(its_generation) {}

  static void run_once(Work& work) noexcept {
    const std::unique_ptr<Resumed> self(static_cast<Resumed*>(&work));
    // Set meanwhile: nobody waits for it any more (EndpointHandler::cancel).
    const bool is_cancelled =
        std::atomic_ref<void*>(self->attempt.handler_state).load(std::memory_order_acquire) !=
        nullptr;
    const Outcome outcome =
        is_cancelled ? turned_away(OutcomeKind::kCancelled, "it was cancelled before it began")
                     : run_on(self->generation, self->attempt, self->path);
    // Pending: the attempt may be gone.
    if (outcome.kind != OutcomeKind::kPending) self->attempt.finish(outcome);
  }

  Attempt& attempt;
  std::string_view path;  // of a manifest that stays as long as the attempt
  Generation& generation;
};

}  // namespace

void HeldCalls::hold() {
  const MutexLock lock(mutex_);
  HOOKHOST_CHECK(mode_ == Mode::kOpen);
  std::erase_if(next_, [](const Next& next) { return next.way.is_gone(); });
  mode_ = Mode::kHolding;
  generation_.uses().close();
}

void HeldCalls::pass_on(std::shared_ptr<Generation> next, WayTo way) {
  std::vector<Held> held;
  Generation& generation = *next;
  {
    const MutexLock lock(mutex_);
    HOOKHOST_CHECK(mode_ == Mode::kHolding);
    mode_ = Mode::kPassedOn;
    next_.push_back({std::move(next), std::move(way)});
    held = std::exchange(held_, {});
  }
  run(held, generation);
}

void HeldCalls::give_back() {
  std::vector<Held> held;
  {
    const MutexLock lock(mutex_);
    if (std::exchange(mode_, Mode::kOpen) == Mode::kOpen) return;
    generation_.uses().open();
    held = std::exchange(held_, {});
  }
  run(held, generation_);
}

void HeldCalls::run(const std::vector<Held>& held, Generation& on) {
  for (const Held& one : held) {
    auto work = std::make_unique<Resumed>(*one.attempt, one.endpoint->path, on);
    if (on.services().try_post(*work)) {
      static_cast<void>(work.release());  // NOLINT: the pool has it now
    } else {
      one.attempt->finish(
          turned_away(OutcomeKind::kOverloaded, "the pool was full after the swap"));
    }
  }
}

Outcome HeldCalls::take(Attempt& attempt, const EndpointManifest& endpoint) noexcept {
  Generation* next = &generation_;
  {
    const MutexLock lock(mutex_);
    switch (mode_) {
      case Mode::kHolding:
        if (held_.size() >= HOOKHOST_STATE_CALLS_MAX)
          return turned_away(OutcomeKind::kOverloaded, "too many calls wait for a swap");
        try {
          held_.push_back({&attempt, &endpoint});
        } catch (...) {
          return turned_away(OutcomeKind::kOverloaded, "no memory to wait for a swap");
        }
        return {};  // kPending
      case Mode::kPassedOn: next = next_.back().generation.get(); break;
      case Mode::kOpen:
        if (generation_.uses().is_closed())
          return turned_away(OutcomeKind::kCancelled, "the plugin is being unloaded");
        break;  // it was given back in between
    }
  }
  return run_on(*next, attempt, endpoint.path);
}

}  // namespace hookhost::plugin
