// SPDX-License-Identifier: Apache-2.0
//
// Do the other commands do what their help says? check, inspect, send, openapi, config,
// healthcheck, completion, --version, --help.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "e2e/hub_event.h"
#include "e2e/live_host.h"
#include "payload/payload_support.h"
#include "support/temp_dir.h"

namespace hookhost::e2e {
namespace {

using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using ::testing::Not;
using ::testing::StartsWith;

std::string url_of(LiveHost& host) {
  return "http://127.0.0.1:" + std::to_string(host.process().port());
}

bool is_json(std::string_view text) {
  payload::Understanding json;
  return json.parse(text).has_value();
}

// ---- check

TEST(Check, SaysWhatAGoodPluginIs) {
  const auto result = hookhost({"check", plugin_file("twin_a")});

  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, StartsWith("twin_a 1.0.0   abi 1.0   build id "));
  EXPECT_THAT(result.out, HasSubstr("\nroute    POST /webhooks/twin   payload "));
  EXPECT_THAT(result.out, HasSubstr("\nunload   yes\nswaps    50, nothing left behind\n"));
  EXPECT_THAT(result.out,
              HasSubstr("\nuncalled twin: it does not say IDEMPOTENT; --call-all calls it\n"));
  EXPECT_THAT(result.out, ::testing::EndsWith("ok\n"));
}

TEST(Check, CallsWhatItWasAskedTo) {
  const auto result =
      hookhost({"check", plugin_file("twin_a"), "--call-all", "--payloads", "20", "--seed", "42"});

  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("\npayloads 20 for 1 route, seed 42\n"));
  EXPECT_THAT(result.out, Not(HasSubstr("uncalled")));
}

TEST(Check, PassesTheBundledPlugins) {
  for (const char* name : {"auto_retrain", "discussion_bot", "echo"}) {
    const auto result = hookhost({"check", std::string(BUNDLED_PLUGINS "/") + name + ".so"});
    EXPECT_EQ(result.exit_code, 0) << name << ": " << result.err;
    EXPECT_THAT(result.out, HasSubstr("\nswaps    50, nothing left behind\n")) << name;
  }
}

// The rest of the line that begins with the label.
std::string line_behind(std::string_view text, std::string_view label) {
  const std::size_t begin = text.find(label);
  if (begin == text.npos) return {};
  const std::string_view rest = text.substr(begin + label.size());
  return std::string(rest.substr(0, rest.find('\n')));
}

// As somebody runs it who copies the line from the terminal.
test::ProcessResult run_printed(std::string command) {
  const std::string name = "hookhost ";
  EXPECT_THAT(command, StartsWith(name));
  command.replace(0, name.size(), test::hookhost_binary() + " ");
  return test::run_process({"sh", "-c", command});
}

TEST(Check, PrintsTheCommandThatHasTheFindingAgain) {
  const test::TempDir folder;
  const auto file = folder / "it's mine.so";  // the shell has to read it as one word
  std::filesystem::copy_file(plugin_file("stumbling"), file);
  std::filesystem::permissions(file, static_cast<std::filesystem::perms>(0700));

  const auto found = hookhost({"check", file, "--payloads", "400", "--seed", "5"});

  EXPECT_EQ(found.exit_code, 1);
  EXPECT_THAT(found.err, HasSubstr("during payload "));
  EXPECT_THAT(found.err, HasSubstr(" (seed 5) of endpoint stumbles\n"));
  EXPECT_THAT(line_behind(found.err, "  gdb: "), ::testing::EndsWith(" --no-timeout"));
  for (const char* label : {"  try: ", "  or:  "}) {
    const auto again = run_printed(line_behind(found.err, label));
    EXPECT_EQ(again.exit_code, 1) << label;
    EXPECT_EQ(line_behind(again.err, "error: "), line_behind(found.err, "error: ")) << label;
  }
}

