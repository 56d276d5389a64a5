// SPDX-License-Identifier: Apache-2.0
//
// Does an operator put a build into service, see what serves and go back, each with one command,
// and does nothing bad replace anything?
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>
#include <sstream>

#include "e2e/swap_fixture.h"

namespace hookhost::e2e {
namespace {

using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using ::testing::Not;
using ::testing::StartsWith;

namespace fs = std::filesystem;

class Operate : public SwapFixture {
 protected:
  test::ProcessResult run(std::vector<std::string> arguments, LiveHost& host) {
    arguments.push_back("--admin-listen");
    arguments.push_back(fmt::format("127.0.0.1:{}", host.process().admin_port()));
    return hookhost(std::move(arguments));
  }
  test::ProcessResult run(std::vector<std::string> arguments) {
    return run(std::move(arguments), *host_);
  }
  // A build under the name of the plugin's file, elsewhere.
  fs::path built(std::string_view build) {
    fs::create_directories(folder_ / "build");
    const fs::path file = folder_ / "build/identity.so";
    fs::copy_file(plugin_file(build), file, fs::copy_options::overwrite_existing);
    return file;
  }
};

TEST_F(Operate, ADeployedBuildServesAndLiesInTheFolder) {
  const auto result = run({"deploy", built("identity_b")});

  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, MatchesRegex("checked   build id [0-9a-f]+, probe ok\n"
                                       "live      identity gen 2   gen 1 drained in .*, 0 failed\n"
                                       "rollback: hookhost rollback identity\n"));
  EXPECT_EQ(answer(), R"("b 2")");
  // What the folder holds now is what serves, so nothing is swapped because of it.
  host_.emplace(std::vector<std::string>{"serve", "--plugins", plugins(), "--config", config_});
  EXPECT_EQ(answer(), R"("b 1")");
}

TEST_F(Operate, ARefusedBuildIsNamedWithWhatStaysAndWhatToDo) {
  fs::create_directories(folder_ / "build");
  fs::copy_file(plugin_file("missing_symbol"), folder_ / "build/identity.so");

  const auto result = run({"deploy", folder_ / "build/identity.so"});

  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.err, StartsWith("error: identity.so: undefined symbol: "));
  EXPECT_THAT(result.err, HasSubstr("\n  stays: gen 1\n"));
  EXPECT_THAT(result.err, HasSubstr("fix: link what defines it into the plugin"));
  EXPECT_EQ(answer(), R"("a 1")");
  EXPECT_TRUE(fs::exists(file()));
}

TEST_F(Operate, ABuildGoesBackWithOneCommandAndTakesItsFileAlong) {
  ASSERT_EQ(run({"deploy", built("identity_b")}).exit_code, 0);

  const auto result = run({"rollback", "identity"});

  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(result.out, "live      identity gen 1 (was gen 2)\n");
  EXPECT_EQ(answer(), R"("a 1")");
  EXPECT_TRUE(wait_for_line(R"("msg":"plugin rolled back","plugin":"identity.so","generation":1,)"
                            R"("replaces":2,"reason":"by command")"));
  host_.emplace(std::vector<std::string>{"serve", "--plugins", plugins(), "--config", config_});
  EXPECT_EQ(answer(), R"("a 1")") << "after a restart too";
}

TEST_F(Operate, WithoutABuildBeforeThereIsNoWayBack) {
  const auto result = run({"rollback", "identity"});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.err, StartsWith("error: identity.so: identity has no build before gen 1"));

  const auto stranger = run({"rollback", "nobody"});
  EXPECT_EQ(stranger.exit_code, 1);
  EXPECT_THAT(stranger.err, StartsWith("error: no plugin \"nobody\" is loaded\n"));

  EXPECT_EQ(run({"rollback", "../x"}).exit_code, 2);
}

