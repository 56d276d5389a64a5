// SPDX-License-Identifier: Apache-2.0
//
// Do the services that plugins get (kv, metrics, pool, secret, config, log) keep their word?
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <semaphore>
#include <thread>

#include "plugin/pool_service.h"
#include "plugin/puppet.h"
#include "support/fake_clock.h"

namespace hookhost::plugin {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using namespace std::chrono_literals;

// ---- hookhost.kv/1

class Kv : public testing::Test {
 protected:
  std::string get(std::string_view key) {
    char buffer[64];
    std::size_t bytes = 0;
    const hookhost_status status = space.get(key, buffer, sizeof(buffer), &bytes, &version);
    return status == HOOKHOST_OK ? std::string(buffer, bytes) : std::to_string(status);
  }
  test::FakeClock clock;
  KvSpace space{clock};
  std::uint64_t version = 0;
};

TEST_F(Kv, GivesBackWhatWasPut) {
  EXPECT_EQ(space.put("k", std::string_view("a\0b", 3), HOOKHOST_KV_ANY, 0), HOOKHOST_OK);
  EXPECT_EQ(get("k"), std::string("a\0b", 3));
  EXPECT_EQ(get("other"), std::to_string(HOOKHOST_E_NOT_FOUND));
}

TEST_F(Kv, TellsTheSizeWhenTheBufferIsTooSmall) {
  space.put("k", "12345", HOOKHOST_KV_ANY, 0);
  char buffer[5] = "keep";
  std::size_t bytes = 0;

  EXPECT_EQ(space.get("k", buffer, 4, &bytes, nullptr), HOOKHOST_E_LIMIT);
  EXPECT_EQ(bytes, 5u);
  EXPECT_STREQ(buffer, "keep");
  EXPECT_EQ(space.get("k", buffer, 5, &bytes, nullptr), HOOKHOST_OK);
  EXPECT_EQ(space.get("k", nullptr, 0, &bytes, nullptr), HOOKHOST_E_LIMIT);
}

TEST_F(Kv, PutsOnlyOverTheVersionThatWasSeen) {
  EXPECT_EQ(space.put("k", "1", HOOKHOST_KV_ABSENT, 0), HOOKHOST_OK);
  EXPECT_EQ(space.put("k", "2", HOOKHOST_KV_ABSENT, 0), HOOKHOST_E_STATE);
  get("k");
  EXPECT_EQ(space.put("k", "2", version, 0), HOOKHOST_OK);
  EXPECT_EQ(space.put("k", "3", version, 0), HOOKHOST_E_STATE);
  EXPECT_EQ(get("k"), "2");
  EXPECT_EQ(space.put("gone", "1", 7, 0), HOOKHOST_E_STATE);
}

TEST_F(Kv, AVersionNeverComesBack) {
  space.put("k", "1", HOOKHOST_KV_ANY, 0);
  get("k");
  const std::uint64_t first = version;
  EXPECT_EQ(space.remove("k", first), HOOKHOST_OK);
  space.put("k", "2", HOOKHOST_KV_ANY, 0);

  EXPECT_EQ(space.put("k", "3", first, 0), HOOKHOST_E_STATE);
  EXPECT_EQ(space.remove("k", first), HOOKHOST_E_STATE);
  EXPECT_EQ(space.remove("k", HOOKHOST_KV_ABSENT), HOOKHOST_E_INVALID);
  EXPECT_EQ(space.remove("k", HOOKHOST_KV_ANY), HOOKHOST_OK);
  EXPECT_EQ(space.remove("k", HOOKHOST_KV_ANY), HOOKHOST_E_NOT_FOUND);
}

TEST_F(Kv, AValueGoesWhenItsTimeIsOver) {
  space.put("k", "1", HOOKHOST_KV_ANY, 1000);
  clock.advance(999ms);
  EXPECT_EQ(get("k"), "1");
  clock.advance(1ms);
  EXPECT_EQ(get("k"), std::to_string(HOOKHOST_E_NOT_FOUND));
  EXPECT_EQ(space.put("k", "2", HOOKHOST_KV_ABSENT, 0), HOOKHOST_OK);
  clock.advance(1000h);
  EXPECT_EQ(get("k"), "2");
}

TEST_F(Kv, AddsToADecimalNumberAndKeepsItsTime) {
  std::int64_t sum = 0;
  EXPECT_EQ(space.add("n", -5, &sum), HOOKHOST_OK);
  EXPECT_EQ(sum, -5);
  EXPECT_EQ(get("n"), "-5");
  space.put("n", "9223372036854775806", HOOKHOST_KV_ANY, 1000);
  EXPECT_EQ(space.add("n", 1, &sum), HOOKHOST_OK);
  EXPECT_EQ(space.add("n", 1, &sum), HOOKHOST_E_RANGE);
  EXPECT_EQ(get("n"), "9223372036854775807");
  clock.advance(1s);
  EXPECT_EQ(space.add("n", 1, &sum), HOOKHOST_OK);
  EXPECT_EQ(sum, 1);
  for (const char* text : {"", "1.0", " 1", "x", "9223372036854775808", "1 "}) {
    space.put("n", text, HOOKHOST_KV_ANY, 0);
    EXPECT_EQ(space.add("n", 1, &sum), HOOKHOST_E_TYPE) << text;
  }
}

TEST_F(Kv, KnowsTheEdgesOfItsLimits) {
  EXPECT_EQ(space.put("", "x", HOOKHOST_KV_ANY, 0), HOOKHOST_E_INVALID);
  EXPECT_EQ(space.put(std::string(256, 'k'), "x", HOOKHOST_KV_ANY, 0), HOOKHOST_OK);
  EXPECT_EQ(space.put(std::string(257, 'k'), "x", HOOKHOST_KV_ANY, 0), HOOKHOST_E_INVALID);
  EXPECT_EQ(space.put("k", std::string(65536, 'v'), HOOKHOST_KV_ANY, 0), HOOKHOST_OK);
  EXPECT_EQ(space.put("k", std::string(65537, 'v'), HOOKHOST_KV_ANY, 0), HOOKHOST_E_LIMIT);
}

TEST_F(Kv, IsFullAtItsQuotaUntilSomethingGoes) {
  const std::string value(65532,
                          'v');  // with its key of 4 bytes 64 KiB, and the space has 256 of them
  for (int i = 0; i < 256; ++i)
    ASSERT_EQ(space.put(fmt::format("{:04}", i), value, HOOKHOST_KV_ANY, i == 0 ? 1000 : 0),
              HOOKHOST_OK);
  EXPECT_EQ(space.bytes(), HOOKHOST_KV_SPACE_BYTES_MAX);

  EXPECT_EQ(space.put("x", "", HOOKHOST_KV_ANY, 0), HOOKHOST_E_LIMIT);
  EXPECT_EQ(space.put("0001", "small", HOOKHOST_KV_ANY, 0), HOOKHOST_OK);
  EXPECT_EQ(space.put("x", "", HOOKHOST_KV_ANY, 0), HOOKHOST_OK);
  EXPECT_EQ(space.put("0001", value, HOOKHOST_KV_ANY, 0), HOOKHOST_E_LIMIT);
  clock.advance(1s);  // the first one's time is over: its room is found
  EXPECT_EQ(space.put("0001", value, HOOKHOST_KV_ANY, 0), HOOKHOST_OK);
}

TEST(KvService, KeepsPluginsApart) {
  const test::FakeClock clock;
  KvService service(clock);
  service.space("a").put("k", "1", HOOKHOST_KV_ANY, 0);
  std::size_t bytes = 0;

  EXPECT_EQ(service.space("b").get("k", nullptr, 0, &bytes, nullptr), HOOKHOST_E_NOT_FOUND);
  EXPECT_EQ(&service.space("a"), &service.space("a"));
}

// ---- hookhost.metrics/1

std::vector<std::string> samples(const MetricSpace& space) {
  std::vector<std::string> lines;
  space.visit([&](const PluginMetricSample& sample) {
    std::string labels;
    for (const LogField& label : sample.labels)
      labels += fmt::format("{}={},", label.name, label.value);
    lines.push_back(fmt::format("{}{{{}}} {}", sample.name, labels, sample.value));
  });
  return lines;
}

hookhost_array array_of(const std::vector<hookhost_str>& texts) {
  return {texts.data(), static_cast<std::uint32_t>(texts.size()), sizeof(hookhost_str)};
}

TEST(Metrics, CountByNumberWithAndWithoutLabels) {
  MetricSpace space("auto-retrain");
  std::uint32_t jobs = 0, kinds = 0;
  EXPECT_EQ(space.define(HOOKHOST_METRIC_COUNTER, "jobs_total", "Jobs.", {}, &jobs), HOOKHOST_OK);
  EXPECT_EQ(space.define(HOOKHOST_METRIC_GAUGE, "kinds", "Kinds.", {"kind"}, &kinds), HOOKHOST_OK);
  space.add(jobs, 2, {});
  space.add(jobs, 0.5, {});
  space.add(kinds, 3, array_of({abi("a")}));
  space.add(kinds, -1, array_of({abi("a")}));
  space.add(kinds, 1, array_of({abi("b\n")}));

  EXPECT_THAT(samples(space), ElementsAre("hookhost_plugin_auto_retrain_jobs_total{} 2.5",
                                          "hookhost_plugin_auto_retrain_kinds{kind=a,} 2",
                                          "hookhost_plugin_auto_retrain_kinds{kind=b\\n,} 1"));
}

TEST(Metrics, AreDefinedOnceWithOneMeaning) {
  MetricSpace space("p");
  std::uint32_t first = 0, again = 0;
  EXPECT_EQ(space.define(HOOKHOST_METRIC_COUNTER, "n", "h", {"a"}, &first), HOOKHOST_OK);
  EXPECT_EQ(space.define(HOOKHOST_METRIC_COUNTER, "n", "other help", {"a"}, &again), HOOKHOST_OK);
  EXPECT_EQ(first, again);
  EXPECT_EQ(space.define(HOOKHOST_METRIC_GAUGE, "n", "h", {"a"}, &again), HOOKHOST_E_STATE);
  EXPECT_EQ(space.define(HOOKHOST_METRIC_COUNTER, "n", "h", {"b"}, &again), HOOKHOST_E_STATE);
}

TEST(Metrics, RefuseWhatPrometheusWould) {
  MetricSpace space("p");
  std::uint32_t id = 0;
  for (const char* name : {"", "Upper", "1st", "a-b", "a b", "_a"})
    EXPECT_EQ(space.define(HOOKHOST_METRIC_COUNTER, name, "", {}, &id), HOOKHOST_E_INVALID) << name;
  EXPECT_EQ(space.define(3, "n", "", {}, &id), HOOKHOST_E_INVALID);
  EXPECT_EQ(space.define(HOOKHOST_METRIC_COUNTER, "n", "", {"a", "a"}, &id), HOOKHOST_E_INVALID);
  EXPECT_EQ(space.define(HOOKHOST_METRIC_COUNTER, std::string(65, 'n'), "", {}, &id),
            HOOKHOST_E_INVALID);
  EXPECT_EQ(space.define(HOOKHOST_METRIC_COUNTER, std::string(64, 'n'), "", {}, &id), HOOKHOST_OK);
  EXPECT_EQ(space.add(id, -1, {}), HOOKHOST_E_INVALID);
  EXPECT_EQ(space.add(id, std::nan(""), {}), HOOKHOST_E_INVALID);
  EXPECT_EQ(space.add(id, INFINITY, {}), HOOKHOST_E_INVALID);
  EXPECT_EQ(space.add(id, 1, array_of({abi("too many")})), HOOKHOST_E_INVALID);
  EXPECT_EQ(space.add(id + 1, 1, {}), HOOKHOST_E_NOT_FOUND);
  EXPECT_EQ(space.add(0, 1, {}), HOOKHOST_E_NOT_FOUND);
  EXPECT_EQ(space.add(UINT32_MAX, 1, {}), HOOKHOST_E_NOT_FOUND);
}

TEST(Metrics, KnowTheEdgesOfTheirLimits) {
  MetricSpace space("p");
  std::uint32_t id = 0;
  EXPECT_EQ(space.define(HOOKHOST_METRIC_COUNTER, "l", "", {"a", "b", "c", "d", "e"}, &id),
            HOOKHOST_E_LIMIT);
  EXPECT_EQ(space.define(HOOKHOST_METRIC_COUNTER, "l", "", {"a"}, &id), HOOKHOST_OK);
  for (int i = 0; i < 256; ++i) {
    const std::string value = std::to_string(i);
    EXPECT_EQ(space.add(id, 1, array_of({abi(value)})), HOOKHOST_OK);
  }
  EXPECT_EQ(space.add(id, 1, array_of({abi("one more")})), HOOKHOST_E_LIMIT);
  EXPECT_EQ(space.add(id, 1, array_of({abi("0")})), HOOKHOST_OK);
  for (int i = 1; i < 64; ++i)
    EXPECT_EQ(space.define(HOOKHOST_METRIC_COUNTER, fmt::format("m{}", i), "", {}, &id),
              HOOKHOST_OK);
  EXPECT_EQ(space.define(HOOKHOST_METRIC_COUNTER, "last", "", {}, &id), HOOKHOST_E_LIMIT);
}

TEST(Metrics, LoseNothingWhenThreadsCountAtOnce) {
  MetricSpace space("p");
  std::uint32_t plain = 0, labelled = 0;
  space.define(HOOKHOST_METRIC_COUNTER, "plain", "", {}, &plain);
  space.define(HOOKHOST_METRIC_COUNTER, "labelled", "", {"l"}, &labelled);
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 5000; ++i) {
        space.add(plain, 1, {});
        space.add(labelled, 1, array_of({abi("x")}));
      }
    });
  }
  samples(space);  // while they count
  for (std::thread& thread : threads) thread.join();

  EXPECT_THAT(samples(space), ElementsAre("hookhost_plugin_p_plain{} 20000",
                                          "hookhost_plugin_p_labelled{l=x,} 20000"));
}

