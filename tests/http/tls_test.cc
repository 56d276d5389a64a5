// SPDX-License-Identifier: Apache-2.0
//
// Does a door that speaks TLS serve as a plain one does, whatever the sizes and the timing of
// records, and does it turn away what is old, broken, late or no TLS at all?
#include "http/tls.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "http/door_fixture.h"
#include "support/fake_clock.h"
#include "support/temp_dir.h"
#include "support/tls_client.h"

namespace hookhost::http {
namespace {

using namespace std::string_view_literals;
using test::TestCertificate;
using testing::TlsClient;
using testing::TlsClientOptions;

// client_ca: whose clients are served; nullptr: everybody.
TlsContext context_of(const TestCertificate& certificate,
                      const TestCertificate* client_ca = nullptr) {
  const test::TempDir folder;
  TlsOptions options{.cert_file = folder.write("cert.pem", certificate.cert_pem()),
                     .key_file = folder.write("key.pem", certificate.key_pem())};
  if (client_ca != nullptr) options.client_ca_file = folder.write("ca.pem", client_ca->cert_pem());
  auto context = load_tls(options, std::chrono::system_clock::now());
  EXPECT_TRUE(context) << context.error().message;
  return *std::move(context);
}

class TlsDoor : public ::testing::Test {
 protected:
  void open(Limits limits = quick_limits(), unsigned loops = 1) {
    door_.emplace(limits, loops, &tls_);
  }
  std::uint16_t port() {
    if (!door_) open();
    return door_->port();
  }
  TlsClientOptions trusting() const { return {.trusted = &certificate_}; }
  // One request over a connection of its own; its session.
  testing::TlsSession visit(TlsClientOptions options, bool is_resumed) {
    TlsClient client(port(), options);
    EXPECT_TRUE(client.shake_hands());
    EXPECT_EQ(client.is_resumed(), is_resumed);
    client.send(post("/echo", "x"));
    EXPECT_TRUE(client.read_answer());
    return client.session();
  }

  // Waits for it.
  bool is_refused(std::string_view rule, unsigned times) {
    return door_->eventually([&](const DoorStats&) { return door_->refused(rule) == times; });
  }
  bool is_left_by_all() {
    return door_->eventually([](const DoorStats& stats) { return stats.connections_open == 0; });
  }

