// SPDX-License-Identifier: Apache-2.0
//
// Is it what others call SHA-256?
#include "auth/digest.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "base/encoding.h"

namespace hookhost::auth {
namespace {

std::string hex_of(std::string_view text) {
  return hex_encode(sha256(std::as_bytes(std::span(text))));
}

// FIPS 180-2, appendix B.
TEST(Sha256, GivesThePublishedDigests) {
  EXPECT_EQ(hex_of(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(hex_of("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(hex_of("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}
TEST(Sha256, TakesItsTextInPiecesAndStartsAgain) {
  Sha256 hash;
  for (int round = 0; round < 2; ++round) {
    hash.update(std::as_bytes(std::span("ab", 2)));
    hash.update({});
    hash.update(std::as_bytes(std::span("c", 1)));
    EXPECT_EQ(hex_encode(hash.finish()),
              "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  }
}

}  // namespace
}  // namespace hookhost::auth
