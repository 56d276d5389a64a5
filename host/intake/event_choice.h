// SPDX-License-Identifier: Apache-2.0
//
// Event choice: what is this event called, and does a route want it? The plugin's filter and the
// operator's wish (routing/event_wish.h) have to agree. What an event does not say rules nothing
// out, apart from its kind. Pure, any thread. Hot path: no allocation, lock or shared counter per
// request.
#pragma once

#include <string>
#include <string_view>

#include "model/request.h"
#include "payload/index.h"
#include "routing/route.h"

namespace hookhost::intake {

// The answer to an event that is not wanted, complete JSON, static; empty: it is wanted.
std::string_view refuse_event(const Route& route, const RequestHead& head,
                              const payload::Document& document) noexcept;

// In its sender's words: "repo.content:update"; empty: it does not say. For the journal.
std::string event_type(const Route& route, const RequestHead& head,
                       const payload::Document& document);

}  // namespace hookhost::intake