TEST(Check, OneRouteThatStumblesIsTheOnlyOne) {
  const auto careful = hookhost({"check", plugin_file("stumbling"), "--only", "careful:17"});
  EXPECT_EQ(careful.exit_code, 0) << careful.err;
  EXPECT_THAT(careful.out, HasSubstr("\npayloads careful:17 alone, seed 1\n"));

  const auto pays = hookhost({"check", plugin_file("stumbling"), "--only", "pays:17"});
  EXPECT_EQ(pays.exit_code, 1);
  EXPECT_EQ(pays.err,
            "error: stumbling.so: endpoint pays does not say IDEMPOTENT and is not called\n"
            "  fix: --call-all, when its handler does no harm here\n");
}

TEST(Check, EndsWith1AndTheReasonForABrokenOne) {
  const auto result = hookhost({"check", plugin_file("missing_symbol")});

  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.err, StartsWith("error: missing_symbol.so: "));
  EXPECT_THAT(result.err, HasSubstr("train_model"));
}

TEST(Check, EndsWith1ForWhatIsNoLibrary) {
  const test::TempDir folder;
  const auto file = folder.write("text.so", "this is no library");

  EXPECT_EQ(hookhost({"check", file}).exit_code, 1);
  EXPECT_EQ(hookhost({"check", folder / "none.so"}).exit_code, 1);
}

TEST(Check, PrintsJson) {
  const auto good = hookhost({"check", plugin_file("parity"), "--json"});
  const auto bad = hookhost({"check", plugin_file("slash"), "--json"});

  EXPECT_TRUE(is_json(good.out)) << good.out;
  EXPECT_THAT(good.out, HasSubstr(R"("ok":true)"));
  EXPECT_THAT(good.out, HasSubstr(R"("unloads":true)"));
  EXPECT_THAT(good.out, HasSubstr(R"("swaps":50,"swaps_pinned":0,"seed":1,)"));
  EXPECT_TRUE(is_json(bad.out)) << bad.out;
  EXPECT_THAT(bad.out, HasSubstr(R"("ok":false)"));
}

TEST(Check, OfSeveralFilesFindsTheRouteThatTwoOfThemWant) {
  const auto result = hookhost({"check", plugin_file("twin_a"), plugin_file("parity"),
                                plugin_file("twin_b"), "--swaps", "0"});

  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.out, HasSubstr("twin_a 1.0.0   abi"));
  EXPECT_THAT(result.out, HasSubstr("twin_b 1.0.0   abi")) << "each is good by itself";
  EXPECT_THAT(result.err, StartsWith("error: twin_b.so: Webhook /webhooks/twin already exists.\n"));
  EXPECT_THAT(result.err, HasSubstr("first:  twin_a.so, endpoint twin\n"));
  EXPECT_THAT(result.err, HasSubstr("second: twin_b.so, endpoint twin   (refused)\n"));

  const auto good =
      hookhost({"check", plugin_file("twin_a"), plugin_file("parity"), "--swaps", "0"});
  EXPECT_EQ(good.exit_code, 0) << good.err;
}

TEST(Check, OfAFolderFindsTheIdThatTwoFilesHave) {
  const test::TempDir folder;
  std::filesystem::create_directories(folder / "plugins");
  EXPECT_EQ(hookhost({"check", folder / "plugins"}).exit_code, 1) << "none";
  std::filesystem::copy_file(plugin_file("twin_a"), folder / "plugins/a.so");
  std::filesystem::copy_file(plugin_file("parity"), folder / "plugins/b.so");
  folder.write("plugins/b.so.tmp", "not looked at");
  EXPECT_EQ(hookhost({"check", folder / "plugins", "--swaps", "0"}).exit_code, 0);
  std::filesystem::copy_file(plugin_file("twin_a"), folder / "plugins/c.so");

  const auto result = hookhost({"check", folder / "plugins", "--swaps", "0", "--json"});

  EXPECT_EQ(result.exit_code, 1);
  EXPECT_TRUE(is_json(result.out)) << result.out;
  EXPECT_THAT(result.out, HasSubstr(R"("conflicts":[{"reason":"c.so: plugin id \"twin_a\" is )"
                                    R"(taken by a.so","fix":"remove one of the two files)"));
}

