// SPDX-License-Identifier: Apache-2.0
//
// What a listener needs to speak TLS: a context (certificate, key, versions, ciphers) that never
// changes, and PublishedTls, which holds the one that new connections get. A renewed certificate is
// a new context: connections that are open keep theirs. TLS 1.2 and 1.3, forward secrecy and AEAD
// only, no renegotiation, no early data; sessions are resumed by tickets, so the host remembers
// none.
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <memory>

#include "base/clock.h"
#include "base/mutex.h"
#include "base/result.h"
#include "http/rules.h"
#include "http/ticket_keys.h"

struct ssl_ctx_st;
struct ssl_st;

namespace hookhost::http {

struct TlsOptions {
  std::filesystem::path cert_file = {};  // PEM; the host's own first. Empty: no TLS
  std::filesystem::path key_file = {};   // PEM, without a passphrase
  // PEM: only clients with a certificate of one of these are served. Empty: everybody.
  std::filesystem::path client_ca_file = {};

  bool is_on() const noexcept { return !cert_file.empty(); }
};

using TlsContext = std::shared_ptr<ssl_ctx_st>;

// Reads the files. Errors as of read_certificate; kInvalid also for a key that is too weak. Any
// thread.
Result<TlsContext> load_tls(const TlsOptions& options, SystemTime now);

class PublishedTls {
 public:
  // A flood of failures is counted; the log hears of it this often.
  static constexpr std::chrono::seconds kLogPause{10};

  // clock outlives it.
  PublishedTls(TlsContext first, const Clock& clock);

  // Serves connections whose handshake has not begun. Sessions of the context before are not
  // resumed under this one. Any thread.
  void publish(TlsContext next);

  // One per listener and loop, used on that loop's thread only; outlives the connections that it
  // opens. Compares one counter per connection, and takes the lock when something has changed.
  class Reader {
   public:
    explicit Reader(PublishedTls& published);
    Reader(const Reader&) = delete;
    Reader& operator=(const Reader&) = delete;

    // The server's side of a new connection; nullptr: out of memory. The caller frees it.
    ssl_st* open();

    // Newer than kAge.
    const TicketKeys& ticket_keys();

    // True once in kLogPause: of failures that come in numbers one gets a line.
    bool may_log(MonotonicTime now) noexcept;

   private:
    void refresh();

    PublishedTls& published_;
    std::uint64_t generation_;
    TlsContext context_;
    TicketKeys keys_;
    MonotonicTime quiet_until_{};
  };

 private:
  const Clock& clock_;
  Mutex mutex_;
  TlsContext context_ HOOKHOST_GUARDED_BY(mutex_);
  TicketKeys keys_ HOOKHOST_GUARDED_BY(mutex_);
  std::atomic<std::uint64_t> generation_{0};  // of the context
};

// Why a handshake failed, by what OpenSSL has left in this thread's queue; empties it. detail: in
// OpenSSL's words, static.
struct HandshakeFailure {
  Rule rule;
  const char* detail;
};
HandshakeFailure take_handshake_failure() noexcept;

}  // namespace hookhost::http
