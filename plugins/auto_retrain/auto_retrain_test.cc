// SPDX-License-Identifier: Apache-2.0
//
// Does a commit to a dataset start what the operator configured, once, and one at a time? The
// command is a small shell script that says through a pipe that it runs and waits there for its
// end; the URL is a fake server on loopback.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <hookhost/testing/fake_host.hpp>
#include <iterator>
#include <map>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "support/fake_server.h"
#include "support/temp_dir.h"

using namespace hookhost;
using namespace std::chrono_literals;
using hookhost::test::FakeServer;
using hookhost::test::TempDir;
using test::Outcome;
using testing::HasSubstr;

namespace {

constexpr const char* kPath = "auto_retrain";

const hookhost_plugin* plugin() { return hookhost_entry_v1(HOOKHOST_ABI_MINOR); }

std::string commit_event(const std::string& commit, const std::string& dataset = "user/data") {
  return test::hub_event({.repo_type = "dataset", .repo_name = dataset, .head_sha = commit});
}

// The event with these refs in place of none.
std::string with_refs(std::string event, const std::string& refs) {
  event.pop_back();
  return event + R"(,"updatedRefs":)" + refs + "}";
}

std::string config_of(const Object& config) {
  JsonText text;
  text.value(config);
  return std::string(text.view());
}

// ---- Nothing configured

TEST(AutoRetrain, SaysWhatItWouldStartWhenNothingIsConfigured) {
  test::Host host(plugin());

  const auto answer = host.post(kPath, commit_event("abc123"));

  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, R"({"would_start":"user/data","commit":"abc123"})");
}

TEST(AutoRetrain, TakesTheCommitThatABranchMovedTo) {
  test::Host host(plugin());

  const auto answer = host.post(kPath, with_refs(commit_event("abc123"), R"([
      {"ref":"refs/tags/v1","oldSha":null,"newSha":"t1"},
      {"ref":"refs/heads/main","oldSha":"o1","newSha":"n1"}])"));

  EXPECT_EQ(answer.body, R"({"would_start":"user/data","commit":"n1"})");
}

TEST(AutoRetrain, IgnoresPullRequestsTagsAndDeletedBranches) {
  test::Host host(plugin());

  for (const char* refs : {R"([{"ref":"refs/pr/7","oldSha":null,"newSha":"n1"}])",
                           R"([{"ref":"refs/tags/v1","oldSha":null,"newSha":"n1"}])",
                           R"([{"ref":"refs/heads/old","oldSha":"o1","newSha":null}])"}) {
    const auto answer = host.post(kPath, with_refs(commit_event("abc123"), refs));
    EXPECT_EQ(answer.outcome, Outcome::kSkipped) << refs;
  }
}

TEST(AutoRetrain, IgnoresModelsAndSpaces) {
  test::Host host(plugin());

  EXPECT_EQ(host.post(kPath, test::hub_event({.repo_type = "model"})).outcome, Outcome::kSkipped);
  EXPECT_EQ(host.post(kPath, test::hub_event({.repo_type = "space"})).outcome, Outcome::kSkipped);
}

TEST(AutoRetrain, TakesNoNameThatACommandCouldMisread) {
  test::Host host(plugin());

  for (const char* name : {"-rf", "/etc/passwd", "user/../data", "user/da ta", "user/$(id)"}) {
    EXPECT_EQ(host.post(kPath, commit_event("abc123", name)).outcome, Outcome::kDead) << name;
  }
  EXPECT_EQ(host.post(kPath, commit_event("--help")).outcome, Outcome::kDead);
  EXPECT_EQ(host.post(kPath, commit_event("abc123", std::string(201, 'x'))).outcome,
            Outcome::kDead);
  EXPECT_EQ(host.post(kPath, commit_event("abc123", std::string(200, 'x'))).outcome,
            Outcome::kDone);
}

TEST(AutoRetrain, IsRefusedWithACommandAndAUrl) {
  const std::string config = config_of({{"command", "/bin/true"}, {"url", "http://127.0.0.1/"}});

  try {
    test::Host host(plugin(), {.config = config});
    FAIL() << "it was created";
  } catch (const std::runtime_error& e) {
    EXPECT_THAT(e.what(), HasSubstr("configure command or url, not both"));
  }
}

TEST(AutoRetrain, UnderstandsItsFixture) {
  std::ifstream file(FIXTURES "/dataset_push.json");
  const std::string body(std::istreambuf_iterator<char>(file), {});
  test::Host host(plugin());

  EXPECT_EQ(host.post(kPath, body).body,
            R"({"would_start":"some-user/multilingual-product-reviews",)"
            R"("commit":"c379e821c9c95d613899e8c4343e4bfee2b0c600"})");
}

// ---- A command

