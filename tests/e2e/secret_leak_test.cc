// SPDX-License-Identifier: Apache-2.0
//
// Does any secret leave the host? One with a secret of every scheme from every kind of source is
// asked everything that can be asked, with right and wrong proofs; then all that it and the
// commands have said is searched for each secret, as it is, as base64, hex and percent-encoded.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <fstream>
#include <functional>
#include <iterator>

#include "e2e/live_host.h"
#include "e2e/sender_proof.h"
#include "support/temp_dir.h"

namespace hookhost::e2e {
namespace {

// Of which a test sees what it does not know: not the mark that every other test looks for.
std::string secret_text(std::string_view name) { return "l34k/of+" + std::string(name) + "=4711"; }

const Signer& application() {
  static const Signer signer;
  return signer;
}

struct Sender {
  const char* scheme;
  const char* route;
  std::string secret;  // as the operator has it
  // The headers that prove it for the body "{}".
  std::function<Headers(const std::string& secret)> proof;
  const char* more = "";  // lines of its section
};

Headers with_mac(const char* header, const std::string& secret, const char* prefix) {
  return {{header, prefix + hex(mac(secret, "{}"))}};
}

const std::vector<Sender>& senders() {
  static const std::string key = secret_text("standard-webhooks");
  static const std::vector<Sender> all{
      {"hf", "r02_number", secret_text("hf"),
       [](const auto& s) {
         return Headers{{"X-Webhook-Secret", s}};
       }},
      {"github", "r02_text", secret_text("github"),
       [](const auto& s) { return with_mac("X-Hub-Signature-256", s, "sha256="); }},
      {"standard-webhooks", "r02_bool", "whsec_" + base64(key),
       [](const auto&) {
         const std::string stamp = now();
         return Headers{{"webhook-id", "m"},
                        {"webhook-timestamp", stamp},
                        {"webhook-signature", "v1," + base64(mac(key, "m." + stamp + ".{}"))}};
       }},
      {"stripe", "r02_float", secret_text("stripe"),
       [](const auto& s) {
         const std::string stamp = now();
         return Headers{{"Stripe-Signature", "t=" + stamp + ",v1=" + hex(mac(s, stamp + ".{}"))}};
       }},
      {"slack", "r02_list", secret_text("slack"),
       [](const auto& s) {
         const std::string stamp = now();
         return Headers{{"X-Slack-Request-Timestamp", stamp},
                        {"X-Slack-Signature", "v0=" + hex(mac(s, "v0:" + stamp + ":{}"))}};
       }},
      {"shopify", "r02_object", secret_text("shopify"),
       [](const auto& s) {
         return Headers{{"X-Shopify-Hmac-Sha256", base64(mac(s, "{}"))}};
       }},
      {"gitlab", "r02_none", secret_text("gitlab"),
       [](const auto& s) {
         return Headers{{"X-Gitlab-Token", s}};
       }},
      {"bitbucket", "f03_nothing", secret_text("bitbucket"),
       [](const auto& s) { return with_mac("X-Hub-Signature", s, "sha256="); }},
      {"gitea", "r03_status", secret_text("gitea"),
       [](const auto& s) { return with_mac("X-Gitea-Signature", s, ""); }},
      {"forgejo", "r05_response", secret_text("forgejo"),
       [](const auto& s) { return with_mac("X-Forgejo-Signature", s, ""); }},
      {"discord", "ignores", hex(application().public_key()),
       [](const auto&) {
         const std::string stamp = now();
         return Headers{{"X-Signature-Timestamp", stamp},
                        {"X-Signature-Ed25519", hex(application().sign(stamp + "{}"))}};
       }},
      {"x", "runs_inline", secret_text("x"),
       [](const auto& s) {
         return Headers{{"X-Twitter-Webhooks-Signature", "sha256=" + base64(mac(s, "{}"))}};
       }},
      {"generic-hmac", "raises", secret_text("generic"),
       [](const auto& s) { return with_mac("X-Sign", s, ""); }, "hmac = { header = \"X-Sign\" }\n"},
      {"bearer", "f04_request", secret_text("bearer"),
       [](const auto& s) {
         return Headers{{"Authorization", "Bearer " + s}};
       }},
      {"basic", "r05_bytes", "user:" + secret_text("basic"), [](const auto& s) {
         return Headers{{"Authorization", "Basic " + base64(s)}};
       }}};
  return all;
}

// Every way to write the secret that a program falls into by itself.
std::vector<std::string> writings_of(const std::string& secret) {
  std::string percent;
  for (const char c : secret) {
    const bool is_plain = std::isalnum(static_cast<unsigned char>(c)) != 0;
    percent += is_plain ? std::string(1, c) : "%" + hex(std::string(1, c));
  }
  std::string upper_hex = hex(secret);
  for (char& c : upper_hex) c = static_cast<char>(std::toupper(c));
  std::vector<std::string> writings{secret, percent, hex(secret), upper_hex};
  // Behind 0, 1 or 2 other bytes, without the characters that hold a part of a neighbour.
  for (const std::size_t shift : {0U, 1U, 2U}) {
    const std::string whole = base64(std::string(shift, 'x') + secret);
    const std::size_t begin = (shift * 8 + 5) / 6;
    writings.push_back(whole.substr(begin, (shift + secret.size()) * 8 / 6 - begin));
  }
  return writings;
}

class SecretLeak : public ::testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    keep("the global one", secret_text("global"));
    keep("the admin token", secret_text("admin"));
    keep("a plugin's", secret_text("plugin"));
    for (const Sender& sender : senders()) keep(sender.scheme, sender.secret);
    keep("the key of standard-webhooks", secret_text("standard-webhooks"));
    keep("the password of basic", secret_text("basic"));

