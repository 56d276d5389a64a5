// SPDX-License-Identifier: Apache-2.0
//
// Does the real binary serve real clients over TLS, and is its certificate renewed while it serves
// without a request that fails?
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <csignal>
#include <thread>

#include "e2e/live_host.h"
#include "support/rest.h"
#include "support/temp_dir.h"
#include "support/tls_client.h"

namespace hookhost::e2e {
namespace {

using test::TestCertificate;
using ::testing::HasSubstr;
using testing::TlsClient;

namespace fs = std::filesystem;

class Tls : public ::testing::Test {
 protected:
  Tls() {
    fs::create_directories(folder_ / "plugins");
    fs::copy_file(plugin_file("identity_a"), folder_ / "plugins/identity.so");
    folder_.write("hookhost.toml",
                  fmt::format("[tls]\ncert_file = \"{0}/cert.pem\"\nkey_file = \"{0}/key.pem\"\n",
                              folder_.path().native()));
    install(first_);
  }
  // As certbot does: files that are renamed into place.
  void install(const TestCertificate& certificate) {
    folder_.write("cert.next", certificate.cert_pem(), 0644);
    folder_.write("key.next", certificate.key_pem());
    fs::rename(folder_ / "key.next", folder_ / "key.pem");
    fs::rename(folder_ / "cert.next", folder_ / "cert.pem");
  }
  std::vector<std::string> arguments() const {
    return {"serve", "--plugins", folder_ / "plugins", "--config", folder_ / "hookhost.toml"};
  }
  LiveHost& host() {
    if (!host_) host_.emplace(arguments());
    return *host_;
  }
  // On a connection of its own.
  std::string ask(const TestCertificate& trusted) {
    TlsClient client(host().process().port(), {.trusted = &trusted});
    if (!client.shake_hands()) return "no handshake";
    client.send(bytes_of({"POST", "/webhooks/on_loop", {}, "{}"}));
    const auto answer = client.read_answer();
    return answer ? answer->body : "no answer";
  }
  test::ProcessResult openssl(std::vector<std::string> more) {
    std::vector<std::string> command{
        "openssl",  "s_client",
        "-connect", fmt::format("127.0.0.1:{}", host().process().port()),
        "-CAfile",  folder_ / "cert.pem"};
    command.insert(command.end(), more.begin(), more.end());
    return test::run_process(command, {},
                             "GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  }

  test::TempDir folder_;
  const TestCertificate first_{{.serial = 1}}, second_{{.serial = 2}};
  std::optional<LiveHost> host_;
};

TEST_F(Tls, CurlTrustsItAndPostsAnEvent) {
  const auto result = test::run_process(
      {"curl", "--silent", "--show-error", "--cacert", folder_ / "cert.pem", "-d", "{}",
       fmt::format("https://127.0.0.1:{}/webhooks/on_loop", host().process().port())});
  EXPECT_EQ(result.err, "");
  EXPECT_EQ(result.out, R"("a 1")");
}

TEST_F(Tls, ItsUrlsSayHttpsAndTheAdminListenerStaysPlain) {
  EXPECT_TRUE(host().process().wait_for_output(R"("url":"https://127.0.0.1:)"));
  EXPECT_EQ(host().get_admin("/healthz").status, 200);
  const auto health =
      hookhost({"healthcheck", "--config", folder_ / "hookhost.toml", "--admin-listen",
                fmt::format("127.0.0.1:{}", host().process().admin_port())});
  EXPECT_EQ(health.out, "ok\n");
}

TEST_F(Tls, OpensslResumesItsSessionsOverBothVersions) {
  for (const char* version : {"-tls1_2", "-tls1_3"}) {
    const auto first = openssl({version, "-ign_eof", "-sess_out", folder_ / "session"});
    EXPECT_THAT(first.out, HasSubstr("\nNew, TLSv1.")) << first.err;
    EXPECT_THAT(first.out, HasSubstr("HTTP/1.1 200 OK"));
    const auto second = openssl({version, "-ign_eof", "-sess_in", folder_ / "session"});
    EXPECT_THAT(second.out, HasSubstr("\nReused, TLSv1.")) << second.err;
    EXPECT_THAT(second.out, HasSubstr("HTTP/1.1 200 OK"));
    fs::remove(folder_ / "session");
  }
  EXPECT_THAT(host().get_admin("/metrics").body, HasSubstr("hookhost_tls_resumptions_total 2\n"));
}

TEST_F(Tls, OpensslReconnectsFiveTimes) {
  const auto result = openssl({"-tls1_2", "-reconnect", "-ign_eof"});
  std::size_t reused = 0;
  for (auto at = result.out.find("\nReused, "); at != result.out.npos;
       at = result.out.find("\nReused, ", at + 1))
    ++reused;
  EXPECT_EQ(reused, 5U) << result.out << result.err;
}

TEST_F(Tls, WhatItTurnsAwayIsCountedAndTold) {
  EXPECT_EQ(host().post("/webhooks/on_loop", "{}").status, 400) << "plain HTTP";
  const TestCertificate stranger;
  EXPECT_EQ(ask(stranger), "no handshake");
  EXPECT_EQ(ask(stranger), "no handshake");
  EXPECT_EQ(ask(first_), R"("a 1")");
  EXPECT_TRUE(host().process().wait_for_output("TLS handshake with 127.0.0.1:"));
  EXPECT_TRUE(host().process().wait_for_output(" failed: tls-alert: "));
  // The alert of a client that leaves is read when its loop comes to it.
  for (const char* line : {R"({rule="not-tls"} 1)", R"({rule="tls-alert"} 2)"}) {
    while (host().get_admin("/metrics").body.find(line) == std::string::npos) test::rest();
  }
}

TEST_F(Tls, CurlIsServedWithTheCertificateThatIsAskedFor) {
  const TestCertificate authority({.name = "authority"});
  const TestCertificate member({.name = "member", .issuer = &authority});
  folder_.write("ca.pem", authority.cert_pem());
  folder_.write("member.pem", member.cert_pem());
  folder_.write("member.key", member.key_pem());
  host_.emplace(arguments(), Environment{{"HOOKHOST_TLS__CLIENT_CA_FILE", folder_ / "ca.pem"}});

  std::vector<std::string> curl{
      "curl",
      "--silent",
      "--cacert",
      folder_ / "cert.pem",
      "-d",
      "{}",
      fmt::format("https://127.0.0.1:{}/webhooks/on_loop", host().process().port())};
  EXPECT_NE(test::run_process(curl).exit_code, 0);
  curl.insert(curl.end(), {"--cert", folder_ / "member.pem", "--key", folder_ / "member.key"});
  EXPECT_EQ(test::run_process(curl).out, R"("a 1")");
  EXPECT_THAT(host().get_admin("/metrics").body,
              HasSubstr(R"(hookhost_refusals_total{rule="tls-client-certificate"} 1)"));
}

TEST_F(Tls, AStartWithoutAUsableCertificateNamesTheFileAndTheRule) {
  fs::permissions(folder_ / "key.pem", fs::perms::others_read, fs::perm_options::add);
  auto result = hookhost(arguments());
  EXPECT_NE(result.exit_code, 0);
  EXPECT_THAT(result.out + result.err, HasSubstr("everybody on this machine may use it"));
  EXPECT_THAT(result.out + result.err, HasSubstr("chmod 600"));

  folder_.write("cert.pem", "no certificate");
  result = hookhost({"--check-config", "--config", folder_ / "hookhost.toml"});
  EXPECT_NE(result.exit_code, 0);
  EXPECT_THAT(result.err, HasSubstr("cert.pem: no certificate in PEM form"));
}

// Asks over and over on connections of its own and on one that it keeps.
class TlsAsker {
 public:
  TlsAsker(std::uint16_t port, bool is_kept) : thread_([=, this] { run(port, is_kept); }) {}
  ~TlsAsker() { stop(); }
  void stop() {
    is_stopped_ = true;
    if (thread_.joinable()) thread_.join();
  }
  unsigned answers() const { return answers_; }
  unsigned failures() const { return failures_; }

 private:
  void run(std::uint16_t port, bool is_kept) {
    const std::string request = bytes_of({"POST", "/webhooks/on_loop", {}, "{}"}, !is_kept);
    std::unique_ptr<TlsClient> client;
    while (!is_stopped_) {
      if (client == nullptr || !is_kept) {
        client = std::make_unique<TlsClient>(port);
        if (!client->shake_hands()) ++failures_;
      }
      client->send(request);
      const auto answer = client->read_answer();
      ++(answer && answer->status == 200 ? answers_ : failures_);
    }
  }

  std::atomic<bool> is_stopped_{false};
  std::atomic<unsigned> answers_{0}, failures_{0};
  std::thread thread_;
};

TEST_F(Tls, SighupRenewsTheCertificateUnderLoadAndNoRequestFails) {
  const std::uint16_t port = host().process().port();
  TlsAsker fresh(port, false), kept(port, true);
  constexpr unsigned kRenewals = 10;
  for (unsigned i = 1; i <= kRenewals; ++i) {
    const TestCertificate& next = i % 2 == 0 ? first_ : second_;
    const unsigned before_fresh = fresh.answers(), before_kept = kept.answers();
    install(next);
    host().process().signal(SIGHUP);
    while (ask(next) != R"("a 1")") test::rest();
    // Both have been answered under it.
    while (fresh.answers() < before_fresh + 5 || kept.answers() < before_kept + 5) {
      ASSERT_EQ(fresh.failures() + kept.failures(), 0U);
      test::rest();
    }
  }
  fresh.stop();
  kept.stop();
  EXPECT_EQ(fresh.failures(), 0U);
  EXPECT_EQ(kept.failures(), 0U);
  TlsClient client(port, {.trusted = &first_});
  ASSERT_TRUE(client.shake_hands());
  EXPECT_EQ(client.serial(), 1) << "an even number of renewals";
}

TEST_F(Tls, ACertificateThatCannotServeKeepsEverythingAsItWas) {
  EXPECT_EQ(ask(first_), R"("a 1")");
  folder_.write("key.pem", second_.key_pem());
  folder_.write("hookhost.toml",
                fmt::format("[tls]\ncert_file = \"{0}/cert.pem\"\nkey_file = \"{0}/key.pem\"\n"
                            "[route.on_loop]\nenabled = false\n",
                            folder_.path().native()));
  host().process().signal(SIGHUP);
  ASSERT_TRUE(
      host().process().wait_for_output("configuration not taken over: nothing has changed"));
  EXPECT_THAT(host().output(), HasSubstr("key.pem: it is not the key of "));
  EXPECT_EQ(ask(first_), R"("a 1")") << "neither the certificate nor the route";
}

}  // namespace
}  // namespace hookhost::e2e