// ---- Through the host table

struct WithTable {
  explicit WithTable(PluginSettings settings = {}) {
    puppet.endpoint("x", HOOKHOST_FORM_RAW,
                    [](hookhost_call*, const hookhost_request*) { return HOOKHOST_OK; });
    puppet.load(host, std::move(settings));
    table = make_host_table(*puppet.generation);
  }
  template <class Extension>
  const Extension* extension(std::string_view id) {
    return static_cast<const Extension*>(table.get_extension(&table, abi(id)));
  }
  TestHost host;
  Puppet puppet;
  hookhost_host table{};
};

TEST(HostTable, IntroducesTheHost) {
  WithTable plugin;
  EXPECT_EQ(plugin.table.struct_size, sizeof(hookhost_host));
  EXPECT_EQ(plugin.table.abi_major, HOOKHOST_ABI_MAJOR);
  EXPECT_EQ(text_of(plugin.table.name), "hookhost");
  EXPECT_EQ(text_of(plugin.table.version), "9.9.9");
  const void* const* pointers = reinterpret_cast<const void* const*>(&plugin.table.get_extension);
  const void* const* end = reinterpret_cast<const void* const*>(&plugin.table + 1);
  for (; pointers != end; ++pointers) EXPECT_NE(*pointers, nullptr);
}

