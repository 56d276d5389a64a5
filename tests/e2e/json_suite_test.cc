// SPDX-License-Identifier: Apache-2.0
//
// JSONTestSuite over the wire: every file that must be refused is refused wherever it stands, every
// file that must be accepted is accepted there. The connection stays usable after each.
#include <gtest/gtest.h>

#include <filesystem>

#include "e2e/hub_event.h"
#include "e2e/live_host.h"
#include "payload/payload_support.h"

namespace hookhost::e2e {
namespace {

class JsonSuite : public SharedHost<JsonSuite> {
 public:
  static std::unique_ptr<LiveHost> make_host() {
    return std::make_unique<LiveHost>(
        std::vector<std::string>{"serve", "--plugins", plugin_folder("parity")});
  }

 protected:
  int status_of(std::string_view target, std::string body) {
    client_.send(bytes_of(
        {"POST", std::string(target), {{"Content-Type", "application/json"}}, std::move(body)},
        false));
    return client_.read_answer().value_or(RawAnswer{}).status;
  }
  // kind: 'n' must be refused, 'y' must be accepted.
  void judge(char kind) {
    const std::string payload = hub_event();
    const std::string inside = payload.substr(1, payload.size() - 2);
    int files = 0;
    for (const auto& entry :
         std::filesystem::directory_iterator(HOOKHOST_TEST_DATA "/jsontestsuite/test_parsing")) {
      const std::string name = entry.path().filename();
      if (name[0] != kind) continue;
      ++files;
      const std::string text = payload::read_file(entry.path());
      const bool is_good = kind == 'y';
      const auto expect = [&](int status, const char* where) {
        EXPECT_TRUE(is_good ? status == 200 : status == 422 || status == 400)
            << name << ' ' << where << ": " << status;
      };
      expect(status_of("/webhooks/f06_json", text), "as the body");
      expect(status_of("/webhooks/tolerant", R"({"x":)" + text + "," + inside + "}"), "first");
      expect(status_of("/webhooks/strict", "{" + inside + R"(,"x":)" + text + "}"), "last");
    }
    EXPECT_EQ(files, kind == 'y' ? 95 : 188);
  }

  RawClient client_{host().process().port()};
};

TEST_F(JsonSuite, RefusesEveryMustRejectFileWhereverItStands) { judge('n'); }
TEST_F(JsonSuite, AcceptsEveryMustAcceptFileWhereverItStands) { judge('y'); }

}  // namespace
}  // namespace hookhost::e2e
