// SPDX-License-Identifier: Apache-2.0
//
// Is the command line understood, or refused with what was meant? Do help and completion know every
// command? (journeys.md 10 and 11; seed rows A01, A07, A08)
#include "cli/command_line.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <sstream>

#include "cli/webhook_list.h"
#include "payload/fixtures.h"
#include "support/fake_clock.h"
#include "support/temp_dir.h"

namespace hookhost::cli {
namespace {

using test::TempDir;
using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

struct Outcome {
  ExitCode code = ExitCode::kDone;
  std::string out, err;
};

Outcome run_with(const std::vector<std::string>& arguments, Environment environment = {}) {
  const TempDir folder;  // no configuration of this machine is found there
  const test::FakeClock clock;
  std::ostringstream out, err;
  World world{.out = out,
              .err = err,
              .out_console = {},
              .err_console = {},
              .environment = std::move(environment),
              .clock = clock,
              .folder = folder.path()};
  const ExitCode code = run(arguments, world);
  return {code, out.str(), err.str()};
}

TEST(CommandLine, KnowsTheOptionsOfItsCommand) {
  const auto invocation = parse_command_line(
      {"serve", "--plugins", "p", "--port=7862", "--insecure-open", "--listen", "127.0.0.1:1"});
  ASSERT_TRUE(invocation);
  EXPECT_EQ(invocation->command->name, "serve");
  EXPECT_EQ(invocation->text("--plugins"), "p");
  EXPECT_EQ(invocation->text("--port"), "7862");
  EXPECT_TRUE(invocation->has("--insecure-open"));
  EXPECT_FALSE(invocation->has("--ui"));
}

TEST(CommandLine, TheWordBehindAValueIsAnOperand) {
  const auto invocation = parse_command_line({"check", "--seed", "7", "a.so"});
  ASSERT_TRUE(invocation) << invocation.error().message;
  EXPECT_EQ(invocation->text("--seed"), "7");
  EXPECT_THAT(invocation->operands, ElementsAre("a.so"));
}

TEST(CommandLine, AnOptionMayBeRepeated) {
  const auto invocation =
      parse_command_line({"send", "--header", "A: 1", "hf.repo.create", "--header", "B: 2"});
  ASSERT_TRUE(invocation) << invocation.error().message;
  EXPECT_THAT(invocation->texts("--header"), ElementsAre("A: 1", "B: 2"));
}

TEST(CommandLine, TurnsOptionsIntoConfigurationA01) {
  const auto invocation = parse_command_line(
      {"serve", "--port", "7862", "--listen", "127.0.0.1:1", "--ui", "site", "--insecure-open"});
  ASSERT_TRUE(invocation);
  const test::FakeClock clock;
  std::ostringstream stream;
  const World world{stream, stream, {}, {}, {}, clock};
  const auto config = app::read_config("", "", invocation->config_sources(world));
  ASSERT_TRUE(config);
  EXPECT_EQ(config->listen.port, 7862);  // a part of --listen, wherever it stands
  EXPECT_EQ(config->ui, "site");
  EXPECT_TRUE(config->insecure_open);
}

TEST(CommandLine, HasNoOptionForASecretA01A08) {
  for (const Command& command : commands()) {
    for (const Option& option : command.options) {
      EXPECT_THAT(std::string(option.name), Not(HasSubstr("secret"))) << command.name;
    }
  }
  EXPECT_EQ(run_with({"serve", "--secret", "x"}).code, ExitCode::kUsage);
}

TEST(CommandLine, OpensNoTunnelByItselfA07) {
  const Command* serve = find_command("serve");
  ASSERT_NE(serve, nullptr);
  for (const Option& option : serve->options) EXPECT_NE(option.name, "--share");
}

TEST(CommandLine, SaysWhatWasMeant) {
  EXPECT_EQ(run_with({"serv"}).err,
            "error: unknown command 'serv'; did you mean 'serve'?\n  try: hookhost --help\n");
  EXPECT_EQ(run_with({"serve", "--plugin", "x"}).err,
            "error: unknown option '--plugin'; did you mean '--plugins'?\n"
            "  try: hookhost serve --help\n");
  EXPECT_THAT(run_with({"inspect", "a.so", "b.so"}).err, HasSubstr("unexpected 'b.so'"));
  EXPECT_THAT(run_with({"check"}).err, HasSubstr("hookhost check needs FILE.so..."));
  EXPECT_THAT(run_with({"inspect"}).err, HasSubstr("hookhost inspect needs FILE.so"));
  EXPECT_THAT(run_with({"serve", "--port"}).err, HasSubstr("--port"));
}

TEST(CommandLine, EndsWithTwoForWrongUse) {
  for (const std::vector<std::string>& arguments :
       std::vector<std::vector<std::string>>{{},
                                             {"serv"},
                                             {"serve", "--nope"},
                                             {"serve", "--port"},
                                             {"serve", "--port", "70000"},
                                             {"serve", "extra"},
                                             {"run"},
                                             {"run", "handler.cpp"},
                                             {"config"},
                                             {"completion", "tcsh"},
                                             {"send"}}) {
    EXPECT_EQ(run_with(arguments).code, ExitCode::kUsage) << testing::PrintToString(arguments);
  }
}

TEST(CommandLine, EndsWithSeventyEightForAWrongConfiguration) {
  const Outcome outcome = run_with({"config", "--effective"}, {{"HOOKHOST_LISTEN", "nowhere"}});
  EXPECT_EQ(outcome.code, ExitCode::kConfig);
  EXPECT_THAT(outcome.err, StartsWith("error: HOOKHOST_LISTEN: expected ADDRESS:PORT"));
  EXPECT_EQ(run_with({"--check-config", "--config", "/nowhere.toml"}).code, ExitCode::kConfig);
}

TEST(CommandLine, ChecksAConfiguration) {
  const TempDir folder;
  const auto file = folder.write("h.toml", "loops = 2\n");
  const Outcome good = run_with({"--check-config", "--config", file.native()});
  EXPECT_EQ(good.code, ExitCode::kDone);
  EXPECT_THAT(good.out, HasSubstr("h.toml\n"));

  folder.write("h.toml", "lops = 2\n");
  const Outcome bad = run_with({"--check-config", "--config", file.native()});
  EXPECT_EQ(bad.code, ExitCode::kConfig);
  EXPECT_THAT(bad.err, HasSubstr("h.toml:1:1: error: unknown key 'lops'; did you mean 'loops'?"));
}

TEST(CommandLine, ShowsTheConfigurationInForce) {
  const Outcome text = run_with({"config", "--effective"}, {{"PORT", "9000"}});
  EXPECT_EQ(text.code, ExitCode::kDone);
  EXPECT_THAT(text.out, HasSubstr("listen = \"127.0.0.1:9000\""));
  EXPECT_THAT(run_with({"config", "--effective", "--json"}).out, StartsWith("[{\"key\":"));
  EXPECT_THAT(run_with({"config", "--reference"}).out, HasSubstr("# [route.NAME]"));
}

TEST(CommandLine, NamesItsVersion) {
  EXPECT_THAT(run_with({"--version"}).out, StartsWith("hookhost 0."));
  EXPECT_THAT(run_with({"--version"}).out, HasSubstr(", sdk abi 1)\n"));
  EXPECT_THAT(run_with({"--version", "--json"}).out, StartsWith("{\"version\":\""));
}

TEST(ExitCodes, SayWhatTheCallerCanDo) {
  EXPECT_EQ(exit_code(ErrorCode::kUnavailable), ExitCode::kUnavailable);
  EXPECT_EQ(exit_code(ErrorCode::kDenied), ExitCode::kDenied);
  EXPECT_EQ(exit_code(ErrorCode::kInvalid), ExitCode::kConfig);
  EXPECT_EQ(exit_code(ErrorCode::kInternal), ExitCode::kFailed);
  EXPECT_EQ(static_cast<int>(ExitCode::kUsage), 2);
  EXPECT_EQ(static_cast<int>(ExitCode::kUnavailable), 69);
  EXPECT_EQ(static_cast<int>(ExitCode::kJournal), 74);
  EXPECT_EQ(static_cast<int>(ExitCode::kDenied), 77);
  EXPECT_EQ(static_cast<int>(ExitCode::kConfig), 78);
}

TEST(Help, FitsEightyColumnsAndEndsWithExamples) {
  std::vector<std::string> texts{help_text()};
  for (const Command& command : commands()) {
    if (!command.is_hidden) texts.push_back(help_text(command));
  }
  for (const std::string& text : texts) {
    EXPECT_THAT(text, HasSubstr("\nexamples:\n  ")) << text;
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), 80U) << line;
  }
}

