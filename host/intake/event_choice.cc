// SPDX-License-Identifier: Apache-2.0
#include "intake/event_choice.h"

#include <algorithm>

#include "payload/cursor.h"
#include "payload/event_filter.h"
#include "payload/name_list.h"

namespace hookhost::intake {
namespace {

using payload::Cursor;

constexpr std::string_view kOfEndpoint =
    R"({"status":"filtered","reason":"The endpoint does not want this event"})";
constexpr std::string_view kOfEvents =
    R"({"status":"filtered","reason":"The configuration does not want this event"})";
constexpr std::string_view kOfRepos =
    R"({"status":"filtered","reason":"The configuration does not want events of this repository"})";
constexpr std::string_view kOfRefs =
    R"({"status":"filtered","reason":"The configuration does not want events of this ref"})";
constexpr std::string_view kOfAuthors =
    R"({"status":"filtered","reason":"The configuration does not want events of this author"})";

const EventNames& names_of(const Route& route) noexcept {
  return route.authenticator ? route.authenticator->facts().event : kHubEvent;
}

struct Kind {
  std::string_view scope, action;
};

Kind kind_of(const EventNames& names, const RequestHead& head, const Cursor& body) noexcept {
  const auto said = [&](std::string_view pointer) {
    return pointer.empty() ? std::string_view() : body.text(body.pointer(payload::kRoot, pointer));
  };
  Kind kind{names.header.empty() ? said(names.scope) : head.header(names.header),
            said(names.action)};
  if (names.separator == '\0') return kind;
  const std::size_t end = std::min(kind.scope.find(names.separator), kind.scope.size());
  return {kind.scope.substr(0, end), kind.scope.substr(std::min(end + 1, kind.scope.size()))};
}

// Each text that the pointer finds is given to `look`, until that says true. "/a/*/b" is followed
// into each element of a.
template <class Look>
bool any_text(const Cursor& body, std::string_view pointer, Look look) noexcept {
  constexpr std::string_view kEach = "/*/";
  const std::size_t star = pointer.find(kEach);
  if (star == pointer.npos) return look(body.text(body.pointer(payload::kRoot, pointer)));
  const payload::NodeId list = body.pointer(payload::kRoot, pointer.substr(0, star));
  const std::string_view rest = pointer.substr(star + kEach.size() - 1);
  for (auto element = body.first(list); element != payload::kNoNode; element = body.next(element)) {
    if (look(body.text(body.pointer(element, rest)))) return true;
  }
  return false;
}

// The event says something there, and none of it is in the list.
bool is_outside(std::string_view list, const Cursor& body, std::string_view pointer) noexcept {
  if (list.empty() || pointer.empty()) return false;
  bool is_said = false;
  const bool is_inside = any_text(body, pointer, [&](std::string_view text) {
    is_said |= text.data() != nullptr;
    return text.data() != nullptr && payload::names_match(list, text);
  });
  return is_said && !is_inside;
}

bool is_ignored(std::string_view list, const Cursor& body, const EventNames& names) noexcept {
  if (list.empty()) return false;
  for (const std::string_view pointer : names.authors) {
    const std::string_view author =
        pointer.empty() ? std::string_view() : body.text(body.pointer(payload::kRoot, pointer));
    if (author.data() != nullptr) return payload::names_match(list, author);
  }
  return false;
}

}  // namespace

std::string_view refuse_event(const Route& route, const RequestHead& head,
                              const payload::Document& document) noexcept {
  const EventWish& wish = route.wish;
  if (route.events.empty() && wish.events.empty() && !wish.asks_for_fields()) return {};
  const EventNames& names = names_of(route);
  const Cursor body(document);
  // A raw body says nothing about its event; without a header there is nothing to filter by.
  if (!document.index.empty() || !names.header.empty()) {
    const Kind kind = kind_of(names, head, body);
    const auto refuses = [&](std::string_view filter) {
      return !filter.empty() && !payload::filter_matches(filter, kind.scope, kind.action);
    };
    if (refuses(route.events)) return kOfEndpoint;
    if (refuses(wish.events)) return kOfEvents;
  }
  if (is_outside(wish.repos, body, names.repo)) return kOfRepos;
  if (is_outside(wish.refs, body, names.ref)) return kOfRefs;
  if (is_ignored(wish.ignored_authors, body, names)) return kOfAuthors;
  return {};
}

std::string event_type(const Route& route, const RequestHead& head,
                       const payload::Document& document) {
  const EventNames& names = names_of(route);
  if (document.index.empty() && names.header.empty()) return {};
  const Kind kind = kind_of(names, head, Cursor(document));
  std::string type(kind.scope);
  if (!kind.action.empty()) type.append(":").append(kind.action);
  return type;
}

}  // namespace hookhost::intake
