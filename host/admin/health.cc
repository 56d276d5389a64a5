// SPDX-License-Identifier: Apache-2.0
#include "admin/health.h"

#include "base/json_writer.h"
#include "pages/answers.h"

namespace hookhost::admin {
namespace {

// What was true a moment ago says nothing.
constexpr Header kNoStore[] = {{"Cache-Control", "no-store"}};

Response fresh(int status) noexcept {
  Response response;
  response.status = status;
  response.kind = ResponseKind::kPage;
  response.headers = kNoStore;
  return response;
}

constexpr std::string_view kOk = "ok";

}  // namespace

Response Health::answer_healthz(Exchange& exchange) const {
  if (!pages::is_read(exchange.head().method)) return pages::method_not_allowed();
  Response response = fresh(is_alive() ? 200 : 503);
  response.body = response.status == 200 ? R"({"status":"ok"})" : R"({"status":"stalled"})";
  return response;
}

Response Health::answer_readyz(Exchange& exchange) const {
  if (!pages::is_read(exchange.head().method)) return pages::method_not_allowed();

  bool is_ready = true;
  std::string checks;
  JsonWriter json(checks);
  const auto check = [&](std::string_view name, bool is_ok, std::string_view reason) {
    json.member(name, is_ok ? kOk : reason);
    is_ready = is_ready && is_ok;
  };
  json.begin_object();
  check("loops", is_alive(), "a loop did not turn for 1 s");
  check("endpoints", sources_.endpoint_count() > 0, "no endpoint is loaded");
  check("accepting", !sources_.is_draining(), "the host is stopping");
  for (const HealthSources::Check& further : sources_.ready_checks) {
    const Status status = further.ask();
    check(further.name, status.has_value(), status ? kOk : status.error().message);
  }
  json.end_object();

  std::string body;
  JsonWriter(body)
      .begin_object()
      .member("status", is_ready ? "ready" : "not ready")
      .key("checks")
      .raw(checks)
      .end_object();
  Response response = fresh(is_ready ? 200 : 503);
  pages::set_owned_body(response, exchange.arena(), std::move(body));
  return response;
}

}  // namespace hookhost::admin
