// SPDX-License-Identifier: Apache-2.0
//
// Does a changed file become the next generation, does the one before live as long as somebody may
// reach it, and does nothing that is bad replace anything?
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <fstream>

#include "plugin/library.h"
#include "plugin/swapping_host.h"
#include "support/rest.h"

namespace hookhost::plugin {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using namespace std::chrono_literals;

TEST(Swap, AnotherBuildOfTheFileIsTheNextGeneration) {
  SwappingHost host;
  host.put("sample_next");

  const LoadReport report = host.registry->update(settled(host.file));
  host.publish().reset();

  ASSERT_EQ(report.loaded.size(), 1u);
  EXPECT_EQ(report.loaded[0].generation, 2u);
  EXPECT_EQ(report.loaded[0].replaces, 1u);
  EXPECT_EQ(host.answer(), "\"sample next\"");
  EXPECT_EQ(host.table->routes()[0].generation, 2u);
}

TEST(Swap, TheOneBeforeServesWhoeverStillHasTheOldTable) {
  SwappingHost host;
  host.put("sample_next");
  host.registry->update(settled(host.file));
  auto before = host.publish();

  EXPECT_THAT(host.registry->tend(), IsEmpty());
  EXPECT_EQ(host.answer(before->routes()[0]), "\"sample\"");
  EXPECT_TRUE(host.registry->is_departing());
  EXPECT_EQ(host.states(), "2 live, 1 draining");

  before.reset();
  const auto events = host.settle_down();
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].kind, PluginEvent::Kind::kDrained);
  EXPECT_EQ(events[0].file, "sample.so");
  EXPECT_EQ(events[0].generation, 1u);
  EXPECT_EQ(events[0].cut_off, 0);
  EXPECT_EQ(host.states(), "2 live");
  EXPECT_FALSE(is_mapped("/sample.1."));
}

TEST(Swap, ATableFromBeforeAnotherPluginsSwapIsAWayToo) {
  SwappingHost host;
  const auto oldest = host.table;
  host.add("sample_two");
  host.registry->update(settled(host.plugins() / "sample_two.so"));
  host.publish().reset();  // it leads to the same build of sample
  host.swap_to("sample_next");

  EXPECT_THAT(host.registry->tend(), IsEmpty());
  EXPECT_EQ(host.answer(oldest->routes()[0]), "\"sample\"");
  EXPECT_EQ(host.states(), "2 live, 1 live, 1 draining");
}

TEST(Swap, WhoKeepsTheOldTableBeyondTheDrainIsAnsweredCancelled) {
  RegistryOptions options = with_probation(0ms);
  options.swap_drain = 0ms;
  SwappingHost host(options);
  host.put("sample_next");
  host.registry->update(settled(host.file));
  const auto before = host.publish();

  EXPECT_THAT(host.settle_down(), SizeIs(1));

  TestAttempt attempt;
  EXPECT_EQ(attempt.run(*before->routes()[0].handler).kind, OutcomeKind::kCancelled);
}

TEST(Swap, TheSameBytesAreNoNewBuild) {
  SwappingHost host;
  host.put("sample");

  const LoadReport report = host.registry->update(settled(host.file));
  host.registry->commit({});

  EXPECT_THAT(report.loaded, IsEmpty());
  EXPECT_THAT(report.refused, IsEmpty());
  EXPECT_FALSE(host.registry->is_departing());
}

TEST(Swap, ABadBuildIsRefusedOnceAndTheOneBeforeStays) {
  SwappingHost host;
  host.put_text("no library");

  const LoadReport report = host.registry->update(settled(host.file));
  host.publish().reset();
  const LoadReport again = host.registry->update(settled(host.file));
  host.registry->commit({});

  ASSERT_EQ(report.refused.size(), 1u);
  EXPECT_THAT(report.refused[0].reason, HasSubstr("not an ELF file"));
  EXPECT_EQ(report.refused[0].stays, 1u);
  EXPECT_EQ(host.registry->refused_count(), 1u);
  EXPECT_THAT(again.refused, IsEmpty());
  EXPECT_EQ(host.answer(), "\"sample\"");
  EXPECT_FALSE(host.registry->is_departing());

  host.put("sample_next");
  EXPECT_EQ(host.registry->update(settled(host.file)).loaded.size(), 1u);
  EXPECT_EQ(host.registry->refused_count(), 0u);
  host.publish().reset();
  EXPECT_EQ(host.answer(), "\"sample next\"");
}

