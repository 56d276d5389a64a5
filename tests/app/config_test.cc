// SPDX-License-Identifier: Apache-2.0
//
// Does what the operator wrote come to be, from every source in its order, and is everything that
// is wrong said at once, with its place?
#include "app/config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "app/config_key.h"
#include "app/config_value.h"
#include "app/effective_config.h"
#include "support/temp_dir.h"

namespace hookhost::app {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

constexpr telemetry::Console kPlain{.width = 80};

Config good(std::string_view text, const ConfigSources& sources = {}) {
  auto config = read_config(text, "hookhost.toml", sources);
  if (!config) {
    for (const ConfigError& error : config.error()) {
      ADD_FAILURE() << print_config_error(error, kPlain);
    }
    return {};
  }
  return std::move(config).value();
}

std::string errors_of(std::string_view text, const ConfigSources& sources = {}) {
  const auto config = read_config(text, "hookhost.toml", sources);
  std::string out;
  if (config) return out;
  for (const ConfigError& error : config.error()) out += print_config_error(error, kPlain);
  return out;
}

TEST(Config, ServesLoopbackUnlessTold) {
  const Config config = good("");
  EXPECT_EQ(print_address(config.listen), "127.0.0.1:7860");
  EXPECT_EQ(print_address(config.admin_listen), "127.0.0.1:7861");
  EXPECT_FALSE(config.insecure_open);
}

TEST(Config, WantsACertificateAndItsKeyTogether) {
  const Config config = good("[tls]\ncert_file = \"c.pem\"\nkey_file = \"k.pem\"\n");
  EXPECT_EQ(config.tls.cert_file, "c.pem");
  EXPECT_EQ(config.tls.key_file, "k.pem");
  EXPECT_TRUE(config.tls.is_on());
  EXPECT_FALSE(good("").tls.is_on());

  const std::string no_key = errors_of("[tls]\ncert_file = \"c.pem\"\n");
  EXPECT_THAT(no_key, HasSubstr("hookhost.toml:2:"));
  EXPECT_THAT(no_key, HasSubstr("tls.cert_file needs tls.key_file"));
  EXPECT_THAT(no_key, HasSubstr("[tls] key_file = \"FILE\""));
  EXPECT_THAT(errors_of("[tls]\nkey_file = \"k.pem\"\n"),
              HasSubstr("tls.key_file needs tls.cert_file"));
  EXPECT_THAT(errors_of("[tls]\nclient_ca_file = \"ca.pem\"\n"),
              HasSubstr("tls.client_ca_file needs tls.cert_file and tls.key_file"));
}

TEST(Config, ReadsTheProxiesThatAreTrusted) {
  EXPECT_TRUE(good("").trusted_proxies.empty());
  const Config config = good("trusted_proxies = [\"10.0.0.0/8\", \"::1\"]\n");
  EXPECT_EQ(show(config.trusted_proxies), "[\"10.0.0.0/8\", \"::1\"]");
  const Config written =
      good("", {.environment = {{"HOOKHOST_TRUSTED_PROXIES", "192.0.2.1,10.0.0.0/8"}}});
  EXPECT_EQ(show(written.trusted_proxies), "[\"192.0.2.1\", \"10.0.0.0/8\"]");

  EXPECT_THAT(errors_of("trusted_proxies = [\"10.0.0.1/8\"]\n"),
              HasSubstr("expected addresses or CIDRs, as \"10.0.0.0/8\", got '10.0.0.1/8'"));
  EXPECT_THAT(errors_of("trusted_proxies = [7]\n"), HasSubstr("got 7"));
  EXPECT_THAT(errors_of("trusted_proxies = \"10.0.0.0/8\"\n"), HasSubstr("expected addresses"));
}

TEST(Config, NamesTheRangeThatARouteCannotAllow) {
  EXPECT_TRUE(good("[route.x]\nallow_from = []\n").overrides_of("x")->allow_from.empty());
  EXPECT_THAT(errors_of("[route.x]\nallow_from = [\"::1\", \"140.82.113.0/20\"]\n"),
              HasSubstr("got '140.82.113.0/20'"));
}

TEST(Config, ReadsEveryKindOfKey) {
  const Config config = good(R"(
listen = "0.0.0.0:8080"
plugins = "/srv/plugins"
loops = 2
insecure_open = true
secret_in_query = true
drain_timeout = "1m30s"
[admin]
listen = "[::1]:9000"
[pool]
threads = 8
queue_max = 64
[limits]
head_bytes_max = "8KiB"
connections_per_address_max = 0
memory_bytes_max = "64MiB"
body_bytes_max = "25MB"
idle_timeout = "500ms"
[log]
format = "json"
level = "warn"
)");
  EXPECT_EQ(print_address(config.listen), "0.0.0.0:8080");
  EXPECT_EQ(config.plugins, "/srv/plugins");
  EXPECT_EQ(config.loops, 2U);
  EXPECT_TRUE(config.insecure_open);
  EXPECT_TRUE(config.secret_in_query);
  EXPECT_EQ(config.drain_timeout, 90s);
  EXPECT_EQ(print_address(config.admin_listen), "[::1]:9000");
  EXPECT_EQ(config.pool_threads, 8U);
  EXPECT_EQ(config.pool_queue_max, 64U);
  EXPECT_EQ(config.limits.head_bytes_max, 8192U);
  EXPECT_EQ(config.limits.connections_per_address_max, 0U);
  EXPECT_EQ(config.limits.memory_bytes_max, 64U * 1024 * 1024);
  EXPECT_EQ(config.body_bytes_max, 25'000'000U);
  EXPECT_EQ(config.limits.idle_timeout, 500ms);
  EXPECT_EQ(config.log.format, telemetry::LogFormat::kJson);
  EXPECT_EQ(config.log.level, telemetry::Level::kWarn);
}

TEST(Config, ReadsWhatTheOperatorDecidesAboutARoute) {
  const Config config = good(R"(
[route.retrain]
payload = "strict"
ack = "durable"
on_failure = "fail"
timeout = "10m"
concurrency = 1
body_bytes_max = 4096
place = "inline"
scheme = "none"
allow_from = ["140.82.112.0/20", "::1"]
secret_in_query = true
enabled = false
)");
  const RouteOverrides* route = config.overrides_of("retrain");
  ASSERT_NE(route, nullptr);
  EXPECT_EQ(route->payload, PayloadForm::kHubStrict);
  EXPECT_EQ(route->ack, Ack::kDurable);
  EXPECT_EQ(route->on_failure, OnFailure::kFail);
  EXPECT_EQ(route->timeout, 10min);
  EXPECT_EQ(route->concurrency, 1U);
  EXPECT_EQ(route->body_bytes_max, 4096U);
  EXPECT_EQ(route->place, Place::kInline);
  EXPECT_EQ(route->scheme, "none");
  EXPECT_EQ(show(route->allow_from), "[\"140.82.112.0/20\", \"::1\"]");
  EXPECT_EQ(route->secret_in_query, true);
  EXPECT_FALSE(route->enabled);
  EXPECT_EQ(config.overrides_of("other"), nullptr);
}

TEST(Config, LeavesToThePluginWhatTheOperatorDoesNotSay) {
  const Config config = good("[route.retrain]\ntimeout = \"5s\"\n");
  const RouteOverrides* route = config.overrides_of("retrain");
  ASSERT_NE(route, nullptr);
  EXPECT_FALSE(route->payload.has_value());
  EXPECT_FALSE(route->ack.has_value());
  EXPECT_TRUE(route->enabled);
}

TEST(Config, HandsAPluginItsTableAsJson) {
  const Config config = good(R"(
[plugin.retrain]
enabled = false
[plugin.retrain.config]
command = ["make", "train"]
since = 2026-11-24T12:00:00Z
ratio = 0.5
nested = { a = 1, b = true }
)");
  const plugin::PluginSettings settings = config.settings_of("retrain");
  EXPECT_FALSE(settings.enabled);
  EXPECT_EQ(settings.config_json,
            R"({"command":["make","train"],"since":"2026-11-24T12:00:00Z","ratio":0.5,)"
            R"("nested":{"a":1,"b":true}})");
  EXPECT_EQ(config.settings_of("other").config_json, "{}");
}

TEST(Config, RefusesWhatJsonCannotSay) {
  EXPECT_THAT(errors_of("[plugin.x.config]\nlimit = inf\n"),
              HasSubstr("hookhost.toml:2:9: error: plugin.x.config: a plugin gets its "
                        "configuration as JSON, which has no inf or nan"));
}

TEST(Config, SaysEverythingThatIsWrongAtOnceWithItsPlace) {
  const std::string text = R"(# line 1
[listen]
port = 70000

[route.retrain]
concurency = 1
timeout = "soon"
payload = 5
)";
  EXPECT_EQ(errors_of(text),
            "hookhost.toml:3:8: error: listen.port: expected 1..65535, got 70000\n"
            "   3 | port = 70000\n"
            "     |        ^^^^^\n"
            "hookhost.toml:6:1: error: unknown key 'concurency'; did you mean 'concurrency'?\n"
            "   6 | concurency = 1\n"
            "     | ^^^^^^^^^^\n"
            "hookhost.toml:7:11: error: route.retrain.timeout: expected a duration such as "
            "\"30s\", got \"soon\"\n"
            "   7 | timeout = \"soon\"\n"
            "     |           ^^^^^^\n"
            "hookhost.toml:8:11: error: route.retrain.payload: expected \"hub\", \"strict\", "
            "\"json\" or \"raw\", got 5\n"
            "   8 | payload = 5\n"
            "     |           ^\n");
}

