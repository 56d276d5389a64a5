// SPDX-License-Identifier: Apache-2.0
//
// Timestamps that senders sign: Unix seconds, digits alone. Pure, any thread. Hot path: no
// allocation, lock or shared counter per request.
#pragma once

#include <chrono>
#include <optional>
#include <string_view>

#include "base/clock.h"
#include "model/authenticator.h"

namespace hookhost::auth {

// Both ways around the wall clock; what Standard Webhooks, Stripe and Slack use.
inline constexpr std::chrono::seconds kWindow{300};

// Nothing: a sign, a blank, a fraction, 0, or more than 11 digits.
std::optional<std::chrono::sys_seconds> parse_timestamp(std::string_view text) noexcept;

// kAccepted, kStale or kAhead; the window's edge, in whole seconds, belongs to it.
Proof freshness(std::chrono::sys_seconds signed_at, SystemTime now,
                std::chrono::seconds window) noexcept;

}  // namespace hookhost::auth
