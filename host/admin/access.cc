// SPDX-License-Identifier: Apache-2.0
#include "admin/access.h"

#include <algorithm>
#include <utility>

#include "base/text.h"

namespace hookhost::admin {
namespace {

constexpr std::string_view kLoopbackNames[] = {"localhost", "127.0.0.1", "::1"};

bool is_port(std::string_view text) noexcept {
  return std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

// "[::1]:7861" -> "::1", "localhost:7861" -> "localhost"; "" when it is neither.
std::string_view name_of(std::string_view host) noexcept {
  if (host.starts_with('[')) {
    const std::size_t end = host.find(']');
    if (end == std::string_view::npos) return {};
    const std::string_view rest = host.substr(end + 1);
    if (!rest.empty() && !(rest.starts_with(':') && is_port(rest.substr(1)))) return {};
    return host.substr(1, end - 1);
  }
  const std::size_t colon = host.find(':');
  if (colon == std::string_view::npos) return host;
  return is_port(host.substr(colon + 1)) ? host.substr(0, colon) : std::string_view();
}

// A name never looks like one: browsers take digits and dots at the end of a host, and everything
// in brackets, as an address only.
bool is_address(std::string_view host, std::string_view name) noexcept {
  if (host.starts_with('[')) return !name.empty();
  int dots = 0;
  for (const char c : name) {
    if (c == '.') {
      ++dots;
    } else if (c < '0' || c > '9') {
      return false;
    }
  }
  return dots == 3;
}

}  // namespace

HostAllowList::HostAllowList(std::string_view listen_address, std::vector<std::string> names)
    : names_(std::move(names)),
      any_address_(listen_address == "0.0.0.0" || listen_address == "::") {
  if (!any_address_) names_.emplace_back(listen_address);
}

HostAllowList HostAllowList::any() {
  HostAllowList list;
  list.any_name_ = true;
  return list;
}

bool HostAllowList::allows(const RequestHead& head) const noexcept {
  const std::string_view host = head.header("host");
  return host.data() == nullptr || allows_host(host);
}

bool HostAllowList::allows_host(std::string_view host) const noexcept {
  if (any_name_) return true;
  const std::string_view name = name_of(host);
  if (name.empty()) return false;
  if (any_address_ && is_address(host, name)) return true;
  const auto is_name = [name](std::string_view other) { return ascii_iequals(name, other); };
  return std::ranges::any_of(kLoopbackNames, is_name) || std::ranges::any_of(names_, is_name);
}

TokenGate::TokenGate(std::span<const auth::Credential> tokens, const Clock& clock)
    : clock_(&clock) {
  if (!tokens.empty()) tokens_.emplace(tokens);
}

TokenGate::Verdict TokenGate::judge(const RequestHead& head) {
  if (!tokens_) return Verdict::kPass;
  constexpr std::string_view kBearer = "Bearer ";
  const std::string_view text = head.header("authorization");
  const bool is_bearer =
      text.size() > kBearer.size() && ascii_iequals(text.substr(0, kBearer.size()), kBearer);
  const MutexLock lock(mutex_);
  const MonotonicTime now = clock_->monotonic_now();
  if (now < closed_until_) return Verdict::kSlowDown;
  if (is_bearer && tokens_->contain(text.substr(kBearer.size()), clock_->now())) {
    failures_ = 0;
    return Verdict::kPass;
  }
  // Without a token nobody has guessed: a page that asks for one, or a probe.
  if (is_bearer && ++failures_ >= kFailuresMax) {
    failures_ = 0;
    closed_until_ = now + kPause;
  }
  return Verdict::kWrong;
}

}  // namespace hookhost::admin
