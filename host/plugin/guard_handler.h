// SPDX-License-Identifier: Apache-2.0
//
// The handler of an endpoint at the level guard: body, head, index and everything else that a
// plugin gets pointers to are copied into a GuardSlab, which is protected when the call lets go, so
// that a view that is used afterwards faults where it is used. That no text is copied holds for the
// other levels. Chunks of an answer are copied and released at the end of the call. What a call
// needs beyond its slab comes from the heap and is not guarded. For development: each call costs
// some system calls.
#pragma once

#include "plugin/generation.h"

namespace hookhost::plugin {

class GuardHandler final : public Handler {
 public:
  GuardHandler(Generation& generation, const EndpointManifest& endpoint) noexcept;
  Outcome handle(Attempt& attempt) noexcept override;
  void cancel(Attempt& attempt, CancelReason reason) noexcept override;

 private:
  Generation& generation_;
  const EndpointManifest& endpoint_;
  EndpointHandler inner_;
};

}  // namespace hookhost::plugin