TEST(Swap, AFileThatMayNotBeReadIsRefusedOnceHoweverOftenItIsTouched) {
  SwappingHost host;
  const auto tell = [&] {
    LoadReport report = host.registry->update(settled(host.file));
    host.registry->commit({});
    return report.refused.size();
  };
  host.put("sample_next");
  std::filesystem::permissions(host.file, std::filesystem::perms(0664));
  EXPECT_EQ(tell(), 1u);

  std::filesystem::last_write_time(host.file, std::filesystem::file_time_type::clock::now());
  EXPECT_EQ(tell(), 0u);
  EXPECT_EQ(host.registry->refused_count(), 1u);

  std::filesystem::permissions(host.file, std::filesystem::perms(0666));
  EXPECT_EQ(tell(), 1u) << "another mode";
  host.put("sample_next");
  std::filesystem::permissions(host.file, std::filesystem::perms(0666));
  EXPECT_EQ(tell(), 1u) << "another file";

  std::filesystem::permissions(host.file, std::filesystem::perms(0644));
  EXPECT_EQ(tell(), 0u);
  EXPECT_EQ(host.registry->refused_count(), 0u);
  EXPECT_EQ(host.registry->status()[0].generation, 2u) << "it may be read now";
}

// The child that tries a build has the file exchanged, after which nothing looks at the bytes
// again.
TEST(Swap, ABuildThatIsExchangedBetweenItsCheckAndItsLoadIsTheOneThatWasChecked) {
  test::TempDir scratch;
  const auto program =
      scratch.write("probe",
                    fmt::format("#!/bin/sh\n"
                                "[ ! -e {0}/other.so ] || mv {0}/other.so {0}/file.so\n"
                                "exec {1}\n",
                                scratch.path().native(), HOOKHOST_TEST_PROBE),
                    0700);
  RegistryOptions options = with_probation(0ms);
  options.probe.program = program;
  SwappingHost host(options);
  const auto put = [&](std::string_view plugin, std::string_view as) {
    std::filesystem::copy_file(built_plugin(plugin), scratch / as);
    std::filesystem::permissions(scratch / as, std::filesystem::perms(0700));
  };
  put("sample_next", "file.so");
  put("sample", "other.so");
  host.file = scratch / "file.so";
  host.registry->update(gone(host.plugins() / "sample.so"));
  host.publish().reset();

  const LoadReport report = host.registry->update(settled(host.file));
  ASSERT_EQ(report.loaded.size(), 1u);
  host.publish().reset();

  EXPECT_FALSE(std::filesystem::exists(scratch / "other.so"));
  EXPECT_EQ(host.answer(), "\"sample next\"");
  EXPECT_EQ(host.registry->update(settled(host.file)).loaded.size(), 1u) << "the other one";
  host.publish().reset();
  EXPECT_EQ(host.answer(), "\"sample\"");
}

TEST(Swap, GoingBackToWhatServesForgetsTheBadBuild) {
  SwappingHost host;
  host.put_text("no library");
  host.registry->update(settled(host.file));
  host.registry->commit({});
  host.put("sample");
  host.registry->update(settled(host.file));
  host.registry->commit({});
  EXPECT_EQ(host.registry->refused_count(), 0u);

  host.put_text("no library");
  EXPECT_EQ(host.registry->update(settled(host.file)).refused.size(), 1u);
}

TEST(Swap, ABuildThatCannotBePublishedIsUndone) {
  SwappingHost host;
  host.put("sample_next");
  host.registry->update(settled(host.file));

  host.registry->undo("there is no route \"x\"");

  EXPECT_EQ(host.registry->routes()[0].generation, 1u);
  EXPECT_EQ(host.answer(host.registry->routes()[0]), "\"sample\"");
  EXPECT_THAT(host.settle_down(), IsEmpty());  // nobody ever called the newcomer
  EXPECT_EQ(host.states(), "1 live");
  ASSERT_THAT(host.registry->refusals(), SizeIs(1));
  EXPECT_EQ(host.registry->refusals()[0].plugin.reason, "there is no route \"x\"");
  EXPECT_THAT(host.registry->update(settled(host.file)).loaded, IsEmpty());  // not tried again
}

