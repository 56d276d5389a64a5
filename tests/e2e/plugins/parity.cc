// SPDX-License-Identifier: Apache-2.0
//
// A handler of every shape that the Python server has, and of those it lacks. Rows of the tables in
// the tests name them by path.
#include <condition_variable>
#include <fstream>
#include <hookhost/hookhost.hpp>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

using namespace hookhost;
using namespace std::chrono_literals;

HOOKHOST_PLUGIN("parity", "1.0.0", .license = "Apache-2.0", .doc = "Every shape of a handler.");

// A handler that is parked until another request lets it go.
struct Gate {
  std::mutex mutex;
  std::condition_variable changed;
  int parked = 0;        // guarded by mutex
  bool is_open = false;  // likewise
};
HOOKHOST_STATE(Gate);

// ---- Paths: each answers with its name, to whatever it gets.
#define PARITY_PATH(name, path)               \
  static std::string name() { return #name; } \
  HOOKHOST_ROUTE(name, path)

PARITY_PATH(p01_slash_in_front, "/p01a");
PARITY_PATH(p01_bare, "p01b");
PARITY_PATH(p01_slash_behind, "p01c/");
PARITY_PATH(p01_both, "/p01d/");
PARITY_PATH(p02_two, "p02/b");
PARITY_PATH(p02_two_slashes, "/p02/b2/");
PARITY_PATH(p03_slashes, "//p03//");
PARITY_PATH(p04_prefix, "/webhooks/p04");
PARITY_PATH(p05_empty, "");
PARITY_PATH(p07_space, " p07");
PARITY_PATH(p07_letter, "p07é");
PARITY_PATH(p08_fixed, "p08/fixed");

static Reply p08_template(const Request& req) { return json({{"id", req.param("id")}}); }
HOOKHOST_ROUTE(p08_template, "p08/{id}");

// ---- What a handler takes.
HOOKHOST_ENDPOINT(implicit, "", .doc = "Takes a payload.") {
  return json({{"scope", payload.event.scope}, {"repo", payload.repo.name}});
}

static void f03_nothing() {}
HOOKHOST_ROUTE(f03_nothing);

static Reply f04_request(const Request& req) {
  return json({{"method", req.method},
               {"target", req.target},
               {"path", req.path},
               {"query", req.query("q")},
               {"header", req.header("x-thing")},
               {"body", req.body}});
}
HOOKHOST_ROUTE(f04_request);

static Reply f05_any_name(const Request& not_called_request, const Payload& not_called_payload) {
  return json({{"method", not_called_request.method}, {"repo", not_called_payload.repo.name}});
}
HOOKHOST_ROUTE(f05_any_name);

static const Json& f06_json(const Json& document) { return document; }
HOOKHOST_ROUTE(f06_json);

static Reply f09_query(const Payload& payload, const Request& req) {
  return json({{"repo", payload.repo.name}, {"dry", req.query("dry") == "1"}});
}
HOOKHOST_ROUTE(f09_query);

// ---- What it returns.
static std::map<std::string, int> r02_object() { return {{"a", 1}}; }
HOOKHOST_ROUTE(r02_object);
static std::vector<int> r02_list() { return {1, 2}; }
HOOKHOST_ROUTE(r02_list);
static int r02_number() { return 42; }
HOOKHOST_ROUTE(r02_number);
static std::string r02_text() { return "hello"; }
HOOKHOST_ROUTE(r02_text);
static bool r02_bool() { return true; }
HOOKHOST_ROUTE(r02_bool);
static double r02_float() { return 2.0; }
HOOKHOST_ROUTE(r02_float);
static std::optional<int> r02_none() { return std::nullopt; }
HOOKHOST_ROUTE(r02_none);
static Reply r03_status() { return json(202, {{"a", 1}}).header("X-Made-By", "parity"); }
HOOKHOST_ROUTE(r03_status);
static Reply r05_response() {
  return respond(418, std::string("short and stout"), "text/plain; charset=utf-8",
                 {{"X-Tea", "green"}, {"X-Tea", "black"}});
}
HOOKHOST_ROUTE(r05_response);
static Reply r05_bytes() { return respond(200, std::string(300'000, 'x'), "application/x-thing"); }
HOOKHOST_ROUTE(r05_bytes);
static Reply ignores() { return ignored(); }
HOOKHOST_ROUTE(ignores);

// ---- Where and when it runs.
static Reply runs_inline() { return text(200, "inline"); }
HOOKHOST_ROUTE(runs_inline, "", .run_inline = true);

static Task<Reply> waits(Context& ctx) {
  const int computed = co_await ctx.pool([] { return 6 * 7; });
  const bool slept = co_await ctx.sleep(1ms);
  co_return json({{"computed", computed}, {"slept", slept}});
}
HOOKHOST_ROUTE(waits);

static Reply defers(Context& ctx, const Request& req) {
  Deferred later = ctx.defer();
  auto shared = std::make_shared<Deferred>(std::move(later));
  const bool posted =
      ctx.post([shared, body = req.body.str()] { shared->complete(text(200, "later: {}", body)); });
  if (!posted) shared->complete(fail("the pool is full"));
  return pending();
}
HOOKHOST_ROUTE(defers);

static Reply parks(Context& ctx) {
  auto& gate = ctx.state<Gate>();
  std::unique_lock lock(gate.mutex);
  ++gate.parked;
  gate.changed.notify_all();
  gate.changed.wait(lock, [&] { return gate.is_open; });
  return text(200, "let go");
}
HOOKHOST_ROUTE(parks);

// Answers when so many are parked: a test waits for a condition, not for a time.
static Reply waits_for_parked(Context& ctx, const Request& req) {
  auto& gate = ctx.state<Gate>();
  std::unique_lock lock(gate.mutex);
  const int wanted = static_cast<int>(req.query("n").size());  // ?n=xx: two
  gate.changed.wait(lock, [&] { return gate.parked >= wanted; });
  return text(200, "{} parked", gate.parked);
}
HOOKHOST_ROUTE(waits_for_parked);

static Reply lets_go(Context& ctx) {
  auto& gate = ctx.state<Gate>();
  const std::lock_guard lock(gate.mutex);
  gate.is_open = true;
  gate.changed.notify_all();
  return text(200, "gone");
}
HOOKHOST_ROUTE(lets_go, "", .run_inline = true);

// The body names a pipe: opens it, waits there for a line, and answers with it.
static std::string waits_for_pipe(const Request& req) {
  std::ifstream pipe(req.body.str());
  std::string line;
  std::getline(pipe, line);
  return line;
}
HOOKHOST_ROUTE(waits_for_pipe, "", .deadline = 60s);

// ---- The Hub's payload: answers with everything that the tests ask about.
static Reply read(const Payload& payload) {
  Array refs;
  for (const UpdatedRef ref : payload.updated_refs) {
    refs.add(Object{{"ref", ref.ref},
                    {"is_new", !ref.old_sha.present()},
                    {"is_deleted", !ref.new_sha.present()}});
  }
  return json({{"action", payload.event.action},
               {"scope", payload.event.scope},
               {"type", payload.repo.type},
               {"private", payload.repo.is_private},
               {"head", payload.repo.head_sha},
               {"num", payload.discussion.num},
               {"status", payload.discussion.status},
               {"content", payload.comment.content},
               {"has_content", payload.comment.content.present()},
               {"hidden", payload.comment.is_hidden},
               {"version", payload.webhook.version},
               {"refs", refs},
               {"extra", payload["extra"]}});
}

static Reply tolerant(const Payload& payload) { return read(payload); }
HOOKHOST_ROUTE(tolerant);
static Reply strict(const Payload& payload) { return read(payload); }
HOOKHOST_ROUTE(strict, "", .strict = true);

// Which kinds its unknown values have: 0 is "other".
static Reply kinds(const Payload& payload) {
  return json({{"action", static_cast<int>(payload.event.action_code)},
               {"type", static_cast<int>(payload.repo.type_code)},
               {"status", static_cast<int>(payload.discussion.status_code)}});
}
HOOKHOST_ROUTE(kinds);

// ?scope=repo.config&action=update
static Reply is(const Payload& payload, const Request& req) {
  return json(payload.event.is(req.query("scope"), req.query("action")));
}
HOOKHOST_ROUTE(is);

static Reply filtered(const Payload& payload) { return json(payload.event.scope); }
HOOKHOST_ROUTE(filtered, "", .events = "repo.content:update");

// ---- Failures.
static Reply raises() { throw std::runtime_error("raised on purpose"); }
HOOKHOST_ROUTE(raises, "", .on_failure = OnFailure::kFail);
static Reply raises_and_retries() { throw std::runtime_error("raised on purpose"); }
HOOKHOST_ROUTE(raises_and_retries);

static Reply small_body(const Request& req) { return json(req.body.size()); }
HOOKHOST_ROUTE(small_body, "", .body_bytes_max = 1000);