class AutoRetrainCommand : public testing::Test {
 protected:
  // The script tells its arguments through `started`, and ends when it reads its exit code from
  // `end-COMMIT`.
  AutoRetrainCommand() {
    ::mkfifo((dir_ / "started").c_str(), 0600);
    // Open at both ends, so that it has no end when a script closes it.
    started_.open(dir_ / "started", std::ios::in | std::ios::out);
    const std::string folder = dir_.path().string();
    script_ =
        dir_.write("retrain.sh",
                   "#!/bin/sh\n"
                   "cd " +
                       folder +
                       "\n"
                       "env >environment\n"
                       "mkfifo end-$2\n"
                       "printf '%s %s %s %s\\n' \"$1\" \"$2\" \"$DATASET\" \"$COMMIT\" >started\n"
                       "read code <end-$2\n"
                       "exit $code\n",
                   0700);
  }

  test::HostOptions options() const {
    return {.config = config_of({{"command", script_.string()}})};
  }
  // The arguments of the next run; waits for it.
  std::string next_run() {
    std::string line;
    std::getline(started_, line);
    return line;
  }
  void end_run(const std::string& commit, int code = 0) const {
    std::ofstream(dir_ / ("end-" + commit)) << code << std::endl;
  }
  // Lets the host's time pass until it has seen the end of a run.
  static void wait_for_log(test::Host& host, std::string_view text) {
    while (!host.has_logged(text)) {
      host.advance(250ms);
      // The run ends in another process; a loop over yield() would keep the processor from it.
      std::this_thread::sleep_for(std::chrono::microseconds(100));
    }
  }

  TempDir dir_;
  std::fstream started_;
  std::filesystem::path script_;
};

TEST_F(AutoRetrainCommand, IsCalledWithDatasetAndCommit) {
  test::Host host(plugin(), options());

  const auto answer = host.post(kPath, commit_event("abc123"));

  EXPECT_EQ(answer.status, 202);
  EXPECT_EQ(answer.body, R"({"started":"user/data","commit":"abc123"})");
  EXPECT_EQ(next_run(), "user/data abc123 user/data abc123");
  end_run("abc123", 3);
  wait_for_log(host, "the job for user/data ended with exit code 3");
}

TEST_F(AutoRetrainCommand, SeesNoSecretOfTheHost) {
  ::setenv("WEBHOOK_SECRET", "s3cr3t-of-the-host", 1);
  ::setenv("HF_TOKEN", "hf_secret", 1);
  test::Host host(plugin(), options());

  host.post(kPath, commit_event("abc123"));
  next_run();
  std::ifstream file(dir_ / "environment");
  const std::string environment(std::istreambuf_iterator<char>(file), {});
  end_run("abc123");
  wait_for_log(host, "ended with exit code 0");

  EXPECT_THAT(environment, HasSubstr("PATH="));
  EXPECT_EQ(environment.find("s3cr3t"), std::string::npos) << environment;
  EXPECT_EQ(environment.find("hf_secret"), std::string::npos) << environment;
  std::istringstream lines(environment);
  for (std::string line; std::getline(lines, line);) {
    // The shell adds the last three.
    EXPECT_THAT(line.substr(0, line.find('=')),
                testing::AnyOf("PATH", "HOME", "LANG", "TMPDIR", "DATASET", "COMMIT", "PWD",
                               "SHLVL", "_", "OLDPWD"));
  }
}

TEST_F(AutoRetrainCommand, RunsOnceAtATimeForADatasetAndThenForTheNewestCommit) {
  test::Host host(plugin(), options());

  ASSERT_EQ(host.post(kPath, commit_event("c1")).body, R"({"started":"user/data","commit":"c1"})");
  EXPECT_EQ(host.post(kPath, commit_event("c2")).body, R"({"waits":"user/data","commit":"c2"})");
  EXPECT_EQ(host.post(kPath, commit_event("c3")).body, R"({"waits":"user/data","commit":"c3"})");

  EXPECT_EQ(next_run(), "user/data c1 user/data c1");
  end_run("c1");
  wait_for_log(host, "for user/data at c3");
  EXPECT_EQ(next_run(), "user/data c3 user/data c3");
  EXPECT_FALSE(host.has_logged("at c2"));
  end_run("c3");
  // Nothing is left to wait: the entries in hookhost.kv are gone.
  while (host.kv("running/user/data")) host.advance(250ms);
  EXPECT_FALSE(host.kv("waiting/user/data").has_value());
}

TEST_F(AutoRetrainCommand, RunsForTwoDatasetsAtOnce) {
  test::Host host(plugin(), options());

  EXPECT_EQ(host.post(kPath, commit_event("c1", "user/a")).status, 202);
  EXPECT_EQ(next_run(), "user/a c1 user/a c1");
  EXPECT_EQ(host.post(kPath, commit_event("c2", "user/b")).body,
            R"({"started":"user/b","commit":"c2"})");
  EXPECT_EQ(next_run(), "user/b c2 user/b c2");

  end_run("c1");
  end_run("c2");
  wait_for_log(host, "user/a ended");
  wait_for_log(host, "user/b ended");
}

