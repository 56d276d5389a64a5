// SPDX-License-Identifier: Apache-2.0
//
// The common case, a whole response in one read, copies nothing; head_ is used only when a head is
// cut.
#include "loadgen/response_reader.h"

#include <algorithm>
#include <charconv>

namespace hookhost::bench {
namespace {

// name is in lower case and begins with a letter.
bool is_field(std::string_view line, std::string_view name) {
  if (line.size() <= name.size() || line[name.size()] != ':') return false;
  return std::equal(name.begin(), name.end(), line.begin(), [](char lower, char c) {
    return lower == (c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c);
  });
}

std::string_view value_of(std::string_view line) {
  line.remove_prefix(line.find(':') + 1);
  while (!line.empty() && (line.front() == ' ' || line.front() == '\t')) line.remove_prefix(1);
  while (!line.empty() && (line.back() == ' ' || line.back() == '\t')) line.remove_suffix(1);
  return line;
}

template <class Number>
bool read_number(std::string_view text, Number& out, int base) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out, base);
  return error == std::errc{} && end == text.data() + text.size() && !text.empty();
}

}  // namespace

void ResponseReader::reset() noexcept {
  phase_ = Phase::kHead;
  head_.clear();
}

ResponseReader::State ResponseReader::take(std::string_view bytes) {
  if (phase_ == Phase::kHead) {
    if (!take_head(bytes)) return State::kBroken;
    if (phase_ == Phase::kHead) return State::kMore;
  }
  if (phase_ != Phase::kBody) return take_chunks(bytes);
  const auto part = std::min<std::uint64_t>(left_, bytes.size());
  left_ -= part;
  keep(bytes.substr(0, static_cast<std::size_t>(part)));
  bytes.remove_prefix(static_cast<std::size_t>(part));
  return left_ == 0 ? finish(bytes) : State::kMore;
}

// Takes the head off the front of bytes and sets the next phase; leaves it at kHead when the head
// is not complete.
bool ResponseReader::take_head(std::string_view& bytes) {
  constexpr std::string_view kEnd = "\r\n\r\n";
  std::string_view head = bytes;
  if (!head_.empty()) {
    head_.append(bytes);
    head = head_;
  }
  const auto end = head.find(kEnd);
  if (end == std::string_view::npos) {
    if (head_.empty()) head_.assign(bytes);
    return head_.size() <= kHeadBytesMax;
  }
  bytes.remove_prefix(end + kEnd.size() - (head.size() - bytes.size()));

  if (head.size() < 12 || head.substr(0, 7) != "HTTP/1." ||
      !read_number(head.substr(9, 3), status_, 10))
    return false;
  closes_ = head[7] == '0';
  has_length_ = is_chunked_ = false;
  left_ = 0;
  auto at = head.find("\r\n");
  while (at < end) {
    const auto next = head.find("\r\n", at + 2);
    if (!read_field(head.substr(at + 2, next - at - 2))) return false;
    at = next;
  }
  head_.clear();
  body_.clear();
  const bool has_no_body = status_ == 204 || status_ == 304;
  if (!has_length_ && !is_chunked_ && !has_no_body) return false;  // ends with the connection
  phase_ = is_chunked_ ? Phase::kChunkSize : Phase::kBody;
  return true;
}

bool ResponseReader::read_field(std::string_view line) {
  if (line.empty()) return false;
  const char first = static_cast<char>(line.front() | 0x20);
  if (first != 'c' && first != 't') return true;
  if (is_field(line, "content-length")) {
    has_length_ = true;
    return read_number(value_of(line), left_, 10);
  }
  if (is_field(line, "transfer-encoding")) {
    is_chunked_ = value_of(line) == "chunked";
    return is_chunked_;
  }
  if (is_field(line, "connection")) {
    const std::string_view value = value_of(line);
    closes_ = value == "close" || value == "Close";
  }
  return true;
}

ResponseReader::State ResponseReader::take_chunks(std::string_view bytes) {
  while (!bytes.empty()) {
    if (phase_ == Phase::kChunk) {
      const auto part = std::min<std::uint64_t>(left_, bytes.size());
      keep(bytes.substr(0, static_cast<std::size_t>(part)));
      bytes.remove_prefix(static_cast<std::size_t>(part));
      left_ -= part;
      if (left_ == 0) phase_ = Phase::kChunkEnd;
      continue;
    }
    const auto end = bytes.find('\n');
    head_.append(bytes.substr(0, end));
    if (head_.size() > kHeadBytesMax) return State::kBroken;
    if (end == std::string_view::npos) break;
    bytes.remove_prefix(end + 1);
    if (head_.empty() || head_.back() != '\r') return State::kBroken;
    head_.pop_back();
    const std::string line = std::move(head_);
    head_.clear();
    if (phase_ == Phase::kChunkEnd) {
      if (!line.empty()) return State::kBroken;
      phase_ = Phase::kChunkSize;
    } else if (phase_ == Phase::kChunkSize) {
      if (!read_number(std::string_view(line).substr(0, line.find(';')), left_, 16))
        return State::kBroken;
      phase_ = left_ == 0 ? Phase::kTrailer : Phase::kChunk;
    } else if (line.empty()) {
      return finish(bytes);
    }
  }
  return State::kMore;
}

void ResponseReader::keep(std::string_view part) {
  if (body_.size() < kBodyBytesKept) body_.append(part.substr(0, kBodyBytesKept - body_.size()));
}

ResponseReader::State ResponseReader::finish(std::string_view rest) {
  phase_ = Phase::kHead;
  return rest.empty() ? State::kDone : State::kBroken;
}

}  // namespace hookhost::bench