TEST(Swap, ANewFileIsANewPlugin) {
  SwappingHost host;
  const auto two = host.add("sample_two");

  const LoadReport report = host.registry->update(settled(two));
  host.publish().reset();

  ASSERT_EQ(report.loaded.size(), 1u);
  EXPECT_EQ(report.loaded[0].replaces, 0u);
  EXPECT_EQ(host.table->routes().size(), 4u);
  EXPECT_FALSE(host.registry->is_departing());
}

TEST(Swap, AFileThatIsGoneTakesItsRoutesWithIt) {
  SwappingHost host;
  std::filesystem::remove(host.file);

  const LoadReport report = host.registry->update(gone(host.file));
  host.publish().reset();

  ASSERT_EQ(report.removed.size(), 1u);
  EXPECT_EQ(report.removed[0].id, "sample");
  EXPECT_EQ(host.table->routes().size(), 0u);
  EXPECT_THAT(host.settle_down(), SizeIs(1));
  EXPECT_FALSE(is_mapped("/sample."));
}

TEST(Swap, AFileThatComesBackGoesOnCounting) {
  SwappingHost host;
  host.registry->update(gone(host.file));
  host.publish().reset();

  const LoadReport report = host.registry->update(settled(host.file));

  ASSERT_EQ(report.loaded.size(), 1u);
  EXPECT_EQ(report.loaded[0].generation, 2u);
  EXPECT_EQ(report.loaded[0].replaces, 0u);
}

TEST(Swap, OneBadFileOfABatchCostsTheOthersNothing) {
  SwappingHost host;
  host.put("sample_next");
  const auto bad = host.folder.write("plugins/bad.so", "text", 0644);

  const LoadReport report = host.registry->update(
      {{FolderChange::Kind::kSettled, bad}, {FolderChange::Kind::kSettled, host.file}});

  EXPECT_EQ(report.refused.size(), 1u);
  EXPECT_EQ(report.refused[0].stays, 0u);
  ASSERT_EQ(report.loaded.size(), 1u);
  EXPECT_EQ(report.loaded[0].generation, 2u);
}

TEST(Swap, TheEndTakesWhatStillDrainsToo) {
  SwappingHost host;
  host.put("sample_next");
  host.registry->update(settled(host.file));
  const auto before = host.publish();

  host.registry->shut_down();

  EXPECT_FALSE(is_mapped("/sample."));
  EXPECT_FALSE(host.registry->is_departing());
}

// glibc answers a name that it knows with the code that it knows: loading the watched file itself
// in place of a private copy would serve the first build for ever.
TEST(Swap, ThreeBuildsInTurnAreNeverStale) {
  SwappingHost host;
  const std::pair<const char*, const char*> builds[] = {{"sample_next", "\"sample next\""},
                                                        {"sample_third", "\"sample third\""},
                                                        {"sample", "\"sample\""}};
  for (int round = 0; round < 30; ++round) {
    const auto& [plugin, answer] = builds[round % 3];
    host.put(plugin);
    ASSERT_EQ(host.registry->update(settled(host.file)).loaded.size(), 1u) << round;
    host.publish().reset();
    EXPECT_EQ(host.answer(), answer) << round;
    EXPECT_THAT(host.settle_down(), SizeIs(1));
  }
  EXPECT_EQ(host.table->routes()[0].generation, 31u);
}

// ---- Probation and the way back

TEST(Swap, TheBuildBeforeStandsByUntilTheNewOneHasProvedItself) {
  SwappingHost host(with_probation(1h));
  host.swap_to("sample_next");

  EXPECT_THAT(host.settle_down(), SizeIs(1));  // it is drained, and no more
  EXPECT_EQ(host.states(), "2 probation, 1 standby");
  EXPECT_TRUE(is_mapped("/sample.1."));

  for (int i = 0; i < 199; ++i) host.answer();
  EXPECT_THAT(host.registry->tend(), IsEmpty());
  host.answer();
  const auto events = host.settle_down();
  ASSERT_THAT(events, SizeIs(1));
  EXPECT_EQ(events[0].kind, PluginEvent::Kind::kProved);
  EXPECT_EQ(events[0].generation, 2u);
  EXPECT_EQ(host.states(), "2 live");
  EXPECT_FALSE(is_mapped("/sample.1."));
}

