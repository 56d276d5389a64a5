// SPDX-License-Identifier: Apache-2.0
#include "store/event_head.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "telemetry/redact.h"

namespace hookhost::store {
namespace {

// A word in its name tells it, so that the header of a new scheme is left out before anybody thinks
// of it here. A test looks at every scheme of auth.
constexpr std::array<std::string_view, 11> kCredentialWords = {
    "authorization", "cookie",  "secret",     "token",  "signature", "hmac",
    "password",      "api-key", "credential", "apikey", "session"};

constexpr std::string_view kVersion = " HTTP/1.1";
// No header can have that name, since a token has no colon.
constexpr std::string_view kClient = ":client";

}  // namespace

bool is_credential(std::string_view name) noexcept {
  return std::any_of(kCredentialWords.begin(), kCredentialWords.end(), [&](std::string_view word) {
    return std::search(name.begin(), name.end(), word.begin(), word.end(),
                       [](char a, char b) { return ascii_lower(a) == b; }) != name.end();
  });
}

std::string write_head(const RequestHead& head, std::string_view proof_header) {
  std::string text(head.method);
  text.append(" ").append(telemetry::redact_target(head.target)).append(kVersion).append("\n");
  const auto add = [&](std::string_view name, std::string_view value) {
    text.append(name).append(": ").append(value).append("\n");
  };
  if (!head.remote_address.empty()) add(kClient, head.remote_address);
  for (const Header& header : head.headers) {
    if (is_credential(header.name)) continue;
    if (!proof_header.empty() && ascii_iequals(header.name, proof_header)) continue;
    add(header.name, header.value);
  }
  return text;
}

Result<std::unique_ptr<EventHead>> EventHead::read(std::string text) {
  std::unique_ptr<EventHead> head(new EventHead(std::move(text)));
  if (!head->parse()) return Error{ErrorCode::kInvalid, "the head of the event is damaged", {}};
  return head;
}

bool EventHead::parse() {
  std::string_view rest = text_;
  const auto next_line = [&]() -> std::string_view {
    const auto end = rest.find('\n');
    if (end == std::string_view::npos) return {};
    const std::string_view line = rest.substr(0, end);
    rest.remove_prefix(end + 1);
    return line;
  };

  std::string_view line = next_line();
  if (!line.ends_with(kVersion)) return false;
  line.remove_suffix(kVersion.size());
  const auto space = line.find(' ');
  if (space == 0 || space == std::string_view::npos || space + 1 == line.size()) return false;
  head_.method = line.substr(0, space);
  head_.target = line.substr(space + 1);
  const auto question = head_.target.find('?');
  head_.path = head_.target.substr(0, question);
  if (question != std::string_view::npos) head_.query = head_.target.substr(question + 1);

  while (!rest.empty()) {
    line = next_line();
    // From 1 on: the client's name begins with a colon.
    const auto colon = line.find(": ", 1);
    if (colon == std::string_view::npos) return false;
    const Header header{line.substr(0, colon), line.substr(colon + 2)};
    if (header.name == kClient) {
      head_.remote_address = header.value;
    } else {
      headers_.push_back(header);
    }
  }
  head_.headers = headers_;
  return true;
}

}  // namespace hookhost::store
