// SPDX-License-Identifier: Apache-2.0
//
// What does a plugin see of an attempt, and what becomes of what it answers?
#include "plugin/abi_bridge.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>

#include "plugin/puppet.h"

namespace hookhost::plugin {
namespace {

using testing::HasSubstr;

hookhost_host functions() {
  hookhost_host table{};
  fill_call_functions(table);
  return table;
}
const hookhost_host kHost = functions();

bool lies_in(hookhost_str text, std::string_view body) {
  return text.ptr >= body.data() && text.ptr + text.len <= body.data() + body.size();
}

// ---- The request

TEST(AbiBridge, ShowsTheWholeRequest) {
  TestHost host;
  Puppet puppet;
  const PathParameter parameter{"team", "blue"};
  puppet.endpoint("x", HOOKHOST_FORM_RAW, [&](hookhost_call*, const hookhost_request* request) {
    EXPECT_EQ(request->struct_size, sizeof(hookhost_request));
    EXPECT_EQ(request->flags, HOOKHOST_REQUEST_REPLAYED);
    EXPECT_EQ(text_of(request->method), "POST");
    EXPECT_EQ(text_of(request->target), "/webhooks/x?a=1");
    EXPECT_EQ(text_of(request->path), "/webhooks/x");
    EXPECT_EQ(text_of(request->query), "a=1");
    EXPECT_EQ(text_of(request->remote_addr), "127.0.0.1:4711");
    EXPECT_EQ(text_of(request->event_id), "evt_0000000000001");
    EXPECT_EQ(text_of(request->delivery_id), "delivery-1");
    EXPECT_EQ(request->root, 0u);
    EXPECT_EQ(request->payload, nullptr);
    EXPECT_EQ(request->received_ns, 1234u);
    EXPECT_EQ(request->deadline_ns, 0u);
    EXPECT_EQ(request->attempt, 3u);
    EXPECT_EQ(request->headers.count, 2u);
    EXPECT_EQ(request->headers.stride, sizeof(hookhost_field));
    const auto* header = static_cast<const hookhost_field*>(hookhost_at(request->headers, 1));
    EXPECT_EQ(text_of(header->name), "X-Webhook-Secret");
    EXPECT_EQ(text_of(header->value), "s");
    const auto* team = static_cast<const hookhost_field*>(hookhost_at(request->path_params, 0));
    EXPECT_EQ(text_of(team->value), "blue");
    return HOOKHOST_OK;
  });
  puppet.load(host);
  TestAttempt attempt;
  attempt.parameters = {&parameter, 1};
  attempt.number = 3;
  attempt.is_replayed = true;

  EXPECT_EQ(attempt.run(puppet.handler()).kind, OutcomeKind::kHandled);
}

TEST(AbiBridge, ShowsTheHubPayloadFieldByField) {
  TestHost host;
  Puppet puppet;
  puppet.endpoint("x", 0, [&](hookhost_call* call, const hookhost_request* request) {
    const hookhost_payload& payload = *request->payload;
    EXPECT_EQ(payload.event->action_code, HOOKHOST_ACTION_UPDATE);
    EXPECT_EQ(text_of(payload.event->scope), "repo.content");
    EXPECT_EQ(payload.repo->type_code, HOOKHOST_REPO_DATASET);
    EXPECT_EQ(text_of(payload.repo->name), "org/data");
    EXPECT_EQ(text_of(payload.repo->head_sha), "abc");
    EXPECT_EQ(text_of(payload.repo->owner_id), "o1");
    EXPECT_EQ(text_of(payload.repo->url->api), "https://hf.co/a");
    EXPECT_EQ(payload.repo->is_private, 1);
    EXPECT_EQ(payload.repo->subdomain.ptr, nullptr);
    EXPECT_EQ(payload.repo->tags.count, 2u);
    EXPECT_EQ(text_of(*static_cast<const hookhost_str*>(hookhost_at(payload.repo->tags, 1))),
              "y\n");
    EXPECT_EQ(payload.discussion->status_code, HOOKHOST_DISCUSSION_OPEN);
    EXPECT_EQ(payload.discussion->num, 7);
    EXPECT_EQ(payload.discussion->is_pull_request, 1);
    EXPECT_EQ(payload.discussion->is_pinned, -1);
    EXPECT_EQ(text_of(payload.discussion->base_ref), "main");
    EXPECT_EQ(payload.discussion->merge_commit_id.ptr, nullptr);
    EXPECT_EQ(text_of(payload.comment->content), "say \"hi\"");
    EXPECT_EQ(payload.moved_to, nullptr);
    EXPECT_EQ(payload.webhook->version, 3);
    const auto* ref =
        static_cast<const hookhost_updated_ref*>(hookhost_at(payload.updated_refs, 0));
    EXPECT_EQ(text_of(ref->ref), "refs/heads/main");
    EXPECT_EQ(ref->old_sha.ptr, nullptr);  // seed row N04
    EXPECT_EQ(text_of(ref->new_sha), "n1");
    EXPECT_EQ(text_of(kHost.node_str(call, kHost.node_get(call, payload.repo->node, abi("id")))),
              "r1");
    return HOOKHOST_OK;
  });
  puppet.load(host);
  TestAttempt attempt(kPush, payload::Form::kHub);

  EXPECT_EQ(attempt.run(puppet.handler()).kind, OutcomeKind::kHandled);
}

TEST(AbiBridge, EveryUnescapedStringIsAViewIntoTheBody) {
  TestHost host;
  Puppet puppet;
  puppet.endpoint("x", 0, [&](hookhost_call*, const hookhost_request* request) {
    const std::string_view body = text_of(request->body);
    const hookhost_payload& payload = *request->payload;
    for (const hookhost_str text :
         {payload.event->action, payload.event->scope, payload.repo->type, payload.repo->name,
          payload.repo->id, payload.repo->head_sha, payload.repo->owner_id, payload.repo->url->web,
          payload.repo->url->api, payload.discussion->id, payload.discussion->title,
          payload.discussion->author_id, payload.discussion->status, payload.discussion->base_ref,
          payload.comment->id, payload.comment->author_id, payload.webhook->id})
      EXPECT_TRUE(lies_in(text, body)) << text_of(text);
    EXPECT_FALSE(lies_in(payload.comment->content, body));  // it holds an escape
    return HOOKHOST_OK;
  });
  puppet.load(host);
  TestAttempt attempt(kPush, payload::Form::kHub);

  EXPECT_EQ(attempt.run(puppet.handler()).kind, OutcomeKind::kHandled);
}

TEST(AbiBridge, RefusesAnotherFormThanAHubEndpointNeeds) {
  TestHost host;
  Puppet puppet;
  bool is_called = false;
  puppet.endpoint("x", HOOKHOST_FORM_HUB, [&](hookhost_call*, const hookhost_request*) {
    is_called = true;
    return HOOKHOST_OK;
  });
  puppet.load(host);
  TestAttempt json("{}");
  TestAttempt raw;

  const Outcome outcome = json.run(puppet.handler());

  EXPECT_EQ(outcome.kind, OutcomeKind::kFailed);
  EXPECT_THAT(outcome.detail, HasSubstr("needs a Hub payload"));
  EXPECT_EQ(raw.run(puppet.handler()).kind, OutcomeKind::kFailed);
  EXPECT_FALSE(is_called);
}

TEST(AbiBridge, AJsonEndpointGetsNoHubPayloadEvenWhenTheRouteCheckedOne) {
  TestHost host;
  Puppet puppet;
  puppet.endpoint("x", HOOKHOST_FORM_JSON, [&](hookhost_call*, const hookhost_request* request) {
    EXPECT_EQ(request->payload, nullptr);
    EXPECT_NE(request->root, 0u);
    return HOOKHOST_OK;
  });
  puppet.load(host);
  TestAttempt attempt(kPush, payload::Form::kHubStrict);  // the operator's choice

  EXPECT_EQ(attempt.run(puppet.handler()).kind, OutcomeKind::kHandled);
}

TEST(AbiBridge, NodesOfAPluginAreNeverTrusted) {
  TestHost host;
  Puppet puppet;
  puppet.endpoint(
      "x", HOOKHOST_FORM_JSON, [&](hookhost_call* call, const hookhost_request* request) {
        EXPECT_EQ(kHost.node_type(call, request->root), HOOKHOST_NODE_OBJECT);
        for (const hookhost_node node : {hookhost_node{0}, hookhost_node{9999}, ~hookhost_node{0},
                                         hookhost_node{1} << 32 | 1}) {
          EXPECT_EQ(kHost.node_type(call, node), HOOKHOST_NODE_NONE);
          EXPECT_EQ(kHost.node_get(call, node, abi("a")), 0u);
          EXPECT_EQ(kHost.node_size(call, node), 0u);
          EXPECT_EQ(kHost.node_str(call, node).ptr, nullptr);
          std::int64_t number = 5;
          EXPECT_EQ(kHost.node_i64(call, node, &number), HOOKHOST_E_TYPE);
          EXPECT_EQ(number, 5);
        }
        EXPECT_EQ(kHost.node_type(nullptr, 1), HOOKHOST_NODE_NONE);
        std::int32_t flag = 7;
        EXPECT_EQ(
            kHost.node_bool(call, kHost.node_pointer(call, request->root, abi("/b/0")), &flag),
            HOOKHOST_OK);
        EXPECT_EQ(flag, 1);
        double real = 0;
        EXPECT_EQ(kHost.node_f64(call, kHost.node_get(call, request->root, abi("a")), &real),
                  HOOKHOST_OK);
        EXPECT_EQ(real, 1.5);
        std::uint64_t whole = 0;
        EXPECT_EQ(kHost.node_u64(call, kHost.node_get(call, request->root, abi("a")), &whole),
                  HOOKHOST_E_RANGE);
        return HOOKHOST_OK;
      });
  puppet.load(host);
  TestAttempt attempt(R"({"a":1.5,"b":[true]})");

  EXPECT_EQ(attempt.run(puppet.handler()).kind, OutcomeKind::kHandled);
}

// ---- The outcome

struct StatusCase {
  hookhost_status status;
  OutcomeKind kind;
  std::string_view detail;
};

TEST(AbiBridge, MapsEveryStatusToAnOutcome) {
  TestHost host;
  Puppet puppet;
  hookhost_status status = HOOKHOST_OK;
  puppet.endpoint("x", HOOKHOST_FORM_RAW,
                  [&](hookhost_call*, const hookhost_request*) { return status; });
  puppet.load(host);
  for (const StatusCase& row : {
           StatusCase{HOOKHOST_OK, OutcomeKind::kHandled, ""},
           {HOOKHOST_SKIP, OutcomeKind::kSkipped, ""},
           {HOOKHOST_PENDING, OutcomeKind::kFailed,
            "returned HOOKHOST_PENDING without defer: nobody would answer"},
           {HOOKHOST_E_RETRY, OutcomeKind::kFailed, "returned HOOKHOST_E_RETRY"},
           {HOOKHOST_E_DEAD, OutcomeKind::kDead, "returned HOOKHOST_E_DEAD"},
           {HOOKHOST_E_NOMEM, OutcomeKind::kFailed, "returned HOOKHOST_E_NOMEM"},
           {HOOKHOST_E_PLUGIN, OutcomeKind::kFailed, "returned HOOKHOST_E_PLUGIN"},
           {42, OutcomeKind::kFailed, "returned 42, which is not a hookhost_status"},
           {-77, OutcomeKind::kFailed, "returned -77, which is not a hookhost_status"},
       }) {
    status = row.status;
    TestAttempt attempt;
    const Outcome outcome = attempt.run(puppet.handler());
    EXPECT_EQ(outcome.kind, row.kind) << row.status;
    EXPECT_EQ(outcome.detail, row.detail);
  }
}

TEST(AbiBridge, NothingReturnedIsNullR01) {
  TestHost host;
  Puppet puppet;
  puppet.endpoint("x", HOOKHOST_FORM_RAW,
                  [&](hookhost_call*, const hookhost_request*) { return HOOKHOST_OK; });
  puppet.load(host);
  TestAttempt attempt;

  const Outcome outcome = attempt.run(puppet.handler());

  EXPECT_EQ(outcome.response.status, 200);
  EXPECT_EQ(outcome.response.content_type, "application/json");
  EXPECT_EQ(bytes_of(outcome.response), "null");
}

TEST(AbiBridge, KeepsTheLastReasonAndTheDelayOfARetry) {
  TestHost host;
  Puppet puppet;
  const hookhost_host* table = nullptr;
  static const hookhost_host** seen = nullptr;
  seen = &table;
  puppet.table().create = [](const hookhost_host* given, std::uint64_t, void**) {
    *seen = given;
    return hookhost_status{HOOKHOST_OK};
  };
  puppet.endpoint("x", HOOKHOST_FORM_RAW, [&](hookhost_call* call, const hookhost_request*) {
    table->set_error(table, call, abi("first"));
    table->set_error(table, call, abi("the Hub said\x1b no"));
    EXPECT_EQ(table->retry_after(call, 6ULL * 3600 * 1000), HOOKHOST_OK);
    EXPECT_EQ(table->retry_after(call, 6ULL * 3600 * 1000 + 1), HOOKHOST_E_LIMIT);
    EXPECT_EQ(table->retry_after(call, 1500), HOOKHOST_OK);
    return HOOKHOST_E_RETRY;
  });
  puppet.load(host);
  TestAttempt attempt;

  const Outcome outcome = attempt.run(puppet.handler());

  EXPECT_EQ(outcome.kind, OutcomeKind::kFailed);
  EXPECT_EQ(outcome.detail, "the Hub said\\x1b no");
  EXPECT_EQ(outcome.retry_after, std::chrono::milliseconds(1500));
}

TEST(AbiBridge, CutsAReasonAtItsLimit) {
  TestHost host;
  Puppet puppet;
  puppet.endpoint("x", HOOKHOST_FORM_RAW, [&](hookhost_call* call, const hookhost_request*) {
    const hookhost_host table = make_host_table(*puppet.generation);
    const std::string endless(100'000, 'e');
    table.set_error(&table, call, abi(endless));
    return HOOKHOST_E_PLUGIN;
  });
  puppet.load(host);
  TestAttempt attempt;

  EXPECT_LE(attempt.run(puppet.handler()).detail.size(), 1024u);
}

TEST(AbiBridge, AnExceptionCostsItsOwnRequestOnly) {
  TestHost host;
  Puppet puppet;
  int released = 0;
  int kind = 0;
  puppet.endpoint(
      "x", HOOKHOST_FORM_RAW, [&](hookhost_call* call, const hookhost_request*) -> hookhost_status {
        answer(
            call, "never sent", 200, [](void* user) { ++*static_cast<int*>(user); }, &released);
        if (kind == 0) throw std::runtime_error("boom");
        if (kind == 1) throw 42;
        return HOOKHOST_E_PLUGIN;
      });
  puppet.load(host);

  TestAttempt first, second;
  EXPECT_EQ(first.run(puppet.handler()).detail, "an exception left handle: boom");
  kind = 1;
  EXPECT_EQ(second.run(puppet.handler()).detail, "an exception left handle");

  EXPECT_EQ(released, 2);
  EXPECT_EQ(puppet.generation->violations(), 2u);
  EXPECT_EQ(puppet.generation->uses().count(), 0);
}

// ---- The answer

TEST(AbiBridge, HandsOverChunksWithoutCopyingAndReleasesEachOnce) {
  TestHost host;
  Puppet puppet;
  int released = 0;
  static const std::string first = "one ", second = "two";
  puppet.endpoint("x", HOOKHOST_FORM_RAW, [&](hookhost_call* call, const hookhost_request*) {
    const auto count = [](void* user) { ++*static_cast<int*>(user); };
    const hookhost_chunk chunks[] = {
        {sizeof(hookhost_chunk), 0, first.data(), first.size(), count, &released},
        {sizeof(hookhost_chunk), 0, second.data(), second.size(), count, &released}};
    hookhost_response response{};
    response.struct_size = sizeof(response);
    response.status = 202;
    response.content_type = abi("text/plain");
    response.chunks = {chunks, 2, sizeof(hookhost_chunk)};
    EXPECT_EQ(kHost.respond(call, &response), HOOKHOST_OK);
    return HOOKHOST_OK;
  });
  puppet.load(host);
  TestAttempt attempt;

  Outcome outcome = attempt.run(puppet.handler());

  EXPECT_EQ(outcome.response.status, 202);
  EXPECT_EQ(outcome.response.content_type, "text/plain");
  ASSERT_EQ(outcome.response.chunks.size(), 2u);
  EXPECT_EQ(outcome.response.chunks[0].bytes.data(), first.data());
  EXPECT_EQ(released, 0);
  EXPECT_EQ(puppet.generation->uses().count(), 2);  // the code stays until the bytes are written
  release_chunks(outcome.response);
  EXPECT_EQ(released, 2);
  EXPECT_EQ(puppet.generation->uses().count(), 0);
}

TEST(AbiBridge, StaticBytesHoldTheCodeAndArenaBytesDoNot) {
  TestHost host;
  Puppet puppet;
  bool is_static = true;
  puppet.endpoint("x", HOOKHOST_FORM_RAW, [&](hookhost_call* call, const hookhost_request*) {
    if (is_static) return answer(call, "static");
    auto* place = static_cast<char*>(kHost.arena_alloc(call, 5, 1));
    std::copy_n("arena", 5, place);
    return answer(call, {place, 5});
  });
  puppet.load(host);
  TestAttempt first, second;

  Outcome outcome = first.run(puppet.handler());
  EXPECT_EQ(bytes_of(outcome.response), "static");
  EXPECT_EQ(puppet.generation->uses().count(), 1);
  release_chunks(outcome.response);
  is_static = false;
  outcome = second.run(puppet.handler());

  EXPECT_EQ(outcome.response.body, "arena");
  EXPECT_EQ(puppet.generation->uses().count(), 0);
}

TEST(AbiBridge, TheSecondAnswerIsRefusedAndTheFirstIsSent) {
  TestHost host;
  Puppet puppet;
  int released = 0;
  puppet.endpoint("x", HOOKHOST_FORM_RAW, [&](hookhost_call* call, const hookhost_request*) {
    const auto count = [](void* user) { ++*static_cast<int*>(user); };
    EXPECT_EQ(answer(call, "first", 200, count, &released), HOOKHOST_OK);
    EXPECT_EQ(answer(call, "second", 200, count, &released), HOOKHOST_E_STATE);
    return HOOKHOST_OK;
  });
  puppet.load(host);
  TestAttempt attempt;

  Outcome outcome = attempt.run(puppet.handler());

  EXPECT_EQ(bytes_of(outcome.response), "first");
  release_chunks(outcome.response);
  EXPECT_EQ(released, 1);  // what was not taken is not released
  EXPECT_EQ(puppet.generation->violations(), 1u);
}

TEST(AbiBridge, AnAnswerIsGivenUpWhenTheAttemptFailsOrSkips) {
  TestHost host;
  Puppet puppet;
  int released = 0;
  hookhost_status status = HOOKHOST_E_RETRY;
  puppet.endpoint("x", HOOKHOST_FORM_RAW, [&](hookhost_call* call, const hookhost_request*) {
    answer(
        call, "b", 200, [](void* user) { ++*static_cast<int*>(user); }, &released);
    return status;
  });
  puppet.load(host);

  for (const hookhost_status each :
       {HOOKHOST_E_RETRY, HOOKHOST_E_DEAD, HOOKHOST_SKIP, HOOKHOST_PENDING, 99}) {
    status = each;
    released = 0;
    TestAttempt attempt;
    const Outcome outcome = attempt.run(puppet.handler());
    EXPECT_EQ(released, 1) << each;
    EXPECT_TRUE(outcome.response.chunks.empty());
    EXPECT_EQ(puppet.generation->uses().count(), 0);
  }
}

TEST(AbiBridge, ArenaMemoryHasAnAlignmentAndALimit) {
  TestHost host;
  Puppet puppet;
  puppet.endpoint("x", HOOKHOST_FORM_RAW, [&](hookhost_call* call, const hookhost_request*) {
    const auto aligned = reinterpret_cast<std::uintptr_t>(kHost.arena_alloc(call, 1, 64));
    EXPECT_EQ(aligned % 64, 0u);
    for (const std::size_t align : {0U, 3U, 128U})
      EXPECT_EQ(kHost.arena_alloc(call, 1, align), nullptr);
    EXPECT_EQ(kHost.arena_alloc(call, HOOKHOST_RESPONSE_BYTES_MAX + 1, 1), nullptr);
    EXPECT_EQ(kHost.arena_alloc(call, SIZE_MAX, 1), nullptr);
    EXPECT_EQ(kHost.arena_alloc(nullptr, 1, 1), nullptr);
    EXPECT_NE(kHost.arena_alloc(call, HOOKHOST_RESPONSE_BYTES_MAX, 1), nullptr);
    EXPECT_EQ(kHost.arena_alloc(call, HOOKHOST_RESPONSE_BYTES_MAX, 1), nullptr);  // together
    return HOOKHOST_OK;
  });
  puppet.load(host);
  TestAttempt attempt;

  EXPECT_EQ(attempt.run(puppet.handler()).kind, OutcomeKind::kHandled);
}

// ---- The end of a generation

TEST(AbiBridge, ARetiredGenerationAnswersCancelled) {
  TestHost host;
  Puppet puppet;
  puppet.endpoint("x", HOOKHOST_FORM_RAW,
                  [&](hookhost_call*, const hookhost_request*) { return HOOKHOST_OK; });
  puppet.load(host);
  const auto handler = Generation::handler(puppet.generation, 0);
  const RetireReport report = puppet.retire();
  TestAttempt attempt;

  EXPECT_EQ(attempt.run(*handler).kind, OutcomeKind::kCancelled);
  EXPECT_TRUE(report.was_unmapped) << report.pinned_reason;
}

}  // namespace
}  // namespace hookhost::plugin
