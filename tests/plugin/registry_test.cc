// SPDX-License-Identifier: Apache-2.0
//
// Does a folder of plugins become routes, in a known order, each on its own?
#include "plugin/registry.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "plugin/library.h"
#include "plugin/test_registry.h"

namespace hookhost::plugin {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(Registry, LoadsAFolderInTheOrderOfItsNames) {
  TestRegistry host;
  host.add("sample_two", "b.so");
  host.add("sample", "c.so");
  host.add("sample", ".hidden.so");
  host.add("sample", "d.so.tmp");
  host.add("sample", "e.txt");

  const LoadReport report = host.load();

  ASSERT_EQ(report.loaded.size(), 2u);
  EXPECT_THAT(report.refused, IsEmpty());
  EXPECT_EQ(report.loaded[0].id, "sample_two");
  EXPECT_EQ(report.loaded[1].id, "sample");
  EXPECT_EQ(report.loaded[1].file.filename(), "c.so");
  EXPECT_EQ(report.loaded[1].version, "1.2.3");
  EXPECT_EQ(report.loaded[1].build_id.size(), 40u);  // of the ELF note
  EXPECT_EQ(report.loaded[1].generation, 1u);
  EXPECT_THAT(report.loaded[1].routes,
              ElementsAre("/webhooks/first", "/webhooks/tpl/{id}", "/webhooks/sleepy"));
}

TEST(Registry, RoutesCarryTheWordOfThePlugin) {
  TestRegistry host;
  host.registry->load_file(host.add("sample"));

  const std::vector<Route> routes = host.registry->routes();

  ASSERT_EQ(routes.size(), 3u);
  EXPECT_EQ(routes[0].name, "first");
  EXPECT_EQ(routes[0].plugin, "sample.so");
  EXPECT_EQ(routes[0].plugin_id, "sample");
  EXPECT_EQ(routes[0].form, PayloadForm::kRaw);
  EXPECT_EQ(routes[0].place, Place::kInline);
  EXPECT_EQ(routes[0].ack, Ack::kReply);
  EXPECT_EQ(routes[0].on_failure, OnFailure::kRetry);
  EXPECT_EQ(routes[0].timeout, std::chrono::milliseconds(30'000));
  EXPECT_TRUE(routes[0].is_idempotent);
  EXPECT_EQ(routes[0].doc, "The first.");
  const Route& second = routes[1];
  EXPECT_EQ(second.path, "/webhooks/tpl/{id}");
  EXPECT_EQ(second.form, PayloadForm::kHubStrict);
  EXPECT_EQ(second.place, Place::kPool);
  EXPECT_EQ(second.ack, Ack::kDurable);
  EXPECT_EQ(second.on_failure, OnFailure::kFail);
  EXPECT_EQ(second.timeout, std::chrono::milliseconds(1500));
  EXPECT_EQ(second.body_bytes_max, 4096u);
  EXPECT_EQ(second.events, "repo.content:update");
  EXPECT_EQ(second.concurrency_max, 3u);
  EXPECT_EQ(routes[2].concurrency_max, 1u);  // SERIAL
  EXPECT_EQ(routes[2].authenticator, nullptr);
}

TEST(Registry, HandlersRunThePlugin) {
  TestRegistry host;
  host.registry->load_file(host.add("sample"));
  TestAttempt attempt;

  Outcome outcome = host.post(attempt);

  EXPECT_EQ(bytes_of(outcome.response), R"("sample")");
  release_chunks(outcome.response);
}

TEST(Registry, ADisabledPluginIsNotRun) {
  TestRegistry host;
  host.settings["sample"].enabled = false;
  host.add("sample");
  host.add("sample_two", "other_name.so");
  host.settings["sample_two"].enabled = false;  // known only after its entry was asked

  const LoadReport report = host.load();

  EXPECT_THAT(report.loaded, IsEmpty());
  EXPECT_THAT(report.refused, IsEmpty());
  EXPECT_EQ(report.disabled.size(), 2u);
}

TEST(Registry, SettingsFollowTheIdAndNotTheFile) {
  TestRegistry host;
  host.settings["sample"].config_json = R"({"name":"from the settings"})";
  host.settings["renamed"].config_json = R"({"wrong":1})";
  const LoadReport report = host.registry->load_file(host.add("sample", "renamed.so"));
  ASSERT_EQ(report.loaded.size(), 1u) << report.refused[0].reason;
  TestAttempt attempt;

  Outcome outcome = host.post(attempt);

  EXPECT_EQ(bytes_of(outcome.response), R"("from the settings")");
  release_chunks(outcome.response);
}

TEST(Registry, AFolderThatIsNotThereIsOneSentence) {
  TestRegistry host;
  const LoadReport report = host.registry->load_directory(host.folder / "nowhere");

  ASSERT_EQ(report.refused.size(), 1u);
  EXPECT_EQ(report.refused[0].reason, "cannot read the plugin folder: No such file or directory");
}

TEST(Registry, AnEmptyFolderIsFine) {
  TestRegistry host;
  std::filesystem::create_directories(host.plugins());
  const LoadReport report = host.load();

  EXPECT_THAT(report.loaded, IsEmpty());
  EXPECT_THAT(report.refused, IsEmpty());
}

TEST(Registry, ShutDownUnmapsEverythingAndLeavesNoFile) {
  TestRegistry host;
  host.add("sample");
  host.add("sample_two");
  host.load();
  const std::vector<Route> kept = host.registry->routes();
  const auto staged = host.folder / "stage" / std::to_string(::getpid());
  ASSERT_TRUE(std::filesystem::exists(staged));

  host.registry->shut_down();
  host.registry->shut_down();

  EXPECT_THAT(host.registry->routes(), IsEmpty());
  EXPECT_FALSE(std::filesystem::exists(staged));
  EXPECT_FALSE(is_mapped("/sample."));
  EXPECT_THAT(host.log.lines(), IsEmpty());
  TestAttempt attempt;
  EXPECT_EQ(attempt.run(*kept[0].handler).kind, OutcomeKind::kCancelled);
}

TEST(Registry, MetricsOfPluginsCanBeVisited) {
  TestRegistry host;
  host.registry->load_file(host.add("sample"));
  TestAttempt attempt;
  Outcome outcome = host.post(attempt);
  release_chunks(outcome.response);
  std::vector<std::string> samples;

  host.registry->visit_metrics([&](const PluginMetricSample& sample) {
    samples.push_back(fmt::format("{} {}", sample.name, sample.value));
  });

  EXPECT_THAT(samples, ElementsAre("hookhost_plugin_sample_calls_total 1"));
}

TEST(Registry, LoadsWithoutAProbeWhenTold) {
  RegistryOptions options;
  options.is_probed = false;
  options.probe.program = "/nonexistent";
  TestRegistry host(options);

  EXPECT_EQ(host.registry->load_file(host.add("sample")).loaded.size(), 1u);
}

TEST(Registry, AProbeThatCannotStartIsAReason) {
  RegistryOptions options;
  options.probe.program = "/nonexistent";
  TestRegistry host(options);

  EXPECT_EQ(host.refusal("sample").reason, "cannot start /nonexistent: No such file or directory");
}

TEST(Registry, AProbeThatIsSomethingElseIsAReason) {
  RegistryOptions options;
  options.probe.program = "/bin/true";
  TestRegistry host(options);

  EXPECT_THAT(host.refusal("sample").reason,
              HasSubstr("ended the process with exit code 0 before it tried anything"));
}

TEST(CheckFile, ReportsWhatAnOperatorAsks) {
  TestRegistry host;
  ProbeOptions options;
  options.program = HOOKHOST_TEST_PROBE;
  options.arguments.clear();
  options.calls_handlers = true;
  options.host_version = "9.9.9";

  const ProbeReport report =
      check_file(host.add("sample"), host.folder / "stage", options, [](std::string_view) {
        PluginSettings settings;
        settings.enabled = false;  // a check tries it anyway
        return settings;
      });

  EXPECT_TRUE(report.is_good) << report.reason;
  EXPECT_EQ(report.id, "sample");
  EXPECT_EQ(report.version, "1.2.3");
  EXPECT_TRUE(report.was_unmapped) << report.pinned_reason;
  ASSERT_EQ(report.routes.size(), 3u);
  EXPECT_EQ(report.routes[1].path, "/webhooks/tpl/{id}");
  EXPECT_EQ(report.routes[1].form, "strict");
  EXPECT_EQ(report.routes[1].ack, "durable");
  EXPECT_EQ(report.routes[0].place, "inline");
  EXPECT_THAT(report.notes, IsEmpty());
  EXPECT_FALSE(std::filesystem::exists(host.folder / "stage" / std::to_string(::getpid())));
}

TEST(CheckFile, RefusesBeforeAnythingRuns) {
  const test::TempDir folder;
  const ProbeReport report =
      check_file(folder.write("a.so", "text", 0644), folder / "stage", {}, {});

  EXPECT_FALSE(report.is_good);
  EXPECT_THAT(report.reason, HasSubstr("not an ELF file"));
}

}  // namespace
}  // namespace hookhost::plugin
