// SPDX-License-Identifier: Apache-2.0
//
// The answers that every page room gives in the same way: refusals in the seed's form, and bodies
// that somebody owns until the last byte was written. Constants or memory of the exchange. Any
// loop.
#pragma once

#include <memory>
#include <string_view>

#include "model/exchange.h"
#include "model/response.h"

namespace hookhost::pages {

// 404 {"detail":"Not Found"}: the same for everything that is not there, and for what is hidden.
Response not_found() noexcept;

// 405 with Allow: GET, HEAD.
Response method_not_allowed() noexcept;

// {"detail":"..."} with another status; body is static.
Response refusal(int status, std::string_view body) noexcept;

// Pages are read, never changed.
inline bool is_read(std::string_view method) noexcept {
  return method == "GET" || method == "HEAD";
}

// Makes bytes the body; owner is let go when the response is released.
void set_shared_body(Response& response, Arena& arena, std::shared_ptr<const void> owner,
                     std::string_view bytes);

// A text made for this answer alone.
void set_owned_body(Response& response, Arena& arena, std::string text);

}  // namespace hookhost::pages
