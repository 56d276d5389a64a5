// SPDX-License-Identifier: Apache-2.0
//
// Is a host that anyone could call refused before it listens? (seed rows K02, U05)
#include "app/start_checks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/temp_dir.h"

namespace hookhost::app {
namespace {

using test::TempDir;
using testing::HasSubstr;

Config at(std::string host) {
  Config config;
  config.listen = {std::move(host), 7860};
  return config;
}

TEST(CheckExposure, AllowsAnOpenRouteOnLoopbackK02) {
  for (const char* host : {"127.0.0.1", "127.1.2.3", "::1", "::ffff:127.0.0.1"}) {
    EXPECT_TRUE(check_exposure(at(host), true)) << host;
  }
}

TEST(CheckExposure, RefusesAnOpenRouteBeyondLoopbackK02) {
  for (const char* host : {"0.0.0.0", "192.168.1.5", "::", "128.0.0.1", "::ffff:10.0.0.1"}) {
    EXPECT_FALSE(check_exposure(at(host), true)) << host;
  }
  const Status refused = check_exposure(at("0.0.0.0"), true);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message, "no secret, and 0.0.0.0:7860 is reachable from outside");
  EXPECT_EQ(refused.error().fix,
            "export WEBHOOK_SECRET=$(openssl rand -hex 32)\n"
            "or:  --insecure-open   (anyone can then trigger your handlers)");
}

TEST(CheckExposure, AllowsItWhenEveryRouteHasASecretOrTheOperatorInsistsK02) {
  EXPECT_TRUE(check_exposure(at("0.0.0.0"), false));
  Config config = at("0.0.0.0");
  config.insecure_open = true;
  EXPECT_TRUE(check_exposure(config, true));
}

TEST(CheckAdminExposure, WantsATokenBeyondLoopback) {
  Config config;
  EXPECT_TRUE(check_admin_exposure(config));
  config.admin_listen = {"0.0.0.0", 7861};
  const Status refused = check_admin_exposure(config);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message, "no admin token, and 0.0.0.0:7861 is reachable from outside");
  config.admin_token.credentials.emplace_back(Secret("0123456789abcdef"));
  EXPECT_TRUE(check_admin_exposure(config));
}

TEST(CheckAdminExposure, WantsATokenOnASinglePort) {
  Config config;
  config.admin_single_port = true;
  ASSERT_FALSE(check_admin_exposure(config));
  EXPECT_EQ(check_admin_exposure(config).error().message,
            "no admin token, and admin.single_port serves the admin in public");
  config.admin_token.credentials.emplace_back(Secret("0123456789abcdef"));
  EXPECT_TRUE(check_admin_exposure(config));
}

TEST(CheckRoot, ServesLoopbackOnlyUnlessTheOperatorInsists) {
  Config config;
  EXPECT_TRUE(check_root(config, 0));
  for (http::ListenAddress Config::*listen : {&Config::listen, &Config::admin_listen}) {
    config = {};
    (config.*listen).host = "0.0.0.0";
    const Status refused = check_root(config, 0);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::kDenied);
    EXPECT_THAT(refused.error().message, HasSubstr("this is root, and 0.0.0.0:786"));
    EXPECT_THAT(refused.error().fix, HasSubstr("--allow-root"));
    EXPECT_TRUE(check_root(config, 1000));
    config.allow_root = true;
    EXPECT_TRUE(check_root(config, 0));
  }
}

TEST(CheckFolders, LetsTheDefaultFolderBeMissingU05) {
  const TempDir folder;
  const auto config = read_config("", (folder / "hookhost.toml").native(), {});
  ASSERT_TRUE(config);
  EXPECT_TRUE(check_folders(*config));
}

TEST(CheckFolders, RefusesAFolderThatWasNamedAndIsNotThere) {
  const TempDir folder;
  const std::string file = (folder / "hookhost.toml").native();
  const auto missing = read_config("plugins = \"nowhere\"\n", file, {});
  ASSERT_TRUE(missing);
  const Status refused = check_folders(*missing);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr("hookhost.toml:1: "));
  EXPECT_THAT(refused.error().message, HasSubstr("nowhere: No such file or directory"));

  folder.write("file", "");
  const auto no_folder = read_config("plugins = \"file\"\n", file, {});
  EXPECT_THAT(check_folders(*no_folder).error().message, HasSubstr("is not a folder"));
}

TEST(CheckFolders, LooksAtTheFolderOfTheUi) {
  const TempDir folder;
  const std::string file = (folder / "hookhost.toml").native();
  EXPECT_FALSE(check_folders(*read_config("ui = \"nowhere\"\n", file, {})));
  EXPECT_TRUE(check_folders(*read_config("ui = \".\"\n", file, {})));
}

TEST(StartWarnings, PutTheOpenHostFirstK02) {
  Config config = at("0.0.0.0");
  config.warnings = {{"something else", ""}};
  const auto warnings = start_warnings(config, true, 1000);
  ASSERT_EQ(warnings.size(), 2U);
  EXPECT_EQ(warnings[0].message,
            "No secret is set: whoever reaches 0.0.0.0:7860 can trigger handlers.");
  EXPECT_EQ(start_warnings(config, false, 1000).size(), 1U);
  EXPECT_EQ(start_warnings(config, false, 0)[0].message,
            "This is root: plugins can do everything on this machine.");
}

}  // namespace
}  // namespace hookhost::app
