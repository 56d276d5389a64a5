// SPDX-License-Identifier: Apache-2.0
//
// Does a plugin get what the host offers: state with its life cycle, settings, secrets, kv,
// metrics, timers, pool, log, deadline; and is it refused, or told, when something is missing?
#include <gtest/gtest.h>
#include <hookhost/testing/fake_host.hpp>

#include <atomic>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace hookhost {
namespace {

using namespace std::chrono_literals;
using test::Outcome;

std::vector<std::string> life;  // what the state was told, in order

struct Counter {
  explicit Counter(Host& h) : host(h), posts(h.metrics().counter("posts", "Posts.", {"kind"})) {
    life.emplace_back("create");
    if (const Text reason = host.config()["refuse"].as<Text>().value_or(Text()); !reason.empty()) {
      throw std::runtime_error(reason.str());
    }
  }
  ~Counter() { life.emplace_back("destroy"); }
  void on_activate() {
    life.emplace_back("activate");
    if (host.config()["refuse_later"].get_or(false)) throw std::runtime_error("not today");
    if (host.config()["tick"].get_or(false)) timer = host.every(10s, [this] { ++ticks; });
  }
  void on_quiesce() {
    life.emplace_back("quiesce");
    timer.cancel();
  }
  void selftest() {
    if (host.config()["unfit"].get_or(false)) throw std::runtime_error("no disk");
  }
  Host host;
  Metric posts;
  Timer timer;
  int ticks = 0;
};
HOOKHOST_STATE(Counter);

TEST(State, LivesAsLongAsThePlugin) {
  life.clear();
  { test::Host host; }
  EXPECT_EQ(life, (std::vector<std::string>{"create", "activate", "quiesce", "destroy"}));
}

int ticks(Context& ctx) { return ctx.state<Counter>().ticks; }
void wrong_state(Context& ctx) { ctx.state<std::string>(); }

TEST(State, IsReachedFromAHandler) {
  test::Host host({.config = R"({"tick":true})"});
  EXPECT_EQ(host.post(ticks, "").body, "0");
  host.advance(25s);
  EXPECT_EQ(host.post(ticks, "").body, "2");
  EXPECT_EQ(host.post(wrong_state, "").error,
            "ctx.state<T>(): T is not the class of HOOKHOST_STATE");
}

TEST(State, RefusesThePluginWhenItCannotBeMade) {
  try {
    test::Host host({.config = R"({"refuse":"no database"})"});
    FAIL();
  } catch (const std::runtime_error& refusal) {
    EXPECT_STREQ(refusal.what(), "create: no database");
  }
}

TEST(State, IsDestroyedWhenActivateFails) {
  life.clear();
  EXPECT_THROW(test::Host({.config = R"({"refuse_later":true})"}), std::runtime_error);
  EXPECT_EQ(life, (std::vector<std::string>{"create", "activate", "destroy"}));
}

TEST(State, TestsItself) {
  EXPECT_EQ(test::Host().selftest(), "");
  EXPECT_EQ(test::Host({.config = R"({"unfit":true})"}).selftest(), "no disk");
}

// R2: a host whose table ends before minor 0 does cannot even be told why.
TEST(Create, RefusesAHostWithAShorterTable) {
  const auto short_host = [](std::size_t bytes) {
    test::Host host({.host_table_bytes = static_cast<std::uint32_t>(bytes)});
  };
  EXPECT_NO_THROW(short_host(sizeof(hookhost_host)));
  EXPECT_NO_THROW(short_host(sizeof(hookhost_host) + 8));
  EXPECT_THROW(short_host(sizeof(hookhost_host) - 1), std::runtime_error);
}

// ---- Settings and secrets

std::string settings(Context& ctx) {
  return text_of("{} {} {}", ctx.config()["name"].get_or("none"), ctx.config()["list"].size(),
                 ctx.secret("token").present() ? ctx.secret("token").str() : "no token");
}

TEST(Context, ReadsSettingsAndSecrets) {
  test::Host host({.config = R"({"name":"x","list":["a","b"]})", .secrets = {{"token", "t0"}}});
  EXPECT_EQ(host.post(settings, "").body, R"("x 2 t0")");
  EXPECT_EQ(test::post(settings, "").body, R"("none 0 no token")");
  test::Host without({.without = {"hookhost.secret/1"}});
  EXPECT_EQ(without.post(settings, "").body, R"("none 0 no token")");
}

// ---- kv

Array use_kv(Context& ctx) {
  const Kv kv = ctx.kv();
  const std::string large(5000, 'x');
  Array seen;
  seen.add(kv.get("a").has_value());
  kv.put("a", "1");
  seen.add(kv.put_if_absent("a", "2")).add(kv.put_if_absent("b", "2"));
  seen.add(*kv.get("a")).add(kv.add("a", 4)).add(kv.add("new", -1));
  const std::uint64_t version = kv.get_versioned("a")->version;
  seen.add(kv.put_if("a", "6", version)).add(kv.put_if("a", "7", version)).add(*kv.get("a"));
  kv.put("large", large);
  seen.add(kv.get("large") == large);
  seen.add(kv.remove("a", 99999)).add(kv.remove("a")).add(kv.remove("a"));
  return seen;
}
void kv_failure(Context& ctx) { ctx.kv().put("", "x"); }
void kv_type(Context& ctx) {
  ctx.kv().put("t", "text");
  ctx.kv().add("t", 1);
}
void kv_ttl(Context& ctx) { ctx.kv().put("t", "x", 2s); }

TEST(Kv, StoresByKeyAndVersion) {
  EXPECT_EQ(test::post(use_kv, "").body,
            R"([false,false,true,"1",5,-1,true,false,"6",true,false,true,false])");
}

TEST(Kv, ForgetsAfterItsTime) {
  test::Host host;
  host.post(kv_ttl, "");
  host.advance(1999ms);
  EXPECT_EQ(host.kv("t"), "x");
  host.advance(1ms);
  EXPECT_EQ(host.kv("t"), std::nullopt);
}

TEST(Kv, ThrowsWhatTheHostRefuses) {
  EXPECT_EQ(test::post(kv_failure, "").error, "kv.put: an argument breaks a rule");
  EXPECT_EQ(test::post(kv_type, "").error, "kv.add: a value of another type");
  test::Host without({.without = {"hookhost.kv/1"}});
  EXPECT_EQ(without.post(kv_ttl, "").error, "hookhost.kv/1: this host cannot do it");
}

// ---- Metrics

void count(Context& ctx) {
  ctx.state<Counter>().posts.add(1, {"dataset"});
  ctx.state<Counter>().posts.add(2, {"model"});
  ctx.state<Counter>().posts.add(1, {"too", "many"});
  ctx.metrics().gauge("depth", "Depth.").add(-3);
}
void bad_metric(Context& ctx) { ctx.metrics().counter("Bad Name", ""); }

TEST(Metrics, AddUp) {
  test::Host host;
  host.post(count, "");
  host.post(count, "");
  EXPECT_EQ(host.metric("posts", {"dataset"}), 2);
  EXPECT_EQ(host.metric("posts", {"model"}), 4);
  EXPECT_EQ(host.metric("depth"), -6);
  EXPECT_EQ(host.post(bad_metric, "").error, "metric \"Bad Name\": an argument breaks a rule");
}

TEST(Metrics, CountNothingWhereTheHostHasNone) {
  test::Host without({.without = {"hookhost.metrics/1"}});
  EXPECT_EQ(without.post(count, "").status, 200);
}

// ---- Timers and pool

int rung = 0;
Timer kept;
void ring_once(Context& ctx) {
  kept = ctx.after(3s, [] { ++rung; });
}
void ring_badly(Context& ctx) {
  kept = ctx.after(3s, [] { throw std::runtime_error("bell broken"); });
}
void post_work(Context& ctx) {
  if (!ctx.post([] { ++rung; })) throw std::runtime_error("full");
}
void post_bad_work(Context& ctx) {
  ctx.post([] { throw std::runtime_error("work broken"); });
}

TEST(Timer, RingsOnceAfterItsDelay) {
  test::Host host;
  rung = 0;
  host.post(ring_once, "");
  host.advance(2999ms);
  EXPECT_EQ(rung, 0);
  host.advance(1ms);
  EXPECT_EQ(rung, 1);
  host.advance(1h);
  EXPECT_EQ(rung, 1);
  kept = Timer();
}

TEST(Timer, IsStoppedWhenDestroyed) {
  test::Host host;
  rung = 0;
  host.post(ring_once, "");
  kept = Timer();
  host.advance(1h);
  EXPECT_EQ(rung, 0);
}

TEST(Timer, LogsWhatItsFunctionThrows) {
  test::Host host;
  host.post(ring_badly, "");
  host.advance(3s);
  EXPECT_TRUE(host.has_logged("bell broken"));
  kept = Timer();
}

TEST(Pool, RunsWhatIsPosted) {
  test::Host host({.pool = test::Pool::kManual});
  rung = 0;
  host.post(post_work, "");
  EXPECT_EQ(rung, 0);
  host.run_pool();
  EXPECT_EQ(rung, 1);
  host.post(post_bad_work, "");
  host.run_pool();
  EXPECT_TRUE(host.has_logged("work broken"));
}

TEST(Pool, SaysWhenItIsFullOrMissing) {
  test::Host full({.pool = test::Pool::kManual, .pool_queue_max = 0});
  EXPECT_EQ(full.post(post_work, "").error, "full");
  test::Host without({.without = {"hookhost.pool/1"}});
  EXPECT_EQ(without.post(post_work, "").error, "hookhost.pool/1: this host cannot do it");
}

// ---- Log, identity, deadline

void log_twice(Context& ctx) {
  ctx.warn("{} at {}", "disk", 90);
  ctx.state<Counter>().host.log(LogLevel::kDebug, "quiet");
  const Host copy = ctx;
  copy.info("without the event");
}

TEST(Log, IsAboutTheEventOnAContext) {
  test::Host host;
  host.post(log_twice, "");
  const auto lines = host.logs();
  ASSERT_EQ(lines.size(), 3u);
  EXPECT_EQ(lines[0].text, "disk at 90");
  EXPECT_EQ(lines[0].level, LogLevel::kWarn);
  EXPECT_TRUE(lines[0].is_about_event);
  EXPECT_FALSE(lines[1].is_about_event);
  EXPECT_FALSE(lines[2].is_about_event);
}

std::string identity(Context& ctx) {
  const auto left = ctx.time_left();
  return text_of("{} {} {} {} {}", ctx.event_id(), ctx.attempt(), ctx.generation(), ctx.cancelled(),
                 left ? std::optional(left->count() / 1000000) : std::nullopt);
}

TEST(Context, KnowsTheEventAndItsDeadline) {
  test::Host host({.generation = 7});
  EXPECT_EQ(host.post(identity, "", {.event_id = "evt_9", .attempt = 2}).body,
            R"("evt_9 2 7 false null")");
  EXPECT_EQ(host.post(identity, "", {.deadline = 2s}).body, R"("evt_test 1 7 false 2000")");
}

}  // namespace
}  // namespace hookhost