TEST(Config, PointsAtASyntaxError) {
  const std::string errors = errors_of("listen = \"a\nplugins = 1\n");
  EXPECT_THAT(errors, HasSubstr("hookhost.toml:1:"));
  EXPECT_THAT(errors, HasSubstr("error: "));
  EXPECT_THAT(errors, HasSubstr("   1 | listen = \"a\n"));
}

TEST(Config, EscapesWhatItShowsOfTheFile) {
  const std::string errors = errors_of("\"\\u001b[2J\" = \"\xe2\x80\xae\"\n");
  EXPECT_THAT(errors, Not(HasSubstr("\x1b")));
  EXPECT_THAT(errors, Not(HasSubstr("\xe2\x80\xae")));
}

TEST(Config, TellsATypoFromAStrangersKey) {
  EXPECT_THAT(errors_of("plugin = 5\n"), HasSubstr("plugin: expected a table, got 5"));
  EXPECT_THAT(errors_of("[limit]\nhead_timeout = \"1s\"\n"), HasSubstr("did you mean 'limits'?"));
  EXPECT_THAT(errors_of("unheard_of = 1\n"), HasSubstr("error: unknown key 'unheard_of'\n"));
  EXPECT_THAT(errors_of("[admin]\nlisen = \"127.0.0.1:1\"\n"), HasSubstr("did you mean 'listen'?"));
  EXPECT_THAT(errors_of("[plugin.x]\nenable = true\n"), HasSubstr("did you mean 'enabled'?"));
}

