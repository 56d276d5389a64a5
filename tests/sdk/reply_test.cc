// SPDX-License-Identifier: Apache-2.0
//
// Does every answer reach the host as it was meant, a small one without an allocation, a large one
// without a copy?
#include <gtest/gtest.h>
#include <hookhost/hookhost.hpp>

#include <chrono>
#include <cstdlib>
#include <memory>
#include <new>
#include <string>
#include <vector>

namespace {

std::size_t allocations = 0;

}  // namespace

// Counted, since a promise of the SDK is about them.
[[gnu::noinline]] void* operator new(std::size_t size) {
  ++allocations;
  if (void* memory = std::malloc(size == 0 ? 1 : size)) return memory;
  throw std::bad_alloc();
}
[[gnu::noinline]] void operator delete(void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

namespace hookhost {
namespace {

using namespace std::chrono_literals;

// The smallest host that can take an answer; its arena is a block, so that allocations are the
// SDK's.
struct Taker {
  Taker() {
    taken = this;
    host.struct_size = sizeof host;
    host.arena_alloc = [](hookhost_call*, std::size_t size, std::size_t) -> void* {
      if (taken->arena_used + size > sizeof taken->arena) return nullptr;
      taken->arena_used += (size + 15) / 16 * 16;
      return taken->arena + taken->arena_used - (size + 15) / 16 * 16;
    };
    host.respond = [](hookhost_call*, const hookhost_response* given) {
      taken->response = *given;
      if (given->chunks.count != 0) {
        taken->chunk = *static_cast<const hookhost_chunk*>(given->chunks.items);
      }
      ++taken->responses;
      return taken->answer;
    };
    host.set_error = [](const hookhost_host*, hookhost_call*, hookhost_str detail) {
      taken->error = Text(detail).str();
    };
    host.retry_after = [](hookhost_call*, std::uint64_t given) {
      taken->delay_ms = given;
      return HOOKHOST_OK;
    };
  }
  hookhost_status take(Reply reply) { return reply.deliver(host, nullptr); }
  std::string_view body() const { return {static_cast<const char*>(chunk.ptr), chunk.len}; }

  static inline Taker* taken = nullptr;
  hookhost_host host{};
  hookhost_status answer = HOOKHOST_OK;
  hookhost_response response{};
  hookhost_chunk chunk{};
  int responses = 0;
  std::string error;
  std::uint64_t delay_ms = 0;
  alignas(16) char arena[4096];
  std::size_t arena_used = 0;
};

TEST(Reply, HasAStatusAndABody) {
  EXPECT_EQ(ok().status(), 200);
  EXPECT_EQ(ok("done").body(), R"("done")");
  EXPECT_EQ(ok(42).body(), "42");
  EXPECT_EQ(ok(std::string("text")).body(), R"("text")");
  EXPECT_EQ(accepted("queued {}", 3).status(), 202);
  EXPECT_EQ(accepted("queued {}", 3).body(), R"("queued 3")");
  EXPECT_EQ(json({{"a", 1}, {"b", "x"}}).body(), R"({"a":1,"b":"x"})");
  EXPECT_EQ(json(201, {{"a", 1}}).status(), 201);
  EXPECT_EQ(json(409, std::vector<int>{1}).body(), "[1]");
  EXPECT_EQ(text(200, "pong {}", 1).body(), "pong 1");
  EXPECT_EQ(ignored().result(), HOOKHOST_SKIP);
  EXPECT_EQ(retry().result(), HOOKHOST_E_RETRY);
  EXPECT_EQ(dead("no such {}", "repo").result(), HOOKHOST_E_DEAD);
  EXPECT_EQ(dead("no such {}", "repo").body(), "no such repo");
  EXPECT_EQ(fail("why").result(), HOOKHOST_E_PLUGIN);
  EXPECT_EQ(pending().result(), HOOKHOST_PENDING);
}

TEST(Reply, LeavesNullToTheHost) {
  Taker taker;

  EXPECT_EQ(taker.take(ok()), HOOKHOST_OK);

  EXPECT_EQ(taker.responses, 0);
}

TEST(Reply, GoesOutAsJsonUnlessItSaysOtherwise) {
  Taker taker;
  EXPECT_EQ(taker.take(json(201, {{"a", 1}})), HOOKHOST_OK);
  EXPECT_EQ(taker.response.status, 201);
  EXPECT_FALSE(Text(taker.response.content_type).present());
  EXPECT_EQ(taker.body(), R"({"a":1})");

  taker.take(respond(200, "<p>", "text/html"));
  EXPECT_EQ(Text(taker.response.content_type), "text/html");
  taker.take(text(200, "pong"));
  EXPECT_EQ(Text(taker.response.content_type), "text/plain; charset=utf-8");
}

// R05: status, type, headers and body pass through.
TEST(Reply, CarriesHeaders) {
  Taker taker;

  taker.take(respond(418, "tea", "text/plain", {{"X-Pot", "1"}}).header("X-Lid", "on"));

  ASSERT_EQ(taker.response.headers.count, 2u);
  const auto* fields = static_cast<const hookhost_field*>(taker.response.headers.items);
  EXPECT_EQ(Text(fields[0].name), "X-Pot");
  EXPECT_EQ(Text(fields[1].value), "on");
  EXPECT_EQ(taker.response.status, 418);
}

TEST(Reply, WithHeadersAloneIsStillNull) {
  Taker taker;
  taker.take(std::move(ok().header("X-A", "b")));
  EXPECT_EQ(taker.body(), "null");
}

TEST(Reply, OfNoBytesHasNoChunk) {
  Taker taker;
  taker.take(respond(204, ""));
  EXPECT_EQ(taker.response.chunks.count, 0u);
}

TEST(Reply, AllocatesNothingWhenSmall) {
  Taker taker;
  const std::string name = "a-user-name/a-dataset-name-that-is-longer-than-sso";
  const std::size_t before = allocations;

  EXPECT_EQ(taker.take(accepted("queued {} of {}", name, 3.5)), HOOKHOST_OK);
  EXPECT_EQ(taker.take(json({{"name", name}, {"stars", 4}, {"ok", true}})), HOOKHOST_OK);
  EXPECT_EQ(taker.take(respond(200, "text", "text/plain; charset=utf-8")), HOOKHOST_OK);
  EXPECT_EQ(taker.take(ignored()), HOOKHOST_SKIP);

  EXPECT_EQ(allocations, before);
}

TEST(Reply, HandsALargeBodyOverWithoutACopy) {
  Taker taker;
  std::string large(100'000, 'x');
  const char* const bytes = large.data();

  EXPECT_EQ(taker.take(respond(200, std::move(large))), HOOKHOST_OK);

  EXPECT_EQ(taker.chunk.ptr, bytes);
  ASSERT_NE(taker.chunk.release, nullptr);
  taker.chunk.release(taker.chunk.user);
}

TEST(Reply, IsInlineUpTo256Bytes) {
  Taker taker;
  taker.take(respond(200, std::string(256, 'x')));
  EXPECT_EQ(taker.chunk.release, nullptr);
  EXPECT_EQ(taker.body(), std::string(256, 'x'));

  taker.take(respond(200, std::string(257, 'x')));
  ASSERT_NE(taker.chunk.release, nullptr);
  EXPECT_EQ(taker.body(), std::string(257, 'x'));
  taker.chunk.release(taker.chunk.user);
}

// A sanitizer sees it when the memory of a refused answer is lost or freed twice.
TEST(Reply, KeepsItsMemoryWhenItIsRefused) {
  Taker taker;
  taker.answer = HOOKHOST_E_LIMIT;

  EXPECT_EQ(taker.take(respond(200, std::string(1000, 'x'))), HOOKHOST_E_PLUGIN);

  EXPECT_EQ(taker.error, "the answer was refused: a limit was reached");
}

TEST(Reply, FailsWhenTheArenaIsExhausted) {
  Taker taker;
  taker.arena_used = sizeof taker.arena;
  EXPECT_EQ(taker.take(ok("x")), HOOKHOST_E_PLUGIN);
  EXPECT_EQ(taker.take(ok("x").header("a", "b")), HOOKHOST_E_PLUGIN);
  EXPECT_EQ(taker.error, "the answer was refused: no memory");
}

TEST(Reply, TellsReasonAndDelayOfAFailure) {
  Taker taker;
  EXPECT_EQ(taker.take(retry(90s, "{} is busy", "hub")), HOOKHOST_E_RETRY);
  EXPECT_EQ(taker.delay_ms, 90'000u);
  EXPECT_EQ(taker.error, "hub is busy");
  EXPECT_EQ(taker.take(dead("gone")), HOOKHOST_E_DEAD);
  EXPECT_EQ(taker.error, "gone");
  EXPECT_EQ(taker.responses, 0);
}

}  // namespace
}  // namespace hookhost
