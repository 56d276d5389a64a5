// SPDX-License-Identifier: Apache-2.0
// Hot path: no allocation, lock or shared counter per request.
#include "routing/route_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/encoding.h"
#include "routing/path.h"

namespace hookhost::routing {
namespace {

// What two routes that would take the same requests have in common: "/webhooks/tpl/{}".
std::string shape_of(std::string_view path) {
  std::string shape;
  for (std::string_view rest = path; !rest.empty();) {
    const std::string_view segment = take_segment(rest);
    shape += parameter_name(segment).empty() ? segment : "{}";
    shape += '/';
  }
  return shape;
}

std::string describe(const Route& route) {
  return fmt::format("{} (endpoint {})", route.plugin, route.name);
}

Error conflict(const Route& first, const Route& second) {
  return {ErrorCode::kInvalid, fmt::format("Webhook {} already exists.", printed_path(second.path)),
          fmt::format("first: {}, second: {}", describe(first), describe(second))};
}

// "a/{x}" before "{y}/b": at the first difference a fixed segment wins.
bool is_more_exact(std::span<const std::string_view> a, std::span<const std::string_view> b) {
  return std::ranges::lexicographical_compare(a, b, [](std::string_view x, std::string_view y) {
    const bool x_is_parameter = !parameter_name(x).empty();
    const bool y_is_parameter = !parameter_name(y).empty();
    if (x_is_parameter != y_is_parameter) return y_is_parameter;
    return !x_is_parameter && x < y;
  });
}

// An encoded slash adds one by decoding.
bool has_encoded_slash(std::string_view raw, std::string_view decoded) noexcept {
  return raw.data() != decoded.data() &&
         std::ranges::count(raw, '/') != std::ranges::count(decoded, '/');
}

// X asks its question by GET; events come by POST alone.
bool is_allowed(std::string_view method, const Route& route) noexcept {
  if (method == "POST") return true;
  return method == "GET" && route.authenticator != nullptr &&
         route.authenticator->facts().handshake == Handshake::kX;
}

}  // namespace

Result<std::shared_ptr<const RouteTable>> RouteTable::build(std::vector<Route> routes) {
  std::map<std::string, const Route*> shapes;
  for (const Route& route : routes) {
    HOOKHOST_CHECK(route.handler != nullptr && route.path.starts_with(kPrefix));
    const auto [twin, is_new] = shapes.emplace(shape_of(route.path), &route);
    if (!is_new) return conflict(*twin->second, route);
  }
  return std::shared_ptr<const RouteTable>(new RouteTable(std::move(routes)));
}

RouteTable::RouteTable(std::vector<Route> routes) : routes_(std::move(routes)) {
  std::ranges::sort(routes_, {}, &Route::path);
  exact_.reserve(routes_.size());
  for (std::size_t i = 0; i < routes_.size(); ++i) {
    Template pattern{.route = i, .segments = {}};
    bool is_exact = true;
    for (std::string_view rest = std::string_view(routes_[i].path).substr(kPrefix.size());
         !rest.empty();) {
      pattern.segments.push_back(take_segment(rest));
      if (!parameter_name(pattern.segments.back()).empty()) is_exact = false;
    }
    if (is_exact) {
      exact_.emplace(routes_[i].path, i);
    } else {
      templates_.push_back(std::move(pattern));
    }
  }
  std::ranges::sort(templates_, [](const Template& a, const Template& b) {
    if (a.segments.size() != b.segments.size()) return a.segments.size() < b.segments.size();
    return is_more_exact(a.segments, b.segments);
  });
}

Result<Match, MatchError> RouteTable::match(std::string_view method, std::string_view path,
                                            Arena& arena) const {
  const auto decoded = percent_decode(path, arena);
  if (!decoded) return MatchError::kBadEncoding;
  Match match;
  match.path = *decoded;
  if (match.path.ends_with('/')) match.path.remove_suffix(1);

  if (const auto exact = exact_.find(match.path); exact != exact_.end()) {
    match.route = &routes_[exact->second];
  } else if (!templates_.empty() && !has_encoded_slash(path, *decoded)) {
    match_template(match);
  }
  if (match.route == nullptr) return MatchError::kNotFound;
  if (!is_allowed(method, *match.route)) return MatchError::kMethodNotAllowed;
  return match;
}

void RouteTable::match_template(Match& match) const noexcept {
  if (!match.path.starts_with(kPrefix)) return;
  std::array<std::string_view, kSegmentsMax> segments;
  std::size_t count = 0;
  // A slash left at the end means an empty last segment, which no template has.
  std::string_view rest = match.path.substr(kPrefix.size());
  if (rest.ends_with('/')) return;
  while (!rest.empty()) {
    if (count == segments.size()) return;
    segments[count++] = take_segment(rest);
  }

  auto candidate = std::lower_bound(
      templates_.begin(), templates_.end(), count,
      [](const Template& pattern, std::size_t size) { return pattern.segments.size() < size; });
  for (; candidate != templates_.end() && candidate->segments.size() == count; ++candidate) {
    const Template& pattern = *candidate;
    std::size_t taken = 0;
    bool is_match = true;
    for (std::size_t i = 0; i < count && is_match; ++i) {
      const std::string_view name = parameter_name(pattern.segments[i]);
      if (name.empty()) {
        is_match = pattern.segments[i] == segments[i];
      } else {
        is_match = is_parameter_value(segments[i]);
        match.parameters[taken++] = {name, segments[i]};
      }
    }
    if (!is_match) continue;
    match.parameter_count = taken;
    match.route = &routes_[pattern.route];
    return;
  }
}

}  // namespace hookhost::routing