TEST(Config, RefusesASecretThatStandsInTheFileK01) {
  const std::string errors = errors_of("secret = \"open sesame\"\n");
  EXPECT_THAT(errors, HasSubstr("'secret': a secret does not stand in the configuration\n"));
  EXPECT_THAT(errors, HasSubstr("  fix: write it to a file of mode 600"));
  EXPECT_THAT(errors_of("[plugin.bot.secrets]\ntoken = \"hf_x\"\n"),
              HasSubstr("a secret itself does not stand in this file"));
}

TEST(Config, LetsTheLaterSourceWin) {
  ConfigSources sources;
  EXPECT_EQ(good("listen = \"127.0.0.1:1\"").listen.port, 1);
  sources.environment["PORT"] = "2";
  EXPECT_EQ(good("listen = \"127.0.0.1:1\"", sources).listen.port, 2);
  sources.environment["HOOKHOST_LISTEN"] = "127.0.0.1:3";
  EXPECT_EQ(good("listen = \"127.0.0.1:1\"", sources).listen.port, 3);
  sources.flags.push_back({"--port", "listen.port", "4"});
  EXPECT_EQ(good("listen = \"127.0.0.1:1\"", sources).listen.port, 4);
}

TEST(Config, ReadsNestedVariables) {
  ConfigSources sources;
  sources.environment = {{"HOOKHOST_ADMIN__LISTEN", "127.0.0.1:0"},
                         {"HOOKHOST_LIMITS__HEAD_TIMEOUT", "3s"},
                         {"HOOKHOST_POOL__THREADS", "6"},
                         {"HOOKHOST_INSECURE_OPEN", "1"},
                         {"HOOKHOST_CHECK", "strict"},
                         {"HOOKHOST_ROUTE__RETRAIN__ON_FAILURE", "fail"}};
  const Config config = good("", sources);
  EXPECT_EQ(config.admin_listen.port, 0);
  EXPECT_EQ(config.limits.head_timeout, 3s);
  EXPECT_EQ(config.pool_threads, 6U);
  EXPECT_TRUE(config.insecure_open);
  EXPECT_EQ(config.check, plugin::CheckLevel::kStrict);
  ASSERT_NE(config.overrides_of("retrain"), nullptr);
  EXPECT_EQ(config.overrides_of("retrain")->on_failure, OnFailure::kFail);
}

