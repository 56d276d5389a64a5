// SPDX-License-Identifier: Apache-2.0
#include "payload/event_filter.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "base/text.h"

namespace hookhost::payload {
namespace {

constexpr std::string_view kUpdate = "update";

// One item: `scope`, `scope.*` or `*`, each with or without `:action`.
struct Item {
  std::string_view scope;   // without ".*"; empty: any
  std::string_view action;  // empty: any
  bool as_sent = false;     // written with a star: the action is not narrowed
};

std::string_view trim(std::string_view text) noexcept {
  while (text.starts_with(' ') || text.starts_with('\t')) text.remove_prefix(1);
  while (text.ends_with(' ') || text.ends_with('\t')) text.remove_suffix(1);
  return text;
}

// Takes the first item and its comma off. An empty text between commas comes back empty.
std::string_view take_item(std::string_view& filter) noexcept {
  const std::size_t comma = filter.find(',');
  const std::string_view item = trim(filter.substr(0, comma));
  filter = comma == std::string_view::npos ? std::string_view() : filter.substr(comma + 1);
  return item;
}

bool is_name(std::string_view text) noexcept {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-';
  });
}

// Names with points between them.
bool is_scope(std::string_view text) noexcept {
  for (;;) {
    const std::size_t point = text.find('.');
    if (!is_name(text.substr(0, point))) return false;
    if (point == std::string_view::npos) return true;
    text.remove_prefix(point + 1);
  }
}

std::optional<Item> read_item(std::string_view text) noexcept {
  Item item;
  const std::size_t colon = text.find(':');
  if (colon != std::string_view::npos) {
    item.action = text.substr(colon + 1);
    if (!is_name(item.action)) return std::nullopt;
  }
  std::string_view scope = text.substr(0, colon);
  if (scope == "*") {
    item.as_sent = true;
    return item;
  }
  if (scope.ends_with(".*")) {
    item.as_sent = true;
    scope.remove_suffix(2);
  }
  if (!is_scope(scope)) return std::nullopt;
  item.scope = scope;
  return item;
}

bool is_narrower(std::string_view scope, std::string_view than) noexcept {
  return scope.size() > than.size() && scope.starts_with(than) && scope[than.size()] == '.';
}

bool matches(const Item& item, std::string_view scope, std::string_view action) noexcept {
  const bool is_exact = item.scope.empty() || scope == item.scope;
  if (!is_exact && !is_narrower(scope, item.scope)) return false;
  if (item.action.empty()) return true;
  return item.action == (is_exact || item.as_sent ? action : kUpdate);
}

}  // namespace

Status validate_filter(std::string_view filter) {
  if (trim(filter).empty()) return {};
  bool goes_on = true;
  while (goes_on) {
    goes_on = filter.find(',') != std::string_view::npos;
    const std::string_view item = take_item(filter);
    if (read_item(item)) continue;
    return Error{ErrorCode::kInvalid,
                 item.empty() ? std::string("event filter: an item is empty")
                              : fmt::format("event filter: \"{}\" is not scope, scope.*, "
                                            "scope:action or *",
                                            printable(item, 64)),
                 "write for example \"repo.content:update,discussion.*\""};
  }
  return {};
}

bool filter_matches(std::string_view filter, std::string_view scope,
                    std::string_view action) noexcept {
  if (trim(filter).empty()) return true;
  while (!filter.empty()) {
    const auto item = read_item(take_item(filter));
    if (item && matches(*item, scope, action)) return true;
  }
  return false;
}

}  // namespace hookhost::payload
