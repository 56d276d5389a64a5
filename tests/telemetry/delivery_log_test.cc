// SPDX-License-Identifier: Apache-2.0
//
// Can somebody who watches the terminal, or a machine that reads the records, see what became of
// each delivery, and does a flood stay readable?
#include "telemetry/delivery_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <thread>

#include "support/fake_clock.h"
#include "support/utc.h"

namespace hookhost::telemetry {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;

constexpr Console kWide{.is_terminal = true, .is_utf8 = true, .width = 80};
constexpr Console kNarrow{.is_terminal = true, .is_utf8 = true, .width = 40};

DeliveryRecord handled() {
  DeliveryRecord record;
  record.method = "POST";
  record.path = "/webhooks/retrain";
  record.route = "retrain";
  record.plugin = "retrain.so";
  record.generation = 1;
  record.event_id = "evt_06JCW7KQ7M001";
  record.body_bytes = 2612;
  record.total = 4'900us;
  record.handler = 4'500us;
  return record;
}

DeliveryRecord failed() {
  DeliveryRecord record = handled();
  record.result = Result::kFailed;
  record.status = 500;
  record.detail = "std::out_of_range: map::at";
  return record;
}

DeliveryRecord refused() {
  DeliveryRecord record;
  record.method = "POST";
  record.path = "/webhooks/retrain";
  record.route = "retrain";
  record.result = Result::kRefused;
  record.status = 403;
  record.rule = "secret-wrong";
  record.total = 40us;
  return record;
}

int widest(std::string_view text) {
  int most = 0;
  while (!text.empty()) {
    const auto end = text.find('\n');
    most = std::max(most, columns(text.substr(0, end)));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return most;
}

TEST(DeliveryText, ShowsAnEventAndItsAnswerInColumns) {
  EXPECT_EQ(delivery_text(handled(), test::FakeClock().now(), kWide),
            "  11:59:59  --> POST /webhooks/retrain  evt_06JCW7KQ7M001  2.6 kB\n"
            "  12:00:00  <-- 200 ok                  evt_06JCW7KQ7M001  4.9 ms  "
            "(handler 4.5)\n");
}

TEST(DeliveryText, FitsFortyColumns) {
  const std::string text = delivery_text(handled(), test::FakeClock().now(), kNarrow);
  EXPECT_EQ(text,
            "  11:59:59  --> POST /webhooks/retrain\n"
            "            evt_06JCW7KQ7M001  2.6 kB\n"
            "  12:00:00  <-- 200 ok  4.9 ms\n");
  EXPECT_LE(widest(text), 40);
}

TEST(DeliveryText, SaysOnASecondLineWhereAndWhyAHandlerFailed) {
  EXPECT_EQ(delivery_text(failed(), test::FakeClock().now(), kWide),
            "  11:59:59  --> POST /webhooks/retrain  evt_06JCW7KQ7M001  2.6 kB\n"
            "  12:00:00  <-- 500 failed              evt_06JCW7KQ7M001  4.9 ms  "
            "(handler 4.5)\n"
            "            retrain.so gen 1: std::out_of_range: map::at\n");
}

TEST(DeliveryText, AddsWhatWeGuessAboutARefusal) {
  DeliveryRecord record = refused();
  record.detail = "it is a replay";
  EXPECT_EQ(delivery_text(record, test::FakeClock().now(), kWide),
            "  11:59:59  --> POST /webhooks/retrain\n"
            "  12:00:00  <-- 403 refused             secret-wrong  0.04 ms\n"
            "            it is a replay\n");
}

TEST(DeliveryText, NamesTheRuleOfARefusal) {
  EXPECT_EQ(delivery_text(refused(), test::FakeClock().now(), kWide),
            "  11:59:59  --> POST /webhooks/retrain\n"
            "  12:00:00  <-- 403 refused             secret-wrong  0.04 ms\n");
}

TEST(DeliveryText, ShowsOnlyTheAnswerToWhatWasNoRequest) {
  DeliveryRecord record = refused();
  record.method = record.path = record.route = "";
  record.rule = "request-line";
  EXPECT_EQ(delivery_text(record, test::FakeClock().now(), kWide),
            "  12:00:00  <-- 403 refused             request-line  0.04 ms\n");
}

TEST(DeliveryText, PaintsOnlyWhereColourIsWanted) {
  Console colour = kWide;
  colour.has_colour = true;
  EXPECT_THAT(delivery_text(handled(), test::FakeClock().now(), colour),
              HasSubstr("\x1b[32m200 ok\x1b"));
  EXPECT_THAT(delivery_text(handled(), test::FakeClock().now(), kWide), Not(HasSubstr("\x1b")));
}

TEST(DeliveryText, EscapesAndCutsWhatAStrangerAskedFor) {
  DeliveryRecord record = refused();
  const std::string path = "/\x1b[2J\n" + std::string(300, 'a');
  record.path = path;
  const std::string text = delivery_text(record, test::FakeClock().now(), kWide);
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 2);
  EXPECT_THAT(text, HasSubstr("/\\x1b[2J\\naaa"));
  EXPECT_LE(widest(text), 80);
}

struct Fixture {
  explicit Fixture(const Console& console, Level level = Level::kInfo)
      : log({.level = level}, console, clock, [](std::string_view) {}),
        deliveries(log, metrics, clock, 1) {}
  test::FakeClock clock;
  Log log;
  Metrics metrics{1};
  DeliveryLog deliveries;
};

TEST(DeliveryLog, WritesOneRecordPerDeliveryInJson) {
  Fixture fixture{Console{}};

  fixture.deliveries.delivered(failed());

  EXPECT_EQ(fixture.deliveries.take_lines(),
            R"({"ts":"2026-09-01T12:00:00.000Z","level":"error","msg":"delivery",)"
            R"("event_id":"evt_06JCW7KQ7M001","route":"retrain","plugin":"retrain.so",)"
            R"("generation":1,"outcome":"failed","status":500,"dur_s":0.0049,"handler_s":0.0045,)"
            R"("body_bytes":2612,"method":"POST","path":"/webhooks/retrain",)"
            R"("detail":"std::out_of_range: map::at"})"
            "\n");
  EXPECT_EQ(fixture.deliveries.take_lines(), "");
}

TEST(DeliveryLog, CountsEveryDeliveryWhateverTheLevel) {
  Fixture fixture{Console{}, Level::kError};

  fixture.deliveries.delivered(handled());
  fixture.deliveries.delivered(failed());

  const std::string lines = fixture.deliveries.take_lines();
  EXPECT_EQ(std::count(lines.begin(), lines.end(), '\n'), 1);
  EXPECT_EQ(fixture.metrics.totals().handled, 1U);
  EXPECT_EQ(fixture.metrics.totals().failed, 1U);
}

TEST(DeliveryLog, GivesWhatTheDoorTurnedAwayALineAndCountsItNot) {
  Fixture fixture{Console{}};

  fixture.deliveries.turned_away(refused());

  EXPECT_THAT(fixture.deliveries.take_lines(), HasSubstr(R"("rule":"secret-wrong")"));
  for (const MetricFamily& family : fixture.metrics.read())
    EXPECT_NE(family.name, "hookhost_refusals_total") << "the door has counted it";
}

TEST(DeliveryLog, WritesAtMostFiftyLinesASecondAndCountsTheRest) {
  Fixture fixture{Console{}};
  for (int i = 0; i < 51; ++i) fixture.deliveries.delivered(handled());

  const std::string lines = fixture.deliveries.take_lines();
  EXPECT_EQ(std::count(lines.begin(), lines.end(), '\n'), 50);

  fixture.clock.advance(999ms);
  EXPECT_EQ(fixture.deliveries.take_lines(), "");
  fixture.clock.advance(1ms);
  const std::string rest = fixture.deliveries.take_lines();
  EXPECT_THAT(rest, HasSubstr(R"("outcomes":{"handled":1})"));
  EXPECT_EQ(std::count(rest.begin(), rest.end(), '\n'), 1);
}

TEST(DeliveryLog, CountsWhatItsRingHadNoRoomFor) {
  Fixture fixture{kWide};
  for (int i = 0; i < 1000; ++i) fixture.deliveries.delivered(handled());
  fixture.deliveries.delivered(failed());

  const std::string lines = fixture.deliveries.take_lines();
  EXPECT_EQ(std::count(lines.begin(), lines.end(), '\n'), 50);  // of 25 deliveries
  fixture.clock.advance(1s);
  EXPECT_EQ(fixture.deliveries.take_lines(), "  12:00:01  ... 976 more: 975 ok, 1 failed\n");
}

TEST(DeliveryLog, LeavesTheLogAloneOnceTheSecondIsFull) {
  Fixture fixture{Console{}};
  for (int i = 0; i < 50; ++i) fixture.deliveries.delivered(handled());
  fixture.deliveries.take_lines();

  fixture.deliveries.delivered(handled());
  fixture.clock.advance(1s);
  const std::string lines = fixture.deliveries.take_lines();  // counted, but not kept for a line

  EXPECT_THAT(lines, HasSubstr(R"("outcomes":{"handled":1})"));
  EXPECT_EQ(std::count(lines.begin(), lines.end(), '\n'), 1);
  fixture.deliveries.delivered(handled());
  EXPECT_THAT(fixture.deliveries.take_lines(), HasSubstr("\"msg\":\"delivery\""));
}

TEST(DeliveryLog, KeepsRecordsWholeWhileALoopWritesAndTheThreadReads) {
  const SystemClock clock;
  std::string text;
  Log log({}, {}, clock, [&](std::string_view lines) { text += lines; });
  Metrics metrics(1);
  DeliveryLog deliveries(log, metrics, clock, 1);
  log.attach(deliveries);
  log.start();

  std::thread loop([&] {
    for (int i = 0; i < 50'000; ++i) deliveries.delivered(i % 2 == 0 ? handled() : refused());
  });
  loop.join();
  log.stop();

  EXPECT_EQ(metrics.totals().handled, 25'000U);
  EXPECT_THAT(text, HasSubstr("\"outcome\":\"handled\""));
  EXPECT_THAT(text, Not(HasSubstr("\"path\":\"\"")));
}

}  // namespace
}  // namespace hookhost::telemetry
