// SPDX-License-Identifier: Apache-2.0
//
// Handler: "take one event". dispatch calls it; plugin (and later worker) implements it. Attempt:
// one try of a delivery, with what the handler reads and the memory it may use. Hot path: no
// allocation, lock or shared counter per request.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "base/arena.h"
#include "base/clock.h"
#include "model/outcome.h"
#include "model/request.h"

namespace hookhost {

struct Route;  // routing/route.h

struct PathParameter {
  std::string_view name;
  std::string_view value;  // percent-decoded
};

enum class CancelReason : std::int32_t { kDeadline = 1, kPeerGone = 2, kDraining = 3 };

// Everything in it stays valid until the handler let go: it returned an outcome other than
// kPending, or finish was called. That may be after the sender got its answer: a handler that
// misses its deadline keeps its memory.
class Attempt {
 public:
  const Route* route = nullptr;
  const RequestHead* head = nullptr;
  std::string_view path;             // percent-decoded
  std::string_view body;             // simdjson's padding is readable behind it
  std::span<const std::byte> index;  // payload index of the body; empty for a raw endpoint
  std::span<const PathParameter> parameters;
  std::string_view event_id;     // printable
  std::string_view delivery_id;  // the sender's; data() == nullptr: none
  MonotonicTime received_at{};
  MonotonicTime deadline{};  // {}: none
  std::uint32_t number = 1;  // counts attempts of the delivery
  bool is_replayed = false;
  Arena* arena = nullptr;         // the handler's, until it lets go
  void* handler_state = nullptr;  // the handler's own, for cancel()

  // Ends an attempt whose handle() returned kPending: exactly once, any thread. Memory of the
  // attempt is gone afterwards.
  virtual void finish(const Outcome& outcome) noexcept = 0;

 protected:
  ~Attempt() = default;
};

class Handler {
 public:
  virtual ~Handler() = default;

  // Runs one attempt and says what came of it; kPending: finish() will be called. On a loop thread
  // for inline routes, else on a pool thread; several at once.
  virtual Outcome handle(Attempt& attempt) noexcept = 0;

  // Nobody waits for this attempt any more. Called at most once per attempt, by the loop of its
  // exchange, while the attempt has not let go, possibly at the same time as handle(). Must not
  // block.
  virtual void cancel(Attempt& attempt, CancelReason reason) noexcept = 0;
};

}  // namespace hookhost
