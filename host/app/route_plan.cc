// SPDX-License-Identifier: Apache-2.0
#include "app/route_plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "auth/scheme.h"
#include "base/text.h"

namespace hookhost::app {
namespace {

constexpr std::string_view kDefaultScheme = "hf";

template <class T, class U>
void override_with(T& value, const std::optional<U>& word) {
  if (word) value = *word;
}

void apply(Route& route, const RouteOverrides& word) {
  override_with(route.form, word.payload);
  override_with(route.place, word.place);
  override_with(route.ack, word.ack);
  override_with(route.on_failure, word.on_failure);
  override_with(route.timeout, word.timeout);
  override_with(route.concurrency_max, word.concurrency);
  override_with(route.body_bytes_max, word.body_bytes_max);
  route.wish = word.wish;
  route.allow_from = word.allow_from;
  if (word.rate > 0)
    route.rate_limit =
        std::make_shared<RateLimit>(word.rate, word.burst == 0 ? word.rate : word.burst);
}

// What is asked for must be there to look at.
Status check_wish(const Route& route) {
  const EventNames& names = route.authenticator ? route.authenticator->facts().event : kHubEvent;
  const auto complain = [&](std::string_view key, std::string_view why) {
    return Error{ErrorCode::kInvalid,
                 fmt::format("route {}: {} has nothing to look at: {}", route.name, key, why),
                 fmt::format("remove it from [route.{}]", route.name)};
  };
  if (route.form == PayloadForm::kRaw && route.wish.asks_for_fields())
    return complain("a filter by repository, ref or author", "the body is taken raw");
  struct Row {
    std::string_view key, list, pointer;
  };
  for (const Row& row :
       {Row{"repos", route.wish.repos, names.repo}, Row{"refs", route.wish.refs, names.ref},
        Row{"ignore_authors", route.wish.ignored_authors, names.authors[0]}}) {
    if (!row.list.empty() && row.pointer.empty())
      return complain(row.key, "events of this scheme do not say it");
  }
  return {};
}

// The authenticator of a route with the operator's word about it; nullptr: open to everyone.
Result<std::shared_ptr<const Authenticator>> make_authenticator(const Route& route,
                                                                const RouteOverrides& word,
                                                                const Config& config) {
  const std::string_view name = word.scheme ? std::string_view(*word.scheme) : kDefaultScheme;
  if (name == kOpenScheme) return std::shared_ptr<const Authenticator>();
  const SecretSet& secrets = word.secrets.empty() ? config.secrets : word.secrets;
  if (secrets.empty()) {
    if (!word.scheme) return std::shared_ptr<const Authenticator>();
    // A scheme that is asked for is enforced: nothing falls back to "open".
    return Error{ErrorCode::kInvalid,
                 fmt::format("route {}: scheme {} needs a secret", route.name, name),
                 fmt::format("[route.{}] secret_file = \"FILE\"", route.name)};
  }
  const auth::Scheme* scheme = auth::find_scheme(name);
  HOOKHOST_CHECK(scheme != nullptr);  // the configuration has looked
  auto made = auth::make_authenticator(
      *scheme, secrets.credentials,
      {.secret_in_query = word.secret_in_query.value_or(config.secret_in_query),
       .hmac = word.hmac});
  if (made) return made;
  Error error = std::move(made).error();
  error.message = fmt::format("route {}: {}", route.name, error.message);
  return error;
}

// A section for a route that nobody has is a slip of the fingers or a plugin that was not loaded.
Status check_names(const std::vector<Route>& routes, const Config& config) {
  std::vector<std::string_view> names;
  for (const Route& route : routes) names.push_back(route.name);
  for (const auto& [name, word] : config.routes) {
    if (std::find(names.begin(), names.end(), name) != names.end()) continue;
    const std::string_view like = nearest(name, names.data(), names.size());
    return Error{ErrorCode::kInvalid,
                 fmt::format("{}: there is no route \"{}\"", print_origin(word.origin), name),
                 like.empty() ? "name an endpoint of a loaded plugin, or remove the section"
                              : fmt::format("did you mean [route.{}]?", like)};
  }
  return {};
}

}  // namespace

Result<RoutePlan> plan_routes(std::vector<Route> routes, const Config& config) {
  RoutePlan plan;
  if (Status names = check_names(routes, config); !names) return std::move(names).error();

  static const RouteOverrides kNoWord;
  std::vector<Route> planned;
  for (Route& route : routes) {
    const RouteOverrides* said = config.overrides_of(route.name);
    const RouteOverrides& word = said == nullptr ? kNoWord : *said;
    if (!word.enabled) {
      plan.notes.push_back(fmt::format("{} is switched off by [route.{}]", route.path, route.name));
      continue;
    }
    apply(route, word);
    route.dedup_window = word.dedup_window.value_or(config.dedup_window);
    if (route.body_bytes_max == 0) route.body_bytes_max = config.body_bytes_max;
    if (route.place == Place::kInline && route.concurrency_max > 0) {
      // Waiting for a place would stop the loop.
      route.place = Place::kPool;
      plan.notes.push_back(fmt::format(
          "{} runs in the pool: a limit of calls at once does not go with inline", route.path));
    }
    auto authenticator = make_authenticator(route, word, config);
    if (!authenticator) return std::move(authenticator).error();
    route.authenticator = *std::move(authenticator);
    if (Status wish = check_wish(route); !wish) return std::move(wish).error();

    plan.has_open_route |= route.authenticator == nullptr;
    planned.push_back(std::move(route));
  }

  auto table = routing::RouteTable::build(std::move(planned));
  if (!table) return std::move(table).error();
  plan.table = *std::move(table);
  return plan;
}

}  // namespace hookhost::app
