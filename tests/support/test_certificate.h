// SPDX-License-Identifier: Apache-2.0
//
// TestCertificate: a certificate and its key, made when the test runs: P-256, signed by itself or
// by another one. Its PEM texts are what an operator's files hold.
#pragma once

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <chrono>
#include <ctime>
#include <memory>
#include <string>

#include "base/check.h"
#include "base/clock.h"

namespace hookhost::test {

struct CertificateOptions {
  std::string name = "localhost";
  long serial = 1;
  SystemTime not_before = std::chrono::system_clock::now() - std::chrono::hours(1);
  SystemTime not_after = std::chrono::system_clock::now() + std::chrono::hours(24);
  const class TestCertificate* issuer = nullptr;  // nullptr: itself
};

class TestCertificate {
 public:
  explicit TestCertificate(const CertificateOptions& options = {})
      : key_(EVP_EC_gen("P-256"), ::EVP_PKEY_free), x509_(::X509_new(), ::X509_free) {
    X509* x509 = x509_.get();
    ::X509_set_version(x509, 2);  // version 3
    ASN1_INTEGER_set(::X509_get_serialNumber(x509), options.serial);
    set_time(::X509_getm_notBefore(x509), options.not_before);
    set_time(::X509_getm_notAfter(x509), options.not_after);
    ::X509_set_pubkey(x509, key_.get());
    ::X509_NAME_add_entry_by_txt(::X509_get_subject_name(x509), "CN", MBSTRING_ASC,
                                 reinterpret_cast<const unsigned char*>(options.name.c_str()), -1,
                                 -1, 0);
    const TestCertificate& issuer = options.issuer == nullptr ? *this : *options.issuer;
    ::X509_set_issuer_name(x509, ::X509_get_subject_name(issuer.x509_.get()));
    add_extension(NID_subject_alt_name, "DNS:localhost,IP:127.0.0.1");
    if (options.issuer == nullptr) add_extension(NID_basic_constraints, "critical,CA:TRUE");
    HOOKHOST_CHECK(::X509_sign(x509, issuer.key_.get(), ::EVP_sha256()) > 0);
  }

  std::string cert_pem() const {
    return print([this](BIO* out) { return PEM_write_bio_X509(out, x509_.get()); });
  }
  // passphrase: empty: none.
  std::string key_pem(std::string passphrase = {}) const {
    return print([&](BIO* out) {
      return ::PEM_write_bio_PrivateKey(
          out, key_.get(), passphrase.empty() ? nullptr : ::EVP_aes_128_cbc(), nullptr, 0, nullptr,
          passphrase.empty() ? nullptr : passphrase.data());
    });
  }

  X509* x509() const { return x509_.get(); }
  EVP_PKEY* key() const { return key_.get(); }

 private:
  static void set_time(ASN1_TIME* to, SystemTime at) {
    ASN1_TIME_set(to, std::chrono::system_clock::to_time_t(at));
  }

  void add_extension(int nid, const char* value) {
    X509_EXTENSION* extension = ::X509V3_EXT_conf_nid(nullptr, nullptr, nid, value);
    ::X509_add_ext(x509_.get(), extension, -1);
    ::X509_EXTENSION_free(extension);
  }

  template <class Write>
  static std::string print(Write write) {
    const std::unique_ptr<BIO, decltype(&::BIO_free)> out(::BIO_new(::BIO_s_mem()), ::BIO_free);
    HOOKHOST_CHECK(write(out.get()) == 1);
    char* text = nullptr;
    const long size = BIO_get_mem_data(out.get(), &text);
    return {text, static_cast<std::size_t>(size)};
  }

  std::unique_ptr<EVP_PKEY, decltype(&::EVP_PKEY_free)> key_;
  std::unique_ptr<X509, decltype(&::X509_free)> x509_;
};

}  // namespace hookhost::test
