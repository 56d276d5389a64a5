// SPDX-License-Identifier: Apache-2.0
//
// EventWish: which events the operator lets through to a route, beside the plugin's own filter.
// Where a part says something it must agree. The lists are texts like "me/*, org/data": a comma
// means "or", blanks around an item do not count, and a star stands for any characters.
#pragma once

#include <string>

namespace hookhost {

struct EventWish {
  std::string events = {};           // of payload/event_filter; empty: all
  std::string repos = {};            // full names
  std::string refs = {};             // as the sender writes them: "refs/heads/main"
  std::string ignored_authors = {};  // their events are not wanted: "not my own bot"

  // Needs to look into the body.
  bool asks_for_fields() const noexcept {
    return !repos.empty() || !refs.empty() || !ignored_authors.empty();
  }
};

}  // namespace hookhost
