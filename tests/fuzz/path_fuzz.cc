// SPDX-License-Identifier: Apache-2.0
//
// Any bytes as the path of a request, against exact routes and templates; and as the path that a
// plugin writes. What matches must be the route's own text once decoded, no parameter may lead
// anywhere, the method decides only between 405 and a match, and a path that a plugin may have is
// reached by its printed form.
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/check.h"
#include "base/encoding.h"
#include "fuzz/cost_limit.h"
#include "routing/path.h"
#include "routing/route_table.h"

namespace hookhost::routing {
namespace {

class NoHandler final : public Handler {
 public:
  Outcome handle(Attempt&) noexcept override { return {}; }
  void cancel(Attempt&, CancelReason) noexcept override {}
};

std::shared_ptr<const RouteTable> table_of(std::initializer_list<std::string> paths) {
  std::vector<Route> routes;
  for (const std::string& path : paths) {
    Route route;
    route.path = path;
    route.handler = std::make_shared<NoHandler>();
    routes.push_back(route);
  }
  return RouteTable::build(std::move(routes)).value();
}

// The route's path with the parameters' values in place of their names.
std::string filled(const Match& match) {
  std::string text(kPrefix.substr(0, kPrefix.size() - 1));
  std::size_t taken = 0;
  for (std::string_view rest = std::string_view(match.route->path).substr(kPrefix.size());
       !rest.empty();) {
    const std::string_view segment = take_segment(rest);
    text += '/';
    if (parameter_name(segment).empty()) {
      text += segment;
    } else {
      HOOKHOST_CHECK(match.parameters[taken].name == parameter_name(segment));
      HOOKHOST_CHECK(is_parameter_value(match.parameters[taken].value));
      text += match.parameters[taken++].value;
    }
  }
  HOOKHOST_CHECK(taken == match.parameter_count);
  return text;
}

void check_request(std::string_view input) {
  static const auto routes =
      table_of({"/webhooks/x", "/webhooks/a/b", "/webhooks/é", "/webhooks/tpl/{id}",
                "/webhooks/tpl/5", "/webhooks/{a}/{b}/c", "/webhooks/{a}/x/{c}"});
  for (const std::string& path : {std::string(input), "/webhooks/" + std::string(input)}) {
    Arena arena;
    const auto match = routes->match("POST", path, arena);
    const auto other = routes->match("GET", path, arena);
    HOOKHOST_CHECK(!other);
    if (!match) {
      HOOKHOST_CHECK(match.error() != MatchError::kMethodNotAllowed &&
                     other.error() == match.error());
      continue;
    }
    HOOKHOST_CHECK(other.error() == MatchError::kMethodNotAllowed);
    HOOKHOST_CHECK(match->path == filled(*match));
    for (const std::string_view trap : {"//", "/../", "/./"})
      HOOKHOST_CHECK(match->path.find(trap) == std::string_view::npos);
  }
}

void check_route(std::string_view input) {
  const auto path = route_path(input, "name");
  if (!path) return;
  HOOKHOST_CHECK(path->starts_with(kPrefix) && path->size() <= kRoutePathBytesMax);
  // The prefix is always added, and written twice it is the same route.
  HOOKHOST_CHECK(route_path(std::string_view(*path).substr(kPrefix.size()), "").value() == *path);
  const auto routes = table_of({*path});
  Arena arena;
  if (path->find('{') != std::string::npos) return;
  const auto match = routes->match("POST", printed_path(*path), arena);
  HOOKHOST_CHECK(match && match->route == &routes->routes().front());
}

}  // namespace
}  // namespace hookhost::routing

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const hookhost::fuzz::CostLimit cost(size);
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  hookhost::routing::check_request(input);
  hookhost::routing::check_route(input);
  return 0;
}
