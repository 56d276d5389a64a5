// SPDX-License-Identifier: Apache-2.0
//
// What does the API say about a swap, a refusal and what is loaded?
#include "app/plugin_desk.h"

#include <gtest/gtest.h>

#include "support/fake_clock.h"

namespace hookhost::app {
namespace {

using namespace std::chrono_literals;

TEST(PluginDesk, SaysWhatIsLiveAndWhatItReplaced) {
  SwapOutcome outcome;
  outcome.line = {.file = "retrain.so",
                  .generation = 4,
                  .before = 3,
                  .is_drained = true,
                  .took = 38ms,
                  .cut_off = 0};
  outcome.plugin_id = "retrain";
  outcome.build_id = "9c1e40aa";
  outcome.routes = {"/webhooks/retrain"};
  const admin::PluginReply reply = reply_of(outcome);
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(
      reply.json,
      R"({"result":"live","plugin":"retrain","file":"retrain.so","generation":4,"replaced":3,)"
      R"("build_id":"9c1e40aa","routes":["/webhooks/retrain"],"drained":true,"drain_s":0.038,)"
      R"("cut_off":0,"note":""})");
}

TEST(PluginDesk, SaysWhyABuildWasRefusedAndWhatStays) {
  SwapOutcome outcome;
  outcome.line = {.kind = SwapLine::Kind::kRefused,
                  .file = "retrain.so",
                  .generation = 3,
                  .reason = "undefined symbol: train_model",
                  .fix = "link it"};
  const admin::PluginReply reply = reply_of(outcome);
  EXPECT_EQ(reply.status, 422);
  EXPECT_EQ(reply.json,
            R"({"result":"refused","file":"retrain.so","detail":"undefined symbol: train_model",)"
            R"("fix":"link it","stays":3})");
  outcome.error = ErrorCode::kNotFound;
  EXPECT_EQ(reply_of(outcome).status, 404);
}

TEST(PluginDesk, ListsGenerationsAndRefusals) {
  const SystemTime now = test::FakeClock().now();
  plugin::GenerationStatus one;
  one.id = "retrain";
  one.file = "retrain.so";
  one.version = "1.2.3";
  one.generation = 2;
  one.state = plugin::GenerationState::kStandby;
  one.build_id = "9c1e";
  one.sha256 = "ab";
  one.since = now;
  one.tally = {.calls = 10, .failed = 1, .violations = 0};
  plugin::Refusal refusal;
  refusal.plugin.file = "/plugins/bad.so";
  refusal.plugin.reason = "not an ELF file";
  refusal.at = now;
  EXPECT_EQ(reply_of({one}, {refusal}).json,
            R"({"generations":[{"plugin":"retrain","file":"retrain.so","version":"1.2.3",)"
            R"("generation":2,"state":"standby","build_id":"9c1e","sha256":"ab","routes":[],)"
            R"("in_flight":0,"calls":10,"failed":1,"violations":0,)"
            R"("since":"2026-09-01T12:00:00.000Z","reason":""}],"refused":[{"file":"bad.so",)"
            R"("reason":"not an ELF file","fix":"","stays":0,"sha256":"",)"
            R"("at":"2026-09-01T12:00:00.000Z"}]})");
}

TEST(PluginDesk, ListsTheLastSwaps) {
  SwapHistory history;
  history.add({.at = test::FakeClock().now(),
               .result = "live",
               .file = "retrain.so",
               .plugin_id = "retrain",
               .generation = 2,
               .before = 1,
               .build_id = "9c1e",
               .build_id_before = "77aa"});
  history.note_drain("retrain.so", 1, 38ms, 1);
  EXPECT_EQ(reply_of(history).json,
            R"({"swaps":[{"at":"2026-09-01T12:00:00.000Z","result":"live","cause":"none",)"
            R"("file":"retrain.so","plugin":"retrain","generation":2,"replaced":1,)"
            R"("build_id":"9c1e","replaced_build_id":"77aa","reason":"","fix":"",)"
            R"("drained":true,"drain_s":0.038,"cut_off":1}]})");
}

}  // namespace
}  // namespace hookhost::app