TEST(Config, NamesTheVariableOrFlagThatIsWrong) {
  ConfigSources sources;
  sources.environment["HOOKHOST_LISTEN"] = "here";
  sources.flags.push_back({"--port", "listen.port", "70000"});
  EXPECT_EQ(errors_of("", sources),
            "error: HOOKHOST_LISTEN: expected ADDRESS:PORT such as \"127.0.0.1:7860\", got 'here'\n"
            "error: --port: expected 1..65535, got '70000'\n");
}

TEST(Config, BlamesTheCommandLineOnlyWhenNothingElseIsWrong) {
  ConfigSources sources;
  sources.flags.push_back({"--port", "listen.port", "70000"});
  const auto flag_wrong = read_config("", "", sources);
  ASSERT_FALSE(flag_wrong);
  EXPECT_TRUE(are_flags_alone_wrong(flag_wrong.error()));
  const auto both_wrong = read_config("loops = \"x\"", "hookhost.toml", sources);
  ASSERT_FALSE(both_wrong);
  EXPECT_FALSE(are_flags_alone_wrong(both_wrong.error()));
}

// Kubernetes sets these for a Service named hookhost.
TEST(Config, IgnoresStrangersVariablesAndMentionsATypo) {
  ConfigSources sources;
  sources.environment = {{"HOOKHOST_SERVICE_HOST", "10.0.0.1"},
                         {"HOOKHOST_PORT_7860_TCP", "tcp://10.0.0.1:7860"},
                         {"HOOKHOST_PORT", "tcp://10.0.0.1:7860"},
                         {"HOOKHOST_LIMITS__HEAD_TIMEOT", "3s"}};
  const Config config = good("", sources);
  ASSERT_EQ(config.warnings.size(), 1U);
  EXPECT_EQ(
      config.warnings[0].message,
      "HOOKHOST_LIMITS__HEAD_TIMEOT is not a setting; did you mean HOOKHOST_LIMITS__HEAD_TIMEOUT?");
}

TEST(Config, ListensOutsideOnASpaceU07) {
  ConfigSources sources;
  sources.environment = {{"SPACE_ID", "me/hooks"}, {"SPACE_HOST", "/me-hooks.hf.space/"}};
  const Config config = good("", sources);
  EXPECT_TRUE(config.space.is_space);
  EXPECT_EQ(config.space.host, "me-hooks.hf.space");
  EXPECT_EQ(print_address(config.listen), "0.0.0.0:7860");
  EXPECT_EQ(print_address(config.admin_listen), "127.0.0.1:7861");
}

TEST(Config, IsNoSpaceWithoutItsIdU07) {
  ConfigSources sources;
  sources.environment = {{"SPACE_HOST", "me-hooks.hf.space"}};
  const Config config = good("", sources);
  EXPECT_FALSE(config.space.is_space);
  EXPECT_EQ(config.space.host, "me-hooks.hf.space");
  EXPECT_EQ(print_address(config.listen), "127.0.0.1:7860");
}

