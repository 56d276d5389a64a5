// SPDX-License-Identifier: Apache-2.0
//
// Does `hookhost doctor` see what is around a host, with and without one that runs?
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "e2e/live_host.h"
#include "payload/payload_support.h"
#include "support/temp_dir.h"
#include "support/test_certificate.h"

namespace hookhost::e2e {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* kAnyPorts = "listen = \"127.0.0.1:0\"\nadmin.listen = \"127.0.0.1:0\"\n";

test::ProcessResult doctor(const test::TempDir& folder, const std::string& config,
                           std::vector<std::string> more = {}) {
  std::vector<std::string> arguments{"doctor", "--config", folder.write("h.toml", config)};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return hookhost(std::move(arguments));
}

TEST(Doctor, EndsWith0WhenNothingFails) {
  const test::TempDir folder;
  folder.write("key", "s3cr3t-of-the-doctor");
  const auto result =
      doctor(folder, std::string(kAnyPorts) + "secret_file = \"key\"\nplugins = \"" +
                         plugin_folder("twin_a").native() + "\"\n");

  EXPECT_EQ(result.exit_code, 0) << result.out;
  EXPECT_THAT(result.out, HasSubstr("ok    secret " + (folder / "key").native() + ": 20 bytes\n"));
  EXPECT_THAT(result.out, HasSubstr("ok    plugin twin_a.so: its form is right"));
  EXPECT_THAT(result.out, Not(HasSubstr("fail  ")));
}

TEST(Doctor, EndsWith1AndTheCommandThatHelps) {
  const test::TempDir folder;
  const auto key = folder.write("key", "s3cr3t-of-the-doctor", 0644);
  const auto result = doctor(folder, std::string(kAnyPorts) + "secret_file = \"key\"\n");

  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.out, HasSubstr("fail  secret " + key.native()));
  EXPECT_THAT(result.out, HasSubstr("\n      fix: chmod 600 " + key.native() + "\n"));
}

TEST(Doctor, SeesACertificateThatEndsSoonOrHasEnded) {
  const test::TempDir folder;
  const auto certificate_for = [&](std::chrono::hours life) {
    const SystemTime now = std::chrono::system_clock::now();
    const test::TestCertificate certificate(
        {.not_before = now - std::chrono::hours(48), .not_after = now + life});
    folder.write("cert.pem", certificate.cert_pem(), 0644);
    folder.write("key.pem", certificate.key_pem());
    return doctor(folder, std::string(kAnyPorts) +
                              "tls = { cert_file = \"cert.pem\", key_file = \"key.pem\" }\n")
        .out;
  };
  const std::string thing = "certificate " + (folder / "cert.pem").native();
  EXPECT_THAT(certificate_for(std::chrono::hours(31 * 24)), HasSubstr("ok    " + thing));
  EXPECT_THAT(certificate_for(std::chrono::hours(24)), HasSubstr("warn  " + thing));
  EXPECT_THAT(certificate_for(-std::chrono::hours(1)), HasSubstr("fail  " + thing));
}

TEST(Doctor, EndsWith78WhenTheConfigurationCannotBeRead) {
  const test::TempDir folder;
  const auto result = doctor(folder, "loops = \"many\"\n");

  EXPECT_EQ(result.exit_code, 78);
  EXPECT_THAT(result.out, HasSubstr("fail  " + (folder / "h.toml").native() + ":1: loops: "));
}

TEST(Doctor, TellsARunningHostFromAStranger) {
  const test::TempDir folder;
  LiveHost host({"serve", "--plugins", plugin_folder("twin_a")}, {{"WEBHOOK_SECRET", kSecret}});
  const std::string admin = "127.0.0.1:" + std::to_string(host.process().admin_port());
  const auto result = doctor(folder, kAnyPorts, {"--admin-listen", admin});

  EXPECT_THAT(result.out, HasSubstr("ok    admin at " + admin + ": a host answers there\n"));
}

TEST(Doctor, PrintsJson) {
  const test::TempDir folder;
  const auto result = doctor(folder, kAnyPorts, {"--json"});

  payload::Understanding json;
  EXPECT_TRUE(json.parse(result.out)) << result.out;
  EXPECT_THAT(result.out, HasSubstr(R"({"ok":true,"findings":[{"check":"configuration",)"));
  EXPECT_THAT(result.out, HasSubstr(R"("check":"clock","severity":")"));
}

}  // namespace
}  // namespace hookhost::e2e
