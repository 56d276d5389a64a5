// SPDX-License-Identifier: Apache-2.0
//
// SHA-256 over OpenSSL: of staged libraries, of bodies, of credentials. Not for the hot path: a
// context costs an allocation. One object belongs to one thread at a time; sha256() runs on any.
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <span>

extern "C" {
struct evp_md_ctx_st;  // EVP_MD_CTX, so that no other room sees an OpenSSL header
}

namespace hookhost::auth {

inline constexpr std::size_t kSha256Bytes = 32;
using Sha256Digest = std::array<std::byte, kSha256Bytes>;

// A digest of what comes in pieces. OpenSSL failing here means that it is broken or that memory is
// gone: HOOKHOST_CHECK.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(Sha256&&) noexcept;
  Sha256& operator=(Sha256&&) noexcept;

  void update(std::span<const std::byte> bytes);

  // The digest of everything since the construction or the last finish(), and a fresh start.
  Sha256Digest finish();

 private:
  struct Free {
    void operator()(evp_md_ctx_st* context) const noexcept;
  };
  void start();
  std::unique_ptr<evp_md_ctx_st, Free> context_;
};

Sha256Digest sha256(std::span<const std::byte> bytes);

}  // namespace hookhost::auth
