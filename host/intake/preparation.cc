// SPDX-License-Identifier: Apache-2.0
// Hot path: no allocation, lock or shared counter per request.
#include "intake/preparation.h"

#include <algorithm>
#include <new>

#include "payload/hub_payload.h"

namespace hookhost::intake {

Result<payload::Document, Refusal> understand(payload::Parser& parser, const Route& route,
                                              const RequestHead& head, std::string_view body,
                                              Arena& arena) {
  constexpr auto form_of = [](PayloadForm form) {
    switch (form) {
      case PayloadForm::kHubStrict: return payload::Form::kHubStrict;
      case PayloadForm::kJson: return payload::Form::kJson;
      default: return payload::Form::kHub;
    }
  };
  if (route.form == PayloadForm::kRaw) return payload::Document{body, {}};
  return payload::understand(parser, form_of(route.form), head.header("content-type"), body, arena);
}

void fill(Attempt& attempt, const routing::Match& match, const RequestHead& head,
          const payload::Document& document) {
  attempt.route = match.route;
  attempt.head = &head;
  attempt.path = match.path;
  attempt.body = document.body;
  attempt.index = document.index;
  if (match.parameter_count == 0) return;
  // A copy: the match ends with the corridor, a handler that does not let go stays.
  const auto parameters = attempt.arena->allocate_array<PathParameter>(match.parameter_count);
  std::copy_n(match.parameters.begin(), match.parameter_count, parameters.begin());
  attempt.parameters = parameters;
}

dispatch::Terms terms_of(const Route& route, const routing::PublishedTable::Pin& table,
                         MonotonicTime now, Arena& arena) {
  using Pin = routing::PublishedTable::Pin;
  return {.handler = route.handler.get(),
          .is_inline = route.place == Place::kInline,
          .timeout = route.timeout,
          .concurrency_max = route.concurrency_max,
          .path = route.path,
          .now = now,
          .let_go = [](void* pin) noexcept { static_cast<Pin*>(pin)->~Pin(); },
          .user = new (arena.allocate(sizeof(Pin), alignof(Pin))) Pin(table)};
}

}  // namespace hookhost::intake