TEST(Check, OfOnePayloadIsAboutOneFile) {
  const auto result =
      hookhost({"check", plugin_file("twin_a"), plugin_file("parity"), "--only", "twin:1"});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.err, StartsWith("error: --only is about one file\n"));
}

// ---- inspect

TEST(Inspect, SaysWhatALibraryIsAndRunsNothingOfIt) {
  const auto result = hookhost({"inspect", plugin_file("twin_a")});

  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, StartsWith("twin_a.so   shared library, "));
  EXPECT_THAT(result.out, HasSubstr("\nentry    hookhost_entry_v1\n"));
  EXPECT_THAT(result.out, HasSubstr("\nneeds    libstdc++.so.6, "));
  EXPECT_THAT(result.out,
              ::testing::EndsWith("hookhost check " + plugin_file("twin_a").native() + "\n"));
}

// Loading it would fail; whether a symbol is found is not in its form.
TEST(Inspect, CannotKnowWhatOnlyLoadingTells) {
  EXPECT_EQ(hookhost({"inspect", plugin_file("missing_symbol")}).exit_code, 0);
}

TEST(Inspect, DoesNotMindWhoMayWriteTheFile) {
  const test::TempDir folder;
  const auto file = folder / "open.so";
  std::filesystem::copy_file(plugin_file("twin_a"), file);
  std::filesystem::permissions(file, std::filesystem::perms::all);

  EXPECT_EQ(hookhost({"inspect", file}).exit_code, 0);
  EXPECT_EQ(hookhost({"check", file}).exit_code, 1);
}

TEST(Inspect, PrintsJson) {
  const auto result = hookhost({"inspect", plugin_file("parity"), "--json"});

  EXPECT_TRUE(is_json(result.out)) << result.out;
  EXPECT_THAT(result.out, StartsWith(R"({"ok":true,"reason":"","fix":"","bytes":)"));
  EXPECT_THAT(result.out, HasSubstr(R"("entry_symbols":["hookhost_entry_v1"])"));
  EXPECT_THAT(result.out, HasSubstr(R"("missing":[])"));
}

// ---- send

TEST(Send, SendsABuiltInEventWithTheSecretOfTheConfiguration) {
  LiveHost host({"serve", "--plugins", plugin_folder("parity")}, {{"WEBHOOK_SECRET", kSecret}});

  const auto result =
      hookhost({"send", "hf.discussion.create", "--url", url_of(host), "--route", "implicit"},
               {{"WEBHOOK_SECRET", kSecret}});

  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, StartsWith("--> POST " + url_of(host) + "/webhooks/implicit\n"));
  EXPECT_THAT(result.out, HasSubstr(R"(<-- 200 {"scope":"discussion","repo":")"));
}

TEST(Send, EndsWith1WhenTheAnswerIsNo2xx) {
  LiveHost host({"serve", "--plugins", plugin_folder("parity")}, {{"WEBHOOK_SECRET", kSecret}});

  const auto result =
      hookhost({"send", "hf.repo.create", "--url", url_of(host), "--route", "implicit"});

  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.out, HasSubstr("<-- 401 "));
  EXPECT_THAT(result.err, HasSubstr("try: "));
}

