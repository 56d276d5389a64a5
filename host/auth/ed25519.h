// SPDX-License-Identifier: Apache-2.0
//
// Ed25519 signatures (RFC 8032) over OpenSSL: the public key, checked once. Immutable: any thread.
// The algorithm reads the text twice and OpenSSL takes it in one piece, so a text that comes in
// pieces is copied. verify() allocates, and takes about 100 µs even for a small text.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

extern "C" {
struct evp_pkey_st;  // EVP_PKEY, so that no other room sees an OpenSSL header
}

namespace hookhost::auth {

inline constexpr std::size_t kEd25519KeyBytes = 32;
inline constexpr std::size_t kEd25519SignatureBytes = 64;

class Ed25519Key {
 public:
  // Nothing: not kEd25519KeyBytes bytes.
  static std::optional<Ed25519Key> make(std::span<const std::byte> key);

  // Throws std::bad_alloc.
  bool verify(std::span<const std::byte> signature, std::span<const std::string_view> pieces) const;

 private:
  explicit Ed25519Key(std::shared_ptr<evp_pkey_st> key) : key_(std::move(key)) {}
  std::shared_ptr<evp_pkey_st> key_;
};

}  // namespace hookhost::auth
