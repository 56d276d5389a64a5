// SPDX-License-Identifier: Apache-2.0
#include "auth/sent_header.h"

#include "base/text.h"

namespace hookhost::auth {

SentHeader sent_header(const RequestHead& head, std::string_view name) noexcept {
  SentHeader sent;
  if (name.empty()) return sent;
  for (const Header& header : head.headers) {
    // The length first: most headers are told apart by it.
    if (header.name.size() != name.size() || !ascii_iequals(header.name, name)) continue;
    ++sent.count;
    sent.text = header.value;
  }
  return sent;
}

std::string_view first_sent(const RequestHead& head,
                            std::span<const std::string_view> names) noexcept {
  for (const std::string_view name : names) {
    if (const SentHeader sent = sent_header(head, name); sent.count > 0) return sent.text;
  }
  return {};
}

std::string missing_body_of(std::string_view header) {
  std::string body = R"({"error":")";
  for (const char c : header) body.push_back(ascii_lower(c));
  return body + R"( header not set."})";
}

}  // namespace hookhost::auth
