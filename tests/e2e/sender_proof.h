// SPDX-License-Identifier: Apache-2.0
//
// What senders compute: MACs, signatures and their texts, made by OpenSSL and not by the code under
// test.
#pragma once

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>
#include <chrono>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/encoding.h"

namespace hookhost::e2e {

// Unix seconds, as senders write them.
inline std::string now(std::chrono::seconds later = {}) {
  const auto since = std::chrono::system_clock::now().time_since_epoch() + later;
  return std::to_string(std::chrono::duration_cast<std::chrono::seconds>(since).count());
}

// HMAC.
inline std::string mac(std::string_view key, std::string_view text,
                       const EVP_MD* digest = ::EVP_sha256()) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> out{};
  unsigned size = 0;
  ::HMAC(digest, key.data(), static_cast<int>(key.size()),
         reinterpret_cast<const unsigned char*>(text.data()), text.size(), out.data(), &size);
  return {reinterpret_cast<const char*>(out.data()), size};
}
inline std::string hex(std::string_view bytes) {
  return hex_encode(std::as_bytes(std::span(bytes)));
}
inline std::string base64(std::string_view bytes) {
  return base64_encode(std::as_bytes(std::span(bytes)));
}

// A sender with a key pair of Ed25519, such as Discord's side of an application.
class Signer {
 public:
  Signer() : key_(::EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"), &::EVP_PKEY_free) {}

  std::string public_key() const {
    std::string bytes(32, '\0');
    std::size_t size = bytes.size();
    EXPECT_EQ(::EVP_PKEY_get_raw_public_key(key_.get(),
                                            reinterpret_cast<unsigned char*>(bytes.data()), &size),
              1);
    return bytes;
  }
  std::string sign(std::string_view text) const {
    const std::unique_ptr<EVP_MD_CTX, decltype(&::EVP_MD_CTX_free)> context(::EVP_MD_CTX_new(),
                                                                            &::EVP_MD_CTX_free);
    std::string bytes(64, '\0');
    std::size_t size = bytes.size();
    EXPECT_EQ(::EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key_.get()), 1);
    EXPECT_EQ(::EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(bytes.data()), &size,
                               reinterpret_cast<const unsigned char*>(text.data()), text.size()),
              1);
    return bytes;
  }

 private:
  std::unique_ptr<EVP_PKEY, decltype(&::EVP_PKEY_free)> key_;
};

}  // namespace hookhost::e2e
