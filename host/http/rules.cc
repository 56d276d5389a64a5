// SPDX-License-Identifier: Apache-2.0
//
// The table of rules. Bodies are complete, compact JSON in FastAPI's form.
#include "http/rules.h"

#include <array>

#include "base/check.h"
#include "http/limits.h"

namespace hookhost::http {
namespace {

struct Row {
  Rule rule;
  Refusal refusal;
};

constexpr std::string_view kBadRequest = R"({"detail":"Bad Request"})";
constexpr std::string_view kTimeout = R"({"detail":"Request Timeout"})";
constexpr std::string_view kTooLargeHead = R"({"detail":"Request Header Fields Too Large"})";
constexpr std::string_view kUnavailable = R"({"detail":"Service Unavailable"})";
constexpr std::string_view kNotImplemented = R"({"detail":"Not Implemented"})";

constexpr Refusal row(int status, std::string_view body, std::string_view name) {
  return {.status = status, .body = body, .rule = name, .close = true};
}

// In the order of the enumeration, which table_is_in_order proves.
constexpr std::array<Row, kRuleCount> kTable{{
    {Rule::kAccepted, row(200, "", "")},
    {Rule::kNotTls, row(400, R"({"detail":"This port speaks HTTPS"})", "not-tls")},
    {Rule::kTlsVersion, row(400, kBadRequest, "tls-version")},
    {Rule::kTlsProtocol, row(400, kBadRequest, "tls-protocol")},
    {Rule::kTlsClientCertificate, row(400, kBadRequest, "tls-client-certificate")},
    {Rule::kTlsHandshake, row(400, kBadRequest, "tls-handshake")},
    {Rule::kTlsAlert, row(400, kBadRequest, "tls-alert")},
    {Rule::kTlsClosed, row(400, kBadRequest, "tls-closed")},
    {Rule::kTlsTimeout, row(400, kBadRequest, "tls-timeout")},
    {Rule::kConnectionsOfAddress,
     row(503, R"({"detail":"Too many connections from this address"})", "connections-of-address")},
    {Rule::kRequestLine, row(400, kBadRequest, "request-line")},
    {Rule::kVersion, row(505, R"({"detail":"HTTP Version Not Supported"})", "http-version")},
    {Rule::kMethod, row(501, kNotImplemented, "method")},
    {Rule::kTargetTooLong, row(414, R"({"detail":"URI Too Long"})", "target-too-long")},
    {Rule::kTargetForm, row(400, kBadRequest, "target-form")},
    {Rule::kLineEnd, row(400, kBadRequest, "line-end")},
    {Rule::kHeaderLine, row(400, kBadRequest, "header-line")},
    {Rule::kHeaderName, row(400, kBadRequest, "header-name")},
    {Rule::kFoldedHeader, row(400, kBadRequest, "folded-header")},
    {Rule::kHeadTooLarge, row(431, kTooLargeHead, "head-too-large")},
    {Rule::kTooManyHeaders, row(431, kTooLargeHead, "too-many-headers")},
    {Rule::kHeadTimeout, row(408, kTimeout, "head-timeout")},
    {Rule::kHost, row(400, kBadRequest, "host")},
    {Rule::kFraming, row(400, kBadRequest, "framing")},
    {Rule::kContentLength, row(400, kBadRequest, "content-length")},
    {Rule::kTransferEncoding, row(501, kNotImplemented, "transfer-encoding")},
    {Rule::kTransferEncodingOn10, row(400, kBadRequest, "transfer-encoding-on-1.0")},
    {Rule::kContentEncoding,
     row(415, R"({"detail":"Unsupported Media Type"})", "content-encoding")},
    {Rule::kExpect, row(417, R"({"detail":"Expectation Failed"})", "expect")},
    {Rule::kRepeatedHeader, row(400, kBadRequest, "repeated-header")},
    {Rule::kRepeatedCredential, row(403, R"({"detail":"Forbidden"})", "repeated-credential")},
    {Rule::kRepeatedHubSecret,
     row(403, R"({"error":"Invalid webhook secret."})", "repeated-credential")},
    {Rule::kBodyTooLarge, row(413, R"({"detail":"Content Too Large"})", "body-too-large")},
    {Rule::kBodyTruncated, row(400, kBadRequest, "body-truncated")},
    {Rule::kBodyTimeout, row(408, kTimeout, "body-timeout")},
    {Rule::kChunk, row(400, kBadRequest, "chunk")},
    {Rule::kChunkExtension, row(400, kBadRequest, "chunk-extension")},
    {Rule::kTrailer, row(431, kTooLargeHead, "trailer")},
    {Rule::kMemoryFull, Refusal{.status = 503,
                                .body = kUnavailable,
                                .rule = "memory-full",
                                .retry_after_s = kMemoryFullRetryAfterS,
                                .close = true}},
    {Rule::kOutOfMemory, row(503, kUnavailable, "out-of-memory")},
    {Rule::kException, row(500, R"({"detail":"Internal Server Error"})", "exception")},
}};

constexpr bool table_is_in_order() {
  for (std::size_t i = 0; i < kTable.size(); ++i) {
    if (static_cast<std::size_t>(kTable[i].rule) != i) return false;
  }
  return true;
}
static_assert(table_is_in_order());

}  // namespace

const Refusal& refusal(Rule rule) noexcept {
  HOOKHOST_CHECK(rule < Rule::kCount);
  return kTable[static_cast<std::size_t>(rule)].refusal;
}

}  // namespace hookhost::http