TEST(Help, ExplainsTheLevelsOfCheckAsTheReadmeDoes) {
  std::ifstream file(SOURCE_ROOT "/host/README.md");
  const std::string readme(std::istreambuf_iterator<char>(file), {});
  std::string choices;
  for (const plugin::CheckLevelRow& level : plugin::kCheckLevels) {
    EXPECT_THAT(readme, HasSubstr(fmt::format("| `{}` | {} |\n", level.name, level.meaning)));
    for (const char* command : {"serve", "run"})
      EXPECT_THAT(help_text(*find_command(command)),
                  HasSubstr(fmt::format("  {:6}  {}\n", level.name, level.meaning)));
    choices += fmt::format("{}{}", choices.empty() ? "" : " ", level.name);
  }
  for (const Option& option : find_command("serve")->options) {
    if (option.name == "--check") {
      EXPECT_EQ(option.choices, choices);
    }
  }
  EXPECT_THAT(help_text(*find_command("send")), Not(HasSubstr("--check")));
}

TEST(Help, NamesEveryCommandButTheHiddenOnes) {
  const std::string text = run_with({"--help"}).out;
  for (const Command& command : commands()) {
    const std::string name = "\n  " + std::string(command.name) + " ";
    if (command.is_hidden) {
      EXPECT_THAT(text, Not(HasSubstr(name)));
    } else {
      EXPECT_THAT(text, HasSubstr(name));
      EXPECT_EQ(run_with({std::string(command.name), "--help"}).code, ExitCode::kDone);
    }
  }
}

