// SPDX-License-Identifier: Apache-2.0
//
// TlsClient: a RawClient whose bytes go through TLS once hands were shaken. It trusts one
// certificate, and can come back with the session of the connection before. Blocking; one thread.
#pragma once

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/time.h>

#include <csignal>
#include <memory>
#include <string>

#include "support/raw_client.h"
#include "support/test_certificate.h"

namespace hookhost::testing {

// OpenSSL's socket BIO writes without MSG_NOSIGNAL.
inline const bool kPipesAreErrors = (std::signal(SIGPIPE, SIG_IGN), true);

using TlsSession = std::shared_ptr<SSL_SESSION>;

struct TlsClientOptions {
  const test::TestCertificate* trusted = nullptr;  // nullptr: whoever is there
  const test::TestCertificate* own = nullptr;      // shown when the server asks
  int version = 0;                                 // TLS1_2_VERSION ...; 0: what both can
  std::string ciphers = {};                        // of TLS 1.2 and older
  std::string protocols = {};                      // ALPN, in its wire format
  TlsSession session = {};
  int receive_buffer_bytes = 0;  // of the socket; 0: the kernel's
};

class TlsClient final : public RawClient {
 public:
  explicit TlsClient(std::uint16_t port, const TlsClientOptions& options = {})
      : RawClient(port), context_(::SSL_CTX_new(::TLS_client_method()), ::SSL_CTX_free) {
    SSL_CTX* context = context_.get();
    if (options.receive_buffer_bytes != 0)
      ::setsockopt(fd(), SOL_SOCKET, SO_RCVBUF, &options.receive_buffer_bytes, sizeof(int));
    const timeval patience{20, 0};
    ::setsockopt(fd(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    ::setsockopt(fd(), SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    if (options.version != 0) {
      ::SSL_CTX_set_security_level(context, 0);  // old versions need it
      SSL_CTX_set_min_proto_version(context, options.version);
      SSL_CTX_set_max_proto_version(context, options.version);
    }
    if (!options.ciphers.empty()) ::SSL_CTX_set_cipher_list(context, options.ciphers.c_str());
    if (!options.protocols.empty())
      ::SSL_CTX_set_alpn_protos(context,
                                reinterpret_cast<const unsigned char*>(options.protocols.data()),
                                static_cast<unsigned>(options.protocols.size()));
    if (options.trusted != nullptr) {
      ::SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
      ::X509_STORE_add_cert(::SSL_CTX_get_cert_store(context), options.trusted->x509());
    }
    if (options.own != nullptr) {
      ::SSL_CTX_use_certificate(context, options.own->x509());
      ::SSL_CTX_use_PrivateKey(context, options.own->key());
    }
    ssl_ = {::SSL_new(context), ::SSL_free};
    ::SSL_set_fd(ssl_.get(), fd());
    if (options.session) ::SSL_set_session(ssl_.get(), options.session.get());
  }

  // OpenSSL forgets a session that ended without an end, and senders end as they like.
  ~TlsClient() override { ::SSL_set_shutdown(ssl_.get(), SSL_SENT_SHUTDOWN); }

  // `http/1.1` in ALPN's wire format.
  static constexpr const char* kHttp11 = "\x08http/1.1";

  bool shake_hands() { return ::SSL_connect(ssl_.get()) == 1; }

  bool send(std::string_view bytes) override {
    return ::SSL_write(ssl_.get(), bytes.data(), static_cast<int>(bytes.size())) > 0;
  }

  // TLS 1.3 sends tickets behind the handshake: read an answer before.
  TlsSession session() const { return {::SSL_get1_session(ssl_.get()), ::SSL_SESSION_free}; }
  bool is_resumed() const { return ::SSL_session_reused(ssl_.get()) == 1; }
  int version() const { return ::SSL_version(ssl_.get()); }
  std::string protocol() const {
    const unsigned char* name = nullptr;
    unsigned size = 0;
    ::SSL_get0_alpn_selected(ssl_.get(), &name, &size);
    return {reinterpret_cast<const char*>(name), size};
  }
  long serial() const {
    const std::unique_ptr<X509, decltype(&::X509_free)> peer(
        ::SSL_get1_peer_certificate(ssl_.get()), ::X509_free);
    return peer == nullptr ? 0 : ::ASN1_INTEGER_get(::X509_get0_serialNumber(peer.get()));
  }
  // The peer has said that it sends nothing more.
  bool was_told_the_end() const {
    return (::SSL_get_shutdown(ssl_.get()) & SSL_RECEIVED_SHUTDOWN) != 0;
  }
  SSL* ssl() const { return ssl_.get(); }

 protected:
  ssize_t take(char* to, std::size_t size) override {
    ::ERR_clear_error();
    const int got = ::SSL_read(ssl_.get(), to, static_cast<int>(size));
    if (got > 0) return got;
    return was_told_the_end() ? 0 : -1;
  }
  // Tickets are input of the socket and none of ours.
  bool has_input() override {
    if (::SSL_pending(ssl_.get()) > 0) return true;
    if (!RawClient::has_input()) return false;
    char byte;
    ::ERR_clear_error();
    const int got = ::SSL_peek(ssl_.get(), &byte, 1);
    return got > 0 || ::SSL_get_error(ssl_.get(), got) != SSL_ERROR_WANT_READ;
  }

 private:
  std::unique_ptr<SSL_CTX, decltype(&::SSL_CTX_free)> context_;
  std::unique_ptr<SSL, decltype(&::SSL_free)> ssl_{nullptr, ::SSL_free};
};

}  // namespace hookhost::testing