  const TestCertificate certificate_{{.serial = 7}};
  test::FakeClock clock_;
  PublishedTls tls_{context_of(certificate_), clock_};
  std::optional<RunningDoor> door_;
};

// Hands are shaken.

TEST_F(TlsDoor, AnswersOverBothVersions) {
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    TlsClient client(port(), {.trusted = &certificate_, .version = version});
    ASSERT_TRUE(client.shake_hands()) << version;
    EXPECT_EQ(client.version(), version);
    EXPECT_EQ(client.serial(), 7);
    for (const char* body : {"one", "two"}) {
      client.send(post("/echo", body));
      EXPECT_EQ(client.read_answer()->body, body);
    }
  }
  EXPECT_EQ(door_->loops().stats().handshakes, 2U);
}

TEST_F(TlsDoor, RefusesVersionsThatAreTooOld) {
  for (const int version : {TLS1_VERSION, TLS1_1_VERSION}) {
    TlsClient client(port(), {.version = version, .ciphers = "ALL:@SECLEVEL=0"});
    EXPECT_FALSE(client.shake_hands());
    EXPECT_EQ(client.read_all(), "");
  }
  EXPECT_TRUE(is_refused("tls-version", 2));
}

TEST_F(TlsDoor, RefusesCiphersWithoutForwardSecrecyOrWithoutAead) {
  for (const char* ciphers : {"AES128-GCM-SHA256", "ECDHE-ECDSA-AES128-SHA256"}) {
    TlsClient client(port(), {.version = TLS1_2_VERSION, .ciphers = ciphers});
    EXPECT_FALSE(client.shake_hands()) << ciphers;
  }
  EXPECT_TRUE(is_refused("tls-handshake", 2));
}

TEST_F(TlsDoor, ChoosesHttp11AndRefusesWhoWantsSomethingElse) {
  TlsClient client(port(), {.protocols = std::string("\x02h2") + TlsClient::kHttp11});
  ASSERT_TRUE(client.shake_hands());
  EXPECT_EQ(client.protocol(), "http/1.1");

  TlsClient other(port(), {.protocols = "\x02h2"});
  EXPECT_FALSE(other.shake_hands());
  EXPECT_TRUE(is_refused("tls-protocol", 1));
}

TEST_F(TlsDoor, CountsAPeerThatDoesNotTrustIt) {
  const TestCertificate stranger;
  TlsClient client(port(), {.trusted = &stranger});
  EXPECT_FALSE(client.shake_hands());
  EXPECT_TRUE(is_refused("tls-alert", 1));
}

TEST_F(TlsDoor, DoesNotRenegotiate) {
  TlsClient client(port(), {.version = TLS1_2_VERSION});
  ASSERT_TRUE(client.shake_hands());
  ::SSL_renegotiate(client.ssl());
  EXPECT_FALSE(client.shake_hands());
}

TEST_F(TlsDoor, FollowsTheChangeOfAKey) {
  TlsClient client(port(), {.version = TLS1_3_VERSION});
  ASSERT_TRUE(client.shake_hands());
  for (const int type : {SSL_KEY_UPDATE_REQUESTED, SSL_KEY_UPDATE_NOT_REQUESTED}) {
    ASSERT_EQ(::SSL_key_update(client.ssl(), type), 1);
    client.send(post("/echo", "after"));
    EXPECT_EQ(client.read_answer()->body, "after");
  }
}

// Sessions.

TEST_F(TlsDoor, ResumesASessionOnAnyLoop) {
  open(quick_limits(), 2);
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    TlsClientOptions options{.trusted = &certificate_, .version = version};
    options.session = visit(options, false);
    for (int i = 0; i < 8; ++i) visit(options, true);
  }
  EXPECT_EQ(door_->loops().stats().handshakes, 18U);
  EXPECT_EQ(door_->loops().stats().resumptions, 16U);
}

TEST_F(TlsDoor, ResumesUntilTheKeyOfItsTicketIsGone) {
  TlsClientOptions options = trusting();
  options.session = visit(options, false);
  clock_.advance(TicketKeys::kAge);
  visit(options, true);
  clock_.advance(TicketKeys::kAge);
  visit(options, false);
}

TEST_F(TlsDoor, ShakesHandsAnewUnderANewCertificateAndKeepsTheConnectionsOfTheOldOne) {
  TlsClient before(port(), trusting());
  ASSERT_TRUE(before.shake_hands());
  TlsClientOptions options = trusting();
  options.session = visit(options, false);

  const TestCertificate renewed({.serial = 8});
  tls_.publish(context_of(renewed));

  options.trusted = &renewed;
  visit(options, false);
  TlsClient after(port(), {.trusted = &renewed});
  ASSERT_TRUE(after.shake_hands());
  EXPECT_EQ(after.serial(), 8);
  before.send(post("/echo", "still here"));
  EXPECT_EQ(before.read_answer()->body, "still here");
}

TEST_F(TlsDoor, GoesOnWithAHandshakeThatBeganUnderTheCertificateBefore) {
  RawClient slow(port());
  slow.send("\x16");
  TlsClient client(port(), trusting());
  ASSERT_TRUE(client.shake_hands()) << "the loop has seen the byte before";
  tls_.publish(context_of(TestCertificate({.serial = 8})));
  // What follows is no TLS, but the context of the handshake must still be there.
  slow.send("\x03\x01\x00\x05hello"sv);
  slow.read_all();
  EXPECT_TRUE(is_refused("tls-handshake", 1));
}

// Clients that prove themselves.

