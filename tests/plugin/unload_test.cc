// SPDX-License-Identifier: Apache-2.0
//
// Does the code of a build leave the process with it, is what stays named with its reason, does
// the next build go on either way, and do two builds share nothing?
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "plugin/generation.h"
#include "plugin/inspect.h"
#include "plugin/test_host.h"
#include "support/identity_watch.h"

namespace hookhost::plugin {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr std::chrono::milliseconds kPatience{50};

fs::path bad_plugin(std::string_view name) {
  return fs::path(HOOKHOST_BAD_PLUGINS) / fmt::format("{}.so", name);
}

// Generations of libraries, each loaded from the path that a test gives.
struct Loader {
  // Another copy of the library, as staging makes it.
  std::shared_ptr<Generation> load(const fs::path& library) {
    const fs::path copy = folder / fmt::format("copy.{}.so", ++copies);
    fs::copy_file(library, copy);
    return load_itself(copy, copies);
  }
  std::shared_ptr<Generation> load_itself(const fs::path& library, std::uint64_t number) {
    const auto elf = inspect(library);
    EXPECT_TRUE(elf) << elf.error().message;
    auto generation = Generation::load({library, "plugin.so", *elf}, host.services);
    EXPECT_TRUE(generation) << generation.error().message;
    EXPECT_TRUE((*generation)->create(number, {}));
    EXPECT_TRUE((*generation)->activate());
    return *generation;
  }

  TestHost host;
  test::TempDir folder;
  std::uint64_t copies = 0;
};

Outcome call(const std::shared_ptr<Generation>& generation, std::string* body = nullptr) {
  TestAttempt attempt;
  Outcome outcome = attempt.run(*Generation::handler(generation, 0));
  if (body != nullptr) *body = bytes_of(outcome.response);
  release_chunks(outcome.response);
  return outcome;
}
std::string answer(const std::shared_ptr<Generation>& generation) {
  std::string body;
  call(generation, &body);
  return body;
}

TEST(Unload, ABuildWithOurFlagsIsUnmapped) {
  Loader loader;
  for (const char* name : {"sample", "inline_counter", "identity_a"}) {
    const auto generation = loader.load(built_plugin(name));
    call(generation);
    ASSERT_TRUE(is_mapped(generation->library_path())) << name;

    const RetireReport report = generation->retire(kPatience);

    EXPECT_TRUE(report.was_unmapped) << name << ": " << report.pinned_reason;
    EXPECT_EQ(report.pinned_reason, "");
    EXPECT_FALSE(is_mapped(generation->library_path())) << name;
  }
}

struct Pinned {
  const char* plugin;
  const char* reason;
};

class PinnedTest : public testing::TestWithParam<Pinned> {};

TEST_P(PinnedTest, IsNamedWithItsReasonAndTheNextBuildServes) {
  Loader loader;
  const auto before = loader.load(bad_plugin(GetParam().plugin));
  EXPECT_EQ(call(before).kind, OutcomeKind::kHandled);
  const auto next = loader.load(bad_plugin(GetParam().plugin));

  const RetireReport report = before->retire(kPatience);

  EXPECT_FALSE(report.was_unmapped);
  EXPECT_THAT(report.pinned_reason, HasSubstr(GetParam().reason));
  EXPECT_TRUE(is_mapped(before->library_path()));
  EXPECT_EQ(call(next).kind, OutcomeKind::kHandled);
  EXPECT_EQ(call(before).kind, OutcomeKind::kCancelled);
  next->retire(kPatience);
}

std::string name_of(const testing::TestParamInfo<Pinned>& info) { return info.param.plugin; }
INSTANTIATE_TEST_SUITE_P(Plugin, PinnedTest,
                         testing::Values(Pinned{"nodelete", "it was linked with -z nodelete"},
                                         Pinned{"tls_destructor", "a thread-local destructor"},
                                         Pinned{"keeps_loaded", "the plugin says KEEP_LOADED"}),
                         name_of);
#if !defined(__clang__)  // which makes no such symbols
INSTANTIATE_TEST_SUITE_P(Gnu, PinnedTest,
                         testing::Values(Pinned{"unique_symbols",
                                                "it defines 1 STB_GNU_UNIQUE symbols"}),
                         name_of);
#endif

TEST(InlineState, OfTwoGenerationsIsTwoStates) {
  Loader loader;
  const auto first = loader.load(built_plugin("inline_counter"));
  const auto second = loader.load(built_plugin("inline_counter"));

  EXPECT_EQ(answer(first), "1");
  EXPECT_EQ(answer(first), "2");
  EXPECT_EQ(answer(second), "1");
  EXPECT_EQ(answer(first), "3");

  first->retire(kPatience);
  EXPECT_EQ(answer(second), "2");
  second->retire(kPatience);
}

TEST(InlineState, OfTwoPluginsIsTwoStates) {
  Loader loader;
  const auto one = loader.load(built_plugin("inline_counter"));
  const auto other = loader.load(built_plugin("inline_counter_two"));

  EXPECT_EQ(answer(one), "1");
  EXPECT_EQ(answer(other), "1");

  one->retire(kPatience);
  other->retire(kPatience);
}

#if !defined(__clang__)
// What our flags are for: this is the same source without them.
TEST(InlineState, WithoutOurFlagsIsOneAndIsSaidBefore) {
  Loader loader;
  const auto one = loader.load(built_plugin("shared_counter"));
  const auto other = loader.load(built_plugin("shared_counter_two"));

  EXPECT_THAT(notes_about(one->elf()), testing::Contains(HasSubstr("it shares their state")));
  EXPECT_EQ(answer(one), "1");
  EXPECT_EQ(answer(other), "2");

  one->retire(kPatience);
  other->retire(kPatience);
}
#endif

// ---- Why every build is loaded from a copy with a name of its own

// As a swap does it: the next build is loaded while the one before serves.
std::string seen_over_three_builds(Loader& loader, bool from_copies) {
  test::IdentityWatch watch(3);
  std::shared_ptr<Generation> before;
  for (std::uint64_t number = 1; number <= 3; ++number) {
    const fs::path watched = loader.folder / "identity.so";
    copy_plugin(fmt::format("identity_{}", test::build_of(number)), loader.folder, "new.tmp");
    fs::rename(loader.folder / "new.tmp", watched);
    const auto next = from_copies ? loader.load(watched) : loader.load_itself(watched, number);
    if (before) before->retire(kPatience);
    watch.look(200, answer(next));
    before = next;
  }
  before->retire(kPatience);
  return watch.wrong();
}

TEST(IdentityWatch, SeesNothingWrongWithPrivateCopies) {
  Loader loader;
  EXPECT_EQ(seen_over_three_builds(loader, true), "");
}

TEST(IdentityWatch, SeesTheStaleBuildOfALibraryThatIsLoadedFromTheWatchedPath) {
  Loader loader;
  EXPECT_EQ(seen_over_three_builds(loader, false), "200 \"a 2\" after generation 1");
}

}  // namespace
}  // namespace hookhost::plugin
