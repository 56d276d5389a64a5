// SPDX-License-Identifier: Apache-2.0
#include "plugin/call_check.h"

#include <fmt/format.h>

#include <utility>

#include "plugin/generation.h"
#include "plugin/guard_handler.h"
#include "routing/route.h"

namespace hookhost::plugin {
namespace {

// Around another handler. Without memory for a look the host ends.
class StrictHandler final : public Handler {
 public:
  StrictHandler(Generation& generation, const EndpointManifest& endpoint,
                std::unique_ptr<Handler> inner) noexcept
      : generation_(generation), endpoint_(endpoint), inner_(std::move(inner)) {}

  Outcome handle(Attempt& attempt) noexcept override {
    // The attempt may be gone when handle returns.
    const std::string event_id(attempt.event_id);
    const bool is_inline =
        (attempt.route == nullptr ? endpoint_.place : attempt.route->place) == Place::kInline;
    const Clock& clock = generation_.services().clock();
    ProcessWatch::Look look(generation_.services().watch(), ProcessWatch::Scope::kAnything);
    const MonotonicTime began = clock.monotonic_now();
    const Outcome outcome = inner_->handle(attempt);
    const auto took = clock.monotonic_now() - began;
    const ProcessWatch::Finding finding = look.end();
    if (!finding.words.empty())
      tell(event_id, fmt::format("handle {}{}", finding.words, finding.aside()));
    if (is_inline && took > kInlineCallMax)
      tell(event_id,
           fmt::format("handle held its event loop for {} ms; an inline handler has {} ms",
                       std::chrono::ceil<std::chrono::milliseconds>(took).count(),
                       kInlineCallMax.count()));
    return outcome;
  }
  void cancel(Attempt& attempt, CancelReason reason) noexcept override {
    inner_->cancel(attempt, reason);
  }

 private:
  void tell(std::string_view event_id, std::string_view message) noexcept {
    generation_.count_violation();
    generation_.write_line({endpoint_.path, event_id}, HOOKHOST_LOG_ERROR, message, {});
  }

  Generation& generation_;
  const EndpointManifest& endpoint_;
  std::unique_ptr<Handler> inner_;
};

}  // namespace

std::unique_ptr<Handler> make_handler(Generation& generation, const EndpointManifest& endpoint) {
  std::unique_ptr<Handler> handler;
  if (generation.check() == CheckLevel::kGuard) {
    handler = std::make_unique<GuardHandler>(generation, endpoint);
  } else {
    handler = std::make_unique<EndpointHandler>(generation, endpoint);
  }
  if (generation.check() < CheckLevel::kStrict) return handler;
  return std::make_unique<StrictHandler>(generation, endpoint, std::move(handler));
}

void DeferredNames::add(hookhost_token token, std::string_view route, std::string_view event_id) {
  const MutexLock lock(mutex_);
  rows_[next_] = {token, {std::string(route), std::string(event_id)}};
  next_ = (next_ + 1) % kNames;
}

std::optional<DeferredNames::Name> DeferredNames::find(hookhost_token token) const {
  const MutexLock lock(mutex_);
  for (const Row& row : rows_) {
    if (token != 0 && row.token == token) return row.name;
  }
  return std::nullopt;
}

}  // namespace hookhost::plugin