// Two hundred calls may be faster than the last loop that lets go of the table before.
TEST(Swap, ABuildThatStoodByServesWhoeverStillHasTheOldTable) {
  SwappingHost host(with_probation(1h));
  host.put("sample_next");
  host.registry->update(settled(host.file));
  auto before = host.publish();
  for (int i = 0; i < 200; ++i) host.answer();
  EXPECT_THAT(host.registry->tend(), SizeIs(1));  // it has proved itself

  EXPECT_THAT(host.registry->tend(), IsEmpty());
  EXPECT_EQ(host.answer(before->routes()[0]), "\"sample\"");
  before.reset();
  EXPECT_THAT(host.settle_down(), SizeIs(1));
  EXPECT_FALSE(is_mapped("/sample.1."));
}

TEST(Swap, ProbationIsOverInTimeWithoutACall) {
  SwappingHost host(with_probation(1ms));
  host.swap_to("sample_next");
  while (host.registry->tend_by() != MonotonicTime::max()) host.registry->tend();
  EXPECT_EQ(host.states(), "2 live");
}

TEST(Swap, ABuildThatFailsIsToldOnceAndTheOneBeforeComesBack) {
  SwappingHost host(with_probation(1h));
  host.swap_to("sample_failing");
  host.settle_down();
  for (int i = 0; i < 4; ++i) host.answer();
  EXPECT_THAT(host.registry->tend(), IsEmpty());
  host.answer();

  const auto events = host.registry->tend();
  ASSERT_THAT(events, SizeIs(1));
  EXPECT_EQ(events[0].kind, PluginEvent::Kind::kFailedProbation);
  EXPECT_EQ(events[0].reason, "5 of 5 calls failed (before: 0 of 0)");
  EXPECT_THAT(host.registry->tend(), IsEmpty());

  const auto back = host.registry->roll_back("sample", events[0].reason);
  host.publish().reset();
  ASSERT_TRUE(back);
  EXPECT_EQ(back->generation, 1u);
  EXPECT_EQ(back->replaces, 2u);
  EXPECT_EQ(host.answer(), "\"sample\"");
  host.settle_down();
  EXPECT_EQ(host.states(), "1 live");
  EXPECT_FALSE(is_mapped("/sample.2."));
  // The bad bytes still lie in the folder, and are not tried again.
  EXPECT_THAT(host.registry->update(settled(host.file)).loaded, IsEmpty());
  host.registry->commit({});
  ASSERT_THAT(host.registry->refusals(), SizeIs(1));
  EXPECT_EQ(host.registry->refusals()[0].plugin.reason,
            "gen 2 was rolled back: 5 of 5 calls failed (before: 0 of 0)");
  EXPECT_EQ(host.registry->refusals()[0].plugin.stays, 1u);
}

TEST(Swap, ABuildThatStandsByHasItsMemoryAsItWas) {
  SwappingHost host(with_probation(1h));
  host.answer();
  host.swap_to("sample_next");
  ASSERT_TRUE(host.registry->roll_back("sample", "by command"));
  host.publish().reset();
  const GenerationStatus live = host.registry->status().front();
  EXPECT_EQ(live.generation, 1u);
  EXPECT_EQ(live.tally.calls, 1u);
}

TEST(Swap, TheWayBackIsTheLastBuildThatProvedItself) {
  SwappingHost host(with_probation(1h));
  host.swap_to("sample_next");
  host.swap_to("sample_failing");
  host.settle_down();
  EXPECT_EQ(host.states(), "3 probation, 1 standby");
  ASSERT_TRUE(host.registry->roll_back("sample", "by command"));
  host.publish().reset();
  EXPECT_EQ(host.answer(), "\"sample\"");
}