class TlsDoorWithClients : public TlsDoor {
 protected:
  TlsDoorWithClients() { tls_.publish(context_of(certificate_, &authority_)); }
  TlsClientOptions showing(const TestCertificate* own, int version) const {
    return {.trusted = &certificate_, .own = own, .version = version};
  }
  // In TLS 1.3 a client hears of its refusal only after the handshake.
  bool is_served(const TlsClientOptions& options) {
    TlsClient client(port(), options);
    if (!client.shake_hands()) return false;
    client.send(post("/echo", "x"));
    return client.read_answer().has_value();
  }

  const TestCertificate authority_{{.name = "authority"}};
  const TestCertificate member_{{.name = "member", .issuer = &authority_}};
};

TEST_F(TlsDoorWithClients, ServesThoseOfTheAuthority) {
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    TlsClientOptions options = showing(&member_, version);
    options.session = visit(options, false);
    visit(options, true);
  }
}

TEST_F(TlsDoorWithClients, RefusesThoseWithoutACertificateOrWithAnotherOne) {
  const TestCertificate stranger({.name = "authority"});  // by its own word
  const TestCertificate late({.name = "late",
                              .not_after = std::chrono::system_clock::now() - 1min,
                              .issuer = &authority_});
  unsigned refused = 0;
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    for (const TestCertificate* own :
         {static_cast<const TestCertificate*>(nullptr), &stranger, &late})
      EXPECT_FALSE(is_served(showing(own, version))) << version;
    refused += 3;
    EXPECT_TRUE(is_refused("tls-client-certificate", refused));
  }
  EXPECT_TRUE(door_->receiver.seen().empty());
}

TEST_F(TlsDoorWithClients, DoesNotResumeTheSessionOfAnAuthorityThatIsNoLongerOne) {
  TlsClientOptions options = showing(&member_, TLS1_3_VERSION);
  options.session = visit(options, false);
  const TestCertificate other({.name = "other"});
  tls_.publish(context_of(certificate_, &other));
  EXPECT_FALSE(is_served(options));
}

TEST_F(TlsDoorWithClients, NamesTheFileOfAuthoritiesThatIsNone) {
  const test::TempDir folder;
  const auto context = load_tls({.cert_file = folder.write("cert.pem", certificate_.cert_pem()),
                                 .key_file = folder.write("key.pem", certificate_.key_pem()),
                                 .client_ca_file = folder.write("ca.pem", "none")},
                                std::chrono::system_clock::now());
  ASSERT_FALSE(context);
  EXPECT_EQ(context.error().message,
            "tls.client_ca_file " + (folder / "ca.pem").native() + ": no certificate in PEM form");
}

// Bytes in every portion.

TEST_F(TlsDoor, AnswersPipelinedRequestsInOrder) {
  TlsClient client(port(), trusting());
  ASSERT_TRUE(client.shake_hands());
  std::string wire;
  for (int i = 0; i < 500; ++i) wire += post("/echo", std::to_string(i));
  client.send(wire);
  for (int i = 0; i < 500; ++i) {
    const auto answer = client.read_answer();
    ASSERT_TRUE(answer) << i;
    EXPECT_EQ(answer->body, std::to_string(i));
  }
}

