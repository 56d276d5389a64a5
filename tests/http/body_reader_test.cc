// SPDX-License-Identifier: Apache-2.0
//
// Does a body arrive whole, in place and within its limits, however it is cut? Pure: the reader and
// the chunk decoder over bytes, without a socket.
#include "http/body_reader.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>

#include "http/limits.h"

namespace hookhost::http {
namespace {

constexpr std::uint64_t kMax = 1024 * 1024;
constexpr Framing kChunked{.is_chunked = true};
Framing of_length(std::uint64_t bytes) { return {.content_length = bytes}; }

// What bodies hold that are not about memory.
MemoryAccount plenty(1024 * kMax);

// A block whose first bytes are a head, and the peer's bytes that follow it.
class Feed {
 public:
  explicit Feed(std::string wire, std::size_t in_block) : wire_(std::move(wire)) {
    std::fill_n(block_.get(), kHeadBytes, 'h');
    taken_ = std::min(in_block, std::min(wire_.size(), kBlockBytes - kHeadBytes));
    std::copy_n(wire_.data(), taken_, block_.get() + kHeadBytes);
  }

  // Reads to the end in pieces of at most step bytes.
  BodyReader::State run(BodyReader& reader, const Framing& framing, std::size_t step,
                        std::uint64_t bytes_max = kMax) {
    reader.prepare(framing, {block_.get() + kHeadBytes, taken_}, block_.get() + kBlockBytes);
    auto state = reader.start(bytes_max);
    while (state == BodyReader::State::kMore && taken_ < wire_.size()) {
      const auto space = reader.space();
      if (space.empty()) return reader.state();
      largest_space_ = std::max(largest_space_, space.size());
      const std::size_t size = std::min({step, space.size(), wire_.size() - taken_});
      std::copy_n(wire_.data() + taken_, size, space.data());
      taken_ += size;
      state = reader.received(size);
    }
    return state;
  }

  bool is_in_block(std::string_view view) const {
    return view.data() >= block_.get() && view.data() <= block_.get() + kBlockBytes;
  }
  // Of the wire, what the reader did not take.
  std::string rest(const BodyReader& reader) const {
    return std::string(reader.rest().data(), reader.rest().size()) + wire_.substr(taken_);
  }
  std::size_t largest_space() const { return largest_space_; }

