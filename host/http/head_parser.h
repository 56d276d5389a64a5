// SPDX-License-Identifier: Apache-2.0
//
// Splits a whole head into its parts with Beast's basic_parser, which has no field container here:
// every header is recorded as a view into the received bytes. The only file that includes Beast is
// head_parser.cc. Pure. Hot path: no allocation, lock or shared counter per request.
#pragma once

#include <span>
#include <string_view>

#include "base/result.h"
#include "http/head_guard.h"
#include "http/rules.h"
#include "model/request.h"

namespace hookhost::http {

// head: what HeadScanner found, from the request line to the empty line. headers: room for
// kHeadersMax; the result's headers are its front. What Beast refuses comes back as a rule.
Result<RawHead, Rule> parse_head(std::string_view head, std::span<Header> headers) noexcept;

}  // namespace hookhost::http
