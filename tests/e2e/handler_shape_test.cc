// SPDX-License-Identifier: Apache-2.0
//
// Does every shape of a handler get what it asks for, and does what it returns become the answer?
// Rows F01 to F09 and R01 to R05 of the Python server's table, and the shapes it lacks.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "e2e/hub_event.h"
#include "e2e/live_host.h"

namespace hookhost::e2e {
namespace {

class HandlerShapes : public SharedHost<HandlerShapes, ::testing::TestWithParam<Row>> {
 public:
  static std::unique_ptr<LiveHost> make_host() {
    return std::make_unique<LiveHost>(
        std::vector<std::string>{"serve", "--plugins", plugin_folder("parity")});
  }
};

TEST_P(HandlerShapes, AnswerAsTheTableSays) { expect_answer(host(), GetParam()); }

Request json_to(std::string handler, std::string body) {
  return {"POST",
          "/webhooks/" + std::move(handler),
          {{"Content-Type", "application/json"}},
          std::move(body)};
}
Request empty_to(std::string handler) { return {"POST", "/webhooks/" + std::move(handler)}; }

const Row kTakes[] = {
    {"F01_Payload", json_to("implicit", hub_event()), 200,
     R"({"scope":"repo.content","repo":"n"})"},
    {"F03_NothingIgnoresTheBody",
     {"POST", "/webhooks/f03_nothing", {}, "{garbage\xFF"},
     200,
     "null"},
    {"F04_Request",
     {"POST", "/webhooks/f04_request?q=a%20b+c", {{"X-Thing", "x"}}, "raw \"bytes\""},
     200,
     R"({"method":"POST","target":"/webhooks/f04_request?q=a%20b+c","path":"/webhooks/f04_request",)"
     R"("query":"a b c","header":"x","body":"raw \"bytes\""})"},
    {"F05_NamesOfParametersDoNotMatter", json_to("f05_any_name", hub_event()), 200,
     R"({"method":"POST","repo":"n"})"},
    {"F06_JsonObject", json_to("f06_json", R"({"b":[1]})"), 200, R"({"b":[1]})"},
    {"F06_JsonList", json_to("f06_json", "[1,2]"), 200, "[1,2]"},
    {"F07_ThePayloadIsNeverAQueryParameter",
     {"POST", "/webhooks/implicit?payload=1", {{"Content-Type", "application/json"}}, hub_event()},
     200,
     R"({"scope":"repo.content","repo":"n"})"},
    {"F08_JsonTakesNull", json_to("f06_json", "null"), 200, "null"},
    {"F08_PayloadDoesNot", json_to("implicit", "null"), 422,
     R"({"detail":[{"type":"missing","loc":["body"],"msg":"Field required","input":null}]})"},
    {"F09_QueryBesideThePayload",
     {"POST", "/webhooks/f09_query?dry=1", {{"Content-Type", "application/json"}}, hub_event()},
     200,
     R"({"repo":"n","dry":true})"},
};
INSTANTIATE_TEST_SUITE_P(Takes, HandlerShapes, ::testing::ValuesIn(kTakes), row_name);

const Row kReturns[] = {
    {"R01_Nothing", empty_to("f03_nothing"), 200, "null"},
    {"R02_Object", empty_to("r02_object"), 200, R"({"a":1})"},
    {"R02_List", empty_to("r02_list"), 200, "[1,2]"},
    {"R02_Number", empty_to("r02_number"), 200, "42"},
    {"R02_Text", empty_to("r02_text"), 200, R"("hello")"},
    {"R02_Bool", empty_to("r02_bool"), 200, "true"},
    {"R02_Float", empty_to("r02_float"), 200, "2.0"},
    {"R02_None", empty_to("r02_none"), 200, "null"},
    {"R03_StatusAndHeaders",
     empty_to("r03_status"),
     202,
     R"({"a":1})",
     {{"Content-Type", "application/json"}, {"X-Made-By", "parity"}}},
    {"R04_ThePartsItWants", json_to("tolerant", hub_event()), 200, reading()},
    {"R05_Response",
     empty_to("r05_response"),
     418,
     "short and stout",
     {{"Content-Type", "text/plain; charset=utf-8"}, {"X-Tea", "green"}}},
    {"R05_LargeBody",
     empty_to("r05_bytes"),
     200,
     std::string(300'000, 'x'),
     {{"Content-Type", "application/x-thing"}, {"Content-Length", "300000"}}},
    {"Skipped", empty_to("ignores"), 204, "", {{"Content-Type", ""}}},
};
INSTANTIATE_TEST_SUITE_P(Returns, HandlerShapes, ::testing::ValuesIn(kReturns), row_name);

const Row kPlaces[] = {
    {"Inline", empty_to("runs_inline"), 200, "inline", {}},
    {"Coroutine", empty_to("waits"), 200, R"({"computed":42,"slept":true})"},
    {"Deferred", {"POST", "/webhooks/defers", {}, "body"}, 200, "later: body", {}},
    {"FilterLetsPass", json_to("filtered", hub_event()), 200, R"("repo.content")"},
    {"FilterHoldsBack", json_to("filtered", hub_event({.scope = R"("discussion")"})), 200,
     R"({"status":"filtered","reason":"The endpoint does not want this event"})"},
};
INSTANTIATE_TEST_SUITE_P(Places, HandlerShapes, ::testing::ValuesIn(kPlaces), row_name);

// The seed runs a plain function on its only event loop when a secret is set.
TEST(HandlerPlaces, F02_ASlowHandlerHoldsUpNobody) {
  LiveHost host({"serve", "--plugins", plugin_folder("parity")},
                {{"WEBHOOK_SECRET", kSecret}, {"HOOKHOST_LOOPS", "1"}});
  const Headers secret = {{"X-Webhook-Secret", kSecret}};
  RawClient slow(host.process().port());
  slow.send(bytes_of({"POST", "/webhooks/parks", secret}));

  // This one answers when the first is inside its handler.
  EXPECT_EQ(host.send({"POST", "/webhooks/waits_for_parked?n=x", secret}).body, "1 parked");
  EXPECT_EQ(host.send({"POST", "/webhooks/r02_number", secret}).body, "42");
  EXPECT_EQ(host.send({"POST", "/webhooks/lets_go", secret}).status, 200);

  EXPECT_EQ(slow.read_answer().value_or(RawAnswer{}).body, "let go");
}

}  // namespace
}  // namespace hookhost::e2e
