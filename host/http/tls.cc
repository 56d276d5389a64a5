// SPDX-License-Identifier: Apache-2.0
//
// The settings of a context, its two callbacks (ALPN, tickets) and the reasons of failures. Nothing
// here is called for a request, only for a handshake.
#include "http/tls.h"

#include <fmt/format.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "base/check.h"
#include "http/certificate.h"

namespace hookhost::http {
namespace {

// Of TLS 1.2: every suite has forward secrecy and an AEAD (RFC 9325 4.2). Those of TLS 1.3 all do.
constexpr const char* kCiphers = "ECDHE+AESGCM:ECDHE+CHACHA20";

// RFC 7301: a client that names its protocols and not ours would misread every answer.
int choose_protocol(SSL*, const unsigned char** chosen, unsigned char* chosen_size,
                    const unsigned char* offered, unsigned int offered_size, void*) {
  static constexpr std::string_view kOurs = "http/1.1";
  for (unsigned int at = 0; at < offered_size; at += 1U + offered[at]) {
    const std::string_view name(reinterpret_cast<const char*>(offered) + at + 1, offered[at]);
    if (name != kOurs) continue;
    *chosen = offered + at + 1;
    *chosen_size = offered[at];
    return SSL_TLSEXT_ERR_OK;
  }
  return SSL_TLSEXT_ERR_ALERT_FATAL;
}

bool start_mac(EVP_MAC_CTX* mac, const TicketKey& key) {
  auto* bytes = const_cast<unsigned char*>(key.mac.data());  // they are read
  char digest[] = "SHA256";
  const OSSL_PARAM parameters[] = {
      ::OSSL_PARAM_construct_octet_string(OSSL_MAC_PARAM_KEY, bytes, key.mac.size()),
      ::OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
      ::OSSL_PARAM_construct_end()};
  return ::EVP_MAC_CTX_set_params(mac, parameters) == 1;
}

// Of SSL_CTX_set_tlsext_ticket_key_evp_cb: 1: done, 2: done, and the client gets a new one, 0: no
// such key, so a full handshake, -1: failed.
int use_ticket_key(SSL* ssl, unsigned char* name, unsigned char* iv, EVP_CIPHER_CTX* cipher,
                   EVP_MAC_CTX* mac, int is_sealing) {
  auto& reader = *static_cast<PublishedTls::Reader*>(SSL_get_app_data(ssl));
  const TicketKeys& keys = reader.ticket_keys();
  if (is_sealing != 0) {
    const TicketKey& key = keys.current();
    std::ranges::copy(key.name, name);
    const bool is_ready =
        ::RAND_bytes(iv, EVP_CIPHER_get_iv_length(EVP_aes_256_cbc())) == 1 &&
        ::EVP_EncryptInit_ex2(cipher, EVP_aes_256_cbc(), key.cipher.data(), iv, nullptr) == 1;
    return is_ready && start_mac(mac, key) ? 1 : -1;
  }
  const TicketKey* key = keys.find(std::span<const unsigned char, 16>(name, 16));
  if (key == nullptr) return 0;
  const bool is_ready =
      ::EVP_DecryptInit_ex2(cipher, EVP_aes_256_cbc(), key->cipher.data(), iv, nullptr) == 1;
  if (!is_ready || !start_mac(mac, *key)) return -1;
  return key == &keys.current() ? 1 : 2;
}

Error last_error(std::string_view what) {
  const char* reason = ::ERR_reason_error_string(::ERR_peek_last_error());
  ::ERR_clear_error();
  return {
      ErrorCode::kInvalid, fmt::format("{}: {}", what, reason == nullptr ? "refused" : reason), {}};
}

void set_up(SSL_CTX* context) {
  HOOKHOST_CHECK(::SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) == 1);
  HOOKHOST_CHECK(::SSL_CTX_set_cipher_list(context, kCiphers) == 1);
  // Most clients end without close_notify, and every message says its own length: such an end is as
  // good as any other.
  ::SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_IGNORE_UNEXPECTED_EOF);
  // Idle connections hold no buffers; an answer that waits is offered again from where it lies
  // then.
  ::SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                                  SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  ::SSL_CTX_set_read_ahead(context, 1);  // one call for a record, not two
  ::SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  ::SSL_CTX_set_timeout(context, std::chrono::seconds(TicketKeys::kAge).count());
  ::SSL_CTX_set_tlsext_ticket_key_evp_cb(context, use_ticket_key);
  ::SSL_CTX_set_alpn_select_cb(context, choose_protocol, nullptr);
  // Tickets hold it, and those of another context do not fit: what was agreed under another
  // certificate is agreed anew.
  std::array<unsigned char, SSL_MAX_SID_CTX_LENGTH> id;
  HOOKHOST_CHECK(::RAND_bytes(id.data(), static_cast<int>(id.size())) == 1);
  HOOKHOST_CHECK(::SSL_CTX_set_session_id_context(context, id.data(), id.size()) == 1);
}

