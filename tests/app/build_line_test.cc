// SPDX-License-Identifier: Apache-2.0
//
// Does a build read as one line, with the compiler's below it, safe for a terminal and not longer
// than a screen?
#include "app/build_line.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/fake_clock.h"

namespace hookhost::app {
namespace {

using namespace std::chrono_literals;
using telemetry::Console;
using Kind = BuildLine::Kind;

constexpr Console kTerminal{.is_terminal = true, .is_utf8 = true, .width = 80};

std::string text(const BuildLine& line, const Console& console = kTerminal) {
  return build_text(line, test::FakeClock().now(), console);
}

std::string numbered_lines(int count) {
  std::string lines;
  for (int n = 1; n <= count; ++n) lines += "line " + std::to_string(n) + '\n';
  return lines;
}

TEST(BuildText, OfTheFirstBuildSaysHowLongItTook) {
  EXPECT_EQ(text({.plugin = "handler.so", .took = 1400ms}), "  built handler.so   1.4 s\n");
  EXPECT_EQ(text({.plugin = "handler.so", .took = 1400ms, .output = "a.cc:6: warning: well"}),
            "  built handler.so   1.4 s\n"
            "            a.cc:6: warning: well\n");
}

TEST(BuildText, OfAFailureSaysWhatStaysAndShowsTheCompilersLines) {
  BuildLine line{.kind = Kind::kFailed,
                 .generation = 2,
                 .output = "handler.cpp:6:10: error: no\n  6 |   x\n    |   ^\n"};
  EXPECT_EQ(text(line),
            "  12:00:00  ✕   build failed, gen 2 stays\n"
            "            handler.cpp:6:10: error: no\n"
            "              6 |   x\n"
            "                |   ^\n");
  line.generation = 0;
  line.output.clear();
  EXPECT_EQ(text(line, {.is_terminal = true}), "  12:00:00  x   build failed\n");
}

TEST(BuildText, OfWarningsShowsThemToo) {
  EXPECT_EQ(text({.kind = Kind::kWarned, .output = "handler.cpp:6: warning: well"}),
            "  12:00:00  !   build has warnings\n"
            "            handler.cpp:6: warning: well\n");
}

TEST(BuildText, EscapesWhatATerminalWouldObey) {
  EXPECT_THAT(text({.kind = Kind::kFailed, .output = "\x1b[2J\r"}),
              ::testing::EndsWith("            \\x1b[2J\\r\n"));
}

TEST(BuildText, ShowsAScreenOfLinesAndCountsTheOthers) {
  const std::string whole = text({.kind = Kind::kFailed, .output = numbered_lines(20)});
  EXPECT_THAT(whole, ::testing::EndsWith("            line 20\n"));
  EXPECT_THAT(text({.kind = Kind::kFailed, .output = numbered_lines(21)}),
              ::testing::EndsWith("            line 20\n            and 1 more line\n"));
  EXPECT_THAT(text({.kind = Kind::kFailed, .output = numbered_lines(22)}),
              ::testing::EndsWith("            and 2 more lines\n"));
}

TEST(BuildRecord, HasTheWholeOutput) {
  std::string written;
  const test::FakeClock clock;
  telemetry::Log log({.format = telemetry::LogFormat::kJson}, {}, clock,
                     [&](std::string_view lines) { written += lines; });

  log_build({.kind = Kind::kFailed,
             .plugin = "a.so",
             .generation = 2,
             .took = 1500ms,
             .output = numbered_lines(30)},
            log, clock.now());

  EXPECT_THAT(written, ::testing::HasSubstr(
                           R"("level":"error","msg":"build failed","plugin":"a.so","generation":2,)"
                           R"("dur_s":1.5,"output":"line 1\nline 2\n)"));
  EXPECT_THAT(written, ::testing::HasSubstr(R"(line 30\n")"));
}

}  // namespace
}  // namespace hookhost::app