    environment_ = {{"WEBHOOK_SECRET", secret_text("global")},
                    {"OF_THE_PLUGIN", secret_text("plugin")},
                    {"CREDENTIALS_DIRECTORY", (folder_ / "credentials").native()}};
    folder_.write("credentials/admin-token", secret_text("admin"));
    std::string config =
        "secret_in_query = true\n[log]\nlevel = \"debug\"\n"
        "[plugin.parity.secrets]\ntoken = { env = \"OF_THE_PLUGIN\" }\n";
    int number = 0;
    for (const Sender& sender : senders()) {
      config += std::string("[route.") + sender.route + "]\nscheme = \"" + sender.scheme +
                "\"\nsecrets = [" + name_source(number++, sender) + "]\n" + sender.more;
    }
    config_ = folder_.write("hookhost.toml", config);
  }

  // In turn a file, a variable and a credential; all of them in scope of the same host.
  std::string name_source(int number, const Sender& sender) {
    const std::string name = std::string("key_") + sender.route;
    switch (number % 3) {
      case 0: folder_.write(name, sender.secret); return "{ file = \"" + name + "\" }";
      case 1: environment_[name] = sender.secret; return "{ env = \"" + name + "\" }";
      default:
        folder_.write("credentials/" + name, sender.secret);
        return "{ credential = \"" + name + "\" }";
    }
  }

  void keep(std::string name, std::string secret) {
    secrets_.emplace_back(std::move(name), std::move(secret));
  }

  void expect_none_in(const std::string& place, std::string_view text) const {
    EXPECT_NE(text, "") << place << " said nothing";
    for (const auto& [name, secret] : secrets_) {
      for (const std::string& writing : writings_of(secret))
        EXPECT_EQ(text.find(writing), text.npos)
            << place << " shows the secret of " << name << " as " << writing << ":\n"
            << text;
    }
  }
  void expect_none_in(const std::string& place, const RawAnswer& answer) const {
    expect_none_in(place, answer.head + answer.body);
  }

  void command(std::vector<std::string> arguments) const {
    std::string place = "hookhost";
    for (const std::string& word : arguments) place += ' ' + word;
    arguments.insert(arguments.end(), {"--config", config_});
    const auto result = hookhost(std::move(arguments), environment_);
    expect_none_in(place, result.out + result.err);
  }

  const test::TempDir folder_;
  std::vector<std::pair<std::string, std::string>> secrets_;  // with a name for messages
  Environment environment_;
  std::filesystem::path config_;
};