TEST(Swap, AfterProbationTheBuildBeforeComesBackAsANewGeneration) {
  for (const auto probation : {0ms, 1ms}) {
    SwappingHost host(with_probation(probation));
    host.swap_to("sample_next");
    while (host.registry->tend_by() != MonotonicTime::max()) host.registry->tend();
    ASSERT_EQ(host.states(), "2 live");

    const auto back = host.registry->roll_back("sample", "by command");
    ASSERT_TRUE(back) << back.error().message;
    host.publish().reset();
    EXPECT_EQ(back->generation, 3u);
    EXPECT_EQ(back->replaces, 2u);
    EXPECT_EQ(host.answer(), "\"sample\"");
    host.settle_down();
    EXPECT_EQ(host.states(), "3 live");
    EXPECT_FALSE(host.registry->roll_back("sample", "by command"));  // the bad one is no way back
    host.registry->commit({});
  }
}

TEST(Swap, ThereIsNoWayBackFromTheFirstBuildNorOfAStranger) {
  SwappingHost host;
  const auto first = host.registry->roll_back("sample", "by command");
  host.registry->commit({});
  ASSERT_FALSE(first);
  EXPECT_EQ(first.error().message, "sample has no build before gen 1 to go back to");
  const auto stranger = host.registry->roll_back("nobody", "by command");
  host.registry->commit({});
  ASSERT_FALSE(stranger);
  EXPECT_EQ(stranger.error().code, ErrorCode::kNotFound);
  EXPECT_EQ(host.answer(), "\"sample\"");
}

TEST(Swap, AWayBackThatCannotBePublishedIsUndone) {
  SwappingHost host(with_probation(1h));
  host.swap_to("sample_next");
  ASSERT_TRUE(host.registry->roll_back("sample", "by command"));
  host.registry->undo("a route is taken");
  host.settle_down();
  EXPECT_EQ(host.states(), "2 probation, 1 standby");
  EXPECT_EQ(host.answer(host.registry->routes()[0]), "\"sample next\"");
}

TEST(Swap, WhatIsGoneTakesTheBuildThatStandsByWithIt) {
  SwappingHost host(with_probation(1h));
  host.swap_to("sample_next");
  host.registry->update(gone(host.file));
  host.publish().reset();
  host.settle_down();
  EXPECT_EQ(host.states(), "");
  EXPECT_FALSE(is_mapped("/sample."));
}

TEST(Swap, ADeployedBuildIsTakenFromElsewhereAndEvenUnchanged) {
  SwappingHost host;
  const auto elsewhere = host.folder.write("elsewhere/x.so", "", 0700);
  std::filesystem::copy_file(built_plugin("sample_next"), elsewhere,
                             std::filesystem::copy_options::overwrite_existing);
  for (const std::uint64_t generation : {2u, 3u}) {
    const LoadReport report = host.registry->deploy(elsewhere, host.file);
    host.publish().reset();
    ASSERT_THAT(report.loaded, SizeIs(1));
    EXPECT_EQ(report.loaded[0].generation, generation);
    EXPECT_EQ(host.answer(), "\"sample next\"");
  }
  // What is refused by command is no news about the folder.
  const LoadReport bad =
      host.registry->deploy(host.folder.write("bad.so", "text", 0700), host.file);
  host.registry->commit({});
  EXPECT_THAT(bad.refused, SizeIs(1));
  EXPECT_EQ(bad.refused[0].stays, 3u);
  EXPECT_EQ(host.registry->refused_count(), 0u);
}

// ---- What thread-local destructors keep in memory

