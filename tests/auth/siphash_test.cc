// SPDX-License-Identifier: Apache-2.0
//
// Is it what others call SipHash-2-4 with 128 bits?
#include "auth/siphash.h"

#include <gtest/gtest.h>
#include <openssl/evp.h>

#include <memory>
#include <string>

#include "base/encoding.h"

namespace hookhost::auth {
namespace {

std::string text_of(std::size_t bytes) {
  std::string text;
  for (std::size_t i = 0; i < bytes; ++i) text.push_back(static_cast<char>(i));
  return text;
}
std::string bytes_of(const SipMac& mac) {
  std::string bytes;
  for (const std::uint64_t word : mac)
    for (int i = 0; i < 8; ++i) bytes.push_back(static_cast<char>(word >> (8 * i)));
  return bytes;
}

// The reference's vectors_sip128: key 00 01 .. 0f, text 00 01 .. of the length.
constexpr SipKey kReferenceKey{0x0706050403020100, 0x0f0e0d0c0b0a0908};
TEST(Siphash, GivesThePublishedMacs) {
  const auto mac = [](std::size_t bytes) {
    const std::string out = bytes_of(siphash(kReferenceKey, text_of(bytes)));
    return hex_encode(std::as_bytes(std::span(out)));
  };
  EXPECT_EQ(mac(0), "a3817f04ba25a8e66df67214c7550293");
  EXPECT_EQ(mac(1), "da87c1d86b99af44347659119b22fc45");
  EXPECT_EQ(mac(2), "8177228da4a45dc7fca38bdef60affe4");
}
TEST(Siphash, AgreesWithOpensslForEveryLength) {
  const std::unique_ptr<EVP_MAC, decltype(&::EVP_MAC_free)> algorithm(
      ::EVP_MAC_fetch(nullptr, "SIPHASH", nullptr), &::EVP_MAC_free);
  ASSERT_NE(algorithm, nullptr);
  const std::unique_ptr<EVP_MAC_CTX, decltype(&::EVP_MAC_CTX_free)> context(
      ::EVP_MAC_CTX_new(algorithm.get()), &::EVP_MAC_CTX_free);
  const std::string key = text_of(16);

  for (std::size_t bytes = 0; bytes <= 70; ++bytes) {
    const std::string text = text_of(bytes);
    std::string expected(16, '\0');
    std::size_t size = 0;
    ASSERT_EQ(::EVP_MAC_init(context.get(), reinterpret_cast<const unsigned char*>(key.data()),
                             key.size(), nullptr),
              1);
    ASSERT_EQ(::EVP_MAC_update(context.get(), reinterpret_cast<const unsigned char*>(text.data()),
                               text.size()),
              1);
    ASSERT_EQ(::EVP_MAC_final(context.get(), reinterpret_cast<unsigned char*>(expected.data()),
                              &size, expected.size()),
              1);
    EXPECT_EQ(bytes_of(siphash(kReferenceKey, text)), expected.substr(0, size)) << bytes;
  }
}

}  // namespace
}  // namespace hookhost::auth
