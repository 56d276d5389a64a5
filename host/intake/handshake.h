// SPDX-License-Identifier: Apache-2.0
//
// Handshakes: the questions that senders ask before and between their events, which the host
// answers itself. Only on a route whose scheme asks for it; no handler hears of it. Pure but for
// the parser's scratch; on the loop of the exchange.
#pragma once

#include <optional>
#include <string_view>

#include "base/arena.h"
#include "base/clock.h"
#include "base/result.h"
#include "intake/rate.h"
#include "model/refusal.h"
#include "model/request.h"
#include "model/response.h"
#include "payload/parse.h"
#include "routing/route.h"

namespace hookhost::intake {

// A handshake is a few hundred bytes. A larger body is an event and is not parsed twice for it.
inline constexpr std::size_t kHandshakeBytesMax = 4096;

// Unsigned questions, each of them an HMAC; X asks about once an hour.
inline constexpr unsigned kChallengesPerSecond = 10;  // on each loop

// Of a sender that has proved itself; nothing: an event.
std::optional<Response> answer_handshake(const Route& route, const RequestHead& head,
                                         std::string_view body, payload::Parser& parser,
                                         Arena& arena);

// X's GET ?crc_token=...: nobody has proved anything, so the rate bounds it (429). 405 without a
// token, 400 for one that X would not send. Of a route that RouteTable matched for GET.
Result<Response, Refusal> answer_challenge(const Route& route, const RequestHead& head,
                                           const Clock& clock, Rate& rate, Arena& arena);

}  // namespace hookhost::intake