 private:
  static constexpr std::size_t kHeadBytes = 200;
  std::unique_ptr<char[]> block_{new char[kBlockBytes + kPaddingBytes]};
  std::string wire_;
  std::size_t taken_ = 0;
  std::size_t largest_space_ = 0;
};

int sum_of_padding(std::string_view view) {
  int sum = 0;
  for (std::size_t i = 0; i < kPaddingBytes; ++i) sum += view.data()[view.size() + i];
  return sum;
}

std::string numbers(std::size_t bytes) {
  std::string text;
  for (std::size_t i = 0; text.size() < bytes; ++i) text += std::to_string(i);
  text.resize(bytes);
  return text;
}

// Chunks of growing sizes.
std::string chunked(std::string_view body) {
  std::string wire;
  for (std::size_t size = 1; !body.empty(); size = size * 3 + 1) {
    const std::string_view piece = body.substr(0, size);
    char digits[20];
    std::snprintf(digits, sizeof digits, "%zx\r\n", piece.size());
    wire += digits + std::string(piece) + "\r\n";
    body.remove_prefix(piece.size());
  }
  return wire + "0\r\n\r\n";
}

TEST(BodyReader, ViewsASmallBodyWhereItArrived) {
  Feed feed("hello, world!NEXT", 17);
  BodyReader reader(plenty);

  const auto state = feed.run(reader, of_length(13), 1);

  EXPECT_EQ(state, BodyReader::State::kComplete);
  EXPECT_EQ(reader.view(), "hello, world!");
  EXPECT_TRUE(feed.is_in_block(reader.view()));
  EXPECT_EQ(feed.rest(reader), "NEXT");
  sum_of_padding(reader.view());
}

TEST(BodyReader, TakesNoBodyAsAnEmptyOne) {
  Feed feed("NEXT", 4);
  BodyReader reader(plenty);

  EXPECT_EQ(feed.run(reader, {}, 1), BodyReader::State::kComplete);
  EXPECT_EQ(reader.view(), "");
  EXPECT_NE(reader.view().data(), nullptr);
  EXPECT_EQ(feed.rest(reader), "NEXT");
}

TEST(BodyReader, CollectsBodiesOfEverySizeInPiecesOfEverySize) {
  for (std::size_t bytes : {1UL, 100UL, kBlockBytes - 200, kBlockBytes - 199, kBodyBytesFirst,
                            kBodyBytesFirst + 1, 300'000UL}) {
    for (std::size_t step : {1UL, 777UL, 1'000'000UL}) {
      const std::string body = numbers(bytes);
      Feed feed(body + "NEXT", 50);
      BodyReader reader(plenty);

      ASSERT_EQ(feed.run(reader, of_length(bytes), step), BodyReader::State::kComplete) << bytes;
      EXPECT_EQ(reader.view(), body);
      EXPECT_EQ(feed.is_in_block(reader.view()), bytes <= kBlockBytes - 200);
      EXPECT_EQ(feed.rest(reader), "NEXT");
      sum_of_padding(reader.view());
    }
  }
}

TEST(BodyReader, RefusesAnAnnouncementBeyondTheLimitAtOnce) {
  Feed feed("x", 1);
  BodyReader at_limit(plenty), beyond(plenty);

  EXPECT_EQ(Feed("x", 1).run(at_limit, of_length(100), 1, 100), BodyReader::State::kMore);
  EXPECT_EQ(feed.run(beyond, of_length(101), 1, 100), BodyReader::State::kRefused);
  EXPECT_EQ(beyond.rule(), Rule::kBodyTooLarge);
}

TEST(BodyReader, ALargeAnnouncementAllocatesOnlyTheFirstBuffer) {
  Feed feed(std::string(1000, 'x'), 1000);
  BodyReader reader(plenty);

  EXPECT_EQ(feed.run(reader, of_length(1ULL << 40), 1000, 1ULL << 41), BodyReader::State::kMore);
  EXPECT_LE(reader.space().size(), kBodyBytesFirst);
}

TEST(BodyReader, DecodesChunksInPlaceInPiecesOfEverySize) {
  for (std::size_t bytes : {0UL, 1UL, 5000UL, 40'000UL, 300'000UL}) {
    for (std::size_t step : {1UL, 2UL, 777UL, 1'000'000UL}) {
      for (std::size_t in_block : {0UL, 3UL, 1'000'000UL}) {
        const std::string body = numbers(bytes);
        Feed feed(chunked(body) + "NEXT", in_block);
        BodyReader reader(plenty);

        ASSERT_EQ(feed.run(reader, kChunked, step), BodyReader::State::kComplete) << bytes;
        EXPECT_EQ(reader.view(), body);
        EXPECT_EQ(feed.rest(reader), "NEXT");
        EXPECT_LE(reader.rest().size(), kBlockBytes) << "it has to fit into the next block";
        sum_of_padding(reader.view());
      }
    }
  }
}

TEST(BodyReader, RefusesAChunkBeyondTheLimitWhenItsSizeIsKnown) {
  BodyReader at_limit(plenty), beyond(plenty), sum(plenty);
  EXPECT_EQ(Feed("a\r\n0123456789\r\n0\r\n\r\n", 0).run(at_limit, kChunked, 1, 10),
            BodyReader::State::kComplete);
  EXPECT_EQ(Feed("b\r\n", 0).run(beyond, kChunked, 1, 10), BodyReader::State::kRefused);
  EXPECT_EQ(beyond.rule(), Rule::kBodyTooLarge);
  EXPECT_EQ(Feed("5\r\n01234\r\n6\r\n", 0).run(sum, kChunked, 1, 10), BodyReader::State::kRefused);
  EXPECT_EQ(sum.rule(), Rule::kBodyTooLarge);
}

TEST(BodyReader, RefusesBrokenChunks) {
  using namespace std::string_view_literals;
  for (std::string_view wire : {"\r\n"sv,
                                "0x5\r\n"sv,
                                "-1\r\n"sv,
                                "+5\r\n"sv,
                                " 5\r\n"sv,
                                "5 \r\n"sv,
                                "_\r\n"sv,
                                "g\r\n"sv,
                                "5_0\r\n"sv,
                                "11111111111111111\r\n"sv,
                                "5\n"sv,
                                "5\rx"sv,
                                "5;a\0b\r\n"sv,
                                "5;a\nb\r\n"sv,
                                "1\r\nab\r\n"sv,
                                "1\r\na\n"sv,
                                "1\r\na\rx"sv,
                                "0\r\nX\r\n\r\n"sv,
                                "0\r\n X: a\r\n\r\n"sv,
                                "0\r\nX: a\n\r\n"sv,
                                "0\r\nX: a\x01\r\n\r\n"sv,
                                "0\r\n\rx"sv,
                                "0\r\n: a\r\n\r\n"sv,
                                "0\n\n"sv,
                                ";a\r\n"sv}) {
    for (std::size_t step : {1UL, 100UL}) {
      BodyReader reader(plenty);
      EXPECT_EQ(Feed(std::string(wire), 0).run(reader, kChunked, step), BodyReader::State::kRefused)
          << wire;
      EXPECT_EQ(reader.rule(), Rule::kChunk) << wire;
    }
  }
}

TEST(BodyReader, LimitsChunkExtensionsOfAllChunksTogether) {
  const auto with_extensions = [](std::size_t bytes) {
    // The semicolons count for nothing.
    return "1;" + std::string(bytes - 10, 'a') + "\r\nx\r\n1;" + std::string(10, 'b') +
           "\r\ny\r\n0\r\n\r\n";
  };
  BodyReader at_limit(plenty), beyond(plenty);

  Feed feed(with_extensions(kChunkExtensionBytesMax), 0);
  EXPECT_EQ(feed.run(at_limit, kChunked, 1), BodyReader::State::kComplete);
  EXPECT_EQ(at_limit.view(), "xy");
  EXPECT_EQ(Feed(with_extensions(kChunkExtensionBytesMax + 1), 0).run(beyond, kChunked, 1),
            BodyReader::State::kRefused);
  EXPECT_EQ(beyond.rule(), Rule::kChunkExtension);
}

TEST(BodyReader, LimitsAndDropsTrailers) {
  const auto with_trailers = [](std::size_t bytes) {
    return "1\r\nx\r\n0\r\nA: b\r\nC: " + std::string(bytes - 11, 'd') + "\r\n\r\nNEXT";
  };
  BodyReader at_limit(plenty), beyond(plenty);
  Feed feed(with_trailers(kTrailerBytesMax), 0);

  EXPECT_EQ(feed.run(at_limit, kChunked, 1), BodyReader::State::kComplete);
  EXPECT_EQ(at_limit.view(), "x");
  EXPECT_EQ(feed.rest(at_limit), "NEXT");
  EXPECT_EQ(Feed(with_trailers(kTrailerBytesMax + 1), 0).run(beyond, kChunked, 1),
            BodyReader::State::kRefused);
  EXPECT_EQ(beyond.rule(), Rule::kTrailer);
}

TEST(BodyReader, SkipsABodyThatIsHereAndNoOther) {
  const auto skip = [](std::string wire, const Framing& framing) {
    BodyReader reader(plenty);
    reader.prepare(framing, {wire.data(), wire.size()}, wire.data() + wire.size());
    const bool skipped = reader.skip();
    if (skipped) {
      EXPECT_EQ(std::string_view(reader.rest().data(), reader.rest().size()), "NEXT");
    }
    return skipped;
  };
  EXPECT_TRUE(skip("NEXT", {}));
  EXPECT_TRUE(skip("bodyNEXT", of_length(4)));
  EXPECT_FALSE(skip("bod", of_length(4)));
  EXPECT_TRUE(skip("4\r\nbody\r\n0\r\n\r\nNEXT", kChunked));
  EXPECT_FALSE(skip("4\r\nbody\r\n0\r\n", kChunked));
  EXPECT_FALSE(skip("4\r\nbodyx", kChunked));
}

// Its buffer doubles up to the length: 64 KiB, 128, 256, 300 KiB and the padding.
TEST(BodyReader, HoldsMemoryUpToTheCeilingAndGivesAllOfItBack) {
  constexpr std::size_t kBytes = 300 * 1024;
  MemoryAccount exact(kBytes + kPaddingBytes);
  MemoryAccount short_of_one(kBytes + kPaddingBytes - 1);
  const std::string body(kBytes, 'b');
  {
    BodyReader fits(exact), beyond(short_of_one);
    Feed first(body, 0), second(body, 0);

    EXPECT_EQ(first.run(fits, of_length(kBytes), kReadBytesMax), BodyReader::State::kComplete);
    EXPECT_EQ(fits.view(), body);
    EXPECT_EQ(exact.held(), kBytes + kPaddingBytes);
    EXPECT_EQ(second.run(beyond, of_length(kBytes), kReadBytesMax), BodyReader::State::kRefused);
    EXPECT_EQ(beyond.rule(), Rule::kMemoryFull);
  }
  EXPECT_EQ(exact.held(), 0U);
  EXPECT_EQ(short_of_one.held(), 0U);
}

TEST(BodyReader, IsRefusedAtItsFirstBufferWhenTheMemoryIsFull) {
  MemoryAccount full(0);
  BodyReader of_known_length(full), chunked(full);
  Feed first(std::string(64 * 1024, 'b'), 0);
  Feed second("10000\r\n" + std::string(64 * 1024, 'b') + "\r\n0\r\n\r\n", kBlockBytes);

  EXPECT_EQ(first.run(of_known_length, of_length(64 * 1024), 1024), BodyReader::State::kRefused);
  EXPECT_EQ(of_known_length.rule(), Rule::kMemoryFull);
  EXPECT_EQ(second.run(chunked, kChunked, 1024), BodyReader::State::kRefused);
  EXPECT_EQ(chunked.rule(), Rule::kMemoryFull);
}

TEST(BodyReader, NeedsNoMemoryForABodyThatFitsItsBlock) {
  MemoryAccount full(0);
  BodyReader reader(full);
  Feed feed(std::string(20 * 1024, 'b'), 0);

  EXPECT_EQ(feed.run(reader, of_length(20 * 1024), 1024), BodyReader::State::kComplete);
}

}  // namespace
}  // namespace hookhost::http
