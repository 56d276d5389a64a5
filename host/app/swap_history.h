// SPDX-License-Identifier: Apache-2.0
//
// SwapHistory: the last swaps, for whoever asks later what happened. Its memory is bounded: the
// oldest event goes when one too many comes. Control thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "plugin/swap_cause.h"

namespace hookhost::app {

// A day with a build every quarter of an hour; about 50 kB.
inline constexpr std::size_t kSwapEventsMax = 100;
inline constexpr std::size_t kSwapTextBytesMax = 1024;  // of a reason or a fix; people read them

struct SwapEvent {
  SystemTime at{};
  std::string_view result = {};  // result_of() its line, or "pinned"
  std::string file = {}, plugin_id = {};
  std::uint64_t generation = 0;  // that serves from here on, or is pinned; 0: none
  std::uint64_t before = 0;      // that was replaced, removed or rolled back; 0: none
  std::string build_id = {}, build_id_before = {};
  plugin::SwapCause cause = plugin::SwapCause::kNone;
  std::string reason = {}, fix = {};
  bool is_drained = false;  // the one before has ended:
  std::chrono::milliseconds took{0};
  std::int64_t cut_off = 0;  // calls of it that did not end in time
};

class SwapHistory {
 public:
  void add(SwapEvent event);
  // A generation has ended its last call: its event, if it is still kept, says so from now on.
  void note_drain(std::string_view file, std::uint64_t generation, std::chrono::milliseconds took,
                  std::int64_t cut_off);

  const std::deque<SwapEvent>& events() const noexcept { return events_; }  // the oldest first

 private:
  std::deque<SwapEvent> events_;
};

}  // namespace hookhost::app
