// SPDX-License-Identifier: Apache-2.0
//
// Handlers that do what a handler must not do, and one that behaves. Each may cost its own request,
// and nothing else.
#include <condition_variable>
#include <cstdint>
#include <fstream>
#include <hookhost/hookhost.hpp>
#include <mutex>
#include <stdexcept>
#include <string>
#include <vector>

using namespace hookhost;
using namespace std::chrono_literals;

HOOKHOST_PLUGIN("misbehaving", "1.0.0");

// Those that never come back by themselves, until a test or the end lets them go.
struct Prisoners {
  std::mutex mutex;
  std::condition_variable changed;
  int releases = 0;                // guarded by mutex
  std::vector<Deferred> deferred;  // likewise

  void let_go() {
    const std::lock_guard lock(mutex);
    ++releases;
    changed.notify_all();
    for (Deferred& one : deferred) one.complete();
    deferred.clear();
  }
  void on_quiesce() { let_go(); }
};
HOOKHOST_STATE(Prisoners);

static Reply behaves() { return text(200, "fine"); }
HOOKHOST_ROUTE(behaves);

static Reply throws() { throw std::runtime_error("thrown on purpose\nwith \x1b[31ma colour"); }
HOOKHOST_ROUTE(throws);
static Reply throws_no_exception() { throw 42; }
HOOKHOST_ROUTE(throws_no_exception);
static Reply throws_inline() { throw std::runtime_error("thrown on the loop"); }
HOOKHOST_ROUTE(throws_inline, "", .run_inline = true);
static Task<Reply> throws_after_a_wait(Context& ctx) {
  co_await ctx.sleep(1ms);
  throw std::runtime_error("thrown after a wait");
}
HOOKHOST_ROUTE(throws_after_a_wait);

static Reply splits_the_answer() {
  return respond(200, "x", "text/plain", {{"X-Bad", "a\r\nSet-Cookie: evil=1"}});
}
HOOKHOST_ROUTE(splits_the_answer);
static Reply splits_by_its_type() { return respond(200, "x", "text/plain\r\nSet-Cookie: evil=1"); }
HOOKHOST_ROUTE(splits_by_its_type);
static Reply writes_the_length() {
  return respond(200, "x", "text/plain", {{"Content-Length", "100"}});
}
HOOKHOST_ROUTE(writes_the_length);
static Reply bad_status() { return json(99, {{"a", 1}}); }
HOOKHOST_ROUTE(bad_status);
static Reply unknown_result() { return Reply::of_result(77); }
HOOKHOST_ROUTE(unknown_result);
static Reply pending_without_defer() { return pending(); }
HOOKHOST_ROUTE(pending_without_defer);

// A body that claims to be larger than memory.
static Reply garbage_length(Context& ctx) {
  hookhost_chunk chunk{};
  chunk.struct_size = sizeof chunk;
  chunk.ptr = "x";
  chunk.len = SIZE_MAX / 2;
  hookhost_response response{};
  response.struct_size = sizeof response;
  response.status = 200;
  response.chunks = hookhost_array{&chunk, 1, sizeof chunk};
  const auto status = ctx.table()->respond(ctx.call(), &response);
  return fail("respond said {}", status);
}
HOOKHOST_ROUTE(garbage_length);

// The second answer is refused, the first one is sent.
static Reply answers_twice(Context& ctx) {
  static constexpr char kFirst[] = "\"first\"";
  hookhost_chunk chunk{};
  chunk.struct_size = sizeof chunk;
  chunk.ptr = kFirst;
  chunk.len = sizeof kFirst - 1;
  hookhost_response response{};
  response.struct_size = sizeof response;
  response.status = 200;
  response.chunks = hookhost_array{&chunk, 1, sizeof chunk};
  ctx.table()->respond(ctx.call(), &response);
  if (ctx.table()->respond(ctx.call(), &response) != HOOKHOST_E_STATE) return fail("taken twice");
  return Reply::of_result(HOOKHOST_OK);
}
HOOKHOST_ROUTE(answers_twice);

static Reply never_completes(Context& ctx) {
  auto& prisoners = ctx.state<Prisoners>();
  const std::lock_guard lock(prisoners.mutex);
  prisoners.deferred.push_back(ctx.defer());
  return pending();
}
HOOKHOST_ROUTE(never_completes, "", .deadline = 100ms);

static Reply runs_past_its_deadline(Context& ctx) {
  auto& prisoners = ctx.state<Prisoners>();
  std::unique_lock lock(prisoners.mutex);
  const int before = prisoners.releases;
  prisoners.changed.wait(lock, [&] { return prisoners.releases != before; });
  return text(200, "too late");
}
HOOKHOST_ROUTE(runs_past_its_deadline, "", .deadline = 100ms);

// The body names a pipe that nobody writes to: waits there for ever.
static Reply hangs(const Request& req) {
  std::ifstream pipe(req.body.str());
  std::string line;
  std::getline(pipe, line);
  return text(200, "much too late");
}
HOOKHOST_ROUTE(hangs, "", .deadline = 100ms);

static Reply lets_go(Context& ctx) {
  ctx.state<Prisoners>().let_go();
  return text(200, "gone");
}
HOOKHOST_ROUTE(lets_go, "", .run_inline = true);
