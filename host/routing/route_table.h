// SPDX-License-Identifier: Apache-2.0
//
// RouteTable: from a path to its route. Built whole and never changed; conflicts are refused while
// building, with both names. Exact paths beat templates; a trailing slash is served like the path
// without it (seed rows P11, P12). Any thread. Hot path: no allocation, lock or shared counter per
// request.
#pragma once

#include <array>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/arena.h"
#include "base/result.h"
#include "routing/route.h"

namespace hookhost::routing {

inline constexpr std::string_view kPrefix = "/webhooks/";
inline constexpr std::size_t kParametersMax =
    8;  // parameters of one template: a path, not a query language
inline constexpr std::size_t kSegmentsMax = 32;  // of one path
inline constexpr std::size_t kRoutePathBytesMax = 1024;

// "/x/", "x" -> "/webhooks/x" (seed rows P01 to P07); an empty path takes the name. kInvalid: "/"
// (it would be /webhooks itself), "//" inside, a malformed or repeated {parameter}, more than the
// limits, control characters.
Result<std::string> route_path(std::string_view path, std::string_view name);

struct Match {
  const Route* route = nullptr;  // valid as long as the table
  std::string_view path;         // percent-decoded, in the arena or in the request
  std::array<PathParameter, kParametersMax> parameters{};
  std::size_t parameter_count = 0;
};

enum class MatchError : std::uint8_t { kNotFound, kMethodNotAllowed, kBadEncoding };

class RouteTable {
 public:
  // Two routes with the same path (parameter names do not count): kInvalid, and the message names
  // both plugins: "Webhook /webhooks/x already exists." with "first:" and "second:" in fix.
  static Result<std::shared_ptr<const RouteTable>> build(std::vector<Route> routes);

  // path: raw, without the query. It is percent-decoded once, and one slash at its end is taken
  // away; then an exact route has to be equal byte for byte. A template is compared segment by
  // segment; an encoded slash is no separator there and no parameter takes one (see
  // is_parameter_value), so such a path matches no template. kBadEncoding: a '%' without two hex
  // digits. The arena is used only when the path holds a '%'.
  Result<Match, MatchError> match(std::string_view method, std::string_view path,
                                  Arena& arena) const;

  std::span<const Route> routes() const noexcept { return routes_; }  // in the order of their paths

 private:
  struct Template {
    std::size_t route = 0;                   // index in routes_
    std::vector<std::string_view> segments;  // behind the prefix, of the route's path
  };

  explicit RouteTable(std::vector<Route> routes);
  void match_template(Match& match) const noexcept;

  std::vector<Route> routes_;
  std::unordered_map<std::string_view, std::size_t> exact_;
  std::vector<Template> templates_;  // by number of segments, then the more exact first
};

// Tables, as long as somebody is routed by them.
using RouteTables = std::vector<std::weak_ptr<const RouteTable>>;

}  // namespace hookhost::routing