TEST(HostTable, OffersTheExtensionsOfTheList) {
  WithTable plugin;
  EXPECT_THAT(offered_extensions(),
              ElementsAre("hookhost.kv/1", "hookhost.metrics/1", "hookhost.pool/1",
                          "hookhost.secret/1", "hookhost.timer/1"));
  for (const std::string_view id : offered_extensions())
    EXPECT_NE(plugin.table.get_extension(&plugin.table, abi(id)), nullptr) << id;
  for (const std::string_view id : {"", "hookhost.kv", "hookhost.kv/2", "hookhost.kv/1 "})
    EXPECT_EQ(plugin.table.get_extension(&plugin.table, abi(id)), nullptr) << id;
}

TEST(HostTable, AnswersNonsenseWithNothing) {
  WithTable plugin;
  EXPECT_EQ(plugin.table.get_extension(nullptr, abi("hookhost.kv/1")), nullptr);
  EXPECT_EQ(plugin.table.now_ns(nullptr), 0u);
  EXPECT_EQ(text_of(plugin.table.config_json(nullptr)), "{}");
  plugin.table.log(nullptr, nullptr, 0, {nullptr, 9}, {nullptr, 9, 9});
  plugin.table.set_error(nullptr, nullptr, {nullptr, 0});
  EXPECT_EQ(plugin.table.respond(nullptr, nullptr), HOOKHOST_E_INVALID);
  EXPECT_EQ(plugin.table.defer(nullptr, nullptr), HOOKHOST_E_INVALID);
  EXPECT_EQ(plugin.table.resume(nullptr, 1), nullptr);
  EXPECT_EQ(plugin.table.complete(nullptr, 1, HOOKHOST_OK), HOOKHOST_E_INVALID);
  EXPECT_EQ(plugin.table.cancelled(nullptr), 0);
}

