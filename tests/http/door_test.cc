// SPDX-License-Identifier: Apache-2.0
//
// What does a stranger read when it says this to a real door? The rows of the catalogue that need a
// connection: one answer each, its status, and whether the connection goes on. The heads themselves
// are judged in head_guard_test.cc.
#include <gtest/gtest.h>

#include <string>

#include "http/door_fixture.h"

namespace hookhost::http {
namespace {

constexpr std::string_view kBadRequest = R"({"detail":"Bad Request"})";

// Exactly one answer comes, and then the end of the connection, without a reset.
void expect_one_answer(std::uint16_t port, std::string_view wire, int status,
                       std::string_view body = "") {
  RawClient client(port);
  client.send(wire);
  const auto answer = client.read_answer();
  ASSERT_TRUE(answer) << wire;
  EXPECT_EQ(answer->status, status) << wire;
  EXPECT_EQ(answer->header("Connection"), "close") << wire;
  if (!body.empty()) {
    EXPECT_EQ(answer->body, body) << wire;
  }
  EXPECT_TRUE(client.is_closed_by_peer()) << wire;
  EXPECT_FALSE(client.was_reset()) << wire;
}

TEST(Door, AnswersAPostAndGoesOn) {
  RunningDoor door;
  RawClient client(door.port());
  for (int i = 0; i < 3; ++i) {
    client.send(post("/echo?a=1", "hello", "X-Thing: 1\r\n"));
    const auto answer = client.read_answer();
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status, 200);
    EXPECT_EQ(answer->body, "hello");
    EXPECT_EQ(answer->header("Content-Type"), "text/plain");
    EXPECT_EQ(answer->header("Connection"), "");
    EXPECT_EQ(answer->header("Date").size(),
              std::string_view("Sun, 06 Nov 1994 08:49:37 GMT").size());
  }
  const Seen seen = door.receiver.seen().back();
  EXPECT_EQ(seen.method, "POST");
  EXPECT_EQ(seen.target, "/echo?a=1");
  EXPECT_EQ(seen.path, "/echo");
  EXPECT_EQ(seen.query, "a=1");
  EXPECT_TRUE(seen.remote_address.starts_with("127.0.0.1:"));
  EXPECT_EQ(seen.headers.size(), 3U);
  EXPECT_TRUE(door.receiver.body_follows_head) << "a small body is viewed where it was received";
  EXPECT_EQ(door.loops().stats().connections_accepted, 1U);
  EXPECT_EQ(door.loops().stats().requests, 3U);
}

TEST(Door, AnswersARequestThatArrivesByteByByte) {
  RunningDoor door;
  RawClient client(door.port());
  client.send_bytewise(post("/echo", "hello"));
  client.send_bytewise(post_chunked("/echo", "2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n"));
  EXPECT_EQ(client.read_answer()->body, "hello");
  EXPECT_EQ(client.read_answer()->body, "hello");
}

TEST(Door, RefusesEachBrokenHeadWithOneAnswerAndTheEnd) {
  RunningDoor door;
  struct Row {
    std::string wire;
    int status;
  };
  const std::string smuggled = "0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n";
  const auto with = [&](std::string_view lines) {
    return "POST /echo HTTP/1.1\r\nHost: a\r\n" + std::string(lines) + "\r\n" + smuggled;
  };
  const Row rows[] = {
      {with("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n"), 400},
      {with("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n"), 400},
      {with("Transfer-Encoding: identity\r\nContent-Length: 5\r\n"), 400},
      {with("Transfer-Encoding: chunked, gzip\r\n"), 501},
      {with("Transfer-Encoding: gzip, chunked\r\n"), 501},
      {with("Transfer-Encoding: chunked, chunked\r\n"), 501},
      {with("Transfer-Encoding: \"chunked\"\r\n"), 501},
      {with("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"), 400},
      {with("Transfer-Encoding : chunked\r\n"), 400},
      {with("Transfer-Encoding:\r\n chunked\r\n"), 400},
      {with("Content-Length: 5\r\nContent-Length: 5\r\n"), 400},
      {with("Content-Length: +5\r\n"), 400},
      {with("Host: b\r\n"), 400},
      {with("X_Y: b\r\n"), 400},
      {with("X: a\nY: b\r\n"), 400},
      {with(std::string("X: a\0b\r\n", 8)), 400},
      {with("Content-Encoding: gzip\r\n"), 415},
      {with("Expect: 200-ok\r\n"), 417},
      {with("Webhook-Id: a\r\nWebhook-Id: a\r\n"), 400},
      {with("Authorization: a\r\nAuthorization: a\r\n"), 403},
      {"POST /echo HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n" + smuggled, 400},
      {"GET /echo HTTP/1.1\r\n\r\n", 400},
      {"GET /\r\n", 400},
      {"GET / HTTP/2.0\r\n\r\n", 505},
      {"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505},
      {"\x16\x03\x01\x02", 400},
      {"OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n", 501},
      {"TRACE / HTTP/1.1\r\nHost: a\r\nX: echo\r\n\r\n", 501},
      {"GET /" + std::string(20 * 1024, 'a') + " HTTP/1.1\r\nHost: a\r\n\r\n", 414},
      {with("X: " + std::string(20 * 1024, 'a') + "\r\n"), 431},
  };
  for (const Row& row : rows) expect_one_answer(door.port(), row.wire, row.status);
  EXPECT_TRUE(door.receiver.seen().empty()) << "no receiver ever sees a refused head";
}

TEST(Door, TellsWhichRuleTurnedAHeadAwayAndWhatItWasForWithoutItsQuery) {
  RunningDoor door;
  const std::string broken = " HTTP/1.1\r\nHost: a\r\nX_Y: b\r\n\r\n";
  expect_one_answer(door.port(), "GET /page?secret=s" + broken, 400);
  expect_one_answer(door.port(), "GET http://u:p@h/page" + broken, 400);
  expect_one_answer(door.port(), "GET /\r\n", 400);
  EXPECT_EQ(door.refused_heads(), (std::vector<std::string>{"header-name GET /page",
                                                            "target-form GET ", "request-line  "}));
}

TEST(Door, RefusesARepeatedHubSecretWithTheHubsBodyK13) {
  RunningDoor door;
  expect_one_answer(door.port(),
                    post("/echo", "", "X-Webhook-Secret: a\r\nX-Webhook-Secret: b\r\n"), 403,
                    R"({"error":"Invalid webhook secret."})");
  EXPECT_EQ(door.refused("repeated-credential"), 1U);
}

TEST(Door, ServesAbsoluteFormAsOriginForm) {
  RunningDoor door;
  RawClient client(door.port());
  client.send("GET http://localhost/echo?x HTTP/1.1\r\nHost: localhost\r\n\r\n");
  EXPECT_EQ(client.read_answer()->status, 200);
  EXPECT_EQ(door.receiver.seen().back().target, "/echo?x");
}

TEST(Door, AnswersHeadWithoutABodyButWithItsLength) {
  RunningDoor door;
  RawClient client(door.port());
  client.send("HEAD /unread HTTP/1.1\r\nHost: a\r\n\r\n" + post("/echo", "next"));
  EXPECT_EQ(client.read_answer(true)->header("Content-Length"), "6");
  EXPECT_EQ(client.read_answer()->body, "next");
}

TEST(Door, AnswersNoContentWithoutALength) {
  RunningDoor door;
  RawClient client(door.port());
  client.send(post("/quiet", "") + post("/echo", "next"));
  const auto answer = client.read_answer();
  EXPECT_EQ(answer->status, 204);
  EXPECT_EQ(answer->head.find("Content-Length"), std::string::npos);
  EXPECT_EQ(client.read_answer()->body, "next");
}

TEST(Door, SendsTheHeadersOfTheReceiver) {
  RunningDoor door;
  RawClient client(door.port());
  client.send(post("/headers", ""));
  const auto answer = client.read_answer();
  EXPECT_EQ(answer->header("Allow"), "POST");
  EXPECT_EQ(answer->header("Retry-After"), "5");
}

TEST(Door, TurnsExceptionsIntoAnswersAndGoesOn) {
  RunningDoor door;
  RawClient client(door.port());
  client.send(post("/throw", "") + post("/no-memory", "") + post("/echo", "still here"));
  const auto thrown = client.read_answer();
  EXPECT_EQ(thrown->status, 500);
  EXPECT_EQ(thrown->body, R"({"detail":"Internal Server Error"})");
  EXPECT_EQ(client.read_answer()->status, 503);
  EXPECT_EQ(client.read_answer()->body, "still here");
}

// Bodies.

TEST(Door, DecodesChunksAndDropsTrailers) {
  RunningDoor door;
  RawClient client(door.port());
  client.send(post_chunked("/echo", "5;ext=1\r\nhello\r\n0\r\nX-Webhook-Secret: right\r\n\r\n") +
              post("/echo", "next"));
  EXPECT_EQ(client.read_answer()->body, "hello");
  EXPECT_EQ(client.read_answer()->body, "next");
  const Seen seen = door.receiver.seen().front();
  for (const auto& [name, value] : seen.headers)
    EXPECT_NE(name, "X-Webhook-Secret") << "a trailer never becomes a header";
}

TEST(Door, RefusesBrokenChunksWithOneAnswer) {
  RunningDoor door;
  for (const char* chunks : {"0x5\r\nhello\r\n0\r\n\r\n", "5\nhello\r\n0\r\n\r\n",
                             "4\r\nhello\r\n0\r\n\r\n", "-1\r\n", "5;a\nb\r\nhello\r\n0\r\n\r\n"})
    expect_one_answer(door.port(), post_chunked("/echo", chunks), 400, kBadRequest);
  expect_one_answer(door.port(), post_chunked("/echo", "1;" + std::string(256 * 1024, 'a')), 400);
  expect_one_answer(door.port(),
                    post_chunked("/echo", "1\r\nx\r\n0\r\nX: " + std::string(1024 * 1024, 'a')),
                    431);
}

TEST(Door, RefusesABodyBeyondTheLimitOfItsRoute) {
  RunningDoor door;
  door.receiver.body_bytes_max = 1000;
  RawClient client(door.port());
  client.send(post("/echo", std::string(1000, 'x')));
  EXPECT_EQ(client.read_answer()->status, 200);
  expect_one_answer(door.port(), post("/echo", std::string(1001, 'x')), 413,
                    R"({"detail":"Content Too Large"})");
  // Announced only: answered at once, unread.
  expect_one_answer(door.port(),
                    "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 10737418240\r\n\r\n", 413);
  expect_one_answer(door.port(), post_chunked("/echo", "3e9\r\n"), 413);
  EXPECT_EQ(door.receiver.seen().back().body_rule, "body-too-large");
  EXPECT_EQ(door.refused("body-too-large"), 0U) << "the receiver's to count, or it counts twice";
}

TEST(Door, ReadsBodiesOfMegabytes) {
  RunningDoor door;
  door.receiver.body_bytes_max = 26 * 1024 * 1024;
  std::string body(26 * 1024 * 1024, 'x');
  for (std::size_t i = 0; i < body.size(); i += 1000) body[i] = static_cast<char>('a' + i % 26);
  RawClient client(door.port());
  client.send(post("/echo", body) + post("/echo", "next"));
  EXPECT_TRUE(client.read_answer()->body == body);
  EXPECT_EQ(client.read_answer()->body, "next");
}

TEST(Door, AnswersPartOfABodyAndThenTheEndWithARefusal) {
  RunningDoor door;
  RawClient client(door.port());
  client.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhello");
  client.finish_sending();
  EXPECT_EQ(client.read_answer()->status, 400);
  EXPECT_TRUE(client.is_closed_by_peer());
  EXPECT_EQ(door.receiver.seen().back().body, "") << "the receiver gets no part of a body";
  EXPECT_EQ(door.receiver.seen().back().body_rule, "body-truncated");
}

TEST(Door, SurvivesResetsInTheMiddleOfABody) {
  RunningDoor door;
  {
    RawClient client(door.port());
    client.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhello");
    ASSERT_TRUE(door.eventually([](const DoorStats& s) { return s.requests == 1; }));
    client.reset();
  }
  EXPECT_TRUE(door.eventually([](const DoorStats& s) { return s.connections_open == 0; }));
  EXPECT_EQ(door.receiver.seen().back().body_status, 400);
}

TEST(Door, DropsPartOfAHeadAndThenTheEnd) {
  RunningDoor door;
  RawClient client(door.port());
  client.send("POST /echo HT");
  client.finish_sending();
  EXPECT_EQ(client.read_all(), "");
  EXPECT_TRUE(door.receiver.seen().empty());
}

TEST(Door, Says100ContinueWhenTheBodyIsWanted) {
  RunningDoor door;
  RawClient client(door.port());
  client.send(
      "POST /echo HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n");
  EXPECT_EQ(client.read_answer()->status, 100);
  client.send("hello");
  EXPECT_EQ(client.read_answer()->body, "hello");
}

TEST(Door, SaysNo100WhenTheBodyIsNotWantedOrHereAlready) {
  RunningDoor door;
  door.receiver.body_bytes_max = 4;
  const std::string expecting =
      " HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n";
  expect_one_answer(door.port(), "POST /echo" + expecting, 413);
  expect_one_answer(door.port(), "POST /unread" + expecting, 200);
  door.receiver.body_bytes_max = 5;
  RawClient client(door.port());
  client.send("POST /echo" + expecting + "hello");
  EXPECT_EQ(client.read_answer()->status, 200);
  client.send("POST /echo" + expecting + "hel");  // whoever has begun waits for nothing
  ASSERT_TRUE(door.eventually([](const DoorStats& s) { return s.requests == 4; }));
  client.send("lo");
  EXPECT_EQ(client.read_answer()->status, 200);
}

TEST(Door, SkipsAnUnreadBodyThatIsHereAndEndsTheConnectionOtherwise) {
  RunningDoor door;
  RawClient client(door.port());
  client.send(post("/unread", "a body") + post_chunked("/unread", "1\r\nx\r\n0\r\n\r\n") +
              post("/echo", "next"));
  EXPECT_EQ(client.read_answer()->body, "unread");
  EXPECT_EQ(client.read_answer()->body, "unread");
  EXPECT_EQ(client.read_answer()->body, "next");
  expect_one_answer(
      door.port(),
      "POST /unread HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nGET / HTTP/1.1\r\n", 200,
      "unread");
  expect_one_answer(door.port(), post_chunked("/unread", "5\r\nhel"), 200, "unread");
}

TEST(Door, AnEarlyAnswerReachesASenderThatIsStillSending) {
  RunningDoor door;
  RawClient client(door.port());
  client.send("POST /unread HTTP/1.1\r\nHost: a\r\nContent-Length: 60000\r\n\r\n");
  client.send(std::string(60000, 'x'));  // below linger_bytes_max: read and dropped
  EXPECT_EQ(client.read_answer()->body, "unread");
  EXPECT_TRUE(client.is_closed_by_peer());
  EXPECT_FALSE(client.was_reset());
}

// Connections.

TEST(Door, EndsTheConnectionWhenASideAsksForIt) {
  RunningDoor door;
  expect_one_answer(door.port(), post("/echo", "x", "Connection: close\r\n") + post("/echo", "y"),
                    200, "x");
  expect_one_answer(door.port(), post("/close", "") + post("/echo", "y"), 200, "{}");
  expect_one_answer(door.port(), "GET /echo HTTP/1.0\r\n\r\n", 200);
}

TEST(Door, KeepsAnHttp10ConnectionThatAsksForIt) {
  RunningDoor door;
  RawClient client(door.port());
  for (int i = 0; i < 2; ++i) {
    client.send("GET /echo HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    EXPECT_EQ(client.read_answer()->header("Connection"), "keep-alive");
  }
}

TEST(Door, AnswersPipelinedRequestsInOrder) {
  RunningDoor door;
  RawClient client(door.port());
  std::string wire;
  constexpr int kRequests = 1000;  // many turns of kAnswersPerTurnMax, many blocks
  for (int i = 0; i < kRequests; ++i) {
    const std::string number = std::to_string(i);
    wire += i % 3 == 0 ? post_chunked("/echo", "2\r\nn:\r\n" +
                                                   std::string(1, "0123456789"[number.size()]) +
                                                   "\r\n" + number + "\r\n0\r\n\r\n")
                       : post("/echo", "n:" + number);
  }
  client.send(wire);
  client.finish_sending();  // what came before the end is answered
  for (int i = 0; i < kRequests; ++i) {
    const auto answer = client.read_answer();
    ASSERT_TRUE(answer) << i;
    EXPECT_EQ(answer->body, "n:" + std::to_string(i));
  }
  EXPECT_TRUE(client.is_closed_by_peer());
}

TEST(Door, IgnoresAnEmptyLineBetweenRequests) {
  RunningDoor door;
  RawClient client(door.port());
  client.send(post("/echo", "a") + "\r\n" + post("/echo", "b"));
  EXPECT_EQ(client.read_answer()->body, "a");
  EXPECT_EQ(client.read_answer()->body, "b");
}

TEST(Door, ServesManyConnectionsOnSeveralLoops) {
  RunningDoor door(quick_limits(), 2);
  std::vector<std::unique_ptr<RawClient>> clients;
  for (int i = 0; i < 100; ++i) {
    clients.push_back(std::make_unique<RawClient>(door.port()));
    ASSERT_TRUE(clients.back()->is_connected());
    clients.back()->send(post("/echo", std::to_string(i)));
  }
  for (int i = 0; i < 100; ++i)
    EXPECT_EQ(clients[static_cast<std::size_t>(i)]->read_answer()->body, std::to_string(i));
  EXPECT_EQ(door.loops().stats().connections_open, 100U);
  clients.clear();
  EXPECT_TRUE(door.eventually([](const DoorStats& s) { return s.connections_open == 0; }));
}

}  // namespace
}  // namespace hookhost::http
