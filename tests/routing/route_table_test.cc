// SPDX-License-Identifier: Apache-2.0
//
// Which route does a request reach, and which paths reach none (seed rows P08 to P13, H01, H02;
// hostile-input 2.1, "Paths")?
#include "routing/route_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/routes.h"
#include "support/scripted_handler.h"

namespace hookhost::routing {
namespace {

using test::route_to;
using test::ScriptedHandler;
using test::table_of;

std::shared_ptr<const RouteTable> table(std::initializer_list<std::string_view> paths) {
  std::vector<Route> routes;
  for (const std::string_view path : paths)
    routes.push_back(route_to(std::make_shared<ScriptedHandler>(), path));
  return table_of(std::move(routes));
}

// "/webhooks/x" with its parameters, "404", "405" or "400".
std::string reached(const RouteTable& routes, std::string_view path,
                    std::string_view method = "POST") {
  Arena arena;
  const auto match = routes.match(method, path, arena);
  if (!match) {
    switch (match.error()) {
      case MatchError::kNotFound: return "404";
      case MatchError::kMethodNotAllowed: return "405";
      case MatchError::kBadEncoding: return "400";
    }
  }
  std::string text = match->route->path;
  for (std::size_t i = 0; i < match->parameter_count; ++i)
    text.append(" ")
        .append(match->parameters[i].name)
        .append("=")
        .append(match->parameters[i].value);
  return text;
}

TEST(RouteTable, ReachesARouteByItsPath) {
  const auto routes = table({"x", "a/b", "é", " sp"});

  EXPECT_EQ(reached(*routes, "/webhooks/x"), "/webhooks/x");
  EXPECT_EQ(reached(*routes, "/webhooks/a/b"), "/webhooks/a/b");
}
TEST(RouteTable, DecodesThePathOnceP07) {
  const auto routes = table({"x", "é", " sp", "2e"});

  EXPECT_EQ(reached(*routes, "/webhooks/%78"), "/webhooks/x");
  EXPECT_EQ(reached(*routes, "/%77ebhooks/x"), "/webhooks/x");
  EXPECT_EQ(reached(*routes, "/webhooks/%C3%a9"), "/webhooks/é");
  EXPECT_EQ(reached(*routes, "/webhooks/%20sp"), "/webhooks/ sp");
  EXPECT_EQ(reached(*routes, "/webhooks/%2578"), "404");
}
TEST(RouteTable, GivesTheDecodedPath) {
  const auto routes = table({"é", "tpl/{id}"});
  Arena arena;

  EXPECT_EQ(routes->match("POST", "/webhooks/%C3%A9/", arena)->path, "/webhooks/é");
  EXPECT_EQ(routes->match("POST", "/webhooks/tpl/a%20b", arena)->path, "/webhooks/tpl/a b");
}
TEST(RouteTable, ServesATrailingSlashP11) {
  const auto routes = table({"x", "tpl/{id}"});

  EXPECT_EQ(reached(*routes, "/webhooks/x/"), "/webhooks/x");
  EXPECT_EQ(reached(*routes, "/webhooks/tpl/5/"), "/webhooks/tpl/{id} id=5");
}
TEST(RouteTable, KnowsNoDoubledSlashAndNoOtherCaseP12) {
  const auto routes = table({"x", "tpl/{id}", "{a}/{b}"});

  for (const auto* path : {"/webhooks//x", "//webhooks/x", "/webhooks/x//", "/webhooks/tpl//",
                           "/webhooks/tpl//5", "/webhooks/tpl/5//", "/webhooks/X", "/Webhooks/x"})
    EXPECT_EQ(reached(*routes, path), "404") << path;
}
TEST(RouteTable, KnowsNoPathWithoutANameP13) {
  const auto routes = table({"x", "{any}"});

  for (const auto* path : {"/webhooks", "/webhooks/", "/", "", "x", "/x", "*", "webhooks/x"})
    EXPECT_EQ(reached(*routes, path), "404") << path;
}
TEST(RouteTable, HasNoneWhenItIsEmptyH01) { EXPECT_EQ(reached(*table({}), "/webhooks/x"), "404"); }

TEST(RouteTable, AllowsPostAloneH02) {
  const auto routes = table({"x", "tpl/{id}"});

  for (const auto* method : {"GET", "PUT", "HEAD", "OPTIONS", "DELETE", "post", "BREW", ""}) {
    EXPECT_EQ(reached(*routes, "/webhooks/x", method), "405") << method;
    EXPECT_EQ(reached(*routes, "/webhooks/tpl/5", method), "405") << method;
    EXPECT_EQ(reached(*routes, "/webhooks/y", method), "404") << method;
  }
}

TEST(RouteTable, GivesParametersAsTextP08) {
  const auto routes = table({"tpl/{id}", "{org}/{repo}/push"});

  EXPECT_EQ(reached(*routes, "/webhooks/tpl/5"), "/webhooks/tpl/{id} id=5");
  EXPECT_EQ(reached(*routes, "/webhooks/tpl/a%20%C3%A9"), "/webhooks/tpl/{id} id=a é");
  EXPECT_EQ(reached(*routes, "/webhooks/hf/bert/push"),
            "/webhooks/{org}/{repo}/push org=hf repo=bert");
  EXPECT_EQ(reached(*routes, "/webhooks/tpl"), "404");
  EXPECT_EQ(reached(*routes, "/webhooks/tpl/5/6"), "404");
}
TEST(RouteTable, PrefersTheFixedRouteP08) {
  const auto routes = table({"tpl/{id}", "tpl/5"});

  EXPECT_EQ(reached(*routes, "/webhooks/tpl/5"), "/webhooks/tpl/5");
  EXPECT_EQ(reached(*routes, "/webhooks/tpl/6"), "/webhooks/tpl/{id} id=6");
}
TEST(RouteTable, PrefersTheTemplateThatIsFixedEarlier) {
  const auto routes = table({"{x}/b", "a/{y}", "{x}/{y}"});

  EXPECT_EQ(reached(*routes, "/webhooks/a/b"), "/webhooks/a/{y} y=b");
  EXPECT_EQ(reached(*routes, "/webhooks/c/b"), "/webhooks/{x}/b x=c");
  EXPECT_EQ(reached(*routes, "/webhooks/c/d"), "/webhooks/{x}/{y} x=c y=d");
}

// An encoded slash is the same byte for an exact route, and never a separator of a template.
TEST(RouteTable, TakesNoEncodedSlashForASeparator) {
  const auto routes = table({"a/b", "tpl/{id}", "{x}/{y}/{z}"});

  EXPECT_EQ(reached(*routes, "/webhooks/a%2fb"), "/webhooks/a/b");
  EXPECT_EQ(reached(*routes, "/webhooks/tpl%2f5"), "404");
  EXPECT_EQ(reached(*routes, "/webhooks/tpl/5%2f6"), "404");
  EXPECT_EQ(reached(*routes, "/webhooks/1/2%2F3"), "404");
  EXPECT_EQ(reached(*routes, "/webhooks/1/2/3%2f"), "404");
}

TEST(RouteTable, RefusesABrokenEncoding) {
  const auto routes = table({"x", "tpl/{id}"});

  for (const auto* path :
       {"/%zz", "/webhooks/x%", "/webhooks/x%4", "/webhooks/%g0", "/webhooks/%0g"})
    EXPECT_EQ(reached(*routes, path), "400") << path;
}

TEST(RouteTable, LeadsNoHostilePathAnywhere) {
  const auto routes = table({"x", "tpl/{id}", "{any}", "{a}/{b}"});

  for (const auto* hostile : {"..",         "%2e%2e", "%2E.",    ".",       "%2e",
                              "%252e%252e", "%5c",    "..%5c..", "%c0%ae",  ";",
                              "x;a=b",      "%3b",    "%00",     "x%00",    "%0d%0aSet-Cookie:x",
                              "%7f",        "%1b",    "%2f",     "..%2f..", "%ff"}) {
    EXPECT_EQ(reached(*routes, std::string("/webhooks/") + hostile), "404") << hostile;
    EXPECT_EQ(reached(*routes, std::string("/webhooks/tpl/") + hostile), "404") << hostile;
  }
  EXPECT_EQ(reached(*routes, "/webhooks/../webhooks/x"), "404");
  EXPECT_EQ(reached(*routes, "/webhooks/y/../x"), "404");
}

TEST(RouteTable, BoundsTheSegmentsOfARequest) {
  const auto routes = table({"{a}"});
  std::string path = "/webhooks";
  for (int i = 0; i < 5000; ++i) path += "/a";

  EXPECT_EQ(reached(*routes, path), "404");
}

TEST(RouteTable, RefusesTheSamePathTwiceP09) {
  Route first = route_to(std::make_shared<ScriptedHandler>(), "x");
  Route second = route_to(std::make_shared<ScriptedHandler>(), "/x/");
  first.plugin = "a.so", first.name = "f";
  second.plugin = "b.so", second.name = "g";

  const auto built = RouteTable::build({first, second});

  ASSERT_FALSE(built);
  EXPECT_EQ(built.error().code, ErrorCode::kInvalid);
  EXPECT_EQ(built.error().message, "Webhook /webhooks/x already exists.");
  EXPECT_EQ(built.error().fix, "first: a.so (endpoint f), second: b.so (endpoint g)");
}
TEST(RouteTable, RefusesTwoTemplatesOfOneShapeP09) {
  const auto handler = std::make_shared<ScriptedHandler>();

  const auto built =
      RouteTable::build({route_to(handler, "tpl/{id}"), route_to(handler, "tpl/{name}")});

  ASSERT_FALSE(built);
  EXPECT_EQ(built.error().message, "Webhook /webhooks/tpl/{name} already exists.");
}
TEST(RouteTable, ListsItsRoutesInTheOrderOfTheirPaths) {
  const auto routes = table({"c", "a", "b/{x}"});

  std::vector<std::string> paths;
  for (const Route& route : routes->routes()) paths.push_back(route.path);

  EXPECT_THAT(paths, ::testing::ElementsAre("/webhooks/a", "/webhooks/b/{x}", "/webhooks/c"));
}

}  // namespace
}  // namespace hookhost::routing