TEST(Config, TakesPathsOfAFileRelativeToIt) {
  const auto config = read_config("plugins = \"mine\"\nui = \"/abs\"", "/etc/hookhost/h.toml", {});
  ASSERT_TRUE(config);
  EXPECT_EQ(config->plugins, "/etc/hookhost/mine");
  EXPECT_EQ(config->ui, "/abs");
  ConfigSources sources;
  sources.flags.push_back({"--plugins", "plugins", "mine"});
  EXPECT_EQ(good("", sources).plugins, "mine");
}

TEST(Config, RefusesSecretsOnARouteThatIsMeantToBeOpen) {
  EXPECT_THAT(errors_of("[route.x]\nscheme = \"none\"\nsecret_file = \"f\"\n"),
              HasSubstr("scheme \"none\" takes no secret"));
  EXPECT_THAT(errors_of("[route.x]\nscheme = \"hff\"\n"), HasSubstr("expected \"hf\", \"github\""));
}
TEST(Config, ReadsASenderThatTheOperatorDescribes) {
  const Config config = good(R"(
[route.ci]
scheme = "generic-hmac"
hmac = { header = "X-Signature", prefix = "sha512=", algorithm = "sha512", encoding = "base64" }
[route.cd]
scheme = "generic-hmac"
[route.cd.hmac]
header = "X-Signature"
template = "{id}.{ts}.{body}"
ts_header = "X-Timestamp"
id_header = "X-Delivery"
window = "1m"
key = "hex"
)");
  const auth::HmacOptions& ci = config.overrides_of("ci")->hmac;
  EXPECT_EQ(ci.prefix, "sha512=");
  EXPECT_EQ(ci.algorithm, auth::Digest::kSha512);
  EXPECT_EQ(ci.encoding, auth::Encoding::kBase64);
  const auth::HmacOptions& cd = config.overrides_of("cd")->hmac;
  EXPECT_EQ(cd.text, "{id}.{ts}.{body}");
  EXPECT_EQ(cd.window, 1min);
  EXPECT_EQ(cd.key, auth::KeyForm::kHex);
  const std::string text = effective_toml(config);
  EXPECT_THAT(text, HasSubstr("[route.cd.hmac]\nheader = \"X-Signature\""));
  EXPECT_EQ(good(text).overrides_of("cd")->hmac.id_header, "X-Delivery");
}
TEST(Config, RefusesADescriptionThatProvesTooLittle) {
  const std::string generic = "[route.x]\nscheme = \"generic-hmac\"\n";
  EXPECT_THAT(errors_of(generic), HasSubstr("route.x: scheme generic-hmac needs the header"));
  EXPECT_THAT(errors_of(generic + "hmac = { header = \"S\", template = \"{ts}{body}\" }\n"),
              HasSubstr("run together"));
  EXPECT_THAT(errors_of(generic + "hmac = { header = \"S\", algorithm = \"md5\" }\n"),
              HasSubstr(R"(route.x.hmac.algorithm: expected "sha1", "sha256" or "sha512")"));
  EXPECT_THAT(errors_of(generic + "hmac = { haeder = \"S\" }\n"),
              HasSubstr("did you mean 'header'"));
  EXPECT_THAT(errors_of(generic + "hmac = \"S\"\n"), HasSubstr("expected a table"));
  EXPECT_THAT(errors_of("[route.x]\nscheme = \"github\"\nhmac = { header = \"S\" }\n"),
              HasSubstr("hmac belongs to scheme \"generic-hmac\""));
}
TEST(Config, RefusesASecretThatIsNoKeyOfItsScheme) {
  const test::TempDir folder;
  const auto secret = folder.write("secret", "not-base64-at-all", 0600).string();
  ConfigSources sources;
  sources.file =
      folder.write("hookhost.toml",
                   "[route.x]\nscheme = \"standard-webhooks\"\nsecret_file = \"" + secret + "\"\n");
  const auto config = load_config(sources);
  ASSERT_FALSE(config);
  const std::string text = print_config_error(config.error().front(), kPlain);
  EXPECT_THAT(text, HasSubstr("webhook secret 1 of 1 is not base64 with its padding"));
  EXPECT_THAT(text, Not(HasSubstr("not-base64")));
}

