// SPDX-License-Identifier: Apache-2.0
//
// A header of a proof as it was sent: its text and how often, since only one is looked at and two
// are refused. Pure, any thread. Hot path: no allocation, lock or shared counter per request.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "model/request.h"

namespace hookhost::auth {

struct SentHeader {
  unsigned count = 0;
  std::string_view text;  // the last one's
};

// An empty name was never sent.
SentHeader sent_header(const RequestHead& head, std::string_view name) noexcept;

// The value of the first of these headers that was sent; data() == nullptr: none.
std::string_view first_sent(const RequestHead& head,
                            std::span<const std::string_view> names) noexcept;

// The body of the 401: {"error":"x-webhook-secret header not set."}. header is a token.
std::string missing_body_of(std::string_view header);

}  // namespace hookhost::auth