// The table and the documented list of commands are one.
TEST(Commands, OptionsOfTheConfigurationNameKeysThatExist) {
  const auto defaults = app::read_config("", "", {});
  ASSERT_TRUE(defaults);
  for (const Command& command : commands()) {
    for (const Option& option : command.options) {
      if (option.key.empty() || option.key == "listen.port") continue;
      EXPECT_NE(defaults->origin_of(option.key), nullptr) << option.name;
    }
  }
}

TEST(ErrorText, LabelsTheLinesOfItsFix) {
  EXPECT_EQ(error_text({ErrorCode::kInvalid, "no secret", "export X=1\nor:  --insecure-open"}, {}),
            "error: no secret\n  fix: export X=1\n  or:  --insecure-open\n");
  EXPECT_EQ(error_text({ErrorCode::kInvalid, "Webhook /webhooks/x already exists.",
                        "first:  plugins/a.so, endpoint x\nsecond: plugins/b.so, endpoint x"},
                       {}),
            "error: Webhook /webhooks/x already exists.\n"
            "  first:  plugins/a.so, endpoint x\n"
            "  second: plugins/b.so, endpoint x\n");
  EXPECT_EQ(error_text({ErrorCode::kInvalid, "a\x1b[2Jb", {}}, {}), "error: a\\x1b[2Jb\n");
}

TEST(Fixtures, HaveOneOfEachKindN01) {
  for (const char* name :
       {"hf.repo.create", "hf.repo.delete", "hf.repo.update", "hf.repo.move", "hf.content.update",
        "hf.config.update", "hf.discussion.create", "hf.discussion.delete", "hf.discussion.update",
        "hf.comment.create", "hf.comment.update"}) {
    EXPECT_NE(payload::find_fixture(name), nullptr) << name;
  }
  EXPECT_EQ(payload::find_fixture("hf.discussion"), nullptr);
  EXPECT_THAT(run_with({"send", "--list"}).out, HasSubstr("hf.discussion.create"));
}

TEST(WebhookList, ReadsThePathsOfAnOpenApiDocument) {
  const auto paths = webhooks_of_document(
      R"({"openapi":"3.1.0","paths":{"/webhooks/a":{},"/other":{},"/webhooks/b/{id}":{}}})");
  ASSERT_TRUE(paths);
  EXPECT_THAT(*paths, ElementsAre("/webhooks/a", "/webhooks/b/{id}"));
  EXPECT_FALSE(webhooks_of_document("<html>"));
  EXPECT_TRUE(webhooks_of_document("{}")->empty());
}

