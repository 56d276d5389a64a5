// SPDX-License-Identifier: Apache-2.0
//
// Is it what RFC 8032 calls Ed25519? The golden signatures are in tests/data/signatures.
#include "auth/ed25519.h"

#include <gtest/gtest.h>

#include <array>
#include <vector>

#include "base/encoding.h"

namespace hookhost::auth {
namespace {

// RFC 8032 section 7.1, test 2.
constexpr std::string_view kPublicKey =
    "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c";
constexpr std::string_view kSignature =
    "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
    "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00";

std::vector<std::byte> bytes_of(std::string_view hex) {
  std::vector<std::byte> bytes(hex.size() / 2);
  EXPECT_TRUE(hex_decode(hex, bytes));
  return bytes;
}

TEST(Ed25519, KnowsThePublishedSignature) {
  const auto key = Ed25519Key::make(bytes_of(kPublicKey));
  ASSERT_TRUE(key);
  const std::vector<std::string_view> text{"r"}, cut{"", "r", ""}, other{"s"};

  EXPECT_TRUE(key->verify(bytes_of(kSignature), text));
  EXPECT_TRUE(key->verify(bytes_of(kSignature), cut));
  EXPECT_FALSE(key->verify(bytes_of(kSignature), other));
  auto changed = bytes_of(kSignature);
  changed[0] ^= std::byte{1};
  EXPECT_FALSE(key->verify(changed, text));
}
TEST(Ed25519, TakesNoKeyOfAnotherLength) {
  EXPECT_FALSE(Ed25519Key::make(bytes_of(kPublicKey.substr(2))));
  EXPECT_FALSE(Ed25519Key::make(bytes_of(kSignature)));
}

}  // namespace
}  // namespace hookhost::auth
