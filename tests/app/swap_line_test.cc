// SPDX-License-Identifier: Apache-2.0
//
// Is a swap as easy to see on a terminal as an event, and a refusal clear about what goes on?
#include "app/swap_line.h"

#include <gtest/gtest.h>

#include "support/fake_clock.h"

namespace hookhost::app {
namespace {

using namespace std::chrono_literals;
using telemetry::Console;

constexpr Console kWide{.is_terminal = true, .is_utf8 = true, .width = 80};
constexpr Console kNarrow{.is_terminal = true, .is_utf8 = false, .width = 40};

std::string text(const SwapLine& line, const Console& console = kWide) {
  return swap_text(line, test::FakeClock().now(), console);
}

SwapLine swapped() {
  return {.file = "retrain.so",
          .generation = 2,
          .before = 1,
          .is_drained = true,
          .took = 38ms,
          .cut_off = 0};
}

TEST(SwapText, IsOneLineWithTheDrain) {
  EXPECT_EQ(text(swapped()),
            "  12:00:00  ↻   retrain.so gen 2 live, gen 1 drained in 38.0 ms, 0 failed\n");
}

TEST(SwapText, BreaksForFortyColumnsInAscii) {
  EXPECT_EQ(text(swapped(), kNarrow),
            "  12:00:00  ~>  retrain.so gen 2 live,\n"
            "                gen 1 drained in 38.0\n"
            "                ms, 0 failed\n");
}

TEST(SwapText, OfANewPluginNamesNoOther) {
  EXPECT_EQ(text({.file = "new.so", .generation = 1}), "  12:00:00  ↻   new.so gen 1 live\n");
}

TEST(SwapText, SaysThatTheOneBeforeStillDrains) {
  SwapLine line = swapped();
  line.is_drained = false;
  EXPECT_EQ(text(line), "  12:00:00  ↻   retrain.so gen 2 live, gen 1 still drains\n");
}

TEST(SwapText, OfAWayBackSaysWhy) {
  EXPECT_EQ(text({.kind = SwapLine::Kind::kRolledBack,
                  .file = "retrain.so",
                  .generation = 2,
                  .before = 3,
                  .reason = "6 of 8 calls failed"}),
            "  12:00:00  ✕   retrain.so gen 2 live again, gen 3 rolled back: 6 of 8 calls\n"
            "                failed\n");
}

TEST(SwapText, OfARefusalSaysWhatStaysAndWhatToDo) {
  SwapLine line{.kind = SwapLine::Kind::kRefused,
                .file = "retrain.so",
                .generation = 2,
                .reason = "undefined symbol: train_model",
                .fix = "link the library that defines it"};
  EXPECT_EQ(text(line),
            "  12:00:00  ✕   retrain.so refused: undefined symbol: train_model, gen 2 stays\n"
            "                fix: link the library that defines it\n");
  line.fix = "link what defines it into the plugin; hookhost_add_plugin finds this at build time";
  EXPECT_EQ(text(line),
            "  12:00:00  ✕   retrain.so refused: undefined symbol: train_model, gen 2 stays\n"
            "                fix: link what defines it into the plugin; hookhost_add_plugin\n"
            "                finds this at build time\n");
  line.generation = 0;
  line.fix.clear();
  EXPECT_EQ(text(line), "  12:00:00  ✕   retrain.so refused: undefined symbol: train_model\n");
}

TEST(SwapText, OfARemovalSaysThatToo) {
  EXPECT_EQ(text({.kind = SwapLine::Kind::kRemoved,
                  .file = "retrain.so",
                  .before = 3,
                  .is_drained = true,
                  .took = 1ms}),
            "  12:00:00  ↻   retrain.so removed, gen 3 drained in 1.0 ms, 0 failed\n");
}

TEST(SwapText, OfAFileThatNeverRests) {
  EXPECT_EQ(text({.kind = SwapLine::Kind::kRestless, .file = "retrain.so"}),
            "  12:00:00  ✕   retrain.so keeps changing and is not loaded yet\n");
}

}  // namespace
}  // namespace hookhost::app
