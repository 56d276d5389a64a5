// SPDX-License-Identifier: Apache-2.0
//
// Is it what others call HMAC, however the text is cut and however long the key is?
#include "auth/hmac.h"

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <string>

#include "base/encoding.h"

namespace hookhost::auth {
namespace {

std::string hex_of(const HmacKey& key, std::vector<std::string_view> pieces) {
  return hex_encode(key.mac(pieces).view());
}

// RFC 4231, test case 2; RFC 2202, test case 2.
TEST(Hmac, GivesThePublishedMacs) {
  constexpr std::string_view kText = "what do ya want for nothing?";
  EXPECT_EQ(hex_of(HmacKey(Digest::kSha256, "Jefe"), {kText}),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  EXPECT_EQ(hex_of(HmacKey(Digest::kSha1, "Jefe"), {kText}),
            "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79");
  EXPECT_EQ(hex_of(HmacKey(Digest::kSha512, "Jefe"), {kText}).substr(0, 32),
            "164b7a7bfcf819e2e395fbe73b56e0a3");
}
TEST(Hmac, DoesNotDependOnTheCuts) {
  const HmacKey key(Digest::kSha256, "k");
  EXPECT_EQ(hex_of(key, {"a", "", "bc"}), hex_of(key, {"abc"}));
  EXPECT_NE(hex_of(key, {"ab"}), hex_of(key, {"abc"}));
}
TEST(Hmac, AgreesWithOpensslOnBothSidesOfABlock) {
  const std::pair<Digest, const EVP_MD*> rows[] = {{Digest::kSha1, ::EVP_sha1()},
                                                   {Digest::kSha256, ::EVP_sha256()},
                                                   {Digest::kSha512, ::EVP_sha512()}};
  for (const auto& [digest, algorithm] : rows) {
    for (const int bytes : {0, 1, 63, 64, 65, 127, 128, 129, 1024}) {
      const std::string secret(static_cast<std::size_t>(bytes), 'k');
      const std::string text(static_cast<std::size_t>(bytes), 't');
      std::array<unsigned char, EVP_MAX_MD_SIZE> expected{};
      unsigned size = 0;
      ::HMAC(algorithm, secret.data(), bytes, reinterpret_cast<const unsigned char*>(text.data()),
             text.size(), expected.data(), &size);
      EXPECT_EQ(hex_of(HmacKey(digest, secret), {text}),
                hex_encode(std::as_bytes(std::span(expected).first(size))))
          << bytes;
    }
  }
}

}  // namespace
}  // namespace hookhost::auth
