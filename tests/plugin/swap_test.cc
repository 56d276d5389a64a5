// SPDX-License-Identifier: Apache-2.0
//
// Does a changed file become the next generation, does the one before live as long as somebody may
// reach it, and does nothing that is bad replace anything?
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "plugin/library.h"
#include "plugin/test_registry.h"

namespace hookhost::plugin {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::vector<FolderChange> settled(const std::filesystem::path& file) {
  return {{FolderChange::Kind::kSettled, file}};
}
std::vector<FolderChange> gone(const std::filesystem::path& file) {
  return {{FolderChange::Kind::kGone, file}};
}

struct SwappingHost : TestRegistry {
  explicit SwappingHost(RegistryOptions options = {}) : TestRegistry(options) {
    file = add("sample");
    EXPECT_EQ(load().loaded.size(), 1u);
    table = make_table();
  }

  // As a build does it: written beside, then renamed.
  void put(std::string_view plugin) { std::filesystem::rename(add(plugin, "new.tmp"), file); }
  void put_text(std::string_view text) {
    std::filesystem::rename(folder.write("plugins/new.tmp", text, 0644), file);
  }
  std::shared_ptr<const routing::RouteTable> make_table() {
    auto made = routing::RouteTable::build(registry->routes());
    EXPECT_TRUE(made);
    return *made;
  }
  // As app does it; the table before is returned, like one that a loop still has.
  std::shared_ptr<const routing::RouteTable> publish() {
    auto before = std::exchange(table, make_table());
    registry->commit(before);
    return before;
  }
  std::string answer(const Route& route) {
    TestAttempt attempt;
    Outcome outcome = attempt.run(*route.handler);
    std::string body = bytes_of(outcome.response);
    release_chunks(outcome.response);
    return body;
  }
  std::string answer() { return answer(table->routes()[0]); }

  std::filesystem::path file;
  std::shared_ptr<const routing::RouteTable> table;
};

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

  EXPECT_THAT(host.registry->let_go_replaced(), IsEmpty());
  EXPECT_EQ(host.answer(before->routes()[0]), "\"sample\"");
  EXPECT_TRUE(host.registry->is_draining());

  before.reset();
  const auto ended = host.registry->let_go_replaced();
  ASSERT_EQ(ended.size(), 1u);
  EXPECT_EQ(ended[0].file, "sample.so");
  EXPECT_EQ(ended[0].generation, 1u);
  EXPECT_EQ(ended[0].cut_off, 0);
  EXPECT_EQ(ended[0].pinned_reason, "");
  EXPECT_FALSE(host.registry->is_draining());
  EXPECT_FALSE(is_mapped("/sample.1."));
}

TEST(Swap, WhoKeepsTheOldTableBeyondTheDrainIsAnsweredCancelled) {
  RegistryOptions options;
  options.swap_drain = std::chrono::milliseconds(0);
  SwappingHost host(options);
  host.put("sample_next");
  host.registry->update(settled(host.file));
  const auto before = host.publish();

  EXPECT_EQ(host.registry->let_go_replaced().size(), 1u);

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
  EXPECT_FALSE(host.registry->is_draining());
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
  EXPECT_FALSE(host.registry->is_draining());

  host.put("sample_next");
  EXPECT_EQ(host.registry->update(settled(host.file)).loaded.size(), 1u);
  EXPECT_EQ(host.registry->refused_count(), 0u);
  host.publish().reset();
  EXPECT_EQ(host.answer(), "\"sample next\"");
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

  host.registry->undo();

  EXPECT_EQ(host.registry->routes()[0].generation, 1u);
  EXPECT_EQ(host.answer(host.registry->routes()[0]), "\"sample\"");
  EXPECT_EQ(host.registry->let_go_replaced().size(), 1u);                    // the newcomer
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
  EXPECT_FALSE(host.registry->is_draining());
}

TEST(Swap, AFileThatIsGoneTakesItsRoutesWithIt) {
  SwappingHost host;
  std::filesystem::remove(host.file);

  const LoadReport report = host.registry->update(gone(host.file));
  host.publish().reset();

  ASSERT_EQ(report.removed.size(), 1u);
  EXPECT_EQ(report.removed[0].id, "sample");
  EXPECT_EQ(host.table->routes().size(), 0u);
  EXPECT_EQ(host.registry->let_go_replaced().size(), 1u);
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
  EXPECT_FALSE(host.registry->is_draining());
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
    EXPECT_EQ(host.registry->let_go_replaced().size(), 1u);
  }
  EXPECT_EQ(host.table->routes()[0].generation, 31u);
}

}  // namespace
}  // namespace hookhost::plugin
