// SPDX-License-Identifier: Apache-2.0
//
// Are the bytes of an answer right, in one piece or in many? Pure.
#include "http/response_writer.h"

#include <gtest/gtest.h>

#include <array>
#include <string>

namespace hookhost::http {
namespace {

constexpr std::string_view kDate = "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n";

std::string head_of(const Response& response, HeadOptions options = {.date = kDate}) {
  Arena arena;
  return std::string(write_head(response, options, arena));
}

TEST(ResponseHead, OfAWebhookKeepsTheAnswerFromActingAsAPageH08) {
  EXPECT_EQ(head_of({.body = "null"}),
            "HTTP/1.1 200 OK\r\n"
            "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
            "Content-Type: application/json\r\n"
            "Content-Length: 4\r\n"
            "X-Content-Type-Options: nosniff\r\n"
            "Content-Security-Policy: sandbox; default-src 'none'\r\n"
            "\r\n");
}

TEST(ResponseHead, OfAPageLeavesThePolicyToThePage) {
  const Header policy{"Content-Security-Policy", "default-src 'self'"};
  const std::string head = head_of({.content_type = "text/html; charset=utf-8",
                                    .headers = {&policy, 1},
                                    .body = "<p>",
                                    .kind = ResponseKind::kPage});
  EXPECT_EQ(head,
            "HTTP/1.1 200 OK\r\n"
            "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
            "Content-Type: text/html; charset=utf-8\r\n"
            "Content-Length: 3\r\n"
            "X-Content-Type-Options: nosniff\r\n"
            "Referrer-Policy: no-referrer\r\n"
            "Cross-Origin-Opener-Policy: same-origin\r\n"
            "Cross-Origin-Resource-Policy: same-origin\r\n"
            "Content-Security-Policy: default-src 'self'\r\n"
            "\r\n");
}

TEST(ResponseHead, OfAnEmptyAnswerHasNoLengthAndNoType) {
  for (int status : {204, 304}) {
    const std::string head = head_of({.status = status});
    EXPECT_EQ(head.find("Content-Length"), std::string::npos);
    EXPECT_EQ(head.find("\r\nContent-Type"), std::string::npos);
    EXPECT_FALSE(may_have_body(status));
  }
  EXPECT_TRUE(may_have_body(200));
}

TEST(ResponseHead, SaysWhatBecomesOfTheConnection) {
  const auto says = [](int version, bool keep_alive, std::string_view line) {
    return head_of({}, {.date = kDate, .version = version, .keep_alive = keep_alive}).find(line) !=
           std::string::npos;
  };
  EXPECT_FALSE(says(11, true, "Connection:"));
  EXPECT_TRUE(says(11, false, "Connection: close\r\n"));
  EXPECT_TRUE(says(10, true, "Connection: keep-alive\r\n"));
  EXPECT_TRUE(says(10, false, "Connection: close\r\n"));
}

TEST(ResponseHead, NamesItsStatus) {
  EXPECT_TRUE(head_of({.status = 422}).starts_with("HTTP/1.1 422 Unprocessable Content\r\n"));
  EXPECT_TRUE(head_of({.status = 299}).starts_with("HTTP/1.1 299 Unknown\r\n"));
  EXPECT_EQ(reason_phrase(404), "Not Found");
  EXPECT_EQ(reason_phrase(200), "OK");
  EXPECT_EQ(reason_phrase(508), "Loop Detected");
  EXPECT_EQ(reason_phrase(999), "Unknown");
}

TEST(ResponseWriter, GivesHeadAndChunksInOrderHoweverLittleIsTaken) {
  const Chunk chunks[] = {{"one"}, {""}, {"two"}, {"three"}, {""}};
  const Response response{.chunks = chunks};
  EXPECT_EQ(body_bytes(response), 11U);
  for (std::size_t step = 1; step < 20; ++step) {
    for (std::size_t pieces_max : {1UL, 2UL, 8UL}) {
      ResponseWriter writer;
      writer.begin("HEAD", response, true);
      std::string written;
      std::array<iovec, 8> pieces;
      while (!writer.is_done()) {
        std::string offered;
        const std::size_t count = writer.gather({pieces.data(), pieces_max});
        ASSERT_GT(count, 0U);
        for (std::size_t i = 0; i < count; ++i)
          offered.append(static_cast<char*>(pieces[i].iov_base), pieces[i].iov_len);
        offered.resize(std::min(offered.size(), step));
        written += offered;
        writer.advance(offered.size());
      }
      EXPECT_EQ(written, "HEADonetwothree");
    }
  }
}

TEST(ResponseWriter, GivesTheHeadAloneToHead) {
  ResponseWriter writer;
  writer.begin("HEAD", {.body = "body"}, false);
  writer.advance(4);
  EXPECT_TRUE(writer.is_done());
}

}  // namespace
}  // namespace hookhost::http
