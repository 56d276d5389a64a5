// SPDX-License-Identifier: Apache-2.0
// Does /openapi.json say what the seed's says (row H04), and what is true of the routes? A real
// validator reads the document in tests/browser/openapi.test.js.
#include "pages/openapi.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pages/support/routes.h"

namespace hookhost::pages {
namespace {

using test::route;
using test::secret_route;
using test::table;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

std::string document_of(Route route) {
  return openapi_document(*table({std::move(route)}), "0.1.0");
}

// "...": what stands in the operation of the only route, without the components.
std::string operation_of(Route route) {
  std::string text = document_of(std::move(route));
  return text.substr(0, text.find("\"components\""));
}

TEST(OperationId, IsTheOneOfFastApiForRowH04) {
  const auto routes = table({
      route("a", "/webhooks/a"),
      route("nested", "/webhooks/a/b2"),
      route("sp", "/webhooks/ sp-1.x"),
      route("tpl", "/webhooks/tpl/{id}"),
  });

  EXPECT_THAT(
      operation_ids(*routes),
      testing::UnorderedElementsAre("a_webhooks_a_post", "nested_webhooks_a_b2_post",
                                    "sp_webhooks__sp_1_x_post", "tpl_webhooks_tpl__id__post"));
}

TEST(OperationId, IsUniqueWhereTheSeedsWouldNotBe) {
  const auto routes = table(
      {route("x", "/webhooks/a/b"), route("x", "/webhooks/a_b"), route("x", "/webhooks/a-b")});

  EXPECT_THAT(operation_ids(*routes),
              testing::UnorderedElementsAre("x_webhooks_a_b_post", "x_webhooks_a_b_post_2",
                                            "x_webhooks_a_b_post_3"));
}

TEST(PrintedPath, EncodesAllButParameters) {
  EXPECT_EQ(printed_path("/webhooks/caf\xc3\xa9 x/{id}"), "/webhooks/caf%C3%A9%20x/{id}");
  EXPECT_EQ(printed_path("/webhooks/{a}/{b}"), "/webhooks/{a}/{b}");
  EXPECT_EQ(printed_path("/webhooks/\"<b>"), "/webhooks/%22%3Cb%3E");
}

TEST(OpenApi, BeginsAsRowH04) {
  EXPECT_THAT(openapi_document(*table({}), "0.1.0"),
              StartsWith(R"({"openapi":"3.1.0","info":{"title":"hookhost","version":"0.1.0"},)"
                         R"("paths":{},"components":{)"));
}

TEST(OpenApi, ListsOnePostPerWebhook) {
  const std::string text =
      openapi_document(*table({route("b", "/webhooks/b"), route("a", "/webhooks/a")}), "1");

  EXPECT_THAT(text, HasSubstr(R"("/webhooks/a":{"post":{"summary":"a","operationId":)"
                              R"("a_webhooks_a_post",)"));
  EXPECT_THAT(text, HasSubstr(R"("/webhooks/b":{"post":{"summary":"b",)"));
  EXPECT_THAT(text, Not(HasSubstr("\"get\"")));
}

TEST(OpenApi, AsksForTheSecretOnlyWhereOneIsNeeded) {
  const std::string closed = document_of(secret_route("a", "/webhooks/a"));
  EXPECT_THAT(closed, HasSubstr(R"("security":[{"X-Webhook-Secret":[]}])"));
  EXPECT_THAT(closed, HasSubstr(R"("securitySchemes":{"X-Webhook-Secret":{"type":"apiKey",)"
                                R"("in":"header","name":"X-Webhook-Secret"}})"));
  EXPECT_THAT(closed, HasSubstr(R"("401":{"description":"X-Webhook-Secret is missing"})"));
  EXPECT_THAT(closed, HasSubstr(R"("403":{)"));

  const std::string open = document_of(route("a", "/webhooks/a"));
  EXPECT_THAT(open, Not(HasSubstr("security")));
  EXPECT_THAT(open, Not(HasSubstr(R"("401")")));
}

TEST(OpenApi, NamesTheBodyLimit) {
  Route small = route("a", "/webhooks/a");
  small.body_bytes_max = 64 * 1024;
  EXPECT_THAT(operation_of(small), HasSubstr("larger than 64 KiB"));
  small.body_bytes_max = 1000;
  EXPECT_THAT(operation_of(small), HasSubstr("larger than 1000 bytes"));
  EXPECT_THAT(operation_of(route("a", "/webhooks/a")), HasSubstr("larger than 26 MiB"));
}

TEST(OpenApi, DescribesEachPayloadForm) {
  EXPECT_THAT(operation_of(route("a", "/webhooks/a", PayloadForm::kHub)),
              HasSubstr("\"#/components/schemas/HubWebhookPayload\""));
  EXPECT_THAT(operation_of(route("a", "/webhooks/a", PayloadForm::kHubStrict)),
              HasSubstr("\"#/components/schemas/HubWebhookPayloadStrict\""));
  EXPECT_THAT(operation_of(route("a", "/webhooks/a", PayloadForm::kJson)),
              HasSubstr(R"("requestBody":{"required":true,"content":{"application/json":)"
                        R"({"schema":{}}}},)"));
  const std::string raw = operation_of(route("a", "/webhooks/a", PayloadForm::kRaw));
  EXPECT_THAT(raw, HasSubstr(R"("requestBody":{"content":{"*/*":{"schema":{}}}},)"));
  EXPECT_THAT(raw, Not(HasSubstr(R"("422")")));
}

TEST(OpenApi, PutsTheExampleThatFitsTheFilterFirst) {
  const auto first_example = [](std::string events) {
    Route filtered = route("a", "/webhooks/a");
    filtered.events = std::move(events);
    const std::string text = operation_of(std::move(filtered));
    const std::string_view key = "\"examples\":{\"";
    const std::size_t start = text.find(key) + key.size();
    return text.substr(start, text.find('"', start) - start);
  };
  EXPECT_EQ(first_example(""), "dataset_commit");
  EXPECT_EQ(first_example("repo.content:update,discussion.*"), "dataset_commit");
  EXPECT_EQ(first_example("discussion.*"), "new_comment");
  EXPECT_EQ(first_example("discussion.comment:create"), "new_comment");
  EXPECT_EQ(first_example("repo:create"), "new_model");
}

TEST(OpenApi, ListsPathParametersForRowP08) {
  EXPECT_THAT(operation_of(route("a", "/webhooks/{user}/x/{id}")),
              HasSubstr(R"("parameters":[{"name":"user","in":"path","required":true,)"
                        R"("schema":{"type":"string"}},{"name":"id","in":"path",)"
                        R"("required":true,"schema":{"type":"string"}}])"));
}

TEST(OpenApi, EscapesWhatAPluginSaysOfItself) {
  Route hostile = route("a", "/webhooks/a");
  hostile.doc = "\"},\"x\":{</script>\xff\n";
  EXPECT_THAT(operation_of(hostile),
              HasSubstr("\"description\":\"\\\"},\\\"x\\\":{</script>\xEF\xBF\xBD\\n\""));
}

TEST(OpenApi, IsCompactForRowH06) {
  const std::string text = document_of(secret_route("a", "/webhooks/a"));
  EXPECT_THAT(text, Not(HasSubstr("\n")));
  EXPECT_THAT(text, Not(HasSubstr("\": ")));
  EXPECT_THAT(text, Not(HasSubstr(", \"")));
}

TEST(OpenApi, IsTheSameForTheSameTable) {
  const auto routes = table({secret_route("a", "/webhooks/a"), route("b", "/webhooks/b")});
  EXPECT_EQ(openapi_document(*routes, "1"), openapi_document(*routes, "1"));
}

}  // namespace
}  // namespace hookhost::pages