TEST_F(AutoRetrainCommand, FailsTheAttemptWhenItCannotBeStarted) {
  test::Host host(plugin(), {.config = config_of({{"command", (dir_ / "missing").string()}})});

  const auto answer = host.post(kPath, commit_event("c1"));

  EXPECT_EQ(answer.outcome, Outcome::kFailed);
  EXPECT_THAT(answer.error, HasSubstr("missing: No such file or directory"));
  EXPECT_FALSE(host.kv("running/user/data").has_value()) << "the dataset is free again";
}

TEST_F(AutoRetrainCommand, LetsGoOfADatasetAfterItsTime) {
  const std::string config = config_of({{"command", script_.string()}, {"timeout_s", 60}});
  test::Host host(plugin(), {.config = config});

  host.post(kPath, commit_event("c1"));
  EXPECT_EQ(next_run(), "user/data c1 user/data c1");
  host.advance(59s);
  EXPECT_EQ(host.post(kPath, commit_event("c2")).body, R"({"waits":"user/data","commit":"c2"})");
  host.advance(1s);
  EXPECT_EQ(host.post(kPath, commit_event("c3")).body, R"({"started":"user/data","commit":"c3"})");
  EXPECT_EQ(next_run(), "user/data c3 user/data c3");

  // The end of the first one does not free what the second one holds.
  end_run("c1", 5);
  wait_for_log(host, "ended with exit code 5");
  EXPECT_TRUE(host.kv("running/user/data").has_value());
  end_run("c3", 6);
  wait_for_log(host, "ended with exit code 6");
  EXPECT_FALSE(host.kv("running/user/data").has_value());
}

TEST_F(AutoRetrainCommand, SeesTheEndOfWhatTheGenerationBeforeHasStarted) {
  test::Host host(plugin(), options());
  const pid_t child = ::fork();
  if (child == 0) ::_exit(0);
  host.put_kv("running/user/data", std::to_string(child));

  EXPECT_EQ(host.post(kPath, commit_event("c2")).body, R"({"waits":"user/data","commit":"c2"})");
  wait_for_log(host, "for user/data at c2");

  EXPECT_EQ(next_run(), "user/data c2 user/data c2");
  end_run("c2");
  wait_for_log(host, "ended with exit code 0");
}

// ---- A URL

class AutoRetrainUrl : public testing::Test {
 protected:
  AutoRetrainUrl() { ::setenv("no_proxy", "*", 1); }
  static test::HostOptions options(const FakeServer& server) {
    return {.config = config_of({{"url", server.url() + "/jobs"}})};
  }
};

TEST_F(AutoRetrainUrl, GetsDatasetAndCommit) {
  FakeServer server({{"POST", "/jobs", 202}});
  test::Host host(plugin(), options(server));

  const auto answer = host.post(kPath, commit_event("abc123"));

  EXPECT_EQ(answer.status, 202);
  EXPECT_EQ(answer.body, R"({"started":"user/data","commit":"abc123"})");
  ASSERT_EQ(server.requests().size(), 1u);
  EXPECT_EQ(server.requests()[0].body, R"({"dataset":"user/data","commit":"abc123"})");
  EXPECT_EQ(server.requests()[0].header("content-type"), "application/json");
}

TEST_F(AutoRetrainUrl, FailsTheAttemptWhenItDoesNotTakeTheJob) {
  FakeServer server({{"POST", "/jobs", 500}, {"POST", "/jobs", 200}});
  test::Host host(plugin(), options(server));

  const auto first = host.post(kPath, commit_event("c1"));
  const auto second = host.post(kPath, commit_event("c1"));

  EXPECT_EQ(first.outcome, Outcome::kFailed);
  EXPECT_EQ(first.error, "the job's URL: it answered 500");
  EXPECT_EQ(second.status, 202) << "the dataset is free again";
}

TEST_F(AutoRetrainUrl, IsCalledOnceAtATimeForADatasetAndThenForTheNewestCommit) {
  FakeServer server({{"POST", "/jobs", 202}});
  test::Host host(plugin(), options(server));
  server.hold();

  std::thread first([&] {
    EXPECT_EQ(host.post(kPath, commit_event("c1")).body,
              R"({"started":"user/data","commit":"c1"})");
  });
  server.wait_for_requests(1);
  EXPECT_EQ(host.post(kPath, commit_event("c2")).body, R"({"waits":"user/data","commit":"c2"})");
  EXPECT_EQ(host.post(kPath, commit_event("c3")).body, R"({"waits":"user/data","commit":"c3"})");
  server.release();
  first.join();
  host.run_pool();

  ASSERT_EQ(server.requests().size(), 2u);
  EXPECT_THAT(server.requests()[0].body, HasSubstr("c1"));
  EXPECT_THAT(server.requests()[1].body, HasSubstr("c3"));
}

}  // namespace