Status demand_client_certificate(SSL_CTX* context, const std::filesystem::path& ca_file) {
  const auto authorities = read_certificates("tls.client_ca_file", ca_file);
  if (!authorities) return authorities.error();
  for (const X509Certificate& authority : authorities.value()) {
    HOOKHOST_CHECK(::X509_STORE_add_cert(::SSL_CTX_get_cert_store(context), authority.get()) == 1);
    HOOKHOST_CHECK(::SSL_CTX_add_client_CA(context, authority.get()) == 1);  // a hint, by its name
  }
  ::SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  return {};
}

}  // namespace

Result<TlsContext> load_tls(const TlsOptions& options, SystemTime now) {
  auto certificate = read_certificate(options.cert_file, options.key_file, now);
  if (!certificate) return std::move(certificate).error();
  TlsContext context(::SSL_CTX_new(::TLS_server_method()), ::SSL_CTX_free);
  HOOKHOST_CHECK(context != nullptr);
  set_up(context.get());
  const std::string cert_name = "tls.cert_file " + options.cert_file.native();
  const auto& chain = certificate->chain;
  if (::SSL_CTX_use_certificate(context.get(), chain.front().get()) != 1)
    return last_error(cert_name);
  for (std::size_t i = 1; i < chain.size(); ++i) {
    if (SSL_CTX_add1_chain_cert(context.get(), chain[i].get()) != 1) return last_error(cert_name);
  }
  if (::SSL_CTX_use_PrivateKey(context.get(), certificate->key.get()) != 1)
    return last_error("tls.key_file " + options.key_file.native());
  if (!options.client_ca_file.empty()) {
    Status demanded = demand_client_certificate(context.get(), options.client_ca_file);
    if (!demanded) return std::move(demanded).error();
  }
  return context;
}

PublishedTls::PublishedTls(TlsContext first, const Clock& clock)
    : clock_(clock), context_(std::move(first)), keys_(clock.monotonic_now()) {
  HOOKHOST_CHECK(context_ != nullptr);
}

void PublishedTls::publish(TlsContext next) {
  HOOKHOST_CHECK(next != nullptr);
  const MutexLock lock(mutex_);
  context_.swap(next);
  generation_.fetch_add(1, std::memory_order_release);
}

PublishedTls::Reader::Reader(PublishedTls& published)
    : published_(published), keys_(published.clock_.monotonic_now()) {
  refresh();
}

void PublishedTls::Reader::refresh() {
  const MutexLock lock(published_.mutex_);
  published_.keys_.rotate(published_.clock_.monotonic_now());
  generation_ = published_.generation_.load(std::memory_order_relaxed);
  context_ = published_.context_;
  keys_ = published_.keys_;
}

ssl_st* PublishedTls::Reader::open() {
  if (published_.generation_.load(std::memory_order_acquire) != generation_) refresh();
  SSL* ssl = ::SSL_new(context_.get());
  if (ssl == nullptr) return nullptr;
  SSL_set_app_data(ssl, this);
  ::SSL_set_accept_state(ssl);
  return ssl;
}

const TicketKeys& PublishedTls::Reader::ticket_keys() {
  if (keys_.is_due(published_.clock_.monotonic_now())) refresh();
  return keys_;
}

bool PublishedTls::Reader::may_log(MonotonicTime now) noexcept {
  if (now < quiet_until_) return false;
  quiet_until_ = now + kLogPause;
  return true;
}

HandshakeFailure take_handshake_failure() noexcept {
  struct Row {
    int reason;
    Rule rule;
  };
  static constexpr Row kRows[] = {
      {SSL_R_UNSUPPORTED_PROTOCOL, Rule::kTlsVersion},
      {SSL_R_VERSION_TOO_LOW, Rule::kTlsVersion},
      {SSL_R_NO_APPLICATION_PROTOCOL, Rule::kTlsProtocol},
      {SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE, Rule::kTlsClientCertificate},
      {SSL_R_CERTIFICATE_VERIFY_FAILED, Rule::kTlsClientCertificate},
  };
  const unsigned long code = ::ERR_peek_error();
  ::ERR_clear_error();
  if (code == 0) return {Rule::kTlsClosed, "the peer closed"};
  const int reason = ERR_GET_REASON(code);
  const char* words = ::ERR_reason_error_string(code);
  const char* detail = words == nullptr ? "no reason is known" : words;
  // Other parts of OpenSSL count their reasons from 1 as well.
  if (ERR_GET_LIB(code) != ERR_LIB_SSL) return {Rule::kTlsHandshake, detail};
  if (reason > SSL_AD_REASON_OFFSET) return {Rule::kTlsAlert, detail};
  const auto* row = std::ranges::find(kRows, reason, &Row::reason);
  return {row == std::end(kRows) ? Rule::kTlsHandshake : row->rule, detail};
}

}  // namespace hookhost::http