// Every key: its default passes through the file unchanged, so that `config --effective` can be
// saved and read again.
TEST(Config, ReadsItsOwnDefaultsAgain) {
  const Config defaults = good("");
  const std::string text = effective_toml(defaults);
  const Config again = good(text);
  ASSERT_EQ(again.effective.size(), defaults.effective.size());
  for (std::size_t i = 0; i < again.effective.size(); ++i) {
    EXPECT_EQ(again.effective[i].value, defaults.effective[i].value) << again.effective[i].key;
    EXPECT_EQ(again.effective[i].origin.kind, OriginKind::kFile) << again.effective[i].key;
  }
}

TEST(Config, ServesTheAdminInPublicOnASpaceThatHasAToken) {
  const test::TempDir folder;
  ConfigSources sources{.folder = folder.path()};
  const auto is_public = [&] { return load_config(sources).value().serves_admin_in_public(); };
  sources.environment = {{"SPACE_ID", "me/hooks"}};
  EXPECT_FALSE(is_public());
  sources.environment["WEBHOOK_ADMIN_TOKEN"] = "0123456789abcdef";
  EXPECT_TRUE(is_public());
  sources.flags.push_back({"--set", "admin.single_port", "false"});
  EXPECT_FALSE(is_public());
  sources.flags.clear();
  sources.environment.erase("SPACE_ID");
  EXPECT_FALSE(is_public());
}

TEST(Config, ReadsWhatARouteWants) {
  const Config config = good(
      "[route.x]\nevents = \"repo.content:update, discussion.*\"\nrepos = \"me/*\"\n"
      "refs = \"refs/heads/main\"\nignore_authors = \"bot\"\nrate = 10\nburst = 3\n"
      "dedup_window = \"72h\"\n");
  const RouteOverrides& word = config.routes.at("x");
  EXPECT_EQ(word.wish.events, "repo.content:update, discussion.*");
  EXPECT_EQ(word.wish.repos, "me/*");
  EXPECT_EQ(word.wish.refs, "refs/heads/main");
  EXPECT_EQ(word.wish.ignored_authors, "bot");
  EXPECT_EQ(word.rate, 10U);
  EXPECT_EQ(word.burst, 3U);
  EXPECT_EQ(word.dedup_window, std::chrono::hours(72));
  EXPECT_THAT(effective_toml(config), HasSubstr("refs = \"refs/heads/main\""));
}
TEST(Config, RemembersDeliveriesForADayAndAtMostAWeek) {
  EXPECT_EQ(good("").dedup_window, std::chrono::hours(24));
  EXPECT_EQ(good("dedup_window = \"0s\"\n").dedup_window.count(), 0);
  EXPECT_EQ(good("dedup_window = \"168h\"\n").dedup_window, std::chrono::hours(168));
  EXPECT_THAT(errors_of("dedup_window = \"169h\"\n"), HasSubstr("dedup_window"));
  EXPECT_THAT(effective_toml(good("")), HasSubstr("dedup_window = \"24h\""));
}
TEST(Config, RefusesAWishThatIsNone) {
  EXPECT_THAT(errors_of("[route.x]\nevents = \"repo content\"\n"), HasSubstr("events: "));
  EXPECT_THAT(errors_of("[route.x]\nrepos = \"a,,b\"\n"),
              HasSubstr("repos: an item of the list is empty"));
}

TEST(Config, RefusesEveryKeyWithAValueOfAnotherType) {
  for (const auto& key : config_keys()) {
    const std::string text = std::string(key.name) + " = [1979-05-27]\n";
    EXPECT_THAT(errors_of(text), HasSubstr("hookhost.toml:1:")) << key.name;
  }
  for (const auto& key : route_keys()) {
    const std::string text = "[route.x]\n" + std::string(key.name) + " = [1979-05-27]\n";
    EXPECT_THAT(errors_of(text), HasSubstr("hookhost.toml:2:")) << key.name;
  }
}

TEST(EffectiveConfig, ShowsWhereEachValueComesFrom) {
  ConfigSources sources;
  sources.environment["PORT"] = "9000";
  sources.flags.push_back({"--log-format", "log.format", "json"});
  const std::string text =
      effective_toml(good("loops = 3\n[route.retrain]\ntimeout = \"10m\"\n", sources));
  EXPECT_THAT(text, HasSubstr("listen = \"127.0.0.1:9000\"                     # PORT\n"));
  EXPECT_THAT(text, HasSubstr("loops = 3                                     # hookhost.toml:1\n"));
  EXPECT_THAT(text, HasSubstr("format = \"json\"                               # --log-format\n"));
  EXPECT_THAT(text, HasSubstr("[route.retrain]\ntimeout = \"10m\""));
  EXPECT_THAT(text, HasSubstr("# default\n"));
}

