// SPDX-License-Identifier: Apache-2.0
#include "auth/ed25519.h"

#include <openssl/err.h>
#include <openssl/evp.h>

#include <new>
#include <string>

namespace hookhost::auth {
namespace {

const unsigned char* bytes_of(const void* place) {
  return static_cast<const unsigned char*>(place);
}

std::string joined(std::span<const std::string_view> pieces) {
  std::size_t size = 0;
  for (const std::string_view piece : pieces) size += piece.size();
  std::string text;
  text.reserve(size);
  for (const std::string_view piece : pieces) text += piece;
  return text;
}

}  // namespace

std::optional<Ed25519Key> Ed25519Key::make(std::span<const std::byte> key) {
  if (key.size() != kEd25519KeyBytes) return std::nullopt;
  std::shared_ptr<EVP_PKEY> made(
      ::EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, bytes_of(key.data()), key.size()),
      &::EVP_PKEY_free);
  if (made == nullptr) throw std::bad_alloc();
  return Ed25519Key(std::move(made));
}

bool Ed25519Key::verify(std::span<const std::byte> signature,
                        std::span<const std::string_view> pieces) const {
  const std::string text = joined(pieces);
  const std::unique_ptr<EVP_MD_CTX, decltype(&::EVP_MD_CTX_free)> context(::EVP_MD_CTX_new(),
                                                                          &::EVP_MD_CTX_free);
  if (context == nullptr ||
      ::EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key_.get()) != 1) {
    throw std::bad_alloc();
  }
  const bool is_right =
      ::EVP_DigestVerify(context.get(), bytes_of(signature.data()), signature.size(),
                         bytes_of(text.data()), text.size()) == 1;
  if (!is_right) ::ERR_clear_error();  // of this thread: TLS would find it
  return is_right;
}

}  // namespace hookhost::auth