class ThreadLocal : public testing::Test {
 protected:
  ThreadLocal() {
    put("tls_destructor");
    EXPECT_EQ(host_.load().loaded.size(), 1u);
  }
  void put(std::string_view plugin) {
    std::filesystem::create_directories(host_.plugins());
    std::filesystem::copy_file(
        std::filesystem::path(HOOKHOST_BAD_PLUGINS) / fmt::format("{}.so", plugin), file_,
        std::filesystem::copy_options::overwrite_existing);
    std::filesystem::permissions(file_, std::filesystem::perms::owner_all);
  }
  void swap_to(std::string_view plugin) {
    put(plugin);
    ASSERT_EQ(host_.registry->update(settled(file_)).loaded.size(), 1u);
    host_.registry->commit({});
  }
  bool is_pinned() const { return host_.registry->pinned_count() != 0; }
  // Which builds turned out to stay meanwhile, and why.
  std::vector<PluginEvent> tend_until_nothing_is_left_to_do() {
    std::vector<PluginEvent> pinned;
    while (host_.registry->tend_by() != MonotonicTime::max()) {
      for (PluginEvent& event : host_.registry->tend()) {
        if (event.kind == PluginEvent::Kind::kPinned) pinned.push_back(std::move(event));
      }
      test::rest();
    }
    return pinned;
  }

  static RegistryOptions options() {
    RegistryOptions options = with_probation(0ms);
    options.first_look = 1ms;
    return options;
  }
  TestRegistry host_{options()};
  const std::filesystem::path file_ = host_.plugins() / "plugin.so";
};

TEST_F(ThreadLocal, OfThePoolGoesWithItsThreads) {
  {
    const auto routes = host_.registry->routes();
    struct Call : Work {
      explicit Call(Handler& its_handler) : Work(&go), handler(its_handler) {}
      static void go(Work& work) noexcept {
        TestAttempt attempt;
        attempt.run(static_cast<Call&>(work).handler);
        static_cast<Call&>(work).is_done = true;
      }
      Handler& handler;
      std::atomic<bool> is_done{false};
    } call(*routes[0].handler);
    host_.pool.post(call);
    while (!call.is_done) test::rest();
  }
  swap_to("good");

  EXPECT_THAT(tend_until_nothing_is_left_to_do(), IsEmpty());

  EXPECT_FALSE(is_pinned());
  EXPECT_FALSE(is_mapped("/plugin.1."));
  EXPECT_FALSE(host_.log.has("stays in memory"));
}

TEST_F(ThreadLocal, OfAThreadThatStaysIsToldInTheEnd) {
  {
    TestAttempt attempt;
    attempt.run(*host_.registry->routes()[0].handler);  // on this thread, as an event loop does
  }
  swap_to("good");

  const std::vector<PluginEvent> pinned = tend_until_nothing_is_left_to_do();

  ASSERT_THAT(pinned, SizeIs(1));
  EXPECT_EQ(pinned[0].file, "plugin.so");
  EXPECT_EQ(pinned[0].generation, 1u);
  EXPECT_THAT(pinned[0].reason, HasSubstr("a thread-local destructor"));
  EXPECT_TRUE(is_pinned());
  EXPECT_TRUE(host_.log.has("plugin.so: its code stays in memory: a thread-local destructor"));
  EXPECT_EQ(host_.registry->status().back().state, GenerationState::kPinned);
}

TEST(Pinned, TooManyOfOneFileAreRefused) {
  RegistryOptions options = with_probation(0ms);
  options.pinned_max = 2;
  TestRegistry host(options);
  const auto file = host.plugins() / "plugin.so";
  const auto put = [&](int build) {
    std::filesystem::create_directories(host.plugins());
    std::filesystem::copy_file(std::filesystem::path(HOOKHOST_BAD_PLUGINS) / "keeps_loaded.so",
                               file, std::filesystem::copy_options::overwrite_existing);
    std::filesystem::permissions(file, std::filesystem::perms::owner_all);
    std::ofstream(file, std::ios::app) << build;  // other bytes, the same library
  };
  put(0);
  host.load();
  for (int build = 1; build <= 2; ++build) {
    put(build);
    ASSERT_EQ(host.registry->update(settled(file)).loaded.size(), 1u) << build;
    host.registry->commit({});
    while (host.registry->is_departing()) host.registry->tend();
  }
  put(3);
  const LoadReport report = host.registry->update(settled(file));
  host.registry->commit({});
  ASSERT_EQ(report.refused.size(), 1u);
  EXPECT_EQ(report.refused[0].reason,
            "2 builds of it could not be unloaded and are still in memory: the plugin says "
            "KEEP_LOADED");
  EXPECT_EQ(report.refused[0].stays, 3u);
}

}  // namespace
}  // namespace hookhost::plugin
