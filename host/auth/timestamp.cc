// SPDX-License-Identifier: Apache-2.0
#include "auth/timestamp.h"

#include <algorithm>

namespace hookhost::auth {

std::optional<std::chrono::sys_seconds> parse_timestamp(std::string_view text) noexcept {
  constexpr std::size_t kDigitsMax = 11;  // until the year 5138
  if (text.empty() || text.size() > kDigitsMax) return std::nullopt;
  std::int64_t seconds = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    seconds = seconds * 10 + (c - '0');
  }
  if (seconds == 0) return std::nullopt;
  return std::chrono::sys_seconds(std::chrono::seconds(seconds));
}

Proof freshness(std::chrono::sys_seconds signed_at, SystemTime now,
                std::chrono::seconds window) noexcept {
  const auto age = std::chrono::floor<std::chrono::seconds>(now) - signed_at;
  if (age > window) return Proof::kStale;
  return age < -window ? Proof::kAhead : Proof::kAccepted;
}

}  // namespace hookhost::auth