TEST_P(SecretLeak, IsNowhereInWhatTheHostAndTheCommandsSay) {
  LiveHost host({"serve", "--plugins", plugin_folder("parity"), "--config", config_, "--log-format",
                 GetParam()},
                environment_);
  const std::string admin = "127.0.0.1:" + std::to_string(host.process().admin_port());
  const std::string listen = "127.0.0.1:" + std::to_string(host.process().port());
  environment_["HOOKHOST_LISTEN"] = listen;  // where the commands find it
  environment_["HOOKHOST_ADMIN__LISTEN"] = admin;

  // Every sender: right, wrong, mangled, missing.
  for (const Sender& sender : senders()) {
    const std::string target = std::string("/webhooks/") + sender.route;
    const Headers right = sender.proof(sender.secret);
    const RawAnswer accepted = host.send({"POST", target, right, "{}"});
    EXPECT_NE(accepted.status, 401) << sender.scheme;
    EXPECT_NE(accepted.status, 403) << sender.scheme;
    expect_none_in(sender.scheme, accepted);
    Headers wrong = right, twice = right;
    wrong.back().second += sender.secret;
    twice.push_back(right.back());
    const std::string query = target + "?secret=" + sender.secret;
    for (const Request& request :
         {Request{"POST", target, wrong, "{}"}, Request{"POST", target, twice, "{}"},
          Request{"POST", query, {}, "{}"}, Request{"POST", target, {{"X-Other", sender.secret}}},
          Request{"POST", target, {{"Authorization", sender.secret}}, "{}"},
          Request{"POST", target, {{"Cookie", "secret=" + sender.secret}}, "{}"},
          Request{"GET", query}, Request{"POST", "/nowhere?secret=" + sender.secret, {}, "{}"}})
      expect_none_in(sender.scheme, host.send(request));
  }
  const std::string global = secret_text("global");
  EXPECT_EQ(host.send({"POST", "/webhooks/r06?secret=" + global, {}, "{}"}).status, 404);
  const std::string implicit = "/webhooks/implicit";
  expect_none_in(implicit, host.post(implicit, "{", {{"X-Webhook-Secret", global}}));
  expect_none_in(implicit, host.post(implicit + "?secret=" + global, "{}"));
  expect_none_in(implicit, host.post(implicit, "{}", {{"X-Webhook-Secret", global + "x"}}));

  // Every page of both listeners.
  for (const char* page : {"/", "/docs", "/openapi.json", "/healthz", "/favicon.svg", "/metrics"})
    expect_none_in(page, host.get(page));
  const auto ask_admin = [&](const char* page, Headers headers) {
    RawClient client(host.process().admin_port(), std::chrono::seconds(60));
    client.send(bytes_of({"GET", page, std::move(headers)}));
    auto answer = client.read_answer(false);
    EXPECT_TRUE(answer) << page;
    return answer.value_or(RawAnswer{});
  };
  const std::string token = "Bearer " + secret_text("admin");
  for (const char* page : {"/", "/healthz", "/readyz", "/livez", "/metrics", "/api/v1/plugins",
                           "/api/v1/swaps", "/api/v1/nothing"}) {
    expect_none_in(page, ask_admin(page, {{"Authorization", token}}));
    expect_none_in(page, ask_admin(page, {}));
  }
  EXPECT_EQ(ask_admin("/metrics", {{"Authorization", token}}).status, 200);
  expect_none_in("a wrong token", ask_admin("/metrics", {{"Authorization", token + "x"}}));

  // Every command that knows secrets.
  command({"config", "--effective"});
  command({"config", "--effective", "--json"});
  command({"--check-config"});
  command({"doctor"});
  command({"doctor", "--json", "--plugins", plugin_folder("parity")});
  command({"secret", "ls"});
  command({"secret", "ls", "--json"});
  command({"secret", "rm", "r02_number", "9"});
  command({"plugins"});
  command({"plugins", "--history", "--json"});
  command({"openapi", "--plugins", plugin_folder("parity")});
  command({"send", "hf.repo.create", "--url", "http://" + listen, "--route", "r02_number"});
  command({"send", "hf.repo.create", "--url",
           "http://" + listen + "/webhooks/r02_number?secret=" + secret_text("hf")});
  command({"healthcheck"});

  // A configuration that is read again, good and bad.
  host.process().signal(SIGHUP);
  EXPECT_TRUE(host.process().wait_for_output("configuration taken over"));
  folder_.write("key_r02_number", secret_text("hf") + "\n" + secret_text("hf"));
  host.process().signal(SIGHUP);
  EXPECT_TRUE(host.process().wait_for_output("configuration not taken over"));
  command({"config", "--effective"});
  command({"doctor"});

  std::ifstream arguments("/proc/" + std::to_string(host.process().pid()) + "/cmdline");
  expect_none_in("its arguments", std::string(std::istreambuf_iterator<char>(arguments), {}));
  host.end();
  expect_none_in("its log", host.output());
}
INSTANTIATE_TEST_SUITE_P(Formats, SecretLeak, ::testing::Values("json", "pretty", "journald"),
                         [](const auto& format) { return std::string(format.param); });

// The search above finds what it is looking for.
TEST(SecretWritings, AreFoundWhereverTheyStand) {
  const std::string secret = secret_text("hf");
  const auto is_found = [&](const std::string& text) {
    for (const std::string& writing : writings_of(secret))
      if (text.find(writing) != text.npos) return true;
    return false;
  };
  EXPECT_TRUE(is_found("a line with " + secret + " in it"));
  EXPECT_TRUE(is_found("l34k%2fof%2bhf%3d4711"));
  EXPECT_TRUE(is_found(hex("in " + secret + " here")));
  for (const char* before : {"", "a", "ab", "abc"})
    EXPECT_TRUE(is_found(base64(before + secret + "behind"))) << before;
  EXPECT_FALSE(is_found("l34k/of+hg=4711"));
}

}  // namespace
}  // namespace hookhost::e2e
