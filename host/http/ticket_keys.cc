// SPDX-License-Identifier: Apache-2.0
#include "http/ticket_keys.h"

#include <openssl/crypto.h>
#include <openssl/rand.h>

#include <algorithm>

#include "base/check.h"

namespace hookhost::http {

TicketKey::TicketKey() {
  HOOKHOST_CHECK(::RAND_bytes(name.data(), static_cast<int>(name.size())) == 1);
  HOOKHOST_CHECK(::RAND_priv_bytes(cipher.data(), static_cast<int>(cipher.size())) == 1);
  HOOKHOST_CHECK(::RAND_priv_bytes(mac.data(), static_cast<int>(mac.size())) == 1);
}

TicketKey::~TicketKey() {
  ::OPENSSL_cleanse(cipher.data(), cipher.size());
  ::OPENSSL_cleanse(mac.data(), mac.size());
}

void TicketKeys::rotate(MonotonicTime now) {
  if (!is_due(now)) return;
  // One that nobody has asked for all that time seals tickets that are too old themselves.
  const bool is_recent = now < until_ + kAge;
  previous_ = is_recent ? std::optional(current_) : std::nullopt;
  current_ = TicketKey();
  until_ = now + kAge;
}

const TicketKey* TicketKeys::find(std::span<const unsigned char, 16> name) const noexcept {
  if (std::ranges::equal(name, current_.name)) return &current_;
  if (previous_ && std::ranges::equal(name, previous_->name)) return &*previous_;
  return nullptr;
}

}  // namespace hookhost::http
