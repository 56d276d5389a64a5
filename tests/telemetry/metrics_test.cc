// SPDX-License-Identifier: Apache-2.0
//
// Is everything counted once, under the right name, without a stranger's text in a label?
#include "telemetry/metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "telemetry/exposition.h"
#include "telemetry/process_metrics.h"

namespace hookhost::telemetry {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;

DeliveryRecord delivery(Result result, std::uint32_t slot, unsigned loop = 0) {
  DeliveryRecord record;
  record.loop = loop;
  record.result = result;
  record.route_slot = slot;
  record.total = 3ms;
  return record;
}

double value_of(const Metrics& metrics, std::string_view name, const Labels& labels) {
  for (const MetricFamily& family : metrics.read()) {
    if (family.name != name) continue;
    for (const MetricSample& sample : family.samples) {
      if (sample.labels == labels) return sample.value;
    }
  }
  return -1;
}

TEST(Metrics, SumsWhatTheLoopsCounted) {
  Metrics metrics(2);
  const std::uint32_t retrain = metrics.route_slot("retrain");

  metrics.count(delivery(Result::kHandled, retrain, 0));
  metrics.count(delivery(Result::kHandled, retrain, 1));
  metrics.count(delivery(Result::kFailed, retrain, 1));

  const std::string_view name = "hookhost_deliveries_total";
  EXPECT_EQ(value_of(metrics, name, {{"route", "retrain"}, {"outcome", "handled"}}), 2);
  EXPECT_EQ(value_of(metrics, name, {{"route", "retrain"}, {"outcome", "failed"}}), 1);
  EXPECT_EQ(metrics.totals().handled, 2U);
  EXPECT_EQ(metrics.totals().failed, 1U);
}

TEST(Metrics, CountsTheUsesOfEachSecretByItsNumber) {
  Metrics metrics(2);
  const std::uint32_t retrain = metrics.route_slot("retrain");
  const auto used = [&](std::uint8_t secret, unsigned loop) {
    DeliveryRecord record = delivery(Result::kHandled, retrain, loop);
    record.secret = secret;
    metrics.count(record);
  };

  used(0, 0), used(1, 0), used(1, 1), used(8, 0), used(9, 0), used(255, 0);

  const std::string_view name = "hookhost_secret_uses_total";
  const auto uses = [&](const char* number) {
    return value_of(metrics, name, {{"route", "retrain"}, {"secret", number}});
  };
  EXPECT_EQ(uses("1"), 2);
  EXPECT_EQ(uses("2"), -1);
  EXPECT_EQ(uses("8"), 3);

  metrics.restart_secret_uses();
  EXPECT_EQ(uses("1"), -1) << "number 1 may be another secret now";
  const std::uint32_t later = metrics.route_slot("later");
  used(1, 1);
  DeliveryRecord record = delivery(Result::kHandled, later, 0);
  record.secret = 1;
  metrics.count(record);
  EXPECT_EQ(uses("1"), 1);
  EXPECT_EQ(value_of(metrics, name, {{"route", "later"}, {"secret", "1"}}), 1);
}

TEST(Metrics, KeepsTheSlotOfARouteAcrossTables) {
  Metrics metrics(1);
  const std::uint32_t a = metrics.route_slot("a");
  const std::uint32_t b = metrics.route_slot("b");
  EXPECT_NE(a, b);
  EXPECT_EQ(metrics.route_slot("a"), a);
}

TEST(Metrics, CountsUnknownRoutesAsOther) {
  Metrics metrics(1);
  metrics.count(delivery(Result::kRefused, 0));
  EXPECT_EQ(
      value_of(metrics, "hookhost_deliveries_total", {{"route", "other"}, {"outcome", "refused"}}),
      1);
}

TEST(Metrics, CountsRoutesBeyondTheLastSlotAsOther) {
  Metrics metrics(1);
  for (std::uint32_t i = 1; i < kRouteSlotsMax; ++i) {
    EXPECT_EQ(metrics.route_slot("r" + std::to_string(i)), i);
  }
  EXPECT_EQ(metrics.route_slot("one too many"), 0U);
}

TEST(Metrics, CountsRefusalsByRule) {
  Metrics metrics(2);
  DeliveryRecord record = delivery(Result::kRefused, 0);
  record.rule = "secret-wrong";
  metrics.count(record);
  record.loop = 1;
  metrics.count(record);

  EXPECT_EQ(value_of(metrics, "hookhost_refusals_total", {{"rule", "secret-wrong"}}), 2);
}

TEST(Metrics, CountsMoreRulesThanItTellsApartAsOther) {
  Metrics metrics(1);
  DeliveryRecord record = delivery(Result::kRefused, 0);
  for (std::size_t i = 0; i < kRulesMax + 2; ++i) {
    const std::string rule = "rule-" + std::to_string(i);
    record.rule = rule;
    metrics.count(record);
  }
  EXPECT_EQ(value_of(metrics, "hookhost_refusals_total", {{"rule", "rule-47"}}), 1);
  EXPECT_EQ(value_of(metrics, "hookhost_refusals_total", {{"rule", "other"}}), 2);
}

TEST(Metrics, PutsADurationOnAnEdgeIntoTheLowerBucket) {
  Metrics metrics(1);
  DeliveryRecord record = delivery(Result::kHandled, 0);
  record.total = 100us;
  metrics.count(record);
  record.total = 100'001ns;
  metrics.count(record);
  record.total = 11s;
  metrics.count(record);

  const std::string text = exposition(metrics.read());
  EXPECT_THAT(text, HasSubstr("hookhost_delivery_duration_seconds_bucket{le=\"0.0001\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("hookhost_delivery_duration_seconds_bucket{le=\"10\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("hookhost_delivery_duration_seconds_bucket{le=\"+Inf\"} 3\n"));
  EXPECT_THAT(text, HasSubstr("hookhost_delivery_duration_seconds_count 3\n"));
}

TEST(Metrics, ReadsItsSourcesWhenItIsRead) {
  Metrics metrics(1);
  int depth = 1;
  metrics.add_source([&](MetricSet& set) { set.add("hookhost_queue_depth", depth); });
  depth = 7;
  EXPECT_EQ(value_of(metrics, "hookhost_queue_depth", {}), 7);
}

TEST(Metrics, CanBeReadWhileLoopsCount) {
  Metrics metrics(2);
  const std::uint32_t slot = metrics.route_slot("x");
  const auto count_many = [&](unsigned loop) {
    for (int i = 0; i < 20'000; ++i) {
      DeliveryRecord record =
          delivery(i % 2 == 0 ? Result::kHandled : Result::kRefused, slot, loop);
      record.rule = i % 3 == 0 ? "body-too-large" : "secret-wrong";
      metrics.count(record);
    }
  };
  std::thread first(count_many, 0U), second(count_many, 1U);
  for (int i = 0; i < 20; ++i) EXPECT_FALSE(metrics.read().empty());
  first.join();
  second.join();
  EXPECT_EQ(metrics.totals().handled, 20'000U);
}

// Every line of the text form is a comment of a known kind or a sample whose family was announced.
TEST(Exposition, IsPrometheusText) {
  Metrics metrics(1);
  metrics.route_slot("retrain");
  metrics.add_source([](MetricSet& set) {
    set.add("hookhost_build_info", 1, {{"version", "0.1.0"}, {"compiler", "a\\b\"c\nd"}});
    add_process_metrics(set);
    set.add_foreign("hookhost_plugin_retrain_jobs_total", "Jobs.", MetricType::kCounter, 3,
                    {{"repo", "x\ny"}});
  });

  std::istringstream lines(exposition(metrics.read()));
  std::string announced;
  int samples = 0;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("# HELP ")) continue;
    if (line.starts_with("# TYPE ")) {
      announced = line.substr(7, line.find(' ', 7) - 7);
      continue;
    }
    EXPECT_TRUE(line.starts_with(announced)) << line;
    EXPECT_NE(line.rfind(' '), std::string::npos) << line;
    ++samples;
  }
  EXPECT_GT(samples, 8);
  const std::string text = exposition(metrics.read());
  EXPECT_THAT(text, HasSubstr("compiler=\"a\\\\b\\\"c\\nd\""));
  EXPECT_THAT(text, HasSubstr("hookhost_plugin_retrain_jobs_total{repo=\"x\\\\ny\"} 3\n"));
  EXPECT_THAT(text, HasSubstr("process_resident_memory_bytes "));
  EXPECT_THAT(text, HasSubstr("{route=\"retrain\",outcome=\"handled\"} 0\n"));
}

TEST(MetricSet, LeavesOutAPluginsMetricThatIsOfAnotherType) {
  Metrics metrics(1);
  metrics.add_source([](MetricSet& set) {
    set.add("hookhost_queue_depth", 1);
    set.add_foreign("hookhost_queue_depth", "?", MetricType::kCounter, 9, {{"a", "b"}});
  });
  EXPECT_THAT(exposition(metrics.read()), Not(HasSubstr("9\n")));
}

}  // namespace
}  // namespace hookhost::telemetry