TEST(Send, SendsAFileToTheOnlyWebhook) {
  const test::TempDir folder;
  const auto file = folder.write("event.json", R"({"my":"event"})");
  LiveHost host({"serve", "--plugins", plugin_folder("twin_a")});

  const auto result = hookhost({"send", file, "--url", url_of(host), "--json"});

  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_TRUE(is_json(result.out)) << result.out;
  EXPECT_THAT(result.out, HasSubstr(R"("status":200,"body":"\"twin_a\"")"));
}

TEST(Send, SendsFurtherHeaders) {
  const test::TempDir folder;
  const auto file = folder.write("event.json", "{}");
  LiveHost host({"serve", "--plugins", plugin_folder("parity")});

  const auto result = hookhost({"send", file, "--url", url_of(host), "--route", "f04_request",
                                "--header", "X-Thing: from the command line"});

  EXPECT_THAT(result.out, HasSubstr(R"("header":"from the command line")"));
}

TEST(Send, EveryBuiltInEventIsTakenByAStrictHandler) {
  LiveHost host({"serve", "--plugins", plugin_folder("parity")});
  const auto list = hookhost({"send", "--list"});
  std::size_t events = 0;

  for (std::string_view rest = list.out; !rest.empty(); ++events) {
    const std::string name(rest.substr(0, rest.find(' ')));
    rest.remove_prefix(rest.find('\n') + 1);
    const auto result = hookhost({"send", name, "--url", url_of(host), "--route", "strict"});
    EXPECT_EQ(result.exit_code, 0) << name << ": " << result.out << result.err;
  }

  EXPECT_GE(events, 8u);
}

TEST(Send, EndsWith2ForAnEventThatIsNotThere) {
  const auto result = hookhost({"send", "hf.discusion.create", "--url", "http://127.0.0.1:1/x"});

  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.err, HasSubstr("did you mean 'hf.discussion.create'?"));
}

// ---- openapi

TEST(Openapi, PrintsWhatTheHostServes) {
  LiveHost host({"serve", "--plugins", plugin_folder("parity")});

  const auto result = hookhost({"openapi", "--plugins", plugin_folder("parity")});

  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(result.out, host.get("/openapi.json").body + "\n");
}

TEST(Openapi, IsTheSameWithASecret) {
  LiveHost host({"serve", "--plugins", plugin_folder("parity")}, {{"WEBHOOK_SECRET", kSecret}});

  const auto result =
      hookhost({"openapi", "--plugins", plugin_folder("parity")}, {{"WEBHOOK_SECRET", kSecret}});

  EXPECT_EQ(result.out, host.get("/openapi.json").body + "\n");
}

// ---- config

TEST(Config, ShowsEveryValueWithItsOriginAndNoSecret) {
  const test::TempDir folder;
  const auto file = folder.write("hookhost.toml", "loops = 3\n[route.twin]\ntimeout = \"7s\"\n");

  const auto result = hookhost({"config", "--effective", "--config", file},
                               {{"WEBHOOK_SECRET", kSecret}, {"PORT", "7999"}});

  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("loops = 3"));
  EXPECT_THAT(result.out, HasSubstr("hookhost.toml:1"));
  EXPECT_THAT(result.out, HasSubstr("127.0.0.1:7999"));
  EXPECT_THAT(result.out, HasSubstr("PORT"));
  EXPECT_THAT(result.out, HasSubstr("***"));
  EXPECT_THAT(result.out, HasSubstr("WEBHOOK_SECRET"));
}

TEST(Config, PrintsJson) {
  const auto result = hookhost({"config", "--effective", "--json"});

  EXPECT_EQ(result.exit_code, 0);
  EXPECT_TRUE(is_json(result.out)) << result.out;
}

// What it prints is what it reads.
TEST(Config, ReferenceIsAValidConfiguration) {
  const test::TempDir folder;
  const auto reference = hookhost({"config", "--reference"});
  ASSERT_EQ(reference.exit_code, 0);
  const auto file = folder.write("hookhost.toml", reference.out);

  const auto checked = hookhost({"--check-config", "--config", file});

  EXPECT_EQ(checked.exit_code, 0) << checked.out << checked.err;
}

TEST(Config, CheckSaysWhatIsWrong) {
  const test::TempDir folder;
  const auto good = folder.write("good.toml", "loops = 1\n");
  const auto bad = folder.write("bad.toml", "loops = \"many\"\n");

  EXPECT_EQ(hookhost({"--check-config", "--config", good}).exit_code, 0);
  const auto checked = hookhost({"--check-config", "--config", bad});
  EXPECT_EQ(checked.exit_code, 78);
  EXPECT_THAT(checked.err, HasSubstr("bad.toml:1:9: error: loops: "));
}

// ---- healthcheck

