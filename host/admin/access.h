// SPDX-License-Identifier: Apache-2.0
//
// Who may use the admin listener.
//
// HostAllowList: the names under which it answers. DNS rebinding turns a foreign name into our
// address, but it cannot change the Host header, so a name that is not ours is refused, on loopback
// too. Pure. Any thread.
//
// TokenGate: a token as `Authorization: Bearer TOKEN` (RFC 6750, 2.1), never as a cookie or in a
// query, both of which a foreign page can make a browser send. Who guesses is slowed down.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>

#include <string>
#include <string_view>
#include <vector>

#include "auth/credentials.h"
#include "base/clock.h"
#include "base/mutex.h"
#include "model/request.h"

namespace hookhost::admin {

class HostAllowList {
 public:
  // Loopback names only: localhost, 127.0.0.1, [::1].
  HostAllowList() = default;

  // Those, the address the listener is configured with (numeric, without brackets), and further
  // names of the operator. The unspecified address (0.0.0.0, ::) stands for every numeric address:
  // rebinding needs a name.
  HostAllowList(std::string_view listen_address, std::vector<std::string> names);

  // Every name, for a listener whose names we do not know and that wants a token for everything: a
  // foreign page has none.
  static HostAllowList any();

  // The port is not compared. A request of HTTP/1.0 may leave Host out: no browser does.
  bool allows(const RequestHead& head) const noexcept;
  bool allows_host(std::string_view host) const noexcept;

 private:
  std::vector<std::string> names_;
  bool any_address_ = false;
  bool any_name_ = false;
};

class TokenGate {
 public:
  // After so many wrong tokens in a row nobody's is looked at for a while.
  static constexpr int kFailuresMax = 5;
  static constexpr std::chrono::milliseconds kPause{1000};

  TokenGate() = default;  // open: everybody passes
  // The tokens that are valid; none: open. clock outlives it.
  TokenGate(std::span<const auth::Credential> tokens, const Clock& clock);

  enum class Verdict : std::uint8_t { kPass, kWrong, kSlowDown };
  // Any thread.
  Verdict judge(const RequestHead& head);

 private:
  const Clock* clock_ = nullptr;
  std::optional<auth::Credentials> tokens_;
  Mutex mutex_;
  int failures_ HOOKHOST_GUARDED_BY(mutex_) = 0;  // in a row
  MonotonicTime closed_until_ HOOKHOST_GUARDED_BY(mutex_){};
};

}  // namespace hookhost::admin
