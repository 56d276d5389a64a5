// SPDX-License-Identifier: Apache-2.0
//
// Certificate: what a host proves itself with over TLS: its certificate, those between it and a
// root, and the private key, read from PEM files and judged before anybody relies on them. Asks no
// terminal for a passphrase. Pure but for the files. Any thread.
#pragma once

#include <filesystem>
#include <memory>
#include <vector>

#include "base/clock.h"
#include "base/result.h"

struct evp_pkey_st;
struct x509_st;

namespace hookhost::http {

struct OpenSslFree {
  void operator()(x509_st* certificate) const noexcept;
  void operator()(evp_pkey_st* key) const noexcept;
};
using X509Certificate = std::unique_ptr<x509_st, OpenSslFree>;
using PrivateKey = std::unique_ptr<evp_pkey_st, OpenSslFree>;

// No chain and no bundle of authorities is larger.
inline constexpr std::size_t kPemBytesMax = 1024 * 1024;

// Every certificate of the file, in its order; at least one. name: of the setting, for messages.
// kNotFound, kDenied: it cannot be read; kInvalid: something else than PEM certificates. Other PEM
// blocks are passed over.
Result<std::vector<X509Certificate>> read_certificates(std::string_view name,
                                                       const std::filesystem::path& file);

struct Certificate {
  std::vector<X509Certificate> chain;  // our own first
  PrivateKey key;
  SystemTime not_after;  // of the one of the chain that ends first
};

// Errors name the file and the rule: as above; kDenied: everybody on this machine may use the key;
// kInvalid: expired or not valid yet at that time, a key that is no PEM, has a passphrase or
// belongs to another certificate.
Result<Certificate> read_certificate(const std::filesystem::path& cert_file,
                                     const std::filesystem::path& key_file, SystemTime now);

}  // namespace hookhost::http