TEST(Healthcheck, AsksTheAdminListener) {
  LiveHost host({"serve", "--plugins", plugin_folder("twin_a")});
  const std::string admin = "127.0.0.1:" + std::to_string(host.process().admin_port());

  const auto result = hookhost({"healthcheck", "--admin-listen", admin});

  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(result.out, "ok\n");
}

TEST(Healthcheck, AsksThePublicListenerWhenNobodyListensThere) {
  LiveHost host({"serve", "--plugins", plugin_folder("twin_a")});
  const std::string listen = "127.0.0.1:" + std::to_string(host.process().port());

  EXPECT_EQ(
      hookhost({"healthcheck", "--listen", listen, "--admin-listen", "127.0.0.1:1"}).exit_code, 0);
}

TEST(Healthcheck, EndsWith1WhenNobodyIsThere) {
  const auto result =
      hookhost({"healthcheck", "--listen", "127.0.0.1:1", "--admin-listen", "127.0.0.1:1"});

  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.err, StartsWith("error: "));
}

TEST(Health, AnswersOnBothListeners) {
  LiveHost host({"serve", "--plugins", plugin_folder("twin_a")});

  EXPECT_EQ(host.get("/healthz").status, 200);
  EXPECT_EQ(host.get_admin("/healthz").status, 200);
  EXPECT_EQ(host.get_admin("/livez").status, 200);
  EXPECT_EQ(host.get_admin("/readyz").status, 200);
  EXPECT_EQ(host.get("/metrics").status, 404) << "metrics are the admin listener's";
}

TEST(Health, MetricsCountWhatCame) {
  LiveHost host({"serve", "--plugins", plugin_folder("parity")});
  host.post("/webhooks/r02_number", "");
  host.post("/webhooks/raises", "");

  const std::string metrics = host.get_admin("/metrics").body;

  EXPECT_THAT(metrics,
              HasSubstr("hookhost_deliveries_total{route=\"r02_number\",outcome=\"handled\"} 1"));
  EXPECT_THAT(metrics,
              HasSubstr("hookhost_deliveries_total{route=\"raises\",outcome=\"failed\"} 1"));
}

// ---- completion, version, help

TEST(Completion, IsAScriptThatTheShellReads) {
  const auto bash = hookhost({"completion", "bash"});
  EXPECT_EQ(bash.exit_code, 0);
  EXPECT_THAT(bash.out, HasSubstr("serve"));
  EXPECT_THAT(bash.out, HasSubstr("--plugins"));
  EXPECT_EQ(test::run_process({"bash", "-n"}, {}, bash.out).exit_code, 0);

  for (const char* shell : {"zsh", "fish"}) {
    EXPECT_THAT(hookhost({"completion", shell}).out, HasSubstr("healthcheck")) << shell;
  }
}

TEST(Version, SaysWhatTheBinaryWasMadeFrom) {
  const auto text = hookhost({"--version"});
  const auto json = hookhost({"--version", "--json"});

  EXPECT_EQ(text.exit_code, 0);
  EXPECT_THAT(text.out, MatchesRegex("hookhost [0-9]+\\.[0-9]+\\.[0-9]+ \\(.*\\)\n"));
  EXPECT_TRUE(is_json(json.out)) << json.out;
  EXPECT_THAT(json.out, HasSubstr(R"("sdk_abi":"1.0")"));
}

TEST(Help, NamesEveryCommandAndFits80Columns) {
  const auto help = hookhost({"--help"});

  EXPECT_EQ(help.exit_code, 0);
  for (const char* command : {"serve", "run", "check", "inspect", "send", "openapi", "config",
                              "healthcheck", "completion"}) {
    EXPECT_THAT(help.out, HasSubstr("\n  " + std::string(command) + " "));
    const auto own = hookhost({command, "--help"});
    EXPECT_EQ(own.exit_code, 0);
    EXPECT_THAT(own.out, HasSubstr("usage: hookhost " + std::string(command)));
  }
  EXPECT_THAT(help.out, Not(HasSubstr("probe"))) << "it is not for people";
}

}  // namespace
}  // namespace hookhost::e2e
