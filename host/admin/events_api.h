// SPDX-License-Identifier: Apache-2.0
//
// EventsApi: /api/v1/events of the admin listener: what the journal knows.
//
//   GET  /api/v1/events?QUERY        newest first, at most `limit` (50, up to 500) and, for the
//   next
//                                    page, "before" in the answer
//   GET  /api/v1/events/ID           all of one: head, attempts that failed, size of its body
//   GET  /api/v1/events/ID/body      the body's bytes, as they came
//   POST /api/v1/events/ID/replay    one more run, ready at once
//   POST /api/v1/events/ID/drop      a dead one is given up
//
// QUERY: state, failed=1, route, type, since_ms and until_ms (since the epoch), text (in the body;
// the newest 10,000 events are searched), before (an id), limit. What a query cannot say is refused
// by name, 422. Credentials in a head are masked before it is stored. Changes need what a form of a
// foreign page cannot send (is_own_change). Any loop; the journal is asked in the pool, since it
// may wait for a disk.
#pragma once

#include <functional>
#include <string_view>

#include "base/executor.h"
#include "base/task.h"
#include "model/exchange.h"
#include "store/journal.h"

namespace hookhost::admin {

class EventsApi {
 public:
  // journal: nullptr: this host keeps none, 404. Both outlive this.
  EventsApi(store::Journal* journal, Executor& pool) noexcept : journal_(journal), pool_(pool) {}

  static bool has(std::string_view path) noexcept;
  // For a path that it has.
  Task<Response> answer(Exchange& exchange);

 private:
  store::Journal* const journal_;
  Executor& pool_;
};

}  // namespace hookhost::admin
