// SPDX-License-Identifier: Apache-2.0
//
// TicketKeys: what session tickets are sealed with, so that a client can resume its session with
// any loop although the host remembers none (RFC 5077, RFC 8446 4.6.1). A key seals for kAge and
// opens for as long again; then it is wiped, and what was recorded before stays secret. One thread,
// or under a lock.
#pragma once

#include <array>
#include <chrono>
#include <optional>
#include <span>

#include "base/clock.h"

namespace hookhost::http {

struct TicketKey {
  std::array<unsigned char, 16> name;  // in the ticket, so that its key is found again
  std::array<unsigned char, 32> cipher, mac;

  TicketKey();  // random. Stops the process when there is no randomness to have.
  TicketKey(const TicketKey&) = default;
  TicketKey& operator=(const TicketKey&) = default;
  ~TicketKey();  // wipes it
};

class TicketKeys {
 public:
  // Half a day: who comes back within one resumes, and a key that leaks opens little.
  static constexpr std::chrono::hours kAge{12};

  explicit TicketKeys(MonotonicTime now) : until_(now + kAge) {}

  // The current key has had its time.
  bool is_due(MonotonicTime now) const noexcept { return now >= until_; }

  // A new current key, if it is due. The one before opens on, if it was current a moment ago.
  void rotate(MonotonicTime now);

  const TicketKey& current() const noexcept { return current_; }
  // nullptr: not ours, or too old.
  const TicketKey* find(std::span<const unsigned char, 16> name) const noexcept;

 private:
  TicketKey current_;
  std::optional<TicketKey> previous_;
  MonotonicTime until_;
};

}  // namespace hookhost::http
