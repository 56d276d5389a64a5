// SPDX-License-Identifier: Apache-2.0
#include "auth/digest.h"

#include <openssl/evp.h>

#include "base/check.h"

namespace hookhost::auth {
namespace {

// Fetched once: in OpenSSL 3 looking an algorithm up by name costs more than hashing a small text.
const EVP_MD* algorithm() {
  static EVP_MD* const md = ::EVP_MD_fetch(nullptr, "SHA256", nullptr);
  HOOKHOST_CHECK(md != nullptr);
  return md;
}

}  // namespace

void Sha256::Free::operator()(evp_md_ctx_st* context) const noexcept { ::EVP_MD_CTX_free(context); }

Sha256::Sha256() : context_(::EVP_MD_CTX_new()) {
  HOOKHOST_CHECK(context_ != nullptr);
  start();
}
Sha256::~Sha256() = default;
Sha256::Sha256(Sha256&&) noexcept = default;
Sha256& Sha256::operator=(Sha256&&) noexcept = default;

void Sha256::start() {
  HOOKHOST_CHECK(::EVP_DigestInit_ex2(context_.get(), algorithm(), nullptr) == 1);
}

void Sha256::update(std::span<const std::byte> bytes) {
  HOOKHOST_CHECK(::EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()) == 1);
}

Sha256Digest Sha256::finish() {
  Sha256Digest digest;
  HOOKHOST_CHECK(::EVP_DigestFinal_ex(context_.get(),
                                      reinterpret_cast<unsigned char*>(digest.data()),
                                      nullptr) == 1);
  start();
  return digest;
}

Sha256Digest sha256(std::span<const std::byte> bytes) {
  Sha256 hash;
  hash.update(bytes);
  return hash.finish();
}

}  // namespace hookhost::auth
