// SPDX-License-Identifier: Apache-2.0
//
// Is an event that was answered 2xx handled in the end: after a failure, a kill and a restart? And
// what does the host say about it?
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>

#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <sstream>
#include <thread>

#include "e2e/live_host.h"
#include "support/rest.h"
#include "support/temp_dir.h"

namespace hookhost::e2e {
namespace {

using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using ::testing::SizeIs;

std::vector<std::string> lines_of(const std::filesystem::path& file) {
  std::ifstream in(file);
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

class Journal : public ::testing::Test {
 protected:
  LiveHost host(const std::string& dir = "", std::vector<std::string> more = {}) const {
    std::vector<std::string> arguments = {"serve", "--plugins", plugin_folder("kept")};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return LiveHost(arguments,
                    {{"HOOKHOST_JOURNAL__DIR", dir.empty() ? (folder_ / "data").string() : dir}});
  }
  std::string told(unsigned failures) const {
    return std::to_string(failures) + " " + done_.string();
  }
  // Until the handlers have written so many lines.
  std::vector<std::string> wait_for_lines(std::size_t count) const {
    while (lines_of(done_).size() < count) test::rest();
    return lines_of(done_);
  }
  // Until so many events have been written; some of them twice, since an attempt whose end was not
  // on disk runs again.
  void wait_for_events(std::size_t count) const {
    std::set<std::string> ids;
    while (ids.size() < count) {
      test::rest();
      for (const std::string& line : lines_of(done_)) ids.insert(line.substr(0, 17));
    }
  }

  test::TempDir folder_;
  std::filesystem::path done_ = folder_ / "done";
};

TEST_F(Journal, ADurableEventIsAnswered202WithItsIdAndThenHandled) {
  const LiveHost live = host();
  const RawAnswer answer = live.post("/webhooks/lasts", told(0), {{"Webhook-Id", "d-1"}});

  EXPECT_EQ(answer.status, 202);
  EXPECT_THAT(answer.body, ContainsRegex(R"(^\{"id":"evt_[0-9A-Z]+","status":"queued"\}$)"));
  const auto lines = wait_for_lines(1);
  EXPECT_EQ(lines[0], answer.body.substr(7, 17) + " 1 d-1");
}

TEST_F(Journal, AnEventWhoseHandlerFailsIsAnswered202AndTriedAgain) {
  const LiveHost live = host();
  const RawAnswer answer = live.post("/webhooks/replies", told(1));

  EXPECT_EQ(answer.status, 202);
  EXPECT_THAT(answer.body, HasSubstr(R"("status":"will_retry")"));
  EXPECT_THAT(wait_for_lines(1)[0], ContainsRegex(" 2 $"));
  EXPECT_THAT(live.output(), HasSubstr("failing as it was told"));
}

TEST_F(Journal, ThePeoplesCommandsTellWhatBecameOfAnEventAndRepeatIt) {
  LiveHost live = host();
  const std::string id = live.post("/webhooks/replies", told(1)).body.substr(7, 17);
  wait_for_lines(1);
  const auto ask = [&](std::vector<std::string> command) {
    command.emplace_back("--admin-listen");
    command.push_back("127.0.0.1:" + std::to_string(live.process().admin_port()));
    return hookhost(command).out;
  };
  while (ask({"why", id}).find("state    done, 2 attempts") == std::string::npos) test::rest();
  EXPECT_THAT(ask({"events"}), ContainsRegex(id + ".* replies .* done .* 2"));
  EXPECT_THAT(ask({"events", "--failed"}), HasSubstr("no event"));

  EXPECT_EQ(ask({"save", id, (folder_ / "body").string()}).substr(0, 6), "saved ");
  EXPECT_EQ(lines_of(folder_ / "body"), std::vector{told(1)});

  EXPECT_EQ(ask({"replay", id}), "replayed  " + id + "\n");
  EXPECT_THAT(wait_for_lines(2)[1], HasSubstr(id));
}

TEST_F(Journal, OneThatIsHandledAtOnceIsAnsweredByItsHandler) {
  const LiveHost live = host();
  EXPECT_EQ(live.post("/webhooks/replies", told(0)).body, "written");
}

TEST_F(Journal, InMemoryItTriesAgainToo) {
  const LiveHost live = host("memory");
  EXPECT_EQ(live.post("/webhooks/replies", told(1)).status, 202);
  EXPECT_THAT(wait_for_lines(1), SizeIs(1));
}

TEST_F(Journal, WithoutOneAFailureIsTheSenders) {
  const LiveHost live = host("none");
  EXPECT_EQ(live.post("/webhooks/replies", told(1)).status, 500);
  EXPECT_EQ(live.post("/webhooks/lasts", told(0)).status, 200);
}

// What was running at the kill runs again: at least once.
TEST_F(Journal, WhatWasAcknowledgedOutlivesAKill) {
  const auto pipe = folder_ / "pipe";
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  std::string id;
  {
    LiveHost live = host();
    id = live.post("/webhooks/hangs", pipe.string()).body.substr(7, 17);
    std::ofstream running(pipe);  // opens when the handler does
    ASSERT_EQ(live.post("/webhooks/replies", told(1)).status, 202);
    live.process().signal(SIGKILL);
    live.process().wait();
    live.forget();
  }
  LiveHost live = host();
  EXPECT_THAT(live.output(), HasSubstr(R"("recovered":2)"));
  std::ofstream(pipe) << "go" << std::endl;
  EXPECT_TRUE(live.process().wait_for_output(R"("event_id":")" + id));
  EXPECT_THAT(wait_for_lines(1), SizeIs(1));
}

// The first crash makes it a suspect, which runs alone; under the second it is the only one.
TEST_F(Journal, AnEventThatEndsTheProcessIsDeadAfterTwoCrashesAndTheOthersAreHandled) {
  {
    LiveHost live = host();
    for (int i = 0; i < 20; ++i) ASSERT_EQ(live.post("/webhooks/crashes", told(0)).status, 202);
    // The crash may be faster than the answer.
    RawClient client(live.process().port());
    client.send(bytes_of({"POST", "/webhooks/crashes", {}, "crash"}));
    EXPECT_NE(live.process().wait(), 0);
    live.forget();
  }
  const auto second = hookhost({"serve", "--plugins", plugin_folder("kept"), "--listen",
                                "127.0.0.1:0", "--admin-listen", "127.0.0.1:0"},
                               {{"HOOKHOST_JOURNAL__DIR", (folder_ / "data").string()}});
  EXPECT_NE(second.exit_code, 0) << "it may not even have become ready";
  LiveHost live = host();
  EXPECT_TRUE(live.process().wait_for_output("the host ended twice during this event"));
  EXPECT_EQ(live.post("/webhooks/crashes", told(0)).status, 202);
  wait_for_events(21);
}

TEST_F(Journal, WhatIsCutOffByAStopIsNotLost) {
  const auto pipe = folder_ / "pipe";
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  {
    LiveHost live({"serve", "--plugins", plugin_folder("kept")},
                  {{"HOOKHOST_JOURNAL__DIR", (folder_ / "data").string()},
                   {"HOOKHOST_DRAIN_TIMEOUT", "50ms"}});
    live.post("/webhooks/hangs", pipe.string());
    std::ofstream running(pipe);  // opens when the handler does
    live.process().signal(SIGTERM);
    live.process().wait();
    EXPECT_THAT(live.output(), HasSubstr(R"("lost":0)"));
    live.forget();
  }
  const LiveHost live = host();
  EXPECT_THAT(live.output(), HasSubstr(R"("recovered":1)"));
  std::ofstream(pipe) << "go" << std::endl;
}

TEST_F(Journal, SeveralKillsUnderLoadLoseNothing) {
  constexpr int kKills = 5;
  constexpr std::size_t kClients = 4;
  std::set<std::string> acknowledged;
  for (int kill = 0; kill < kKills; ++kill) {
    LiveHost live = host();
    std::vector<std::set<std::string>> seen(kClients);
    std::vector<std::thread> clients;
    for (std::size_t i = 0; i < kClients; ++i) {
      clients.emplace_back([&, i] {
        RawClient client(live.process().port());
        const Request request{"POST", "/webhooks/lasts", {}, told(0)};
        while (client.send(bytes_of(request, false))) {
          const auto answer = client.read_answer();
          if (!answer || answer->status != 202) break;
          seen[i].insert(answer->body.substr(7, 17));
        }
      });
    }
    while (lines_of(done_).size() < 200u * static_cast<unsigned>(kill + 1)) test::rest();
    live.process().signal(SIGKILL);
    live.process().wait();
    live.forget();
    for (std::thread& client : clients) client.join();
    for (const auto& ids : seen) acknowledged.insert(ids.begin(), ids.end());
  }

  const LiveHost live = host();
  const auto missing = [&] {
    std::set<std::string> left = acknowledged;
    for (const std::string& line : lines_of(done_)) left.erase(line.substr(0, 17));
    return left.size();
  };
  for (int i = 0; i < 100'000 && missing() > 0; ++i) test::rest();
  EXPECT_EQ(missing(), 0u) << "of " << acknowledged.size();
  EXPECT_GE(acknowledged.size(), 100u * kKills);
}

TEST_F(Journal, ASecondHostDoesNotStartOnIt) {
  const LiveHost live = host();
  const auto second = hookhost({"serve", "--plugins", plugin_folder("kept"), "--listen",
                                "127.0.0.1:0", "--admin-listen", "127.0.0.1:0"},
                               {{"HOOKHOST_JOURNAL__DIR", (folder_ / "data").string()}});
  EXPECT_NE(second.exit_code, 0);
  EXPECT_THAT(second.out + second.err, HasSubstr("journal"));
}

}  // namespace
}  // namespace hookhost::e2e
