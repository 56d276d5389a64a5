// SPDX-License-Identifier: Apache-2.0
//
// Preparation: what a handler gets of an event, the same whether the event came through the door or
// back from the journal. Hot path: no allocation, lock or shared counter per request.
#pragma once

#include <string_view>

#include "dispatch/dispatcher.h"
#include "payload/parse.h"
#include "routing/published_table.h"

namespace hookhost::intake {

// The body as the route's form wants it, or the refusal that says why not. head: its content type.
Result<payload::Document, Refusal> understand(payload::Parser& parser, const Route& route,
                                              const RequestHead& head, std::string_view body,
                                              Arena& arena);

// Route, path and its parameters, and the document. attempt: from Dispatcher::prepare().
void fill(Attempt& attempt, const routing::Match& match, const RequestHead& head,
          const payload::Document& document);

// How the route wants to be called. The table stays as long as the handler needs it.
dispatch::Terms terms_of(const Route& route, const routing::PublishedTable::Pin& table,
                         MonotonicTime now, Arena& arena);

}  // namespace hookhost::intake
