// SPDX-License-Identifier: Apache-2.0
//
// Keeping: an event goes to the journal, and its request waits until it is on disk. Two moments:
// before the handler, where a route's ack is `durable`, and after one that failed, where its
// on_failure is `retry`.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/awaited_reply.h"
#include "dispatch/retry_policy.h"
#include "model/journal_id.h"
#include "model/outcome.h"
#include "model/request.h"
#include "payload/index.h"
#include "routing/route.h"
#include "store/journal.h"

namespace hookhost::intake {

// Outcomes after which the event is kept, where the route wants it and there is a journal: the
// handler failed, or had no room.
bool is_kept_after(OutcomeKind kind) noexcept;

// What is known of an event when it is kept.
struct Account {
  EventId id = 0;
  std::string_view delivery_id = {};
  dispatch::NextStep next = {};  // how its delivery stands
  std::string_view error = {};   // of the attempt that failed
};
store::NewEvent new_event(const Route& route, const RequestHead& head,
                          const payload::Document& document, const Account& account,
                          SystemTime received_at);

// "retrain.so gen 3": which build ran an attempt.
std::string build_of(std::string_view plugin, std::uint64_t generation);

// co_await: the journal's word; kFailed also when it takes nothing at the moment. Whoever waits may
// go meanwhile; the event is kept all the same. journal outlives it.
AwaitedReply<store::Appended> keep(Loop& loop, store::Journal& journal, store::NewEvent event);

}  // namespace hookhost::intake
