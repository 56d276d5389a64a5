// SPDX-License-Identifier: Apache-2.0
// Which copy may a browser get, and does it have one already?
#include "pages/negotiation.h"

#include <gtest/gtest.h>

#include <vector>

namespace hookhost::pages {
namespace {

bool accepts(std::vector<Header> headers) {
  RequestHead head;
  head.headers = headers;
  return accepts_gzip(head);
}

bool has(std::string_view if_none_match, std::string_view etag = "\"abc\"") {
  const Header headers[] = {{"If-None-Match", if_none_match}};
  RequestHead head;
  head.headers = headers;
  return has_copy(head, etag);
}

TEST(AcceptEncoding, TakesGzipWhenItIsListed) {
  EXPECT_TRUE(accepts({{"Accept-Encoding", "gzip"}}));
  EXPECT_TRUE(accepts({{"accept-encoding", "deflate, GZIP;q=0.5, br"}}));
  EXPECT_TRUE(accepts({{"Accept-Encoding", "x-gzip"}}));
  EXPECT_TRUE(accepts({{"Accept-Encoding", "br"}, {"Accept-Encoding", "gzip"}}));
  EXPECT_TRUE(accepts({{"Accept-Encoding", "gzip ; q=0.001"}}));
  EXPECT_TRUE(accepts({{"Accept-Encoding", "*"}}));
}

TEST(AcceptEncoding, RefusesGzipWhenItIsNotWanted) {
  EXPECT_FALSE(accepts({}));
  EXPECT_FALSE(accepts({{"Accept-Encoding", ""}}));
  EXPECT_FALSE(accepts({{"Accept-Encoding", "br, deflate"}}));
  EXPECT_FALSE(accepts({{"Accept-Encoding", "gzipped"}}));
  EXPECT_FALSE(accepts({{"Accept-Encoding", "gzip;q=0"}}));
  EXPECT_FALSE(accepts({{"Accept-Encoding", "gzip;Q=0.000"}}));
  EXPECT_FALSE(accepts({{"Accept-Encoding", "gzip; q = 0."}}));
  EXPECT_FALSE(accepts({{"Accept-Encoding", "*;q=0"}}));
}

TEST(AcceptEncoding, LetsTheNamedCodingWinOverTheStar) {
  EXPECT_FALSE(accepts({{"Accept-Encoding", "*, gzip;q=0"}}));
  EXPECT_TRUE(accepts({{"Accept-Encoding", "gzip, *;q=0"}}));
}

TEST(IfNoneMatch, FindsTheEtagInAList) {
  EXPECT_TRUE(has("\"abc\""));
  EXPECT_TRUE(has("\"x\", \"abc\""));
  EXPECT_TRUE(has("\"x\" , W/\"abc\", \"y\""));
  EXPECT_TRUE(has("\"a,b\",\"abc\""));
  EXPECT_TRUE(has("*"));
}

TEST(IfNoneMatch, FindsNothingElse) {
  EXPECT_FALSE(has(""));
  EXPECT_FALSE(has("\"abcd\""));
  EXPECT_FALSE(has("abc"));
  EXPECT_FALSE(has("\"abc"));
  EXPECT_FALSE(has("\"x\", *"));
  EXPECT_FALSE(has("x, \"abc\""));
}

TEST(EtagOf, DiffersWhenOneByteDiffers) {
  EXPECT_EQ(etag_of("abc"), etag_of("abc"));
  EXPECT_NE(etag_of("abc"), etag_of("abd"));
  EXPECT_NE(etag_of(""), etag_of(std::string_view("\0", 1)));
  EXPECT_TRUE(etag_of("").starts_with('"') && etag_of("").ends_with('"'));
}

}  // namespace
}  // namespace hookhost::pages