TEST(EffectiveConfig, CanBeReadAgain) {
  const Config config = good(
      "[plugin.x]\nenabled = false\n[plugin.x.config]\na = 1\n[plugin.x.secrets]\n"
      "t = { env = \"T\" }\n[route.r]\nsecrets = [{ file = \"/s\" }]\n");
  const std::string text = effective_toml(config);
  EXPECT_THAT(text, HasSubstr("# as JSON: config = {\"a\":1}"));
  EXPECT_THAT(text, HasSubstr("[plugin.x.secrets]\nt = {env = \"T\"}"));
  EXPECT_FALSE(good(text).settings_of("x").enabled);
}

TEST(EffectiveConfig, ShowsASecretAsStarsWithItsSource) {
  const test::TempDir folder;
  ConfigSources sources;
  sources.folder = folder.path();
  sources.environment["WEBHOOK_SECRET"] = "0123456789abcdef0123";
  const auto config = load_config(sources);
  ASSERT_TRUE(config);
  EXPECT_THAT(effective_toml(*config), HasSubstr("# secret 1 = \"***\""));
  EXPECT_THAT(effective_toml(*config), HasSubstr("# $WEBHOOK_SECRET\n"));
  EXPECT_THAT(effective_json(*config),
              HasSubstr(R"({"key":"secret 1","value":"\"***\"","origin":"$WEBHOOK_SECRET"})"));
  EXPECT_THAT(effective_toml(*config) + effective_json(*config), Not(HasSubstr("0123456789")));
}

TEST(ConfigReference, NamesEveryKey) {
  const std::string text = config_reference();
  for (const auto& key : route_keys()) {
    const std::string_view leaf = key.name.substr(key.name.rfind('.') + 1);
    EXPECT_THAT(text, HasSubstr("# " + std::string(leaf) + " = "));
  }
  EXPECT_THAT(text, HasSubstr("# [route.NAME.hmac]\n"));
  EXPECT_THAT(text, HasSubstr("\"hf\", \"github\", \"standard-webhooks\""));
  EXPECT_THAT(text, HasSubstr("[limits]\n"));
  EXPECT_THAT(text, HasSubstr("# head_bytes_max = \"16KiB\"\n"));
  EXPECT_TRUE(read_config(text, "reference.toml", {}));
  for (std::size_t at = 0; at < text.size(); at = text.find('\n', at) + 1) {
    EXPECT_LE(text.find('\n', at) - at, 100U) << text.substr(at, 110);
  }
}

TEST(LoadConfig, LooksForTheFileInTheFolder) {
  const test::TempDir folder;
  folder.write("hookhost.toml", "loops = 5\n");
  const auto config = load_config({.folder = folder.path()});
  ASSERT_TRUE(config);
  EXPECT_EQ(config->loops, 5U);
  EXPECT_EQ(config->file, folder / "hookhost.toml");
}

TEST(LoadConfig, RefusesAFileThatIsNotThere) {
  const test::TempDir folder;
  const auto config = load_config({.file = folder / "missing.toml"});
  ASSERT_FALSE(config);
  EXPECT_THAT(print_config_error(config.error()[0], kPlain),
              HasSubstr("missing.toml: No such file or directory\n"));
}

TEST(LoadConfig, RefusesAFileThatIsNoConfiguration) {
  const test::TempDir folder;
  folder.write("large.toml", std::string(kConfigBytesMax + 1, '\n'));
  folder.write("fits.toml", std::string(kConfigBytesMax, '\n'));
  EXPECT_FALSE(load_config({.file = folder / "large.toml"}));
  EXPECT_TRUE(load_config({.file = folder / "fits.toml"}));
  EXPECT_FALSE(load_config({.file = folder.path()}));
}

}  // namespace
}  // namespace hookhost::app
