// SPDX-License-Identifier: Apache-2.0
//
// Is a certificate with which the host could not serve refused, and does the message name the file
// and the rule?
#include "http/certificate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/temp_dir.h"
#include "support/test_certificate.h"

namespace hookhost::http {
namespace {

using namespace std::chrono_literals;
using test::TestCertificate;
using ::testing::EndsWith;
using ::testing::StartsWith;

constexpr SystemTime kBegin{std::chrono::seconds{1'788'264'000}};  // 2026-09-01 12:00:00 UTC
constexpr SystemTime kEnd = kBegin + std::chrono::hours(24);

class ReadCertificate : public ::testing::Test {
 protected:
  static TestCertificate make() {
    return TestCertificate({.not_before = kBegin, .not_after = kEnd});
  }

  Result<Certificate> read(SystemTime now = kBegin + 1h) const {
    return read_certificate(folder_ / "cert.pem", folder_ / "key.pem", now);
  }
  Error refusal(SystemTime now = kBegin + 1h) const {
    auto read_one = read(now);
    EXPECT_FALSE(read_one);
    return read_one ? Error{} : read_one.error();
  }
  std::string cert_name() const { return "tls.cert_file " + (folder_ / "cert.pem").native(); }
  std::string key_name() const { return "tls.key_file " + (folder_ / "key.pem").native(); }
  void write(const TestCertificate& certificate) {
    folder_.write("cert.pem", certificate.cert_pem(), 0644);
    folder_.write("key.pem", certificate.key_pem());
  }

  test::TempDir folder_;
};

TEST_F(ReadCertificate, TakesACertificateWithItsKey) {
  write(make());
  const auto certificate = read();
  ASSERT_TRUE(certificate);
  EXPECT_EQ(certificate.value().chain.size(), 1U);
}

TEST_F(ReadCertificate, TakesTheChainInItsOrderAndPassesOtherBlocksOver) {
  const TestCertificate root({.name = "root"});
  const TestCertificate own({.not_before = kBegin, .not_after = kEnd, .issuer = &root});
  folder_.write("cert.pem", own.key_pem() + own.cert_pem() + root.cert_pem());
  folder_.write("key.pem", own.key_pem());
  const auto certificate = read();
  ASSERT_TRUE(certificate);
  ASSERT_EQ(certificate.value().chain.size(), 2U);
  EXPECT_EQ(X509_cmp(certificate.value().chain[0].get(), own.x509()), 0);
}

TEST_F(ReadCertificate, EndsWithTheFirstOfItsChain) {
  write(make());
  EXPECT_EQ(read().value().not_after, kEnd);
  const TestCertificate short_lived(
      {.name = "between", .not_before = kBegin, .not_after = kEnd - 1h});
  const TestCertificate own = make();
  folder_.write("cert.pem", own.cert_pem() + short_lived.cert_pem(), 0644);
  folder_.write("key.pem", own.key_pem());
  EXPECT_EQ(read().value().not_after, kEnd - 1h);
}

TEST_F(ReadCertificate, HasNoEndWhereItIsWrittenForEver) {
  const TestCertificate own = make();
  ASN1_TIME_set_string_X509(X509_getm_notAfter(own.x509()), "99991231235959Z");
  X509_sign(own.x509(), own.key(), EVP_sha256());
  write(own);
  EXPECT_EQ(read().value().not_after, SystemTime::max());
}

TEST_F(ReadCertificate, NamesTheFileThatIsMissing) {
  EXPECT_EQ(refusal().message, cert_name() + ": No such file or directory");
  EXPECT_EQ(refusal().code, ErrorCode::kNotFound);
  folder_.write("cert.pem", make().cert_pem());
  EXPECT_EQ(refusal().message, key_name() + ": No such file or directory");
}

TEST_F(ReadCertificate, RefusesWhatIsNoPem) {
  for (const char* text : {"", "no certificate", "-----BEGIN CERTIFICATE-----\nAAAA\n"}) {
    folder_.write("cert.pem", text);
    EXPECT_EQ(refusal().message, cert_name() + ": no certificate in PEM form") << text;
  }
  write(make());
  folder_.write("key.pem", "no key");
  EXPECT_EQ(refusal().message, key_name() + ": no private key in PEM form");
}

TEST_F(ReadCertificate, RefusesAChainThatBreaksOff) {
  write(make());
  const std::string whole = make().cert_pem();
  folder_.write("cert.pem", whole + whole.substr(0, whole.size() / 2));
  EXPECT_EQ(refusal().message, cert_name() + ": no certificate in PEM form");
}

TEST_F(ReadCertificate, RefusesTheKeyOfAnotherCertificate) {
  write(make());
  folder_.write("key.pem", make().key_pem());
  EXPECT_EQ(refusal().message,
            key_name() + ": it is not the key of " + (folder_ / "cert.pem").native());
}

TEST_F(ReadCertificate, AsksNobodyForAPassphrase) {
  const TestCertificate certificate = make();
  write(certificate);
  folder_.write("key.pem", certificate.key_pem("secret"));
  EXPECT_EQ(refusal().message,
            key_name() + ": it has a passphrase, and nobody is there to type it");
}

TEST_F(ReadCertificate, RefusesAKeyThatEverybodyMayRead) {
  const TestCertificate certificate = make();
  write(certificate);
  for (const unsigned mode : {0400U, 0600U, 0640U, 0660U}) {
    folder_.write("key.pem", certificate.key_pem(), mode);
    EXPECT_TRUE(read()) << mode;
  }
  for (const unsigned mode : {0644U, 0604U, 0602U}) {
    std::filesystem::remove(folder_ / "key.pem");
    folder_.write("key.pem", certificate.key_pem(), mode);
    const Error error = refusal();
    EXPECT_EQ(error.code, ErrorCode::kDenied);
    EXPECT_THAT(error.message,
                StartsWith(key_name() + ": everybody on this machine may use it (mode 0"));
    EXPECT_EQ(error.fix, "chmod 600 " + (folder_ / "key.pem").native());
  }
}

TEST_F(ReadCertificate, ServesUntilTheLastSecondOfACertificate) {
  write(make());
  EXPECT_TRUE(read(kEnd - 1s));
  EXPECT_EQ(refusal(kEnd).message, cert_name() + ": it expired on 2026-09-02 12:00:00 UTC");
}

TEST_F(ReadCertificate, ServesFromItsFirstSecondOn) {
  write(make());
  EXPECT_TRUE(read(kBegin));
  EXPECT_THAT(refusal(kBegin - 1s).message,
              EndsWith(": it is not valid before 2026-09-01 12:00:00 UTC"));
}

TEST_F(ReadCertificate, RefusesAFileThatIsNone) {
  std::filesystem::create_directory(folder_ / "cert.pem");
  EXPECT_EQ(refusal().message, cert_name() + ": not a file");
  std::filesystem::remove(folder_ / "cert.pem");
  folder_.write("cert.pem", std::string(kPemBytesMax + 1, 'x'));
  EXPECT_EQ(refusal().message, cert_name() + ": more than 1048576 bytes");
}

}  // namespace
}  // namespace hookhost::http
