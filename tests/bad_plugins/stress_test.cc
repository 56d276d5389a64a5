// SPDX-License-Identifier: Apache-2.0
//
// What does an author read about a plugin that loads well and fails in use: under mutated payloads,
// or after many swaps? One source of this folder per way to fail.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <charconv>

#include "plugin/test_registry.h"

namespace hookhost::plugin {
namespace {

using testing::AnyOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::MatchesRegex;
using testing::StartsWith;

constexpr std::uint64_t kPayloads = 400;

ProbeReport check(std::string_view plugin, Stress stress,
                  std::chrono::milliseconds timeout = std::chrono::seconds(20)) {
  const test::TempDir folder;
  ProbeOptions options;
  options.program = HOOKHOST_TEST_PROBE;
  options.arguments.clear();
  options.timeout = timeout;
  options.calls_handlers = stress.only.empty();
  options.stress = std::move(stress);
  return check_file(copy_plugin(plugin, folder), folder / "stage", options,
                    [](std::string_view) { return PluginSettings{}; });
}

// ---- Nothing is found

TEST(GoodPlugin, LeavesNothingBehindAndTakesEveryPayload) {
  const ProbeReport report = check("idempotent", {50, kPayloads});

  EXPECT_TRUE(report.is_good) << report.reason;
  EXPECT_EQ(report.swaps, 50u);
  EXPECT_EQ(report.swaps_pinned, 0u);
  EXPECT_EQ(report.routes.at(0).payloads, kPayloads);
  EXPECT_TRUE(report.routes.at(0).is_called);
  EXPECT_THAT(report.notes, IsEmpty());
}

// A handler may have effects: only one that says it may run again without harm is tried.
TEST(GoodPlugin, IsNotCalledUnlessItSaysIdempotent) {
  const ProbeReport report = check("good", {3, kPayloads});

  EXPECT_TRUE(report.is_good) << report.reason;
  EXPECT_FALSE(report.routes.at(0).is_called);
  EXPECT_EQ(report.routes.at(0).payloads, 0u);
}

TEST(GoodPlugin, IsCalledWhenTheOperatorWantsAll) {
  Stress all{3, kPayloads};
  all.calls_all = true;

  const ProbeReport report = check("good", all);

  EXPECT_TRUE(report.is_good) << report.reason;
  EXPECT_EQ(report.routes.at(0).payloads, kPayloads);
}

TEST(GoodPlugin, ThatStaysLoadedIsNotBlamedForItsCode) {
  const ProbeReport report = check("keeps_loaded", {10});

  EXPECT_TRUE(report.is_good) << report.reason;
  EXPECT_EQ(report.swaps_pinned, 10u);
}

TEST(GoodPlugin, ThatStaysLoadedMayKeepItsThreads) {
  const ProbeReport report = check("keeps_thread", {5});
  EXPECT_TRUE(report.is_good) << report.reason;
}

TEST(GoodPlugin, IsUnmappedWhenTheThreadOfItsThreadLocalHasEnded) {
  Stress all{10, 0};
  all.calls_all = true;

  const ProbeReport report = check("tls_destructor", all);

  EXPECT_TRUE(report.is_good) << report.reason;
  EXPECT_EQ(report.pinned_reason,
            "a thread-local destructor of it waits for the end of a thread that it ran on");
  EXPECT_EQ(report.swaps_pinned, 0u);
}

// ---- Left behind

TEST(LeakingPlugin, OfDescriptorsNamesTheFile) {
  EXPECT_EQ(check("leaks_descriptor", {50}).reason,
            "48 descriptors more after 50 swaps: /dev/full");
}

TEST(LeakingPlugin, IsFoundFromTheThirdLifeOn) {
  EXPECT_EQ(check("leaks_descriptor", {3}).reason, "1 descriptor more after 3 swaps: /dev/full");
  EXPECT_TRUE(check("leaks_descriptor", {2}).is_good);
}

// Found in its first life already: the start of the host refuses it too.
TEST(LeakingPlugin, OfThreadsIsRefusedWithoutASwap) {
  EXPECT_EQ(check("leaks_thread", {0}).reason,
            "a thread of it still runs after destroy, and its code is gone");
}

TEST(LeakingPlugin, OfMappingsNamesTheFile) {
  EXPECT_THAT(check("leaks_mapping", {20}).reason,
              MatchesRegex("18 mappings more after 20 swaps: /.*/plugin_probe_program"));
}

// ---- Payloads

TEST(FailingPlugin, ThatCrashesIsToldWithItsPayload) {
  const ProbeReport report = check("crashes_on_payload", {50, kPayloads, 7});

  EXPECT_FALSE(report.is_good);
  EXPECT_TRUE(report.did_not_return);
  EXPECT_THAT(report.payload, MatchesRegex("x:[0-9]+"));
  const std::string phase =
      "during payload " + report.payload.substr(2) + " (seed 7) of endpoint x";
  EXPECT_THAT(report.reason,
              // A sanitizer turns the signal into an exit code of its own.
              AnyOf("crashed with signal 11 (Segmentation fault) " + phase,
                    MatchesRegex("ended the process with exit code [0-9]+ during payload .*")));
  EXPECT_THAT(report.fix, IsEmpty()) << "it is being checked already";
}

TEST(FailingPlugin, ThatHangsIsToldWithItsPayload) {
  const ProbeReport report =
      check("hangs_on_payload", {0, kPayloads}, std::chrono::milliseconds(1500));

  EXPECT_TRUE(report.did_not_return);
  EXPECT_EQ(report.reason, "did not come back from payload " + report.payload.substr(2) +
                               " (seed 1) of endpoint x within 1.5 s");
}

TEST(FailingPlugin, ThatBreaksARuleIsToldWithItsPayload) {
  const ProbeReport report = check("breaks_on_payload", {0, kPayloads});

  EXPECT_FALSE(report.is_good);
  EXPECT_FALSE(report.did_not_return);
  EXPECT_EQ(report.reason, "payload " + report.payload.substr(2) +
                               " (seed 1) of endpoint x broke a rule of the ABI: returned "
                               "HOOKHOST_PENDING without defer: nobody would answer");
}

TEST(FailingPlugin, ThatLetsAnExceptionEscapeIsFound) {
  Stress all{0, kPayloads};
  all.calls_all = true;
  EXPECT_EQ(check("throws", all).reason,
            "payload 1 (seed 1) of endpoint throws broke a rule of the ABI: an exception left "
            "handle: no such table");
}

TEST(FailingPlugin, TheRuleThatTheHostRefusedByIsNamed) {
  Stress all{0, kPayloads};
  all.calls_all = true;
  EXPECT_EQ(
      check("bad_status", all).reason,
      "payload 1 (seed 1) of endpoint x broke a rule of the ABI: respond refused: status: not "
      "between 200 and 599");
}

// ---- Had again

TEST(Reproduction, ThatPayloadAloneFailsTheSameWay) {
  const ProbeReport first = check("crashes_on_payload", {0, kPayloads, 7});
  Stress alone{0, 0, 7, first.payload};

  const ProbeReport again = check("crashes_on_payload", alone);

  EXPECT_EQ(again.reason, first.reason);
  EXPECT_EQ(again.payload, first.payload);
}

TEST(Reproduction, TheOneBeforeItPasses) {
  const ProbeReport first = check("crashes_on_payload", {0, kPayloads, 7});
  std::uint64_t number = 0;
  std::from_chars(first.payload.data() + 2, first.payload.data() + first.payload.size(), number);
  ASSERT_GT(number, 1u);
  Stress alone{0, 0, 7, "x:" + std::to_string(number - 1)};

  const ProbeReport before = check("crashes_on_payload", alone);

  EXPECT_TRUE(before.is_good) << before.reason;
  EXPECT_EQ(before.routes.at(0).payloads, 1u);
}

TEST(Reproduction, AnotherSeedFailsElsewhere) {
  EXPECT_NE(check("crashes_on_payload", {0, kPayloads, 7}).payload,
            check("crashes_on_payload", {0, kPayloads, 8}).payload);
}

TEST(Reproduction, AnEndpointThatIsNotThereIsNamed) {
  Stress alone{0, 0, 1, "y:1"};
  EXPECT_EQ(check("idempotent", alone).reason, "there is no endpoint y");
}

TEST(Reproduction, AnEndpointThatMayNotBeCalledIsNot) {
  Stress alone{0, 0, 1, "x:1"};
  const ProbeReport report = check("good", alone);
  EXPECT_EQ(report.reason, "endpoint x does not say IDEMPOTENT and is not called");
  EXPECT_THAT(report.fix, HasSubstr("--call-all"));
}

}  // namespace
}  // namespace hookhost::plugin