TEST_F(Operate, AReloadIsANewGenerationOfTheSameBytes) {
  const auto result = run({"reload", "identity"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("live      identity gen 2"));
  EXPECT_EQ(answer(), R"("a 2")");
  EXPECT_EQ(run({"reload", "nobody"}).exit_code, 1);
}

TEST_F(Operate, PluginsShowsEveryGenerationAndEveryRefusal) {
  ASSERT_EQ(run({"deploy", built("identity_b")}).exit_code, 0);
  folder_.write("plugins/bad.so", "no library", 0700);
  ASSERT_TRUE(wait_for_line(R"("msg":"plugin refused","plugin":"bad.so")"));

  const auto result = run({"plugins"});

  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(
      result.out,
      MatchesRegex("PLUGIN    GEN  STATE      BUILD ID  ROUTES  IN FLIGHT  SINCE \\(UTC\\)\n"
                   "identity  2    probation  [0-9a-f]+  3       0          ..:..:..\n"
                   "identity  1    standby    [0-9a-f]+  -       0          ..:..:..\n"
                   "bad\\.so refused: .*\n(  fix: .*\n)?"));

  const auto json = run({"plugins", "--json"});
  EXPECT_EQ(json.exit_code, 0);
  EXPECT_THAT(json.out,
              StartsWith(R"({"generations":[{"plugin":"identity","file":"identity.so",)"));
  EXPECT_THAT(json.out, HasSubstr(R"("state":"standby")"));
  EXPECT_THAT(json.out, HasSubstr(R"("refused":[{"file":"bad.so","reason":")"));
}

TEST_F(Operate, TheHistoryTellsEverySwapAndWhy) {
  ASSERT_EQ(run({"deploy", built("identity_b")}).exit_code, 0);
  folder_.write("plugins/bad.so", "no library", 0700);
  ASSERT_TRUE(wait_for_line(R"("msg":"plugin refused","plugin":"bad.so")"));
  ASSERT_EQ(run({"rollback", "identity"}).exit_code, 0);
  fs::remove(file());
  ASSERT_TRUE(wait_for_line(R"("msg":"plugin removed","plugin":"identity.so")"));

  const auto result = run({"plugins", "--history"});

  EXPECT_EQ(result.exit_code, 0) << result.err;
  const std::string date = "....-..-.. ..:..:..  ";
  EXPECT_THAT(
      result.out,
      MatchesRegex("TIME \\(UTC\\)           FILE         RESULT       GEN  BUILD ID  WHY\n" +
                   date + "identity\\.so  live         1    [0-9a-f]+  -\n" + date +
                   "identity\\.so  live         2    [0-9a-f]+  gen 1 .*\n" + date +
                   "bad\\.so       refused      -    -         not an ELF file.*\n" + date +
                   "identity\\.so  rolled_back  1    [0-9a-f]+  by command\n" + date +
                   "identity\\.so  removed      -    -         gen 1 .*\n"));

  const auto json = run({"plugins", "--history", "--json"});
  EXPECT_EQ(json.exit_code, 0);
  EXPECT_THAT(json.out, StartsWith(R"({"swaps":[{"at":")"));
  EXPECT_THAT(json.out, HasSubstr(R"("result":"refused","cause":"inspect","file":"bad.so",)"));
  EXPECT_THAT(json.out,
              HasSubstr(R"("result":"rolled_back","cause":"command","file":"identity.so",)"
                        R"("plugin":"identity","generation":1,"replaced":2,)"));
}

TEST_F(Operate, EveryChangeHasAJsonForm) {
  const auto live = run({"deploy", built("identity_b"), "--json"});
  EXPECT_EQ(live.exit_code, 0);
  EXPECT_THAT(live.out, StartsWith(R"({"result":"live","plugin":"identity",)"));
  EXPECT_THAT(live.out, HasSubstr(R"("generation":2,"replaced":1,)"));
  const auto back = run({"rollback", "identity", "--json"});
  EXPECT_THAT(back.out, StartsWith(R"({"result":"rolled back","plugin":"identity",)"));
  const auto refused = run({"rollback", "nobody", "--json"});
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_THAT(refused.out, StartsWith(R"({"result":"refused",)"));
  EXPECT_EQ(refused.err, "");
}

TEST_F(Operate, AFileThatOthersMayWriteIsNotDeployed) {
  const fs::path file = built("identity_b");
  fs::permissions(file, fs::perms::all);
  const auto result = run({"deploy", file});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.err, HasSubstr("is writable by everybody (mode 0777)"));
  EXPECT_EQ(answer(), R"("a 1")");
}

TEST_F(Operate, AHostThatServesOneFileTakesNoOther) {
  LiveHost host({"run", file(), "--config", config_});
  fs::create_directories(folder_ / "build");
  fs::copy_file(plugin_file("twin_a"), folder_ / "build/twin_a.so");
  const auto other = run({"deploy", folder_ / "build/twin_a.so"}, host);
  EXPECT_EQ(other.exit_code, 1);
  EXPECT_THAT(other.err, HasSubstr("this host serves identity.so alone"));
  EXPECT_EQ(run({"deploy", built("identity_b")}, host).exit_code, 0);
  EXPECT_EQ(host.post("/webhooks/on_loop", "{}").body, R"("b 2")");
}

TEST_F(Operate, WithoutAHostTheCommandSaysHowToFindOne) {
  const auto result = hookhost({"plugins", "--admin-listen", "127.0.0.1:1"});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.err, StartsWith("error: "));
  EXPECT_THAT(result.err, HasSubstr("try: hookhost serve, or --admin-listen"));
}

TEST_F(Operate, AForeignPageCannotGoBack) {
  RawClient client(host_->process().admin_port());
  client.send(bytes_of(
      {"POST", "/api/v1/plugins/identity/rollback", {{"Content-Type", "text/plain"}}, "{}"}));
  EXPECT_EQ(client.read_answer()->status, 403);
}

TEST_F(Operate, ATokenIsAskedForAndNeverPrinted) {
  const std::string token = std::string(kSecretMark) + "-admin-token";
  const fs::path token_file = folder_.write("token", token + "\n", 0600);
  config_ = folder_.write("token.toml",
                          fmt::format("[admin]\ntoken_file = \"{}\"\n", token_file.native()));
  host_.emplace(std::vector<std::string>{"serve", "--plugins", plugins(), "--config", config_});

  EXPECT_EQ(run({"plugins"}).exit_code, 77);
  const auto result = run({"plugins", "--config", config_});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(host_->get_admin("/healthz").status, 200);
  EXPECT_EQ(host_->get_admin("/metrics").status, 401);
}

TEST_F(Operate, OnASinglePortTheAdminIsBelowHostAndWantsItsToken) {
  EXPECT_EQ(host_->get("/_host/healthz").status, 404);

  const std::string token = std::string(kSecretMark) + "-admin-token";
  const fs::path token_file = folder_.write("token", token + "\n", 0600);
  config_ = folder_.write(
      "single.toml",
      fmt::format("[admin]\nsingle_port = true\ntoken_file = \"{}\"\n", token_file.native()));
  host_.emplace(std::vector<std::string>{"serve", "--plugins", plugins(), "--config", config_});
  const Headers proof{{"Authorization", "Bearer " + token}};

  EXPECT_EQ(host_->get("/_host/healthz").status, 200);
  EXPECT_EQ(host_->get("/_host/metrics").status, 401);
  EXPECT_EQ(host_->get("/_host").status, 404);
  EXPECT_EQ(host_->get("/_hosts/metrics").status, 404);
  EXPECT_EQ(host_->get("/metrics").status, 404);
  EXPECT_THAT(host_->send({"GET", "/_host/metrics", proof}).body, HasSubstr("hookhost_build_info"));
  EXPECT_THAT(host_->send({"GET", "/_host/", proof}).body, HasSubstr("hookhost admin"));
  const fs::path next = folder_ / "next/identity.so";
  fs::create_directory(next.parent_path());
  fs::copy_file(plugin_file("identity_b"), next);
  fs::permissions(next, fs::perms::owner_all);
  const auto deployed = host_->post("/_host/api/v1/plugins/deploy",
                                    fmt::format(R"({{"file": "{}"}})", next.native()), proof);
  EXPECT_EQ(deployed.status, 200) << deployed.body;
  EXPECT_EQ(answer(), R"("b 2")");
}

TEST_F(Operate, AnAdminListenerThatOthersReachNeedsAToken) {
  const auto result = hookhost(
      {"serve", "--plugins", plugins(), "--listen", "127.0.0.1:0", "--admin-listen", "0.0.0.0:0"});
  EXPECT_EQ(result.exit_code, 78);
  EXPECT_THAT(result.err + result.out, HasSubstr("no admin token, and 0.0.0.0:0 is reachable"));
}

// ---- The process

// Of what the process may write as a core dump, as /proc says it.
std::string hard_core_limit(int pid) {
  std::ifstream limits("/proc/" + std::to_string(pid) + "/limits");
  for (std::string line; std::getline(limits, line);) {
    std::istringstream words(line);
    std::string max, core, file, size, soft, hard;
    words >> max >> core >> file >> size >> soft >> hard;
    if (core == "core") return hard;
  }
  return "none";
}

TEST(Process, OfServeLeavesNoCoreAndThatOfRunDoes) {
  LiveHost serve({"serve", "--plugins", plugin_folder("twin_a")});
  LiveHost run({"run", plugin_file("twin_a")});

  EXPECT_EQ(hard_core_limit(serve.process().pid()), "0");
  EXPECT_EQ(hard_core_limit(run.process().pid()), hard_core_limit(::getpid()));
}

}  // namespace
}  // namespace hookhost::e2e
