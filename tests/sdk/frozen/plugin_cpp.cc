// SPDX-License-Identifier: Apache-2.0
//
// A plugin in C++ as authors write them, compiled at a release and kept: newer hosts must run it
// unchanged. Its answers name the build. frozen_cpp_echo: the body. frozen_cpp_hub: a few members
// of a Hub payload. frozen_cpp_task: a coroutine that waits for the pool and for the clock.
// frozen_cpp_throws: what() goes to the log. frozen_cpp_state: settings, kv, metrics and state.
#include <hookhost/hookhost.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <stdexcept>
#include <string>

using namespace hookhost;
using namespace std::chrono_literals;

namespace {

const std::string kBuild = text_of("frozen_cpp {}.{}", HOOKHOST_ABI_MAJOR, HOOKHOST_ABI_MINOR);

class Counter {
 public:
  explicit Counter(Host& host)
      : greeting_(host.config()["greeting"].get_or(std::string("none"))),
        calls_(host.metrics().counter("calls", "Calls of frozen_cpp_state.")) {}
  std::int64_t count() {
    calls_.add();
    return ++count_;
  }
  const std::string& greeting() const { return greeting_; }

 private:
  std::string greeting_;
  Metric calls_;
  std::atomic<std::int64_t> count_ = 0;
};
HOOKHOST_STATE(Counter);

Reply frozen_cpp_echo(const Request& request) {
  return respond(200, request.body.str(), "application/octet-stream", {{"X-Build", kBuild}});
}
HOOKHOST_ROUTE(frozen_cpp_echo);

Task<Reply> frozen_cpp_task(const Payload& payload, Context& ctx) {
  const auto bytes = co_await ctx.pool([&] { return payload.repo.name.size(); });
  const bool slept = co_await ctx.sleep(1ms);
  co_return json({{"build", kBuild}, {"bytes", bytes}, {"slept", slept}});
}
HOOKHOST_ROUTE(frozen_cpp_task);

void frozen_cpp_throws(const Json&) { throw std::runtime_error("frozen_cpp throws on purpose"); }
HOOKHOST_ROUTE(frozen_cpp_throws, "", .on_failure = OnFailure::kFail);

Object frozen_cpp_state(Context& ctx) {
  return Object{{"build", kBuild},
                {"count", ctx.state<Counter>().count()},
                {"kv", ctx.kv().add("calls", 1)},
                {"greeting", ctx.state<Counter>().greeting()}};
}
HOOKHOST_ROUTE(frozen_cpp_state, "", .serial = true);

}  // namespace

HOOKHOST_PLUGIN(
    "frozen_cpp", "1.0.0", .license = "Apache-2.0",
    .doc = "Kept from the release to be loaded by later hosts",
    .config_schema = R"({"type":"object","properties":{"greeting":{"type":"string"}}})");

HOOKHOST_ENDPOINT(frozen_cpp_hub, "frozen_cpp_hub/{team}", .events = "repo.*:update,discussion.*",
                  .deadline = 5s, .run_inline = true) {
  if (!payload.event.is("repo", "update") && !payload.discussion) return ignored();
  return json({{"build", kBuild},
               {"team", req.param("team")},
               {"type", payload.repo.type},
               {"name", payload.repo.name},
               {"tags", payload.repo.tags},
               {"likes", payload.repo["likes"].get_or(-1)},
               {"comment", payload.comment.content}});
}
