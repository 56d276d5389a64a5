// SPDX-License-Identifier: Apache-2.0
//
// One event handed to one endpoint of a build on trial, as the host's corridor does it: content
// type, model and event filter first, then the handler, on the calling thread. For the child side
// of a probe.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "model/outcome.h"
#include "plugin/generation.h"

namespace hookhost::plugin {

// How long a deferred call may take before it is cancelled, and then for letting go. Together less
// than a probe's timeout, so that such a handler is told from one that hangs.
inline constexpr std::chrono::milliseconds kHandlerPatience{2000};
inline constexpr std::chrono::milliseconds kCancelPatience{500};

struct CallResult {
  OutcomeKind kind = OutcomeKind::kPending;  // kPending: it did not end, cancelled or not
  std::string detail;                        // printable
  bool was_cancelled = false;                // it was deferred for longer than kHandlerPatience
};

// Nothing: the corridor would have refused the body, or the endpoint does not want the event. The
// generation is active.
std::optional<CallResult> call_endpoint(const std::shared_ptr<Generation>& generation,
                                        std::size_t index, std::string_view body,
                                        std::chrono::milliseconds patience = kHandlerPatience);

// The same with the first sample event of the Hub that the endpoint takes.
std::optional<CallResult> call_with_sample(const std::shared_ptr<Generation>& generation,
                                           std::size_t index);

}  // namespace hookhost::plugin
