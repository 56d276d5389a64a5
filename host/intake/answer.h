// SPDX-License-Identifier: Apache-2.0
//
// The border between the corridor and HTTP: what a refusal or an outcome looks like to the sender.
// The only place that knows these statuses and bodies (seed rows H01 to H03, R01). Pure, any
// thread. Hot path: no allocation, lock or shared counter per request.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/arena.h"
#include "model/journal_id.h"
#include "model/outcome.h"
#include "model/refusal.h"
#include "model/response.h"
#include "routing/route_table.h"
#include "telemetry/delivery_observer.h"

namespace hookhost::intake {

// After so long the pool's queue has moved on; a sender that asks sooner finds it as full.
inline constexpr int kOverloadedRetryAfterS = 1;
// So long a restart or a swap takes.
inline constexpr int kCancelledRetryAfterS = 5;
// So long a full queue before the disk, or a disk that is opened again, takes.
inline constexpr int kNotStoredRetryAfterS = 5;

Refusal refusal_of(routing::MatchError error) noexcept;

// 401 where nothing was sent, else the scheme's own status, 403 as a rule. The sender reads no more
// than that; the rule says to the log what was wrong. proof: not kAccepted.
Refusal refusal_of(Proof proof, const SchemeFacts& scheme) noexcept;

// Views of the refusal stay views; header texts are made in the arena.
Response to_response(const Refusal& refusal, Arena& arena);

// kHandled: the handler's response, `null` where it gave none (R01). Everything else: its response
// is given up and the table in answer.cc says the answer. is_detail_shown: the detail of a failure
// goes to the sender, made printable (development).
Response to_response(Outcome& outcome, bool is_detail_shown, Arena& arena);

// What the sender reads of an event that lies in the journal: 202 with its id; kDuplicate: 200,
// since nothing new was kept.
enum class Kept : std::uint8_t { kQueued, kWillRetry, kDead, kDuplicate };
Response to_response(Kept kept, std::string_view event_id, Arena& arena);

// The journal takes nothing at the moment, and a 2xx would promise that it did.
extern const Refusal kNotStored;

// The id as text, in the arena.
std::string_view print_event_id(EventId id, Arena& arena);

telemetry::Result to_result(OutcomeKind kind) noexcept;

}  // namespace hookhost::intake
