// SPDX-License-Identifier: Apache-2.0
//
// Does a build on trial get what the host's corridor would hand in, and nothing else?
#include "plugin/endpoint_call.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "plugin/puppet.h"

namespace hookhost::plugin {
namespace {

// One endpoint that remembers what it was called with.
struct Remembering {
  explicit Remembering(std::int32_t form, std::string_view path = {},
                       std::string_view events = {}) {
    puppet.endpoint("x", form, [this](hookhost_call*, const hookhost_request* request) {
      ++calls;
      body = text_of(request->body);
      called_path = text_of(request->path);
      const auto* parameters = static_cast<const hookhost_field*>(request->path_params.items);
      for (std::uint32_t i = 0; i < request->path_params.count; ++i)
        arguments.emplace_back(text_of(parameters[i].name), text_of(parameters[i].value));
      return hookhost_status{HOOKHOST_OK};
    });
    puppet.endpoints()[0].path = abi(path);
    puppet.endpoints()[0].events = abi(events);
    puppet.load(host);
  }
  bool takes(std::string_view content) {
    return call_endpoint(puppet.generation, 0, content).has_value();
  }

  TestHost host;
  Puppet puppet;
  int calls = 0;
  std::string body, called_path;
  std::vector<std::pair<std::string, std::string>> arguments;
};

TEST(EndpointCall, HandsInWhatTheFormAllows) {
  Remembering hub(HOOKHOST_FORM_HUB), json(HOOKHOST_FORM_JSON), raw(HOOKHOST_FORM_RAW);

  EXPECT_TRUE(hub.takes(kPush));
  EXPECT_FALSE(hub.takes("{}"));
  EXPECT_TRUE(json.takes("{}"));
  EXPECT_FALSE(json.takes("{"));
  EXPECT_TRUE(raw.takes("{"));
  EXPECT_TRUE(raw.takes(""));
  EXPECT_EQ(hub.calls + json.calls, 2);
  EXPECT_EQ(hub.body, kPush);
}

TEST(EndpointCall, AStrictEndpointGetsNothingThatItsModelRefuses) {
  Remembering strict(HOOKHOST_FORM_HUB_STRICT), tolerant(HOOKHOST_FORM_HUB);
  std::string unknown(kPush);
  unknown.replace(unknown.find("\"dataset\""), 9, "\"volcano\"");

  EXPECT_FALSE(strict.takes(unknown));
  EXPECT_TRUE(tolerant.takes(unknown));
}

TEST(EndpointCall, AnEventFilterKeepsOthersAway) {
  Remembering wants(HOOKHOST_FORM_HUB, {}, "repo.content:update");
  Remembering wants_not(HOOKHOST_FORM_HUB, {}, "discussion.*");

  EXPECT_TRUE(wants.takes(kPush));
  EXPECT_FALSE(wants_not.takes(kPush));
}

TEST(EndpointCall, ATemplateGetsItsParameters) {
  Remembering endpoint(HOOKHOST_FORM_RAW, "/teams/{team}/{what}/end");

  EXPECT_TRUE(endpoint.takes("x"));

  EXPECT_EQ(endpoint.called_path, "/webhooks/teams/sample/sample/end");
  EXPECT_THAT(endpoint.arguments, testing::ElementsAre(testing::Pair("team", "sample"),
                                                       testing::Pair("what", "sample")));
}

TEST(EndpointCall, ASampleIsOneThatTheEndpointWants) {
  Remembering comments(HOOKHOST_FORM_HUB, {}, "discussion.comment:create");
  Remembering nothing(HOOKHOST_FORM_HUB, {}, "volcano:erupt");

  EXPECT_TRUE(call_with_sample(comments.puppet.generation, 0));
  EXPECT_FALSE(call_with_sample(nothing.puppet.generation, 0));

  EXPECT_THAT(comments.body, testing::HasSubstr(R"("scope":"discussion.comment")"));
  EXPECT_EQ(nothing.calls, 0);
}

TEST(EndpointCall, SaysWhyItFailed) {
  TestHost host;
  Puppet puppet;
  puppet.endpoint("x", HOOKHOST_FORM_RAW, [](hookhost_call*, const hookhost_request*) {
    return hookhost_status{HOOKHOST_E_PLUGIN};
  });
  puppet.load(host);

  const auto result = call_endpoint(puppet.generation, 0, "");

  ASSERT_TRUE(result);
  EXPECT_EQ(result->kind, OutcomeKind::kFailed);
  EXPECT_EQ(result->detail, "returned HOOKHOST_E_PLUGIN");
  EXPECT_FALSE(result->was_cancelled);
}

// One endpoint that defers, and completes when it is cancelled, or not.
struct Deferring {
  explicit Deferring(bool completes) {
    completes_on_cancel = completes;
    puppet.table().create = [](const hookhost_host* given, std::uint64_t, void**) {
      table = given;
      return hookhost_status{HOOKHOST_OK};
    };
    puppet.table().cancel = [](void*, hookhost_token token, std::int32_t) {
      if (completes_on_cancel) table->complete(table, token, HOOKHOST_E_RETRY);
    };
    puppet.endpoint("x", HOOKHOST_FORM_RAW, [this](hookhost_call* call, const hookhost_request*) {
      return table->defer(call, &deferred) == HOOKHOST_OK ? HOOKHOST_PENDING : HOOKHOST_E_PLUGIN;
    });
    puppet.load(host);
  }

  static inline const hookhost_host* table = nullptr;  // of the newest: cancel has no other way
  static inline bool completes_on_cancel = false;
  TestHost host;
  Puppet puppet;
  hookhost_token deferred = 0;
};

TEST(EndpointCall, ADeferredCallIsCancelledAfterAWhile) {
  Deferring endpoint(true);

  const auto result =
      call_endpoint(endpoint.puppet.generation, 0, "", std::chrono::milliseconds(1));

  ASSERT_TRUE(result);
  EXPECT_EQ(result->kind, OutcomeKind::kFailed);
  EXPECT_TRUE(result->was_cancelled);
}

TEST(EndpointCall, OneThatIsNeverCompletedIsPending) {
  Deferring endpoint(false);

  const auto result =
      call_endpoint(endpoint.puppet.generation, 0, "", std::chrono::milliseconds(1));

  ASSERT_TRUE(result);
  EXPECT_EQ(result->kind, OutcomeKind::kPending);
  // It may still be, and its memory waits for it.
  EXPECT_EQ(endpoint.table->complete(endpoint.table, endpoint.deferred, HOOKHOST_OK), HOOKHOST_OK);
}

}  // namespace
}  // namespace hookhost::plugin
