// SPDX-License-Identifier: Apache-2.0
//
// The table of reason phrases, the security headers, and the head of an answer in one piece.
#include "http/response_writer.h"

#include <algorithm>
#include <cstring>

#include "base/check.h"

namespace hookhost::http {
namespace {

struct Row {
  int status;
  std::string_view phrase;
};

// RFC 9110 15 and RFC 6585, in order.
constexpr Row kPhrases[] = {
    {200, "OK"},
    {201, "Created"},
    {202, "Accepted"},
    {203, "Non-Authoritative Information"},
    {204, "No Content"},
    {205, "Reset Content"},
    {206, "Partial Content"},
    {300, "Multiple Choices"},
    {301, "Moved Permanently"},
    {302, "Found"},
    {303, "See Other"},
    {304, "Not Modified"},
    {307, "Temporary Redirect"},
    {308, "Permanent Redirect"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {402, "Payment Required"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {406, "Not Acceptable"},
    {408, "Request Timeout"},
    {409, "Conflict"},
    {410, "Gone"},
    {411, "Length Required"},
    {412, "Precondition Failed"},
    {413, "Content Too Large"},
    {414, "URI Too Long"},
    {415, "Unsupported Media Type"},
    {416, "Range Not Satisfiable"},
    {417, "Expectation Failed"},
    {418, "I'm a teapot"},
    {421, "Misdirected Request"},
    {422, "Unprocessable Content"},
    {423, "Locked"},
    {424, "Failed Dependency"},
    {425, "Too Early"},
    {426, "Upgrade Required"},
    {428, "Precondition Required"},
    {429, "Too Many Requests"},
    {431, "Request Header Fields Too Large"},
    {451, "Unavailable For Legal Reasons"},
    {500, "Internal Server Error"},
    {501, "Not Implemented"},
    {502, "Bad Gateway"},
    {503, "Service Unavailable"},
    {504, "Gateway Timeout"},
    {505, "HTTP Version Not Supported"},
    {507, "Insufficient Storage"},
    {508, "Loop Detected"},
};

constexpr std::string_view kVersion = "HTTP/1.1 ";
constexpr std::string_view kOk = "HTTP/1.1 200 OK\r\n";
constexpr std::string_view kLineEnd = "\r\n";
constexpr std::string_view kContentType = "Content-Type: ";
constexpr std::string_view kContentLength = "Content-Length: ";
constexpr std::string_view kClose = "Connection: close\r\n";
constexpr std::string_view kKeepAlive = "Connection: keep-alive\r\n";
constexpr std::size_t kNumberBytesMax = 20;

// An answer of a webhook shares its origin with the pages: it may not run, frame or load anything.
constexpr std::string_view kWebhookHeaders =
    "X-Content-Type-Options: nosniff\r\n"
    "Content-Security-Policy: sandbox; default-src 'none'\r\n";
// A page brings its own Content-Security-Policy.
constexpr std::string_view kPageHeaders =
    "X-Content-Type-Options: nosniff\r\n"
    "Referrer-Policy: no-referrer\r\n"
    "Cross-Origin-Opener-Policy: same-origin\r\n"
    "Cross-Origin-Resource-Policy: same-origin\r\n";

// Writes into memory that was measured before.
class Pen {
 public:
  explicit Pen(char* place) : place_(place) {}
  void text(std::string_view text) {
    std::memcpy(place_, text.data(), text.size());
    place_ += text.size();
  }
  void number(std::uint64_t value) {
    char digits[kNumberBytesMax];
    char* first = digits + sizeof digits;
    do {
      *--first = static_cast<char>('0' + value % 10);
      value /= 10;
    } while (value != 0);
    text({first, static_cast<std::size_t>(digits + sizeof digits - first)});
  }
  char* place() const { return place_; }

 private:
  char* place_;
};

std::size_t bytes_max(const Response& response, std::string_view security,
                      const HeadOptions& options) {
  constexpr std::size_t kStatusBytesMax = 64;  // the longest phrase has 31 characters
  std::size_t bytes = kStatusBytesMax + options.date.size() + kContentType.size() +
                      response.content_type.size() + kContentLength.size() + kNumberBytesMax +
                      kKeepAlive.size() + security.size() + 3 * kLineEnd.size();
  for (const Header& header : response.headers)
    bytes += header.name.size() + header.value.size() + 4;
  return bytes;
}

}  // namespace

std::string_view reason_phrase(int status) noexcept {
  const auto* row = std::lower_bound(std::begin(kPhrases), std::end(kPhrases), status,
                                     [](const Row& r, int s) { return r.status < s; });
  return row != std::end(kPhrases) && row->status == status ? row->phrase : "Unknown";
}

bool may_have_body(int status) noexcept { return status >= 200 && status != 204 && status != 304; }

std::uint64_t body_bytes(const Response& response) noexcept {
  if (response.chunks.empty()) return response.body.size();
  std::uint64_t bytes = 0;
  for (const Chunk& chunk : response.chunks) bytes += chunk.bytes.size();
  return bytes;
}

std::string_view write_head(const Response& response, const HeadOptions& options, Arena& arena) {
  const std::string_view security =
      response.kind == ResponseKind::kWebhook ? kWebhookHeaders : kPageHeaders;
  const std::size_t size = bytes_max(response, security, options);
  auto* head = static_cast<char*>(arena.allocate(size, 1));
  Pen pen(head);
  if (response.status == 200) {
    pen.text(kOk);
  } else {
    pen.text(kVersion);
    pen.number(static_cast<std::uint64_t>(response.status));
    pen.text(" ");
    pen.text(reason_phrase(response.status));
    pen.text(kLineEnd);
  }
  pen.text(options.date);
  if (may_have_body(response.status)) {
    if (!response.content_type.empty()) {
      pen.text(kContentType);
      pen.text(response.content_type);
      pen.text(kLineEnd);
    }
    pen.text(kContentLength);
    pen.number(body_bytes(response));
    pen.text(kLineEnd);
  }
  if (!options.keep_alive) {
    pen.text(kClose);
  } else if (options.version == 10) {
    pen.text(kKeepAlive);
  }
  pen.text(security);
  for (const Header& header : response.headers) {
    pen.text(header.name);
    pen.text(": ");
    pen.text(header.value);
    pen.text(kLineEnd);
  }
  pen.text(kLineEnd);
  const auto used = static_cast<std::size_t>(pen.place() - head);
  HOOKHOST_CHECK(used <= size);
  arena.shrink(head, size, used);
  return {head, used};
}

void ResponseWriter::begin(std::string_view head, const Response& response,
                           bool with_body) noexcept {
  *this = ResponseWriter();
  head_ = head;
  if (!with_body) return;
  if (response.chunks.empty()) {
    body_ = response.body;
  } else {
    chunks_ = response.chunks;
  }
}

std::size_t ResponseWriter::gather(std::span<iovec> pieces) const noexcept {
  std::size_t count = 0;
  auto add = [&](std::string_view bytes) {
    if (!bytes.empty()) pieces[count++] = {const_cast<char*>(bytes.data()), bytes.size()};
  };
  add(head_);
  if (count < pieces.size()) add(body_);
  std::size_t offset = chunk_offset_;
  for (const Chunk& chunk : chunks_) {
    if (count == pieces.size()) break;
    add(chunk.bytes.substr(offset));
    offset = 0;
  }
  return count;
}

void ResponseWriter::advance(std::size_t size) noexcept {
  const std::size_t of_head = std::min(size, head_.size());
  head_.remove_prefix(of_head);
  size -= of_head;
  const std::size_t of_body = std::min(size, body_.size());
  body_.remove_prefix(of_body);
  size -= of_body;
  while (!chunks_.empty()) {
    const std::size_t left = chunks_.front().bytes.size() - chunk_offset_;
    if (size < left) {
      chunk_offset_ += size;
      return;
    }
    size -= left;
    chunk_offset_ = 0;
    chunks_ = chunks_.subspan(1);
  }
}

}  // namespace hookhost::http
