// SPDX-License-Identifier: Apache-2.0
//
// Does the process start, stop and refuse to start as a service manager expects? Signals, exit
// codes, and the lines on its output.
#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <fstream>

#include "e2e/hub_event.h"
#include "e2e/live_host.h"
#include "payload/payload_support.h"
#include "support/rest.h"
#include "support/temp_dir.h"

namespace hookhost::e2e {
namespace {

using ::testing::HasSubstr;

// ---- Stopping

class Stop : public ::testing::Test {
 protected:
  Stop() : host_({"serve", "--plugins", plugin_folder("parity")}) {
    ::mkfifo((folder_ / "pipe").c_str(), 0600);
  }
  // A request whose handler waits at the pipe; returns when it does.
  void park(RawClient& client) {
    client.send(
        bytes_of({"POST", "/webhooks/waits_for_pipe", {}, (folder_ / "pipe").string()}, false));
    pipe_.open(folder_ / "pipe");  // opens when the other end does
  }
  void let_go(std::string_view line) { pipe_ << line << std::endl; }
  // The drain has begun: nobody listens any more.
  void wait_until_closed() const {
    while (RawClient(host_.process().port()).is_connected()) test::rest();
  }

  test::TempDir folder_;
  mutable LiveHost host_;
  std::ofstream pipe_;
};

TEST_F(Stop, AnswersWhatIsInFlightAndEndsWithZero) {
  RawClient in_flight(host_.process().port());
  park(in_flight);

  host_.process().signal(SIGTERM);
  wait_until_closed();
  let_go("answered while draining");
  const auto answer = in_flight.read_answer();

  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->body, R"("answered while draining")");
  EXPECT_EQ(answer->header("Connection"), "close");
  EXPECT_EQ(host_.process().wait(), 0);
  EXPECT_THAT(host_.output(), HasSubstr(R"("msg":"drained","waiting":1,"handled":1)"));
  host_.forget();
}

TEST_F(Stop, TakesInterruptAsWell) {
  host_.process().signal(SIGINT);

  EXPECT_EQ(host_.process().wait(), 0);
  host_.forget();
}

TEST_F(Stop, EndsAtOnceAtTheSecondSignal) {
  RawClient in_flight(host_.process().port());
  park(in_flight);

  host_.process().signal(SIGTERM);
  wait_until_closed();
  host_.process().signal(SIGTERM);

  EXPECT_EQ(host_.process().wait(), 128 + SIGTERM);
  host_.forget();
}

TEST_F(Stop, ClosesIdleConnections) {
  RawClient idle(host_.process().port());
  idle.send(bytes_of({"POST", "/webhooks/r02_number"}, false));
  ASSERT_EQ(idle.read_answer().value_or(RawAnswer{}).body, "42");

  host_.process().signal(SIGTERM);

  EXPECT_TRUE(idle.is_closed_by_peer());
  EXPECT_EQ(host_.process().wait(), 0);
  host_.forget();
}

// A handler that never comes back costs its plugin's memory, not the end of the process.
TEST_F(Stop, EndsWith1WithoutAHandlerThatHangs) {
  LiveHost host({"serve", "--plugins", plugin_folder("misbehaving")});
  const RawAnswer answer = host.post("/webhooks/hangs", (folder_ / "pipe").string());
  ASSERT_EQ(answer.status, 504);

  host.process().signal(SIGTERM);

  EXPECT_EQ(host.process().wait(), 1);
  EXPECT_THAT(host.output(), HasSubstr("handlers have not come back"));
  host.forget();
}

TEST_F(Stop, CutsOffWhatOutlivesTheDrainTimeout) {
  LiveHost host({"serve", "--plugins", plugin_folder("parity")},
                {{"HOOKHOST_DRAIN_TIMEOUT", "100ms"}});
  RawClient in_flight(host.process().port());
  park(in_flight);

  host.process().signal(SIGTERM);

  EXPECT_EQ(host.process().wait(), 1);
  EXPECT_FALSE(in_flight.read_answer().has_value());
  host.forget();
}

// ---- Starting

std::vector<std::string> serve(const std::vector<std::string>& more) {
  std::vector<std::string> arguments{"serve", "--plugins", plugin_folder("twin_a")};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return arguments;
}

TEST(Start, EndsWith69WhenAnotherHostHasTheAddress) {
  LiveHost first({"serve", "--plugins", plugin_folder("twin_a")});
  const std::string port = std::to_string(first.process().port());

  const auto second =
      hookhost(serve({"--listen", "127.0.0.1:" + port, "--admin-listen", "127.0.0.1:0"}));

  EXPECT_EQ(second.exit_code, 69);
  EXPECT_THAT(second.out + second.err, HasSubstr("port " + port + " is in use"));
}

TEST(Start, EndsWith69WhenSomebodyElseHasTheAdminAddress) {
  const UniqueFd taken(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* const raw = reinterpret_cast<sockaddr*>(&address);
  ASSERT_EQ(::bind(taken.get(), raw, size) + ::listen(taken.get(), 1), 0);
  ::getsockname(taken.get(), raw, &size);
  const std::string port = std::to_string(ntohs(address.sin_port));

  const auto refused =
      hookhost(serve({"--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:" + port}));

  EXPECT_EQ(refused.exit_code, 69);
  EXPECT_THAT(refused.out + refused.err, HasSubstr("port " + port + " is in use"));
}

TEST(Start, EndsWith78AtTheLineAndTheCaretOfAWrongSetting) {
  const test::TempDir folder;
  const auto file =
      folder.write("hookhost.toml", "loops = 1\nlisten.port = 70000\n[route.x]\nconcurency = 1\n");

  const auto refused = hookhost(serve({"--config", file}));

  EXPECT_EQ(refused.exit_code, 78);
  EXPECT_THAT(refused.err, HasSubstr("hookhost.toml:2:15: error: listen.port: expected"));
  EXPECT_THAT(refused.err, HasSubstr("   2 | listen.port = 70000\n     |               ^^^^^\n"));
  EXPECT_THAT(refused.err, HasSubstr("hookhost.toml:4:1: error: "));
  EXPECT_THAT(refused.err, HasSubstr("did you mean 'concurrency'?"));
}

TEST(Start, EndsWith78WhenARouteOfTheConfigurationIsNotThere) {
  const test::TempDir folder;
  const auto file = folder.write("hookhost.toml", "[route.twn]\ntimeout = \"1s\"\n");

  const auto refused = hookhost(
      serve({"--config", file, "--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0"}));

  EXPECT_EQ(refused.exit_code, 78);
  EXPECT_THAT(refused.out + refused.err, HasSubstr("did you mean [route.twin]?"));
}

TEST(Start, EndsWith2OnWrongUse) {
  for (const std::vector<std::string>& words : std::vector<std::vector<std::string>>{
           {"srve"}, {"serve", "--plugin", "x"}, {"run"}, {"check"}, {"completion", "tcsh"}, {}}) {
    const auto refused = hookhost(words);
    EXPECT_EQ(refused.exit_code, 2) << ::testing::PrintToString(words);
    // Without a word there is nothing to correct: the help says what there is.
    EXPECT_THAT(refused.err, HasSubstr(words.empty() ? "usage: " : "try: "))
        << ::testing::PrintToString(words);
  }
}

TEST(Start, SuggestsTheCommandThatWasMeant) {
  EXPECT_THAT(hookhost({"srve"}).err, HasSubstr("serve"));
}

// ---- Output

TEST(Output, IsOneJsonObjectPerLineWhenItIsNoTerminal) {
  LiveHost host({"serve", "--plugins", plugin_folder("misbehaving")},
                {{"HOOKHOST_LOG__LEVEL", "debug"}});
  host.post("/webhooks/behaves", "");
  host.post("/webhooks/throws", "");
  host.send({"POST", "/webhooks/no%0Asuch%1B[31m\"route\""});
  host.send({"GET", "/"});
  host.end();

  std::size_t lines = 0;
  std::string text = host.output();
  for (std::string_view rest = text; !rest.empty(); ++lines) {
    const std::size_t end = rest.find('\n');
    ASSERT_NE(end, rest.npos) << "the last line has no end: " << rest;
    const std::string_view line = rest.substr(0, end);
    rest.remove_prefix(end + 1);
    payload::Understanding json;
    const auto document = json.parse(line);
    ASSERT_TRUE(document.has_value()) << line;
    const payload::Cursor cursor(*document);
    for (const char* key : {"ts", "level", "msg"}) {
      EXPECT_FALSE(cursor.text(cursor.get(payload::kRoot, key)).empty()) << key << " in " << line;
    }
  }
  EXPECT_GE(lines, 4u) << text;
}

// A sender may put the secret where it does not belong.
TEST(Output, NeverShowsASecretWhateverTheLevel) {
  for (const char* format : {"json", "pretty"}) {
    LiveHost host({"serve", "--plugins", plugin_folder("parity"), "--log-format", format},
                  {{"WEBHOOK_SECRET", kSecret}, {"HOOKHOST_LOG__LEVEL", "debug"}});
    const std::string secret = kSecret;

    host.post("/webhooks/implicit?secret=" + secret, "{}");
    host.post("/webhooks/implicit", "{}", {{"X-Webhook-Secret", secret + "-wrong"}});
    host.post("/webhooks/implicit", hub_event(), {{"X-Webhook-Secret", secret}});
    host.post("/webhooks/raises", "", {{"X-Webhook-Secret", secret}});
    host.send({"GET", "/?secret=" + secret});
    host.send({"GET", "/healthz?secret=" + secret});
    expect_no_secret(host.get_admin("/metrics").body);
    // LiveHost::end looks through its output.
  }
}

}  // namespace
}  // namespace hookhost::e2e
