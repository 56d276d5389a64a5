// SPDX-License-Identifier: Apache-2.0
//
// Credentials: the secrets that are valid on a route, several during a rotation, each with its
// time. Compares verbatim texts in constant time: what is compared are MACs of equal length under a
// random key of the process, every one of them, with no early exit, so that neither the length nor
// the place of a match shows in the time. Keeps the MACs only, not the secrets. Immutable: any
// thread. Hot path: no allocation, lock or shared counter per request.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

#include "auth/siphash.h"
#include "base/clock.h"
#include "base/secret.h"

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

  // Whether the text is one of the secrets that are valid now.
  bool contain(std::string_view text, SystemTime now) const noexcept;

  std::size_t size() const noexcept { return entries_.size(); }

 private:
  struct Entry {
    SipMac mac;
    SystemTime not_before, not_after;
  };
  std::vector<Entry> entries_;
};

// True when verdict(entry) is true for any of them; asks for every one, whatever the others said.
template <class Entries, class Verdict>
bool any_of_all(const Entries& entries, Verdict verdict) noexcept {
  unsigned found = 0;
  for (const auto& entry : entries) found |= static_cast<unsigned>(verdict(entry));
  return found != 0;
}

}  // namespace hookhost::auth
