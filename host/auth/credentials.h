// SPDX-License-Identifier: Apache-2.0
//
// Credentials: the secrets that are valid on a route, several during a rotation, each with its
// time. Compares verbatim texts in constant time: what is compared are MACs of equal length under a
// random key of the process, every one of them, with no early exit, so that neither the length nor
// the place of a match shows in the time. Keeps the MACs only, not the secrets. Immutable: any
// thread. Hot path: no allocation, lock or shared counter per request.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "auth/siphash.h"
#include "base/clock.h"
#include "base/secret.h"
#include "model/authenticator.h"

namespace hookhost::auth {

// A longer text than any secret is wrong without being looked at, which bounds the work.
inline constexpr std::size_t kSecretBytesMax = 1024;

struct Credential {
  explicit Credential(Secret text) : secret(std::move(text)) {}  // always valid
  Credential(Secret text, SystemTime from, SystemTime until)
      : secret(std::move(text)), not_before(from), not_after(until) {}

  Secret secret;
  SystemTime not_before = SystemTime::min();
  SystemTime not_after = SystemTime::max();  // the last moment of its life
};

class Credentials {
 public:
  explicit Credentials(std::span<const Credential> credentials);

  // The number of the secret, from 1, that the text is and that is valid now; 0: none.
  unsigned find(std::string_view text, SystemTime now) const noexcept;
  bool contain(std::string_view text, SystemTime now) const noexcept { return find(text, now) > 0; }

  // The last moments of the secrets' lives; together every secret is valid at one of them.
  std::vector<SystemTime> moments() const;

  std::size_t size() const noexcept { return entries_.size(); }

 private:
  struct Entry {
    SipMac mac;
    SystemTime not_before, not_after;
  };
  std::vector<Entry> entries_;
};

// Of the number of the secret that matched; 0: none did. Beyond 255 nobody tells them apart.
inline Verdict verdict_of(unsigned number) noexcept {
  return {number > 0 ? Proof::kAccepted : Proof::kWrong,
          static_cast<std::uint8_t>(std::min(number, 255U))};
}

// The number, from 1, of the first entry for which verdict(entry) is true; 0: of none. Asks for
// every one, whatever the others said.
template <class Entries, class Verdict>
unsigned match_in_all(const Entries& entries, Verdict verdict) {
  unsigned number = 0, found = 0;
  for (const auto& entry : entries) {
    ++number;
    found += static_cast<unsigned>(verdict(entry)) * number * static_cast<unsigned>(found == 0);
  }
  return found;
}

}  // namespace hookhost::auth