TEST_F(TlsDoor, AnswersARequestThatCameWithTheEndOfABodyOfItsOwnBuffer) {
  // Large enough for a buffer of its own, which is read to the end of the body and no further.
  const std::string body(100'000, 'b');
  TlsClient client(port(), trusting());
  ASSERT_TRUE(client.shake_hands());
  client.send(post("/echo", body) + post("/echo", "next"));
  EXPECT_EQ(client.read_answer()->body, body);
  EXPECT_EQ(client.read_answer()->body, "next");
}

TEST_F(TlsDoor, TakesARequestInRecordsOfOneByte) {
  TlsClient client(port(), trusting());
  ASSERT_TRUE(client.shake_hands());
  ASSERT_TRUE(client.send_bytewise(post("/echo", "hello")));
  EXPECT_EQ(client.read_answer()->body, "hello");
}

TEST_F(TlsDoor, TakesBodiesAroundTheSizeOfARecordAndOfABlock) {
  TlsClient client(port(), trusting());
  ASSERT_TRUE(client.shake_hands());
  for (const std::size_t around : {std::size_t{16} * 1024, kBlockBytes, kBodyBytesFirst}) {
    for (std::size_t size = around - 200; size < around + 200; size += 7) {
      const std::string body(size, 'b');
      ASSERT_TRUE(client.send(post("/echo", body)));
      const auto answer = client.read_answer();
      ASSERT_TRUE(answer) << size;
      ASSERT_EQ(answer->body.size(), size);
    }
  }
}

TEST_F(TlsDoor, TakesAChunkedBody) {
  TlsClient client(port(), trusting());
  ASSERT_TRUE(client.shake_hands());
  std::string chunks;
  for (int i = 0; i < 20'000; ++i) chunks += "5\r\nhello\r\n";
  client.send(post_chunked("/echo", chunks + "0\r\n\r\n"));
  EXPECT_EQ(client.read_answer()->body.size(), 100'000U);
}

TEST_F(TlsDoor, MovesLargeBodiesBothWaysThroughSmallSocketBuffers) {
  TlsClient client(port(), {.trusted = &certificate_, .receive_buffer_bytes = 32 * 1024});
  ASSERT_TRUE(client.shake_hands());
  const std::string body(1024 * 1024, 'b');
  ASSERT_TRUE(client.send(post("/echo", body)));
  EXPECT_EQ(client.read_answer()->body, body);
  client.send(post("/echo", "next"));
  EXPECT_EQ(client.read_answer()->body, "next");
}

TEST_F(TlsDoor, WritesALargeAnswerInChunksAndReleasesThemOnce) {
  TlsClient client(port(), trusting());
  ASSERT_TRUE(client.shake_hands());
  client.send(post("/large", ""));
  EXPECT_EQ(client.read_answer()->body.size(), 2 * ScriptedReceiver::kLarge.size());
  client.send(post("/echo", "next"));
  EXPECT_EQ(client.read_answer()->body, "next");
  EXPECT_EQ(door_->receiver.released, 3);
}

TEST_F(TlsDoor, SaysContinueBeforeABodyIsSent) {
  TlsClient client(port(), trusting());
  ASSERT_TRUE(client.shake_hands());
  const std::string wire = post("/echo", "hello", "Expect: 100-continue\r\n");
  client.send(wire.substr(0, wire.size() - 5));
  EXPECT_EQ(client.read_answer()->status, 100);
  client.send("hello");
  EXPECT_EQ(client.read_answer()->body, "hello");
}

// The end of a connection.

TEST_F(TlsDoor, SaysThatItEnds) {
  TlsClient client(port(), trusting());
  ASSERT_TRUE(client.shake_hands());
  client.send(post("/close", ""));
  EXPECT_EQ(client.read_answer()->status, 200);
  EXPECT_TRUE(client.is_closed_by_peer());
  EXPECT_TRUE(client.was_told_the_end());
}

TEST_F(TlsDoor, ClosesAnIdleConnectionInForm) {
  Limits limits = quick_limits();
  limits.idle_timeout = 50ms;
  open(limits);
  TlsClient client(port(), trusting());
  ASSERT_TRUE(client.shake_hands());
  client.send(post("/echo", "x"));
  EXPECT_TRUE(client.read_answer());
  EXPECT_TRUE(client.is_closed_by_peer());
  EXPECT_TRUE(client.was_told_the_end());
}

TEST_F(TlsDoor, LetsARefusalArriveAlthoughThePeerStillSends) {
  open();
  door_->receiver.body_bytes_max = 10;
  TlsClient client(port(), trusting());
  ASSERT_TRUE(client.shake_hands());
  client.send(post("/echo", std::string(50'000, 'b')));
  EXPECT_EQ(client.read_answer()->status, 413);
  EXPECT_TRUE(client.is_closed_by_peer());
  EXPECT_FALSE(client.was_reset());
}

TEST_F(TlsDoor, TellsTheWatchThatThePeerEndedItsSession) {
  open();
  {
    TlsClient client(port(), trusting());
    ASSERT_TRUE(client.shake_hands());
    client.send(post("/watch", "x"));
    door_->receiver.gate.wait_until_reached();
    ::SSL_shutdown(client.ssl());
  }
  EXPECT_TRUE(door_->eventually([&](const DoorStats&) { return door_->receiver.gone == 1; }));
  door_->receiver.gate.open();
  EXPECT_TRUE(is_left_by_all());
}

TEST_F(TlsDoor, DoesNotTakePipelinedBytesForAPeerThatWent) {
  open();
  TlsClient client(port(), trusting());
  ASSERT_TRUE(client.shake_hands());
  client.send(post("/watch", "x"));
  door_->receiver.gate.wait_until_reached();
  client.send(post("/echo", "next"));
  door_->receiver.gate.open();
  EXPECT_EQ(client.read_answer()->body, "x");
  EXPECT_EQ(client.read_answer()->body, "next");
  EXPECT_EQ(door_->receiver.gone, 0);
}

TEST_F(TlsDoor, RefusesABodyThatTheEndOfASessionCutsOff) {
  TlsClient client(port(), trusting());
  ASSERT_TRUE(client.shake_hands());
  client.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhello");
  ::SSL_shutdown(client.ssl());
  EXPECT_TRUE(door_->eventually([&](const DoorStats&) {
    const auto seen = door_->receiver.seen();
    return !seen.empty() && seen.back().body_rule == "body-truncated";
  }));
}

TEST_F(TlsDoor, DrainAnswersWhatIsInFlightAndClosesTheRest) {
  open();
  TlsClient idle(port(), trusting()), busy(port(), trusting());
  RawClient silent(port());
  ASSERT_TRUE(idle.shake_hands() && busy.shake_hands());
  idle.send(post("/echo", "x"));
  EXPECT_TRUE(idle.read_answer());
  busy.send(post("/gate", "in flight"));
  door_->receiver.gate.wait_until_reached();

  std::thread draining([&] { door_->loops().drain(20s); });
  EXPECT_TRUE(idle.is_closed_by_peer());
  EXPECT_TRUE(silent.is_closed_by_peer());
  door_->receiver.gate.open();
  EXPECT_EQ(busy.read_answer()->body, "in flight");
  draining.join();
  EXPECT_EQ(door_->loops().stats().connections_open, 0U);
}

// Sends the hello alone, and waits for the server's answer to it.
void say_hello(TlsClient& client) {
  ::SSL_set_connect_state(client.ssl());
  const int flags = ::fcntl(client.fd(), F_GETFL);
  ::fcntl(client.fd(), F_SETFL, flags | O_NONBLOCK);
  ::SSL_do_handshake(client.ssl());
  ::fcntl(client.fd(), F_SETFL, flags);
  pollfd answer{client.fd(), POLLIN, 0};
  ASSERT_EQ(::poll(&answer, 1, 20'000), 1);
}

TEST_F(TlsDoor, ADrainWaitsForTheRequestOfWhoIsShakingHands) {
  TlsClient client(port(), {.trusted = &certificate_, .version = TLS1_2_VERSION});
  RawClient witness(port());
  say_hello(client);

  std::thread draining([&] { door_->loops().drain(20s); });
  EXPECT_TRUE(witness.is_closed_by_peer()) << "the drain has begun";
  EXPECT_TRUE(client.shake_hands());
  client.send(post("/echo", "made it"));
  const auto answer = client.read_answer();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->body, "made it");
  EXPECT_EQ(answer->header("Connection"), "close");
  draining.join();
}

TEST_F(TlsDoor, ADrainWaitsForNoRequestLongerThanForAHead) {
  Limits limits = quick_limits();
  limits.head_timeout = 100ms;
  open(limits);
  TlsClient client(port(), trusting());
  RawClient witness(port());
  say_hello(client);

  std::thread draining([&] { door_->loops().drain(60s); });
  EXPECT_TRUE(witness.is_closed_by_peer()) << "the drain has begun";
  EXPECT_TRUE(client.shake_hands());
  EXPECT_TRUE(client.is_closed_by_peer());
  draining.join();
}

// What is turned away.

TEST_F(TlsDoor, AnswersPlainHttpPlainly) {
  RawClient client(port());
  client.send(post("/echo", "x"));
  const auto answer = client.read_answer();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 400);
  EXPECT_EQ(answer->body, R"({"detail":"This port speaks HTTPS"})");
  EXPECT_EQ(answer->header("Connection"), "close");
  EXPECT_TRUE(client.is_closed_by_peer());
  EXPECT_FALSE(client.was_reset());
  EXPECT_EQ(door_->refused("not-tls"), 1U);
  EXPECT_TRUE(door_->receiver.seen().empty());
}

TEST_F(TlsDoor, SurvivesGarbageThatBeginsLikeTls) {
  std::string garbage(70'000, '\0');
  unsigned state = 1;
  for (char& byte : garbage) byte = static_cast<char>(state = state * 1103515245U + 12345U);
  for (const char* begin : {"\x16", "\x16\x03", "\x16\x03\x01", "\x16\x03\x01\x02\x01\x01\x03"}) {
    RawClient client(port());
    client.send(begin + garbage);
    client.read_all();
  }
  EXPECT_TRUE(is_left_by_all());
  EXPECT_EQ(door_->refused("tls-handshake") + door_->refused("tls-version"), 4U);
  visit(trusting(), false);
}

TEST_F(TlsDoor, SurvivesGarbageBehindAHandshake) {
  TlsClient client(port(), trusting());
  ASSERT_TRUE(client.shake_hands());
  ::send(client.fd(), "GET / HTTP/1.1\r\n\r\n", 18, MSG_NOSIGNAL);
  EXPECT_TRUE(client.is_closed_by_peer());
  EXPECT_TRUE(is_left_by_all());
  visit(trusting(), false);
}

TEST_F(TlsDoor, EndsAHandshakeThatTakesTooLong) {
  Limits limits = quick_limits();
  limits.handshake_timeout = 100ms;
  open(limits);
  RawClient client(port());
  client.send("\x16\x03\x01");
  EXPECT_TRUE(client.is_closed_by_peer());
  EXPECT_EQ(door_->refused("tls-timeout"), 1U);
}

TEST_F(TlsDoor, LeavesAConnectionThatSaysNothingAsLongAsAnyOther) {
  Limits limits = quick_limits();
  limits.handshake_timeout = 0ms;
  limits.idle_timeout = 100ms;
  open(limits);
  RawClient client(port());
  EXPECT_TRUE(client.is_closed_by_peer());
  EXPECT_EQ(door_->refused("tls-timeout"), 0U);
}

TEST_F(TlsDoor, CountsAPeerThatLeavesHalfWay) {
  { RawClient(port()).send("\x16\x03\x01"); }
  EXPECT_TRUE(is_refused("tls-closed", 1));
  EXPECT_TRUE(is_left_by_all());
}

TEST_F(TlsDoor, StopEndsEverythingThatWaits) {
  open();
  RawClient silent(port()), half(port());
  half.send("\x16\x03\x01");
  TlsClient idle(port(), trusting()), slow(port(), trusting());
  ASSERT_TRUE(idle.shake_hands() && slow.shake_hands());
  slow.send(post("/large", ""));
  ASSERT_TRUE(door_->eventually([](const DoorStats& stats) { return stats.requests == 1; }));
  door_->loops().stop();
  EXPECT_EQ(door_->loops().stats().connections_open, 0U);
  EXPECT_EQ(door_->receiver.released, 3);
}

}  // namespace
}  // namespace hookhost::http
