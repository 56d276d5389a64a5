// SPDX-License-Identifier: Apache-2.0
//
// Does the generator find the end of every kind of response, however it is cut, and notice a server
// that sends something else? And does its histogram tell a latency within its promise?
#include "loadgen/response_reader.h"

#include <gtest/gtest.h>

#include "loadgen/histogram.h"

namespace hookhost::bench {
namespace {

using State = ResponseReader::State;

constexpr std::string_view kFixed =
    "HTTP/1.1 200 OK\r\nServer: x\r\ncontent-LENGTH: 5\r\nConnection: keep-alive\r\n\r\nhello";
constexpr std::string_view kChunked =
    "HTTP/1.1 503 Full\r\nTransfer-Encoding: "
    "chunked\r\n\r\n5;why=not\r\nhello\r\nA\r\n0123456789\r\n"
    "0\r\nTrailer: 1\r\n\r\n";

TEST(ResponseReader, TakesAWholeResponseAtOnce) {
  ResponseReader reader;

  EXPECT_EQ(reader.take(kFixed), State::kDone);

  EXPECT_EQ(reader.status(), 200);
  EXPECT_FALSE(reader.closes());
}

TEST(ResponseReader, FindsTheEndWhereverTheBytesAreCut) {
  for (const std::string_view response : {kFixed, kChunked}) {
    for (std::size_t cut = 1; cut < response.size(); ++cut) {
      ResponseReader reader;
      EXPECT_EQ(reader.take(response.substr(0, cut)), State::kMore) << cut;
      EXPECT_EQ(reader.take(response.substr(cut)), State::kDone) << cut;
    }
  }
}

TEST(ResponseReader, TakesOneByteAfterTheOtherAndThenTheNextResponse) {
  ResponseReader reader;
  for (std::size_t i = 0; i + 1 < kChunked.size(); ++i) {
    ASSERT_EQ(reader.take(kChunked.substr(i, 1)), State::kMore) << i;
  }
  EXPECT_EQ(reader.take(kChunked.substr(kChunked.size() - 1)), State::kDone);
  EXPECT_EQ(reader.status(), 503);

  EXPECT_EQ(reader.take(kFixed), State::kDone);
  EXPECT_EQ(reader.status(), 200);
}

TEST(ResponseReader, KeepsTheBeginningOfABodyWhereverItIsCut) {
  for (const std::string_view response : {kFixed, kChunked}) {
    const std::string_view body = response == kFixed ? "hello" : "hello0123456789";
    for (std::size_t cut = 1; cut < response.size(); ++cut) {
      ResponseReader reader;
      reader.take(kFixed);  // of which nothing is left
      reader.take(response.substr(0, cut));
      reader.take(response.substr(cut));
      EXPECT_EQ(reader.body(), body) << cut;
    }
  }
  ResponseReader reader;
  reader.take("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n" + std::string(100, 'x'));
  EXPECT_EQ(reader.body(), std::string(64, 'x'));
}

TEST(ResponseReader, TakesAnAnswerWithoutABody) {
  ResponseReader reader;

  EXPECT_EQ(reader.take("HTTP/1.1 204 No Content\r\nDate: now\r\n\r\n"), State::kDone);
}

TEST(ResponseReader, SeesThatTheServerCloses) {
  ResponseReader reader;
  EXPECT_EQ(reader.take("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"),
            State::kDone);
  EXPECT_TRUE(reader.closes());
  EXPECT_EQ(reader.take("HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n"), State::kDone);
  EXPECT_TRUE(reader.closes());
}

TEST(ResponseReader, RefusesWhatIsNoResponseOrHasNoEnd) {
  for (const std::string_view bytes :
       {"SSH-2.0-OpenSSH_9\r\n\r\n", "HTTP/1.1 OK\r\n\r\n",
        "HTTP/1.1 200 OK\r\nServer: x\r\n\r\nhello",
        "HTTP/1.1 200 OK\r\nContent-Length: 5x\r\n\r\nhello",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhelloX\r\n0\r\n\r\n"}) {
    ResponseReader reader;
    EXPECT_EQ(reader.take(bytes), State::kBroken) << bytes;
  }
}

TEST(ResponseReader, RefusesBytesBehindTheEnd) {
  ResponseReader reader;

  EXPECT_EQ(reader.take(std::string(kFixed) + "H"), State::kBroken);
}

TEST(Histogram, TellsAValueWithinOneSixtyFourth) {
  for (std::uint64_t ns = 1; ns < (1ULL << 62); ns = ns * 5 / 3 + 1) {
    Histogram histogram;
    histogram.add(ns);
    EXPECT_GE(histogram.at_share(0.5), ns);
    EXPECT_LE(histogram.at_share(0.5), ns + ns / 64) << ns;
  }
}

TEST(Histogram, FindsTheMedianAndTheTail) {
  Histogram histogram;
  for (std::uint64_t ns = 0; ns < 100; ++ns) histogram.add(ns);

  EXPECT_EQ(histogram.at_share(0.5), 50u);
  EXPECT_EQ(histogram.at_share(0.99), 99u);
  EXPECT_EQ(histogram.count(), 100u);
}

TEST(Histogram, TakesTheLargestNumber) {
  Histogram histogram;
  histogram.add(~0ULL);

  EXPECT_EQ(histogram.at_share(1.0), ~0ULL);
}

}  // namespace
}  // namespace hookhost::bench
