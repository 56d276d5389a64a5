// SPDX-License-Identifier: Apache-2.0
//
// What a change of a plugin looks like in the log: one line on a terminal, as visible as an event,
// or a record of its own. Pure, but for log_swap().
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "telemetry/console.h"
#include "telemetry/log.h"

namespace hookhost::app {

struct SwapLine {
  enum class Kind : std::uint8_t { kLive, kRemoved, kRefused, kRestless, kRolledBack };
  Kind kind = Kind::kLive;
  std::string file = {};         // "retrain.so"
  std::uint64_t generation = 0;  // live now, or that stays; 0: none
  std::uint64_t before = 0;      // that was replaced, removed or rolled back; 0: none
  bool is_drained = false;       // the one before has ended:
  std::chrono::milliseconds took{0};
  std::int64_t cut_off = 0;           // calls of it that did not end in time
  std::string reason = {}, fix = {};  // of a refusal or a rollback
};

inline constexpr std::size_t kSwapLineKinds = 5;
std::string_view result_of(SwapLine::Kind kind) noexcept;  // "rolled_back": a label

// `  12:10:02  ↻   retrain.so gen 2 live, gen 1 drained in 38 ms, 0 failed`
// `  12:10:40  ✕   retrain.so refused: undefined symbol: train_model, gen 2 stays`
// `  12:11:02  ✕   retrain.so gen 2 live again, gen 3 rolled back: 6 of 8 calls failed`
// with the fix on an indented line. The glyphs are ASCII where there is no UTF-8.
std::string swap_text(const SwapLine& line, SystemTime now, const telemetry::Console& console);

// The text on a terminal, else the record "plugin live", "plugin removed", "plugin refused",
// "plugin keeps changing" or "plugin rolled back".
void log_swap(const SwapLine& line, telemetry::Log& log, SystemTime now);

}  // namespace hookhost::app
