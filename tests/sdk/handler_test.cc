// SPDX-License-Identifier: Apache-2.0
//
// Are handlers called with what they ask for, and does what they return or throw become the answer?
// Rows A03, A04, F01 to F04, F06, F09 and R01 to R05 of the Python server's behaviour, for a
// plugin's side of them.
#include <gtest/gtest.h>
#include <hookhost/testing/fake_host.hpp>

#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace hookhost {
namespace {

using namespace std::chrono_literals;
using test::Outcome;

// ---- Parameters

HOOKHOST_ENDPOINT(echo_name) { return ok("{} {}", payload.repo.name, req.attempt); }
HOOKHOST_ENDPOINT(at_path, "/hooks/{team}/comment", .events = "discussion.comment:create",
                  .deadline = 2s, .run_inline = true, .strict = true, .serial = true,
                  .idempotent = true, .concurrency = 3, .body_bytes_max = 1000,
                  .ack = Ack::kDurable, .on_failure = OnFailure::kFail, .doc = "Counts.") {
  return json({{"team", req.param("team")}, {"likes", payload["repo"]["likes"].get_or(0)}});
}

std::string takes_json(const Json& document) { return document["a"].get_or(std::string("none")); }
HOOKHOST_ROUTE(takes_json);
Json returns_json(Json document) { return document["a"]; }
HOOKHOST_ROUTE(returns_json);
int takes_nothing() { return 42; }
HOOKHOST_ROUTE(takes_nothing);
std::string takes_request(const Request& request) { return request.body.str(); }
HOOKHOST_ROUTE(takes_request, "/raw");
std::string takes_all(Context& ctx, Request& request, const Json& document,
                      const Payload& payload) {
  return text_of("{} {} {} {}", ctx.attempt(), request.method, document["webhook"]["id"].get_or(""),
                 payload.webhook.version);
}
HOOKHOST_ROUTE(takes_all);
int never_throws(const Payload&) noexcept { return 1; }
HOOKHOST_ROUTE(never_throws);

std::string body_of(const test::Response& response) {
  return std::to_string(response.status) + " " + response.body;
}

// F01, A05: a plain function that a test can call.
TEST(Handler, GetsThePayload) {
  EXPECT_EQ(body_of(test::post(echo_name, test::hub_event({.repo_name = "me/cats"}))),
            R"(200 "me/cats 1")");
}

// F03: the body is not looked at.
TEST(Handler, MayTakeNothing) {
  EXPECT_EQ(body_of(test::post(takes_nothing, "{garbage")), "200 42");
}

// F04
TEST(Handler, GetsTheRequestWithItsBytes) {
  EXPECT_EQ(body_of(test::post(takes_request, "{gar\"bage")), R"(200 "{gar\"bage")");
}

// F06: any document, not only an object.
TEST(Handler, GetsAnyJsonDocument) {
  EXPECT_EQ(body_of(test::post(takes_json, R"({"a":"x"})")), R"(200 "x")");
  EXPECT_EQ(body_of(test::post(takes_json, "[1]")), R"(200 "none")");
  EXPECT_EQ(body_of(test::post(returns_json, R"({"a":{"b":[1, 2]}})")), R"(200 {"b":[1, 2]})");
  EXPECT_EQ(body_of(test::post(returns_json, "{}")), "200 null");
}

TEST(Handler, IsNotCalledForTextThatIsNotJson) {
  EXPECT_EQ(test::post(takes_json, "{garbage").outcome, Outcome::kRefused);
  EXPECT_EQ(test::post(takes_json, "{garbage").status, 422);
}

TEST(Handler, TakesParametersInAnyOrder) {
  EXPECT_EQ(body_of(test::post(takes_all, test::hub_event(), {.attempt = 2})),
            R"(200 "2 POST webhook-id 3")");
}

TEST(Handler, MayBeNoexcept) {
  EXPECT_EQ(body_of(test::post(never_throws, test::hub_event())), "200 1");
}

// A03, A04: the path is the function's name unless one is given.
TEST(Endpoint, HasTheFunctionsNameAndTheGivenPath) {
  test::Host host;
  EXPECT_EQ(host.post("/webhooks/echo_name", test::hub_event()).status, 200);
  EXPECT_EQ(host.post("/webhooks/raw", "x").status, 200);
  EXPECT_EQ(body_of(host.post("/webhooks/hooks/blue/comment", test::hub_event())),
            R"(200 {"team":"blue","likes":0})");
  EXPECT_THROW(host.post("/webhooks/takes_request", "x"), std::runtime_error);
}

const hookhost_endpoint& endpoint_named(const test::Host& host, std::string_view name) {
  for (std::uint32_t i = 0;; ++i) {
    const auto* const endpoint =
        static_cast<const hookhost_endpoint*>(hookhost_at(host.plugin().endpoints, i));
    if (Text(endpoint->name) == name) return *endpoint;
  }
}

TEST(Endpoint, CarriesItsOptions) {
  test::Host host;
  const hookhost_endpoint& all = endpoint_named(host, "at_path");
  EXPECT_EQ(Text(all.path), "/hooks/{team}/comment");
  EXPECT_EQ(Text(all.events), "discussion.comment:create");
  EXPECT_EQ(Text(all.doc), "Counts.");
  EXPECT_EQ(all.deadline_ms, 2000u);
  EXPECT_EQ(all.form, HOOKHOST_FORM_HUB_STRICT);
  EXPECT_EQ(all.place, HOOKHOST_PLACE_INLINE);
  EXPECT_EQ(all.ack, HOOKHOST_ACK_DURABLE);
  EXPECT_EQ(all.on_failure, HOOKHOST_ON_FAILURE_FAIL);
  EXPECT_EQ(all.flags, HOOKHOST_ENDPOINT_IDEMPOTENT | HOOKHOST_ENDPOINT_SERIAL);
  EXPECT_EQ(all.concurrency_max, 3u);
  EXPECT_EQ(all.body_bytes_max, 1000u);

  const hookhost_endpoint& plain = endpoint_named(host, "takes_json");
  EXPECT_EQ(Text(plain.path), "");
  EXPECT_EQ(plain.form, HOOKHOST_FORM_JSON);
  EXPECT_EQ(plain.place, HOOKHOST_PLACE_POOL);
  EXPECT_EQ(plain.flags, 0u);
  EXPECT_EQ(endpoint_named(host, "takes_nothing").form, HOOKHOST_FORM_RAW);
  EXPECT_EQ(endpoint_named(host, "takes_request").form, HOOKHOST_FORM_RAW);
  EXPECT_EQ(endpoint_named(host, "takes_all").form, HOOKHOST_FORM_HUB);
}

TEST(Endpoint, StandsInTheOrderOfTheSource) {
  test::Host host;
  EXPECT_EQ(
      Text(static_cast<const hookhost_endpoint*>(hookhost_at(host.plugin().endpoints, 0))->name),
      "echo_name");
  EXPECT_EQ(
      Text(static_cast<const hookhost_endpoint*>(hookhost_at(host.plugin().endpoints, 1))->name),
      "at_path");
}

// ---- Returns. Not registered: a function need not be, to be tested.

void nothing() {}
std::string some_text() { return "hello \"you\""; }
const char* literal() { return "hello"; }
bool yes() { return true; }
double real() { return 5.0; }
std::map<std::string, int> a_map() { return {{"a", 1}}; }
std::vector<int> a_list() { return {1, 2}; }
std::optional<int> no_number() { return std::nullopt; }
Object an_object() { return {{"a", 1}, {"b", Array{true}}}; }
Reply with_status() { return json(202, {{"a", 1}}); }
Reply raw_response() { return respond(418, "<tea>", "text/html", {{"X-Pot", "1"}}); }
Reply forbidden_header() { return ok("x").header("X-A", "b\r\nX-B: c"); }
Reply nothing_to_do() { return ignored(); }
Reply again() { return retry(90s, "busy"); }
Reply never() { return dead("unknown {}", "repo"); }
Reply wrong() { return fail("broken {}", 1); }

// R01
TEST(Return, OfNothingIsNull) { EXPECT_EQ(body_of(test::post(nothing, "")), "200 null"); }

// R02
TEST(Return, OfAValueIsItsJson) {
  EXPECT_EQ(body_of(test::post(a_map, "")), R"(200 {"a":1})");
  EXPECT_EQ(body_of(test::post(a_list, "")), "200 [1,2]");
  EXPECT_EQ(body_of(test::post(takes_nothing, "")), "200 42");
  EXPECT_EQ(body_of(test::post(some_text, "")), R"(200 "hello \"you\"")");
  EXPECT_EQ(body_of(test::post(literal, "")), R"(200 "hello")");
  EXPECT_EQ(body_of(test::post(yes, "")), "200 true");
  EXPECT_EQ(body_of(test::post(real, "")), "200 5.0");
  EXPECT_EQ(body_of(test::post(no_number, "")), "200 null");
  EXPECT_EQ(body_of(test::post(an_object, "")), R"(200 {"a":1,"b":[true]})");
  EXPECT_EQ(test::post(a_map, "").content_type, "application/json");
}

// R03
TEST(Return, CarriesAStatus) { EXPECT_EQ(body_of(test::post(with_status, "")), R"(202 {"a":1})"); }

// R05
TEST(Return, OfAResponsePassesThrough) {
  const auto response = test::post(raw_response, "");
  EXPECT_EQ(body_of(response), "418 <tea>");
  EXPECT_EQ(response.content_type, "text/html");
  EXPECT_EQ(response.header("X-Pot"), "1");
}

// R05: header values are checked.
TEST(Return, OfAForbiddenHeaderFails) {
  const auto response = test::post(forbidden_header, "");
  EXPECT_EQ(response.outcome, Outcome::kFailed);
  EXPECT_EQ(response.error, "the answer was refused: an argument breaks a rule");
}

TEST(Return, StatesAnOutcome) {
  EXPECT_EQ(test::post(nothing_to_do, "").outcome, Outcome::kSkipped);
  EXPECT_EQ(body_of(test::post(nothing_to_do, "")), "204 ");
  EXPECT_EQ(test::post(again, "").outcome, Outcome::kRetry);
  EXPECT_EQ(test::post(again, "").retry_after, 90s);
  EXPECT_EQ(test::post(again, "").error, "busy");
  EXPECT_EQ(test::post(never, "").outcome, Outcome::kDead);
  EXPECT_EQ(test::post(never, "").error, "unknown repo");
  EXPECT_EQ(test::post(wrong, "").outcome, Outcome::kFailed);
  EXPECT_EQ(test::post(wrong, "").error, "broken 1");
}

// ---- Exceptions

void throws_an_exception() { throw std::runtime_error("no route to hub"); }
void throws_a_number() { throw 7; }  // NOLINT
void throws_without_memory() { throw std::bad_alloc(); }

TEST(Exception, FailsTheAttemptWithItsText) {
  const auto response = test::post(throws_an_exception, "");
  EXPECT_EQ(response.outcome, Outcome::kFailed);
  EXPECT_EQ(response.error, "no route to hub");
  EXPECT_EQ(response.body, "Internal Server Error");
}

TEST(Exception, OfAnyTypeIsCaught) {
  EXPECT_EQ(test::post(throws_a_number, "").error, "an exception that is not a std::exception");
  EXPECT_EQ(test::post(throws_without_memory, "").error, "std::bad_alloc");
}

// The operator may give a route another form than its handler wants.
TEST(Handler, FailsWhenItsRouteGivesNoPayload) {
  test::Host host;
  hookhost_endpoint endpoint = endpoint_named(host, "echo_name");
  test::detail::FakeCall call("{}", {}, "/webhooks/echo_name", HOOKHOST_FORM_JSON, 1);

  EXPECT_EQ(endpoint.handle(host.instance(), &endpoint, call.c_call(), &call.request),
            HOOKHOST_E_PLUGIN);

  EXPECT_EQ(call.error,
            "the handler takes a Payload, the route gives none: a value of another type");
}

}  // namespace
}  // namespace hookhost
