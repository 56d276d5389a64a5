// SPDX-License-Identifier: Apache-2.0
//
// The door's rules: every reason for which http itself says no, each with the status and the body
// that the sender reads and the name that the counter shows. One table (rules.cc); a new rule is an
// enumerator and a row. Pure. Any thread.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "model/refusal.h"

namespace hookhost::http {

enum class Rule : std::uint8_t {
  kAccepted,  // no refusal
  // TLS. Only kNotTls is answered, in plain HTTP; of the others the peer gets an alert at most.
  kNotTls,                // the first byte is of no TLS record: plain HTTP, most of the time
  kTlsVersion,            // older than 1.2
  kTlsProtocol,           // ALPN without http/1.1
  kTlsClientCertificate,  // none, or none that tls.client_ca_file vouches for
  kTlsHandshake,          // no cipher in common, garbage, and whatever else OpenSSL refuses
  kTlsAlert,              // the peer refused us, our certificate mostly
  kTlsClosed,             // the peer left before it was through
  kTlsTimeout,            // Limits::handshake_timeout
  kConnectionsOfAddress,  // Limits::connections_per_address_max
  // The bytes of the head.
  kRequestLine,     // not "method SP target SP HTTP/d.d"
  kVersion,         // HTTP, but neither 1.0 nor 1.1
  kMethod,          // CONNECT, TRACE, or a name of absurd length
  kTargetTooLong,   // Limits::target_bytes_max
  kTargetForm,      // neither "/..." nor "http://..."; not ASCII; a fragment
  kLineEnd,         // LF without CR or CR without LF
  kHeaderLine,      // no colon, empty name, not a token, a control character in the value
  kHeaderName,      // an underscore: proxies and CGI take it for a hyphen
  kFoldedHeader,    // obs-fold
  kHeadTooLarge,    // Limits::head_bytes_max
  kTooManyHeaders,  // kHeadersMax
  kHeadTimeout,     // Limits::head_timeout
  // What the head says.
  kHost,              // missing on 1.1, repeated, or not a host
  kFraming,           // Content-Length or Transfer-Encoding repeated, or both
  kContentLength,     // not one decimal number
  kTransferEncoding,  // anything but exactly "chunked"
  kTransferEncodingOn10,
  kContentEncoding,     // anything but identity
  kExpect,              // anything but 100-continue
  kRepeatedHeader,      // an id or Content-Type
  kRepeatedCredential,  // an Authorization or a signature
  kRepeatedHubSecret,   // X-Webhook-Secret: the Hub's own words
  // The body.
  kBodyTooLarge,    // the route's limit
  kBodyTruncated,   // the peer closed before its end
  kBodyTimeout,     // Limits::body_timeout
  kChunk,           // a chunk's size, line end or data
  kChunkExtension,  // kChunkExtensionBytesMax
  kTrailer,         // kTrailerBytesMax
  kMemoryFull,      // Limits::memory_bytes_max
  // Ourselves.
  kOutOfMemory,
  kException,
  kCount
};

inline constexpr std::size_t kRuleCount = static_cast<std::size_t>(Rule::kCount);

// The refusal of a rule; its views are static. All of them end the connection.
const Refusal& refusal(Rule rule) noexcept;

// A head that a rule turned away, for whoever writes it down. All views end with the call.
struct RefusedHead {
  unsigned loop = 0;                 // index of the loop that answers
  const Refusal& why;                // of the rule
  std::string_view method;           // a stranger's text; empty: the head did not get so far
  std::string_view path;             // likewise, without the query
  std::chrono::nanoseconds total{};  // from its first byte
};

}  // namespace hookhost::http
