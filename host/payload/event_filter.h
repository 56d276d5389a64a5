// SPDX-License-Identifier: Apache-2.0
//
// Event filter: which events of the Hub an endpoint wants, as text: "repo.content:update,
// discussion.*". A comma means "or", blanks around an item do not count, the empty text wants
// everything.
//
//   repo.content:update   what hookhost_event_is(event, scope, action) of the SDK says: the action
//                         on this very scope, and, for "update", anything on a narrower scope (the
//                         Hub's narrowing rule, seed row N02)
//   discussion            any action on the scope or on a narrower one; discussion.* is the same
//   discussion.*:create   this action, as sent, on the scope or on a narrower one
//   *   *:delete          the same on any scope
//
// Pure, any thread. Hot path: no allocation, lock or shared counter per request.
#pragma once

#include <string_view>

#include "base/result.h"

namespace hookhost::payload {

// Whether the text is a filter; else kInvalid with the item, the rule and an example as the fix.
Status validate_filter(std::string_view filter);

// Whether the filter wants the event. An item that validate_filter refuses wants nothing.
bool filter_matches(std::string_view filter, std::string_view scope,
                    std::string_view action) noexcept;

}  // namespace hookhost::payload
