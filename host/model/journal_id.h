// SPDX-License-Identifier: Apache-2.0
//
// Event ids: monotone, printable, sortable. 64 bits: milliseconds since 2020 (41), loop (7),
// counter within the millisecond (16). Written as "evt_" and 13 digits of Crockford's base 32, so
// that text order is id order.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/clock.h"

namespace hookhost {

using EventId = std::uint64_t;

inline constexpr std::size_t kEventIdChars = 17;

// Hands out ids; one per loop, not shared between threads. A wall clock that jumps back does not:
// ids stay monotone.
class EventIdSource {
 public:
  static constexpr unsigned kLoopsMax = 128;
  // after: an id that was handed out before, by whichever loop; all that follow are larger.
  explicit EventIdSource(unsigned loop, EventId after = 0) noexcept
      : loop_(loop % kLoopsMax), ms_(after == 0 ? 0 : (after >> 23) + 1) {}

  EventId next(SystemTime now) noexcept {
    constexpr std::int64_t k2020Ms = 1'577'836'800'000;
    const auto since_epoch =
        std::chrono::duration_cast<std::chrono::milliseconds>(now.time_since_epoch()).count() -
        k2020Ms;
    const auto ms = static_cast<std::uint64_t>(since_epoch < 0 ? 0 : since_epoch);
    if (ms > ms_) {
      ms_ = ms;
      counter_ = 0;
    } else if (++counter_ == (1U << 16)) {
      ++ms_;  // more than 65536 in one millisecond: borrow from the next
      counter_ = 0;
    }
    return ms_ << 23 | static_cast<std::uint64_t>(loop_) << 16 | counter_;
  }

 private:
  unsigned loop_;
  std::uint64_t ms_;
  std::uint32_t counter_ = 0;
};

// Writes the id's text into out and returns the view of it.
inline std::string_view print_event_id(EventId id, std::array<char, kEventIdChars>& out) noexcept {
  constexpr std::string_view kDigits = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
  out[0] = 'e', out[1] = 'v', out[2] = 't', out[3] = '_';
  for (std::size_t i = kEventIdChars; i-- > 4; id >>= 5) out[i] = kDigits[id & 31];
  return {out.data(), out.size()};
}

// The id of a text that print_event_id wrote; nullopt: it is none.
inline std::optional<EventId> parse_event_id(std::string_view text) noexcept {
  constexpr std::string_view kDigits = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
  if (text.size() != kEventIdChars || !text.starts_with("evt_")) return std::nullopt;
  EventId id = 0;
  for (const char c : text.substr(4)) {
    const std::size_t digit = kDigits.find(c);
    if (digit == kDigits.npos || id >> 59 != 0) return std::nullopt;
    id = id << 5 | digit;
  }
  return id;
}

}  // namespace hookhost