TEST(Send, NamesWhatCannotBeSent) {
  const Outcome typo = run_with({"send", "hf.discusion.create"});
  EXPECT_EQ(typo.code, ExitCode::kUsage);
  EXPECT_THAT(typo.err, HasSubstr("did you mean 'hf.discussion.create'?"));
  EXPECT_THAT(run_with({"send", "hf.repo.update", "--url", "https://127.0.0.1/x"}).err,
              HasSubstr("--url: expected http://ADDRESS:PORT/PATH"));
  EXPECT_THAT(run_with({"send", "hf.repo.update", "--url", "https://h/x?secret=s3"}).err,
              Not(HasSubstr("s3")));
  EXPECT_THAT(
      run_with({"send", "hf.repo.update", "--url", "http://127.0.0.1:1/x", "--header", "x"}).err,
      HasSubstr("--header: expected 'NAME: VALUE', got 'x'"));
}

TEST(Check, SaysWhichNumberIsWrong) {
  const std::vector<std::vector<std::string>> rows = {
      {"--swaps", "10001", "--swaps: expected a number from 0 to 10000, got '10001'"},
      {"--swaps", "-1", "--swaps: expected a number from 0 to 10000, got '-1'"},
      {"--payloads", "100001", "--payloads: expected a number from 0 to 100000, got '100001'"},
      {"--payloads", "5x", "--payloads: expected a number from 0 to 100000, got '5x'"},
      {"--seed", "18446744073709551616",
       "--seed: expected a number from 0 to 18446744073709551615, got '18446744073709551616'"},
      {"--only", "x", "--only: expected ENDPOINT:NUMBER, got 'x'"},
      {"--only", "x:", "--only: expected ENDPOINT:NUMBER, got 'x:'"},
      {"--only", ":1", "--only: expected ENDPOINT:NUMBER, got ':1'"},
      {"--only", "x:1a", "--only: expected ENDPOINT:NUMBER, got 'x:1a'"}};
  for (const auto& row : rows) {
    const Outcome outcome = run_with({"check", "a.so", row[0] + "=" + row[1]});
    EXPECT_EQ(outcome.code, ExitCode::kUsage) << row[1];
    EXPECT_EQ(outcome.err, "error: " + row[2] + "\n  try: hookhost check --help\n");
  }
}

TEST(Inspect, SaysWhatIsNoLibrary) {
  const TempDir folder;
  const auto file = folder.write("text.so", "#!/bin/sh\n");

  const Outcome text = run_with({"inspect", file.native()});
  const Outcome json = run_with({"inspect", file.native(), "--json"});
  const Outcome none = run_with({"inspect", (folder / "none.so").native()});

  EXPECT_EQ(text.code, ExitCode::kFailed);
  EXPECT_EQ(text.out, "");
  EXPECT_EQ(text.err,
            "error: text.so: not an ELF file: it does not begin with \\x7fELF\n"
            "  fix: put shared libraries (*.so) into the folder, and nothing else\n");
  EXPECT_EQ(json.code, ExitCode::kFailed);
  EXPECT_THAT(json.out, StartsWith(R"({"ok":false,"reason":"not an ELF file: )"));
  EXPECT_EQ(none.code, ExitCode::kFailed);
  EXPECT_EQ(none.err, "error: none.so: cannot read it: No such file or directory\n");
}

TEST(Send, SaysThatNobodyListens) {
  // Port 1 is reserved and nobody's (RFC 1078 is historic).
  const Outcome outcome =
      run_with({"send", "hf.repo.update", "--url", "http://127.0.0.1:1/webhooks/x"});
  EXPECT_EQ(outcome.code, ExitCode::kFailed);
  EXPECT_THAT(outcome.out, HasSubstr("--> POST http://127.0.0.1:1/webhooks/x\n"));
  EXPECT_THAT(outcome.err, StartsWith("error: "));
}

}  // namespace
}  // namespace hookhost::cli
