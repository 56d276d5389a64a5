// SPDX-License-Identifier: Apache-2.0
//
// Does the history keep the last swaps, no more of them, and learn of a drain that ends later?
#include "app/swap_history.h"

#include <gtest/gtest.h>

namespace hookhost::app {
namespace {

using namespace std::chrono_literals;

TEST(SwapHistory, KeepsTheLastHundredAndForgetsTheOldest) {
  SwapHistory history;
  for (std::uint64_t n = 1; n <= kSwapEventsMax; ++n) history.add({.generation = n});
  EXPECT_EQ(history.events().size(), kSwapEventsMax);
  EXPECT_EQ(history.events().front().generation, 1u);

  history.add({.generation = kSwapEventsMax + 1});

  EXPECT_EQ(history.events().size(), kSwapEventsMax);
  EXPECT_EQ(history.events().front().generation, 2u);
  EXPECT_EQ(history.events().back().generation, kSwapEventsMax + 1);
}

TEST(SwapHistory, LearnsOfADrainAndTellsFilesApart) {
  SwapHistory history;
  history.add({.file = "a.so", .generation = 2, .before = 1});
  history.add({.file = "b.so", .generation = 2, .before = 1});

  history.note_drain("a.so", 1, 38ms, 3);
  history.note_drain("a.so", 7, 1ms, 0);  // of an event that was forgotten

  EXPECT_TRUE(history.events()[0].is_drained);
  EXPECT_EQ(history.events()[0].took, 38ms);
  EXPECT_EQ(history.events()[0].cut_off, 3);
  EXPECT_FALSE(history.events()[1].is_drained);
}

TEST(SwapHistory, LearnsOfTheDrainOfTheLastSwapFromAGeneration) {
  SwapHistory history;
  history.add({.file = "a.so", .generation = 2, .before = 1});
  history.add({.file = "a.so", .generation = 1, .before = 2});
  history.add({.file = "a.so", .generation = 3, .before = 1});

  history.note_drain("a.so", 1, 5ms, 0);

  EXPECT_FALSE(history.events()[0].is_drained);
  EXPECT_TRUE(history.events()[2].is_drained);
}

TEST(SwapHistory, CutsWhatAPluginSaysAtLength) {
  SwapHistory history;
  history.add({.reason = std::string(kSwapTextBytesMax, 'x')});
  history.add({.reason = std::string(kSwapTextBytesMax + 1, 'x')});
  EXPECT_EQ(history.events()[0].reason, std::string(kSwapTextBytesMax, 'x'));
  EXPECT_EQ(history.events()[1].reason, std::string(kSwapTextBytesMax, 'x') + "...");
}

}  // namespace
}  // namespace hookhost::app