TEST(HostTable, LogsWithFieldsEscapedAndCut) {
  WithTable plugin;
  const hookhost_field fields[] = {{sizeof(hookhost_field), 0, abi("repo"), abi("a\x1b[31m")},
                                   {0, 0, abi("skipped"), abi("its struct_size is wrong")}};
  plugin.table.log(&plugin.table, nullptr, HOOKHOST_LOG_WARN, abi("two\nlines"),
                   {fields, 2, sizeof(hookhost_field)});
  const std::string endless(10'000, 'e');
  plugin.table.log(&plugin.table, nullptr, 99, abi(endless), {});

  const auto lines = plugin.host.log.lines();
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_EQ(lines[0], "3 puppet.1 ||two\\nlines repo=a\\x1b[31m");
  EXPECT_THAT(lines[1], testing::StartsWith("4 puppet.1 ||eee"));
  EXPECT_LT(lines[1].size(), 4200u);
}

TEST(HostTable, GivesTheSettingsAndTheSecretsOfThePlugin) {
  PluginSettings settings;
  settings.config_json = R"({"a":1})";
  settings.secrets.emplace("TOKEN", Secret("s3cret"));
  settings.secrets.emplace("EMPTY", Secret(""));
  WithTable plugin(std::move(settings));
  const auto* secret = plugin.extension<hookhost_ext_secret>(HOOKHOST_EXT_SECRET);

  EXPECT_EQ(text_of(plugin.table.config_json(&plugin.table)), R"({"a":1})");
  EXPECT_EQ(text_of(secret->get(&plugin.table, abi("TOKEN"))), "s3cret");
  EXPECT_EQ(secret->get(&plugin.table, abi("EMPTY")).ptr, nullptr);
  EXPECT_EQ(secret->get(&plugin.table, abi("token")).ptr, nullptr);
}

TEST(HostTable, ReachesTheSpacesOfThePlugin) {
  WithTable plugin;
  const auto* kv = plugin.extension<hookhost_ext_kv>(HOOKHOST_EXT_KV);
  std::int64_t sum = 0;
  EXPECT_EQ(kv->add(&plugin.table, abi("n"), 2, &sum), HOOKHOST_OK);
  EXPECT_EQ(kv->put(&plugin.table, abi("n"), nullptr, 3, HOOKHOST_KV_ANY, 0), HOOKHOST_E_INVALID);
  EXPECT_EQ(plugin.host.services->kv().space("puppet").add("n", 0, &sum), HOOKHOST_OK);
  EXPECT_EQ(sum, 2);

  const auto* metrics = plugin.extension<hookhost_ext_metrics>(HOOKHOST_EXT_METRICS);
  std::uint32_t id = 0;
  const std::vector<hookhost_str> labels = {abi("l")};
  EXPECT_EQ(metrics->define(&plugin.table, HOOKHOST_METRIC_COUNTER, abi("n"), abi("h"),
                            array_of(labels), &id),
            HOOKHOST_OK);
  EXPECT_EQ(metrics->add(&plugin.table, id, 1, array_of({abi("v")})), HOOKHOST_OK);
  EXPECT_EQ(metrics->define(&plugin.table, HOOKHOST_METRIC_COUNTER, abi("m"), abi("h"),
                            {nullptr, 3, 16}, &id),
            HOOKHOST_E_INVALID);
}

// ---- hookhost.pool/1

TEST(Pool, RunsEachFunctionOnceAndDestroyWaitsForThem) {
  static std::atomic<int> ran{0};
  static bool is_destroyed = false;
  static int ran_at_destroy = 0;
  WithTable plugin;
  plugin.puppet.table().destroy = [](void*) {
    is_destroyed = true;
    ran_at_destroy = ran;
  };
  const auto* pool = plugin.extension<hookhost_ext_pool>(HOOKHOST_EXT_POOL);
  int posted = 0;
  for (int i = 0; i < 100; ++i)
    posted += pool->post(
                  &plugin.table, [](void*) { ++ran; }, nullptr) == HOOKHOST_OK
                  ? 1
                  : 0;
  EXPECT_EQ(pool->post(&plugin.table, nullptr, nullptr), HOOKHOST_E_INVALID);

  const RetireReport report = plugin.puppet.retire();

  EXPECT_EQ(report.held, 0);
  EXPECT_TRUE(is_destroyed);
  EXPECT_EQ(ran_at_destroy, posted);
}

TEST(Pool, TakesNothingAfterQuiesceAndNotTooMuchBefore) {
  static std::counting_semaphore<1024> gate{0};
  static const hookhost_ext_pool* pool = nullptr;
  static hookhost_host* table = nullptr;
  static hookhost_status late = HOOKHOST_OK;
  WithTable plugin;
  plugin.puppet.table().destroy = [](void*) {
    late = pool->post(
        table, [](void*) {}, nullptr);
  };
  pool = plugin.extension<hookhost_ext_pool>(HOOKHOST_EXT_POOL);
  table = &plugin.table;
  for (int i = 0; i < kPostedMax; ++i)
    EXPECT_EQ(pool->post(
                  table, [](void*) { gate.acquire(); }, nullptr),
              HOOKHOST_OK);
  EXPECT_EQ(pool->post(
                table, [](void*) {}, nullptr),
            HOOKHOST_E_LIMIT);
  gate.release(kPostedMax);

  plugin.puppet.retire();

  EXPECT_EQ(late, HOOKHOST_E_STATE);
}

TEST(Pool, AnExceptionOfAFunctionIsLogged) {
  WithTable plugin;
  const auto* pool = plugin.extension<hookhost_ext_pool>(HOOKHOST_EXT_POOL);
  pool->post(
      &plugin.table, [](void*) { throw std::runtime_error("boom"); }, nullptr);

  plugin.puppet.retire();

  EXPECT_TRUE(plugin.host.log.has("a function posted to the pool threw an exception: boom"));
}

}  // namespace
}  // namespace hookhost::plugin
