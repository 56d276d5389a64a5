// SPDX-License-Identifier: Apache-2.0
//
// Does a secret come from where the operator put it, and from nowhere else? Is one that cannot work
// refused before anything listens? (seed rows K01, K06, K07, K08, K11)
#include "app/secret_source.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "app/config.h"
#include "app/config_value.h"
#include "support/temp_dir.h"

namespace hookhost::app {
namespace {

using test::TempDir;
using testing::HasSubstr;
using testing::Not;

constexpr telemetry::Console kPlain{.width = 80};
constexpr const char* kGood = "0123456789abcdef0123456789abcdef";

SecretSource file(const std::filesystem::path& path) {
  return {.kind = SecretKind::kFile, .name = path.native(), .origin = {}};
}

std::string error_of(const Result<Config, ConfigErrors>& config) {
  std::string out;
  if (config) return out;
  for (const ConfigError& error : config.error()) out += print_config_error(error, kPlain);
  return out;
}

TEST(ReadSecret, TakesAFilesTextWithoutItsLineEnd) {
  const TempDir folder;
  const auto secret = read_secret(file(folder.write("s", "s3cret\n")), {});
  ASSERT_TRUE(secret);
  EXPECT_EQ(secret->reveal(), "s3cret");
  const auto from_windows = read_secret(file(folder.write("w", "s3cret\r\n")), {});
  ASSERT_TRUE(from_windows);
  EXPECT_EQ(from_windows->reveal(), "s3cret");
}

TEST(ReadSecret, RefusesAFileThatOthersMayRead) {
  const TempDir folder;
  const auto path = folder.write("s", kGood, 0644);
  const auto secret = read_secret(file(path), {});
  ASSERT_FALSE(secret);
  EXPECT_EQ(secret.error().code, ErrorCode::kDenied);
  EXPECT_THAT(secret.error().message, HasSubstr("(mode 0644)"));
  EXPECT_EQ(secret.error().fix, "chmod 600 " + path.native());
  EXPECT_TRUE(read_secret(file(folder.write("g", kGood, 0640)), {}));
}

TEST(ReadSecret, RefusesAnEmptyOneK08) {
  const TempDir folder;
  for (const char* content : {"", "\n"}) {
    const auto secret = read_secret(file(folder.write("s", content)), {});
    ASSERT_FALSE(secret);
    EXPECT_THAT(secret.error().message, HasSubstr("it is empty"));
  }
}

TEST(ReadSecret, RefusesFilesThatAreNoSecret) {
  const TempDir folder;
  EXPECT_EQ(read_secret(file(folder / "missing"), {}).error().code, ErrorCode::kNotFound);
  EXPECT_FALSE(read_secret(file(folder.path()), {}));
  EXPECT_FALSE(read_secret(file(folder.write("two", "a\nb\n")), {}));
  EXPECT_FALSE(
      read_secret(file(folder.write("big", std::string(kSecretFileBytesMax + 1, 'x'))), {}));
  EXPECT_TRUE(read_secret(file(folder.write("max", std::string(kSecretFileBytesMax, 'x'))), {}));
}

TEST(ReadSecret, TakesASystemdCredential) {
  const TempDir folder;
  folder.write("webhook-secret", kGood, 0444);  // systemd guards the folder instead
  const Environment environment{{"CREDENTIALS_DIRECTORY", folder.path().native()}};
  SecretSource source{.kind = SecretKind::kCredential, .name = "webhook-secret", .origin = {}};
  EXPECT_TRUE(read_secret(source, environment));
  source.name = "../webhook-secret";
  EXPECT_FALSE(read_secret(source, environment));
}

TEST(CheckHubSecret, RefusesWhatTheHubCannotSendK07) {
  const SecretSource source{
      .kind = SecretKind::kEnvironment, .name = "WEBHOOK_SECRET", .origin = {}};
  EXPECT_TRUE(check_hub_secret(Secret("good enough"), source));
  const Status refused = check_hub_secret(Secret("s\xc3\xa9"
                                                 "cret"),
                                          source);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message,
              HasSubstr("secret $WEBHOOK_SECRET: the Hub sends printable ASCII"));
  EXPECT_THAT(refused.error().message, Not(HasSubstr("cret\"")));
  EXPECT_FALSE(check_hub_secret(Secret("tab\there"), source));
  EXPECT_FALSE(check_hub_secret(Secret(" padded"), source));
}

TEST(Secrets, TakeTheConfigurationBeforeTheVariableK01) {
  const TempDir folder;
  folder.write("s", kGood);
  folder.write("hookhost.toml", "secret_file = \"s\"\n");
  const auto config = load_config(
      {.environment = {{"WEBHOOK_SECRET", "another one, long enough"}}, .folder = folder.path()});
  ASSERT_TRUE(config) << error_of(config);
  ASSERT_EQ(config->secrets.credentials.size(), 1U);
  EXPECT_EQ(config->secrets.credentials[0].secret.reveal(), kGood);
}

TEST(Secrets, TakeTheVariableWhereTheConfigurationSaysNothingK01) {
  const TempDir folder;
  const auto config =
      load_config({.environment = {{"WEBHOOK_SECRET", kGood}}, .folder = folder.path()});
  ASSERT_TRUE(config) << error_of(config);
  ASSERT_EQ(config->secrets.credentials.size(), 1U);
  EXPECT_EQ(config->secrets.credentials[0].secret.reveal(), kGood);
}

TEST(Secrets, OfTheAdminListenerMayBeACredential) {
  const TempDir folder;
  folder.write("admin-token", kGood, 0400);
  const Environment environment{{"CREDENTIALS_DIRECTORY", folder.path().native()}};
  const auto config = load_config({.environment = environment, .folder = folder.path()});
  ASSERT_TRUE(config) << error_of(config);
  ASSERT_EQ(config->admin_token.credentials.size(), 1U);
  EXPECT_TRUE(config->secrets.empty()) << "it is no webhook secret";

  folder.write("token", "another one, long enough");
  folder.write("hookhost.toml", "[admin]\ntoken_file = \"token\"\n");
  const auto named = load_config({.environment = environment, .folder = folder.path()});
  ASSERT_TRUE(named) << error_of(named);
  ASSERT_EQ(named->admin_token.credentials.size(), 1U);
  EXPECT_EQ(named->admin_token.credentials[0].secret.reveal(), "another one, long enough");
}

TEST(Settings, AreReadWithoutTheirSecrets) {
  const TempDir folder;
  folder.write("hookhost.toml",
               "secret_file = \"not_there\"\n[route.a]\nsecret_file = \"nor_this\"\n");
  const auto settings = load_settings({.folder = folder.path()});
  ASSERT_TRUE(settings) << error_of(settings);
  EXPECT_EQ(settings->secrets.sources().size(), 1U);
  EXPECT_TRUE(settings->secrets.empty());
  EXPECT_EQ(settings->overrides_of("a")->secrets.sources().size(), 1U);
  EXPECT_FALSE(load_config({.folder = folder.path()}));
}

TEST(Secrets, RefuseTheStartWithAnEmptyVariableK08) {
  const TempDir folder;
  const auto config =
      load_config({.environment = {{"WEBHOOK_SECRET", ""}}, .folder = folder.path()});
  EXPECT_EQ(error_of(config),
            "error: secret $WEBHOOK_SECRET: it is empty\n"
            "  fix: export WEBHOOK_SECRET=$(openssl rand -hex 32), or unset WEBHOOK_SECRET\n");
}

TEST(Secrets, RefuseTheStartWithOneThatIsNotAsciiK07) {
  const TempDir folder;
  const auto config = load_config({.environment = {{"WEBHOOK_SECRET",
                                                    "s\xc3\xa9"
                                                    "cret"}},
                                   .folder = folder.path()});
  EXPECT_THAT(error_of(config), HasSubstr("the Hub sends printable ASCII only"));
}

TEST(Secrets, WarnOfAShortOne) {
  const TempDir folder;
  const auto warnings = [&](std::string secret) {
    const auto config = load_config(
        {.environment = {{"WEBHOOK_SECRET", std::move(secret)}}, .folder = folder.path()});
    return config.value().warnings.size();
  };
  EXPECT_EQ(warnings("123456789012345"), 1U);
  EXPECT_EQ(warnings("1234567890123456"), 0U);
}

TEST(Secrets, BelongToARouteSeveralAtATimeWithAnExpiryK11) {
  const TempDir folder;
  folder.write("old", kGood);
  folder.write("new", "fedcba9876543210fedcba9876543210");
  folder.write("hookhost.toml", R"(
[route.retrain]
secret_file = "new"
secrets = [{ file = "old", not_after = 2026-11-25T14:10:00Z }]
)");
  const auto config = load_config({.folder = folder.path()});
  ASSERT_TRUE(config) << error_of(config);
  const RouteOverrides* route = config->overrides_of("retrain");
  ASSERT_NE(route, nullptr);
  ASSERT_EQ(route->secrets.credentials.size(), 2U);
  EXPECT_EQ(route->secrets.credentials[0].not_after, SystemTime::max());
  EXPECT_EQ(route->secrets.credentials[1].not_after, *parse_moment("2026-11-25T14:10:00Z"));
  EXPECT_TRUE(config->secrets.empty());
}

TEST(Secrets, PointAtTheLineThatNamesAMissingFile) {
  const TempDir folder;
  folder.write("hookhost.toml", "loops = 1\nsecret_file = \"nowhere\"\n");
  const auto config = load_config({.folder = folder.path()});
  EXPECT_THAT(error_of(config), HasSubstr("hookhost.toml:2:15: error: secret "));
  EXPECT_THAT(error_of(config), HasSubstr("nowhere: No such file or directory"));
}

TEST(Secrets, ReachAPluginByName) {
  const TempDir folder;
  folder.write("token", "hf_token\n");
  folder.write("hookhost.toml", R"(
[plugin.bot.secrets]
token = { file = "token" }
key = { env = "BOT_KEY" }
)");
  const auto config = load_config({.environment = {{"BOT_KEY", "k"}}, .folder = folder.path()});
  ASSERT_TRUE(config) << error_of(config);
  const auto settings = config->settings_of("bot");
  EXPECT_EQ(settings.secrets.at("token").reveal(), "hf_token");
  EXPECT_EQ(settings.secrets.at("key").reveal(), "k");
}

TEST(Secrets, CountInTheQueryOnlyWhenAllowedK06) {
  EXPECT_FALSE(Config{}.secret_in_query);
  const auto config = read_config("secret_in_query = true\n", "h.toml", {});
  ASSERT_TRUE(config);
  EXPECT_TRUE(config->secret_in_query);
}

}  // namespace
}  // namespace hookhost::app
