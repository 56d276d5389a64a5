// SPDX-License-Identifier: Apache-2.0
#include "plugin/abi_bridge.h"

#include <fmt/format.h>

#include <array>
#include <atomic>
#include <exception>
#include <new>

#include "base/text.h"
#include "payload/index.h"
#include "plugin/abi_request.h"
#include "plugin/abi_text.h"
#include "plugin/call.h"

namespace hookhost::plugin {
namespace {

using payload::Cursor;
using payload::Document;

// Everything a call needs, in one piece of the arena.
struct Frame {
  hookhost_call call;
  hookhost_request request;
};

// ---- The outcome

struct StatusName {
  hookhost_status status;
  std::string_view name;
};
constexpr StatusName kStatusNames[] = {
    {HOOKHOST_OK, "HOOKHOST_OK"},
    {HOOKHOST_PENDING, "HOOKHOST_PENDING"},
    {HOOKHOST_SKIP, "HOOKHOST_SKIP"},
    {HOOKHOST_E_INVALID, "HOOKHOST_E_INVALID"},
    {HOOKHOST_E_TYPE, "HOOKHOST_E_TYPE"},
    {HOOKHOST_E_RANGE, "HOOKHOST_E_RANGE"},
    {HOOKHOST_E_NOMEM, "HOOKHOST_E_NOMEM"},
    {HOOKHOST_E_GONE, "HOOKHOST_E_GONE"},
    {HOOKHOST_E_UNSUPPORTED, "HOOKHOST_E_UNSUPPORTED"},
    {HOOKHOST_E_STATE, "HOOKHOST_E_STATE"},
    {HOOKHOST_E_LIMIT, "HOOKHOST_E_LIMIT"},
    {HOOKHOST_E_NOT_FOUND, "HOOKHOST_E_NOT_FOUND"},
    {HOOKHOST_E_RETRY, "HOOKHOST_E_RETRY"},
    {HOOKHOST_E_DEAD, "HOOKHOST_E_DEAD"},
    {HOOKHOST_E_PLUGIN, "HOOKHOST_E_PLUGIN"},
};

// Off the successful path: a sentence about a failure, in the arena.
std::string_view sentence(Arena& arena, std::string_view before, std::string_view about,
                          std::string_view behind = {}) noexcept {
  try {
    return arena.copy(fmt::format("{}{}{}", before, about, behind));
  } catch (...) {
    return before;  // static
  }
}

std::string_view describe_failure(const hookhost_call& call, hookhost_status status) noexcept {
  if (!call.thrown.empty()) return call.thrown;
  if (call.detail_bytes != 0) return {call.detail, call.detail_bytes};
  Arena& arena = *call.attempt->arena;
  for (const StatusName& row : kStatusNames) {
    if (row.status == status) return sentence(arena, "returned ", row.name);
  }
  std::array<char, 16> number;
  const auto end = fmt::format_to_n(number.data(), number.size(), "{}", status).out;
  return sentence(arena, "returned ",
                  {number.data(), static_cast<std::size_t>(end - number.data())},
                  ", which is not a hookhost_status");
}

Outcome failed(std::string_view detail) noexcept {
  Outcome outcome;
  outcome.kind = OutcomeKind::kFailed;
  outcome.detail = detail;
  return outcome;
}

// One attempt's end. keeps_use: chunks of the answer need the plugin's code until they are written.
struct End {
  Outcome outcome;
  bool keeps_use = false;
};

// The use that the call has goes to its first chunk; each further one gets its own.
bool hand_use_to_chunks(hookhost_call& call) noexcept {
  bool is_handed = false;
  for (ChunkUse& use : call.chunk_uses) {
    use.has_use = true;
    if (is_handed) call.generation->uses().hold();
    is_handed = true;
  }
  return is_handed;
}

// A call that has missed its deadline is counted already.
void note_failure(hookhost_call& call) noexcept {
  if (call.cancelled.load(std::memory_order_relaxed) != HOOKHOST_CANCEL_DEADLINE)
    call.generation->count_failure();
}

End conclude(hookhost_call& call, hookhost_status status) noexcept {
  End end;
  Outcome& outcome = end.outcome;
  if (status == HOOKHOST_OK && !call.must_fail) {
    outcome.kind = OutcomeKind::kHandled;
    if (call.has_response) {
      outcome.response = call.response;
      if (outcome.response.status >= 500) note_failure(call);
      end.keeps_use = hand_use_to_chunks(call);
    } else {
      outcome.response.body = "null";  // seed row R01
    }
    return end;
  }
  release_chunks(call.response);
  if (status == HOOKHOST_SKIP && !call.must_fail) {
    outcome.kind = OutcomeKind::kSkipped;
    return end;
  }
  note_failure(call);
  outcome.kind = status == HOOKHOST_E_DEAD ? OutcomeKind::kDead : OutcomeKind::kFailed;
  outcome.detail = call.must_fail ? "handle deferred the call and did not return HOOKHOST_PENDING"
                                  : describe_failure(call, status);
  if (status == HOOKHOST_E_RETRY) outcome.retry_after = call.retry_after;
  return end;
}

// Lets go of the generation unless the answer still needs it. The generation may be gone after it.
Outcome let_go(Generation& generation, const End& end) noexcept {
  if (!end.keeps_use) generation.uses().leave();
  return end.outcome;
}

End broken(hookhost_call& call, std::string_view rule) noexcept {
  call.generation->break_rule(call, rule);
  note_failure(call);
  release_chunks(call.response);
  return {failed(rule), false};
}

// handle has returned status after defer.
Outcome settle_deferred(hookhost_call& call, hookhost_token token,
                        hookhost_status status) noexcept {
  Generation& generation = *call.generation;
  if (status != HOOKHOST_PENDING) {
    generation.break_rule(call, "deferred the call and did not return HOOKHOST_PENDING");
    if (generation.tokens().withdraw(token)) {
      if (status >= 0) call.must_fail = true;
      return let_go(generation, conclude(call, status));
    }
    call.must_fail = true;  // somebody uses the call: its memory has to wait for complete
  }
  const std::int32_t cancelled = call.cancelled.load(std::memory_order_seq_cst);
  if (cancelled != 0) generation.uses().hold();
  const auto completed = generation.tokens().handle_returned(token);
  // Without a status the call, and unless it is held the generation, may be gone from here on.
  Outcome outcome;  // kPending
  if (completed) {
    outcome = let_go(generation, conclude(call, *completed));
  } else if (cancelled != 0) {
    generation.announce_cancel(token, cancelled);
  }
  if (cancelled != 0) generation.uses().leave();
  return outcome;
}

Outcome settle(hookhost_call& call, hookhost_status status) noexcept {
  const hookhost_token token = call.token.load(std::memory_order_seq_cst);
  if (token != 0) return settle_deferred(call, token, status);
  if (status == HOOKHOST_PENDING)
    return let_go(*call.generation,
                  broken(call, "returned HOOKHOST_PENDING without defer: nobody would answer"));
  return let_go(*call.generation, conclude(call, status));
}

hookhost_status call_handle(Generation& generation, const EndpointManifest& endpoint,
                            Frame& frame) noexcept {
  try {
    return endpoint.table->handle(generation.instance(), endpoint.table, &frame.call,
                                  &frame.request);
  } catch (const std::exception& exception) {
    frame.call.thrown =
        sentence(*frame.call.attempt->arena,
                 "an exception left handle: ", printable(exception.what(), kErrorDetailBytesMax));
  } catch (...) {
    frame.call.thrown = "an exception left handle";
  }
  generation.break_rule(frame.call, frame.call.thrown);
  return HOOKHOST_E_PLUGIN;
}

// ---- Cancellation. handler_state is shared between the thread of handle and the loop that
// cancels: null, the call, or, when the loop was first, the reason as a small number.

std::atomic_ref<void*> state_of(Attempt& attempt) noexcept {
  return std::atomic_ref<void*>(attempt.handler_state);
}

void publish_call(Attempt& attempt, hookhost_call& call) noexcept {
  void* expected = nullptr;
  if (state_of(attempt).compare_exchange_strong(expected, &call, std::memory_order_acq_rel)) return;
  const auto reason = static_cast<std::int32_t>(reinterpret_cast<std::intptr_t>(expected));
  if (reason == HOOKHOST_CANCEL_DEADLINE) call.generation->count_failure();
  call.cancelled.store(reason, std::memory_order_seq_cst);
}

Frame* make_frame(Attempt& attempt, Generation& generation, const EndpointManifest& endpoint) {
  auto* frame = static_cast<Frame*>(attempt.arena->allocate(sizeof(Frame), alignof(Frame)));
  new (&frame->call) hookhost_call{&attempt, &generation, &endpoint,
                                   Cursor(Document{attempt.body, attempt.index})};
  make_request(attempt, endpoint, &frame->request);
  return frame;
}

// Why the plugin cannot take this attempt; nothing: it can.
std::string_view obstacle(const Attempt& attempt, const EndpointManifest& endpoint) noexcept {
  if (!wants_hub(endpoint.form)) return {};
  if (!attempt.index.empty() && Document{attempt.body, attempt.index}.header().has_hub != 0)
    return {};
  return "the endpoint needs a Hub payload, and the route is configured for another form";
}

}  // namespace

Outcome EndpointHandler::handle(Attempt& attempt) noexcept {
  if (!generation_.uses().enter()) return generation_.held_calls().take(attempt, endpoint_);
  if (const std::string_view reason = obstacle(attempt, endpoint_); !reason.empty())
    return let_go(generation_, {failed(reason), false});
  Frame* frame = nullptr;
  try {
    frame = make_frame(attempt, generation_, endpoint_);
  } catch (...) {
    return let_go(generation_, {failed("no memory for the call"), false});
  }
  publish_call(attempt, frame->call);
  return settle(frame->call, call_handle(generation_, endpoint_, *frame));
}

void EndpointHandler::cancel(Attempt& attempt, CancelReason reason) noexcept {
  const auto code = static_cast<std::int32_t>(reason);
  void* expected = nullptr;
  if (state_of(attempt).compare_exchange_strong(
          expected, reinterpret_cast<void*>(static_cast<std::intptr_t>(code)),
          std::memory_order_acq_rel))
    return;  // handle has not begun; it will find the reason
  auto& call = *static_cast<hookhost_call*>(expected);
  Generation& generation = *call.generation;  // the next one, when the call was passed on
  if (reason == CancelReason::kDeadline) generation.count_failure();
  std::int32_t none = 0;
  call.cancelled.compare_exchange_strong(none, code, std::memory_order_seq_cst);
  // settle_deferred reads cancelled after token was set, we read token after cancelled was set: at
  // least one of us tells the plugin, and the token table sees to it that it is only one.
  const hookhost_token token = call.token.load(std::memory_order_seq_cst);
  if (token != 0) generation.announce_cancel(token, code);
}

void end_deferred(hookhost_call& call, hookhost_status status) noexcept {
  Attempt& attempt = *call.attempt;
  Generation& generation = *call.generation;
  const End end = conclude(call, status);
  attempt.finish(end.outcome);  // the call's memory is gone after it
  static_cast<void>(let_go(generation, end));
}

}  // namespace hookhost::plugin
