// SPDX-License-Identifier: Apache-2.0
//
// Does the text suit the place where it goes? (journeys.md 1, rules 6 and 7)
#include "telemetry/console.h"

#include <gtest/gtest.h>

namespace hookhost::telemetry {
namespace {

const ConsoleFacts kTerminal{.is_terminal = true, .columns = 100};
const ConsoleFacts kPipe{};

TEST(Console, PaintsOnATerminal) {
  EXPECT_TRUE(judge_console(kTerminal, {{"TERM", "xterm"}}).has_colour);
  EXPECT_FALSE(judge_console(kPipe, {{"TERM", "xterm"}}).has_colour);
}

TEST(Console, TakesNoColorAtAnyValue) {
  EXPECT_FALSE(judge_console(kTerminal, {{"NO_COLOR", ""}}).has_colour);
  EXPECT_FALSE(judge_console(kTerminal, {{"NO_COLOR", "0"}}).has_colour);
}

TEST(Console, LeavesADumbTerminalPlain) {
  EXPECT_FALSE(judge_console(kTerminal, {{"TERM", "dumb"}}).has_colour);
}

TEST(Console, PaintsEverywhereWhenForced) {
  EXPECT_TRUE(judge_console(kPipe, {{"CLICOLOR_FORCE", "1"}, {"NO_COLOR", "1"}}).has_colour);
  EXPECT_FALSE(judge_console(kPipe, {{"CLICOLOR_FORCE", "0"}}).has_colour);
  EXPECT_FALSE(judge_console(kPipe, {{"CLICOLOR_FORCE", ""}}).has_colour);
}

TEST(Console, AsksTheTerminalThenColumnsForTheWidth) {
  EXPECT_EQ(judge_console(kTerminal, {{"COLUMNS", "60"}}).width, 100);
  EXPECT_EQ(judge_console(kPipe, {{"COLUMNS", "60"}}).width, 60);
  EXPECT_EQ(judge_console(kPipe, {{"COLUMNS", "wide"}}).width, kWidthDefault);
  EXPECT_EQ(judge_console(kPipe, {}).width, kWidthDefault);
}

TEST(Console, NeverWritesForLessThanFortyColumns) {
  EXPECT_EQ(judge_console({.is_terminal = true, .columns = 39}, {}).width, 40);
  EXPECT_EQ(judge_console({.is_terminal = true, .columns = 41}, {}).width, 41);
}

TEST(Console, ReadsTheLocaleInTheOrderOfPosix) {
  EXPECT_TRUE(judge_console(kTerminal, {{"LANG", "en_GB.UTF-8"}}).is_utf8);
  EXPECT_TRUE(judge_console(kTerminal, {{"LANG", "C"}, {"LC_ALL", "C.utf8"}}).is_utf8);
  EXPECT_FALSE(judge_console(kTerminal, {{"LANG", "C.UTF-8"}, {"LC_ALL", "C"}}).is_utf8);
  EXPECT_FALSE(judge_console(kTerminal, {}).is_utf8);
}

TEST(Console, IsTheJournalOnlyForTheStreamThatItNames) {
  const ConsoleFacts journal{.is_terminal = false, .columns = 0, .stream_id = "8:4711"};
  EXPECT_TRUE(judge_console(journal, {{"JOURNAL_STREAM", "8:4711"}}).is_journal);
  EXPECT_FALSE(judge_console(journal, {{"JOURNAL_STREAM", "8:4712"}}).is_journal);
  EXPECT_FALSE(judge_console(journal, {}).is_journal);
}

TEST(Shown, EscapesControlsAndReplacesWhatTheLocaleCannotShow) {
  EXPECT_EQ(shown({.is_utf8 = true}, "caf\xc3\xa9\x1b"), "caf\xc3\xa9\\x1b");
  EXPECT_EQ(shown({.is_utf8 = false}, "caf\xc3\xa9"), "caf??");
}

TEST(Wrapped, BreaksAtSpacesAndKeepsLongWordsWhole) {
  const Console narrow{.width = 12};
  EXPECT_EQ(wrapped(narrow, "aa bb cc dd", 4), "aa bb cc\n    dd");
  EXPECT_EQ(wrapped(narrow, "http://127.0.0.1:7860/ x", 4), "http://127.0.0.1:7860/\n    x");
  EXPECT_EQ(wrapped(narrow, "", 4), "");
}

TEST(Fitted, CutsAtACharacter) {
  EXPECT_EQ(fitted("abcdef", 6), "abcdef");
  EXPECT_EQ(fitted("abcdefg", 6), "abc...");
  EXPECT_EQ(fitted("\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9", 6),
            "\xc3\xa9\xc3\xa9\xc3\xa9...");
}

TEST(Padded, CountsCharactersRatherThanBytes) {
  EXPECT_EQ(padded("\xc3\xa9", 3), "\xc3\xa9  ");
  EXPECT_EQ(padded("abcd", 3), "abcd");
}

}  // namespace
}  // namespace hookhost::telemetry
