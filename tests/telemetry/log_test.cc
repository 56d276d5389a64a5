// SPDX-License-Identifier: Apache-2.0
//
// Is every line one line, whatever a stranger put into it, in the form that its reader expects?
#include "telemetry/log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "support/fake_clock.h"
#include "support/utc.h"

namespace hookhost::telemetry {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

struct Lines {
  LineWriter writer() {
    return [this](std::string_view lines) { text += lines; };
  }
  std::string text;
};

constexpr Console kTerminal{.is_terminal = true, .is_utf8 = true, .width = 80};

TEST(Log, WritesOneJsonObjectPerLineWhereNobodyLooks) {
  const test::FakeClock clock;
  Lines lines;
  Log log({}, Console{}, clock, lines.writer());

  log.write(Level::kWarn, "plugin refused",
            {{"file", "x.so"}, {"count", 3}, {"is_live", false}, {"ratio", 0.5}});

  EXPECT_EQ(lines.text, R"({"ts":"2026-09-01T12:00:00.000Z","level":"warn","msg":"plugin refused",)"
                        R"("file":"x.so","count":3,"is_live":false,"ratio":0.5})"
                        "\n");
}

TEST(Log, EscapesStrangersTextInJson) {
  const test::FakeClock clock;
  Lines lines;
  Log log({}, Console{}, clock, lines.writer());

  log.write(Level::kInfo, "a\n{\"level\":\"error\"}", {{"path", "/\"\\\x1b\xff"}});

  EXPECT_EQ(lines.text.find('\n'), lines.text.size() - 1);
  EXPECT_THAT(lines.text, HasSubstr(R"("msg":"a\n{\"level\":\"error\"}")"));
  EXPECT_THAT(lines.text, HasSubstr(R"("path":"/\"\\\u001b)"));
}

TEST(Log, EscapesStrangersTextOnATerminal) {
  const test::FakeClock clock;
  Lines lines;
  Log log({}, kTerminal, clock, lines.writer());

  log.write(Level::kInfo, "a\x1b[2J\nb", {{"path", "\xe2\x80\xae"}});

  EXPECT_EQ(lines.text, "  12:00:00  info   a\\x1b[2J\\nb   path=\\u{202e}\n");
}

TEST(Log, MovesFieldsThatDoNotFitToAnIndentedLine) {
  const test::FakeClock clock;
  Lines lines;
  Log log({}, {.is_terminal = true, .is_utf8 = true, .width = 40}, clock, lines.writer());

  log.write(Level::kError, "cannot stage", {{"file", "plugins/retrain.so"}, {"why", "disk full"}});

  EXPECT_EQ(lines.text,
            "  12:00:00  error  cannot stage\n"
            "            file=plugins/retrain.so\n"
            "            why=\"disk full\"\n");
}

TEST(Log, PutsSystemdsPriorityInFrontForTheJournal) {
  const test::FakeClock clock;
  Lines lines;
  Log log({}, {.is_journal = true}, clock, lines.writer());

  log.write(Level::kError, "x");
  log.write(Level::kInfo, "y");

  EXPECT_THAT(lines.text, StartsWith("<3>{\"ts\":"));
  EXPECT_THAT(lines.text, HasSubstr("\n<6>{\"ts\":"));
}

TEST(Log, TakesTheFormatThatWasAskedForEverywhere) {
  EXPECT_EQ(resolve_format(LogFormat::kAuto, kTerminal), LogFormat::kPretty);
  EXPECT_EQ(resolve_format(LogFormat::kAuto, {}), LogFormat::kJson);
  EXPECT_EQ(resolve_format(LogFormat::kAuto, {.is_journal = true}), LogFormat::kJournald);
  EXPECT_EQ(resolve_format(LogFormat::kJson, kTerminal), LogFormat::kJson);
  EXPECT_EQ(resolve_format(LogFormat::kPretty, {}), LogFormat::kPretty);
}

TEST(Log, ShowsASecretAsStars) {
  const test::FakeClock clock;
  Lines lines;
  Log log({.level = Level::kDebug}, {}, clock, lines.writer());

  log.write(Level::kDebug, "compared", {{"secret", Secret("open sesame")}});

  EXPECT_THAT(lines.text, HasSubstr(R"("secret":"***")"));
}

TEST(Log, DropsLinesBelowItsLevel) {
  const test::FakeClock clock;
  Lines lines;
  Log log({.level = Level::kWarn}, {}, clock, lines.writer());

  log.write(Level::kInfo, "not this");
  log.write(Level::kWarn, "this");

  EXPECT_THAT(lines.text, HasSubstr("this"));
  EXPECT_EQ(lines.text.find("not this"), std::string::npos);
}

TEST(Log, WritesEverythingThatWasQueuedBeforeItStops) {
  const SystemClock clock;
  Lines lines;
  Log log({}, {}, clock, lines.writer());

  log.start();
  std::thread other([&] {
    for (int i = 0; i < 500; ++i) log.write(Level::kInfo, "other");
  });
  for (int i = 0; i < 500; ++i) log.write(Level::kInfo, "main");
  other.join();
  log.stop();
  log.write(Level::kInfo, "after");

  EXPECT_EQ(std::count(lines.text.begin(), lines.text.end(), '\n'), 1001);
  EXPECT_THAT(lines.text, EndsWith("\"msg\":\"after\"}\n"));
}

TEST(Log, CountsWhatASlowReaderMadeItDrop) {
  const SystemClock clock;
  std::string text;
  Mutex blocked;
  Log log({}, {}, clock, [&](std::string_view lines) {
    MutexLock lock(blocked);  // a terminal that is held up
    text += lines;
  });
  const std::string large(Log::kQueueBytesMax / 4, 'x');

  log.start();
  {
    MutexLock lock(blocked);
    // The thread may take what is queued once before it blocks; two queues full are too much.
    for (int i = 0; i < 12; ++i) log.write(Level::kInfo, large);
  }
  log.stop();

  EXPECT_THAT(text, HasSubstr("log lines were dropped: the output is too slow"));
}

}  // namespace
}  // namespace hookhost::telemetry
