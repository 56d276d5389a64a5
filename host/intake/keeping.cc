// SPDX-License-Identifier: Apache-2.0
#include "intake/keeping.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <span>
#include <utility>

#include "auth/digest.h"
#include "intake/event_choice.h"
#include "store/event_head.h"

namespace hookhost::intake {

namespace {

// As RepeatCheck decides, but the same in the next process: only of a sender that has proved
// itself, on a route with a window.
std::optional<store::TwinKey> twin_key(const Route& route, std::string_view delivery_id) {
  const bool is_proved = route.authenticator != nullptr;
  if (!is_proved || route.dedup_window.count() == 0 || delivery_id.empty()) return std::nullopt;
  auth::Sha256 digest;
  digest.update(std::as_bytes(std::span(route.path)));
  digest.update(std::as_bytes(std::span("", 1)));  // no path holds a zero
  digest.update(std::as_bytes(std::span(delivery_id)));
  const auto whole = digest.finish();
  store::TwinKey key;
  std::copy_n(whole.begin(), key.size(), key.begin());
  return key;
}

}  // namespace

bool is_kept_after(OutcomeKind kind) noexcept {
  switch (kind) {
    case OutcomeKind::kFailed:
    case OutcomeKind::kTimedOut:
    case OutcomeKind::kDead:
    case OutcomeKind::kOverloaded: return true;
    default: return false;
  }
}

store::NewEvent new_event(const Route& route, const RequestHead& head,
                          const payload::Document& document, const Account& account,
                          SystemTime received_at) {
  const std::string_view proof = route.authenticator ? route.authenticator->facts().header : "";
  return {.id = account.id,
          .received_at = received_at,
          .route = route.name,
          .type = event_type(route, head, document),
          .sender_id = std::string(account.delivery_id),
          .twin_key = twin_key(route, account.delivery_id),
          .head = store::write_head(head, proof),
          .body = std::string(document.body),
          .handler = route.plugin_id,
          .state = account.next.state,
          .attempts = account.next.attempts,
          .due_in = account.next.due_in,
          .error = std::string(account.error),
          .generation = account.next.attempts == 0 ? "" : build_of(route.plugin, route.generation)};
}

std::string build_of(std::string_view plugin, std::uint64_t generation) {
  return fmt::format("{} gen {}", plugin, generation);
}

AwaitedReply<store::Appended> keep(Loop& loop, store::Journal& journal, store::NewEvent event) {
  return {loop, [&journal, event = std::move(event)](auto reply) mutable {
            return journal.append(std::move(event), std::move(reply));
          }};
}

}  // namespace hookhost::intake
