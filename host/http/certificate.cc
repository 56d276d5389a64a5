// SPDX-License-Identifier: Apache-2.0
#include "http/certificate.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <ctime>

#include "base/secret.h"
#include "base/unique_fd.h"

namespace hookhost::http {
namespace {

constexpr std::string_view kCertFile = "tls.cert_file";
constexpr std::string_view kKeyFile = "tls.key_file";

// A file of the configuration, as messages name it.
struct PemFile {
  std::string_view name;
  const std::filesystem::path& path;

  Error refuse(ErrorCode code, std::string_view why, std::string fix = {}) const {
    return {code, fmt::format("{} {}: {}", name, path.native(), why), std::move(fix)};
  }
};

struct BioFree {
  void operator()(BIO* bio) const noexcept { ::BIO_free(bio); }
};
using Bio = std::unique_ptr<BIO, BioFree>;

Bio reader_of(std::string_view text) {
  return Bio(::BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

Result<Secret> read_file(const PemFile& file, bool is_private) {
  const UniqueFd fd(::open(file.path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!fd) {
    const ErrorCode code = errno == ENOENT   ? ErrorCode::kNotFound
                           : errno == EACCES ? ErrorCode::kDenied
                                             : ErrorCode::kInvalid;
    return file.refuse(code, std::strerror(errno));
  }
  struct stat status {};
  if (::fstat(fd.get(), &status) != 0 || !S_ISREG(status.st_mode))
    return file.refuse(ErrorCode::kInvalid, "not a file");
  if (is_private && (status.st_mode & (S_IROTH | S_IWOTH)) != 0)
    return file.refuse(
        ErrorCode::kDenied,
        fmt::format("everybody on this machine may use it (mode {:04o})", status.st_mode & 07777),
        fmt::format("chmod 600 {}", file.path.native()));
  std::string text(kPemBytesMax + 1, '\0');
  std::size_t filled = 0;
  while (filled < text.size()) {
    const ssize_t got = ::read(fd.get(), text.data() + filled, text.size() - filled);
    if (got < 0) return file.refuse(ErrorCode::kInvalid, std::strerror(errno));
    if (got == 0) break;
    filled += static_cast<std::size_t>(got);
  }
  text.resize(filled);
  if (filled > kPemBytesMax)
    return file.refuse(ErrorCode::kInvalid, fmt::format("more than {} bytes", kPemBytesMax));
  return Secret(std::move(text));
}

// In place of OpenSSL's own, which asks the terminal. *user: somebody was asked.
int no_passphrase(char*, int, int, void* user) {
  *static_cast<bool*>(user) = true;
  return -1;
}

Result<PrivateKey> read_key(const PemFile& file) {
  const auto text = read_file(file, true);
  if (!text) return text.error();
  bool has_passphrase = false;
  PrivateKey key(::PEM_read_bio_PrivateKey(reader_of(text->reveal()).get(), nullptr, no_passphrase,
                                           &has_passphrase));
  ::ERR_clear_error();
  if (key != nullptr) return key;
  if (has_passphrase)
    return file.refuse(ErrorCode::kInvalid, "it has a passphrase, and nobody is there to type it",
                       fmt::format("openssl pkey -in {} -out FILE", file.path.native()));
  return file.refuse(ErrorCode::kInvalid, "no private key in PEM form",
                     fmt::format("openssl pkey -in {} -noout", file.path.native()));
}

// "2026-11-25 14:10:00 UTC".
std::string print_moment(const ASN1_TIME* moment) {
  std::tm utc{};
  if (::ASN1_TIME_to_tm(moment, &utc) != 1) return "a time that is none";
  return fmt::format("{:04}-{:02}-{:02} {:02}:{:02}:{:02} UTC", 1900 + utc.tm_year, utc.tm_mon + 1,
                     utc.tm_mday, utc.tm_hour, utc.tm_min, utc.tm_sec);
}

// SystemTime::max(), in 2262, for one without an end: RFC 5280 4.1.2.5 writes 9999-12-31. The same
// for a time that OpenSSL cannot read: check_time() has refused that of our own.
SystemTime end_of(const X509Certificate& certificate) {
  std::tm utc{};
  if (::ASN1_TIME_to_tm(::X509_get0_notAfter(certificate.get()), &utc) != 1)
    return SystemTime::max();
  const std::chrono::sys_seconds end{std::chrono::seconds(::timegm(&utc))};
  const auto last = std::chrono::floor<std::chrono::seconds>(SystemTime::max());
  return end < last ? SystemTime(end) : SystemTime::max();
}

SystemTime end_of(const std::vector<X509Certificate>& chain) {
  SystemTime end = SystemTime::max();
  for (const X509Certificate& certificate : chain) end = std::min(end, end_of(certificate));
  return end;
}

// 0 is a time that OpenSSL cannot read: no certificate to rely on.
Status check_time(const PemFile& file, const X509& certificate, SystemTime now) {
  std::time_t seconds = std::chrono::system_clock::to_time_t(now);
  const ASN1_TIME* begin = ::X509_get0_notBefore(&certificate);
  const ASN1_TIME* end = ::X509_get0_notAfter(&certificate);
  if (::X509_cmp_time(end, &seconds) <= 0)
    return file.refuse(ErrorCode::kInvalid, fmt::format("it expired on {}", print_moment(end)),
                       "renew it; a running host takes the new one with SIGHUP");
  if (const int order = ::X509_cmp_time(begin, &seconds); order >= 0)
    return file.refuse(ErrorCode::kInvalid,
                       fmt::format("it is not valid before {}", print_moment(begin)),
                       "look at this machine's clock: date");
  return {};
}

}  // namespace

void OpenSslFree::operator()(x509_st* certificate) const noexcept { ::X509_free(certificate); }
void OpenSslFree::operator()(evp_pkey_st* key) const noexcept { ::EVP_PKEY_free(key); }

Result<std::vector<X509Certificate>> read_certificates(std::string_view name,
                                                       const std::filesystem::path& path) {
  const PemFile file{name, path};
  const auto text = read_file(file, false);
  if (!text) return text.error();
  std::vector<X509Certificate> all;
  const Bio reader = reader_of(text->reveal());
  while (x509_st* next = ::PEM_read_bio_X509(reader.get(), nullptr, nullptr, nullptr))
    all.emplace_back(next);
  const unsigned long last = ::ERR_peek_last_error();
  ::ERR_clear_error();
  // The end of the file is the one error that every reading ends with.
  if (all.empty() || ERR_GET_REASON(last) != PEM_R_NO_START_LINE)
    return file.refuse(ErrorCode::kInvalid, "no certificate in PEM form",
                       fmt::format("openssl x509 -in {} -noout -text", path.native()));
  return all;
}

Result<Certificate> read_certificate(const std::filesystem::path& cert_file,
                                     const std::filesystem::path& key_file, SystemTime now) {
  const PemFile file{kCertFile, cert_file};
  auto chain = read_certificates(kCertFile, cert_file);
  if (!chain) return std::move(chain).error();
  const X509Certificate& own = chain->front();
  if (Status valid = check_time(file, *own, now); !valid) return std::move(valid).error();

  const PemFile private_file{kKeyFile, key_file};
  auto key = read_key(private_file);
  if (!key) return std::move(key).error();
  const bool fits = ::X509_check_private_key(own.get(), key->get()) == 1;
  ::ERR_clear_error();
  if (!fits)
    return private_file.refuse(
        ErrorCode::kInvalid, fmt::format("it is not the key of {}", cert_file.native()),
        "name the two files that were made together; the host's own certificate stands first");
  const SystemTime end = end_of(*chain);
  return Certificate{*std::move(chain), *std::move(key), end};
}

}  // namespace hookhost::http
