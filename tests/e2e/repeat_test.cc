// SPDX-License-Identifier: Apache-2.0
//
// Does a delivery that its sender repeats run once in the real binary, and again where it should?
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "e2e/live_host.h"
#include "e2e/sender_proof.h"
#include "support/temp_dir.h"

namespace hookhost::e2e {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

// Raw handlers: r02_number answers 42, parks waits for lets_go.
class Repeats : public ::testing::Test {
 protected:
  explicit Repeats(const std::string& command = "serve") {
    std::vector<std::string> arguments{command};
    if (command == "serve") arguments.push_back("--plugins");
    arguments.push_back(command == "serve" ? plugin_folder("parity") : plugin_file("parity"));
    arguments.insert(arguments.end(), {"--config", config()});
    host.emplace(std::move(arguments));
  }
  std::string config() const {
    const std::string key = folder.write("key", kSecret, 0600).string();
    return folder
        .write("hookhost.toml", "secret_file = \"" + key +
                                    "\"\n[route.r02_text]\ndedup_window = \"0s\"\n"
                                    "[route.r02_list]\nscheme = \"github\"\nsecret_file = \"" +
                                    key + "\"\n")
        .string();
  }
  static Request from_hub(const std::string& route, const std::string& id) {
    return {"POST", "/webhooks/" + route, {{"X-Webhook-Secret", kSecret}, {"Webhook-Id", id}}, "x"};
  }

  test::TempDir folder;
  std::optional<LiveHost> host;
};
class RepeatsInDevelopment : public Repeats {
 protected:
  RepeatsInDevelopment() : Repeats("run") {}
};

TEST_F(Repeats, WakeNoHandlerAndAreCounted) {
  EXPECT_EQ(host->send(from_hub("r02_number", "1")).body, "42");

  const RawAnswer again = host->send(from_hub("r02_number", "1"));

  EXPECT_EQ(again.status, 200);
  EXPECT_THAT(again.body, HasSubstr(R"("duplicate":true})"));
  EXPECT_EQ(host->send(from_hub("r02_number", "2")).body, "42");
  EXPECT_TRUE(host->process().wait_for_output(R"("outcome":"duplicate")"));
  EXPECT_THAT(
      host->get_admin("/metrics").body,
      AllOf(HasSubstr(R"(hookhost_deliveries_total{route="r02_number",outcome="duplicate"} 1)"),
            HasSubstr(R"(hookhost_deliveries_total{route="r02_number",outcome="handled"} 2)")));
}
TEST_F(Repeats, OfAnotherSenderGoByItsOwnHeader) {
  const auto from_github = [&](const std::string& id) {
    return host
        ->send({"POST",
                "/webhooks/r02_list",
                {{"X-Hub-Signature-256", "sha256=" + hex(mac(kSecret, "{}"))},
                 {"X-GitHub-Delivery", id}},
                "{}"})
        .body;
  };
  const std::string first = from_github("1");
  EXPECT_THAT(from_github("1"), HasSubstr("duplicate"));
  EXPECT_EQ(from_github("2"), first);
}
TEST_F(Repeats, RunWhereTheRouteSaysSo) {
  const RawAnswer first = host->send(from_hub("r02_text", "1"));
  EXPECT_EQ(host->send(from_hub("r02_text", "1")).body, first.body);
}
TEST_F(Repeats, ComeBackLaterWhileTheFirstRuns) {
  RawClient first(host->process().port());
  ASSERT_TRUE(first.send(bytes_of(from_hub("parks", "1"))));
  ASSERT_EQ(host->send(from_hub("waits_for_parked?n=x", "w")).body, "1 parked");

  const RawAnswer again = host->send(from_hub("parks", "1"));
  EXPECT_EQ(again.status, 503);
  EXPECT_EQ(again.header("Retry-After"), "1");
  EXPECT_TRUE(host->process().wait_for_output(R"("rule":"delivery-in-flight")"));

  host->send(from_hub("lets_go", "l"));
  EXPECT_EQ(first.read_answer().value_or(RawAnswer{}).body, "let go");
  EXPECT_THAT(host->send(from_hub("parks", "1")).body, HasSubstr("duplicate"));
}
TEST_F(RepeatsInDevelopment, Run) {
  EXPECT_EQ(host->send(from_hub("r02_number", "1")).body, "42");
  EXPECT_EQ(host->send(from_hub("r02_number", "1")).body, "42");
}

}  // namespace
}  // namespace hookhost::e2e
