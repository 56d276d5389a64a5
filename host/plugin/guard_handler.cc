// SPDX-License-Identifier: Apache-2.0
#include "plugin/guard_handler.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <new>

#include "payload/parse.h"
#include "plugin/call.h"
#include "plugin/guard_slab.h"

namespace hookhost::plugin {
namespace {

// Structs of the request besides the texts; a body of many refs needs more.
constexpr std::size_t kRequestBytes = std::size_t{1} << 20;

std::string_view copy(std::string_view text, Arena& arena) {
  if (text.data() == nullptr) return text;  // absent stays absent
  auto* place = static_cast<char*>(arena.allocate(std::max<std::size_t>(text.size(), 1), 1));
  std::copy(text.begin(), text.end(), place);
  return {place, text.size()};
}

// Works for Header and PathParameter alike.
template <class Pair>
std::span<const Pair> copy(std::span<const Pair> pairs, Arena& arena) {
  const auto copies = arena.allocate_array<Pair>(pairs.size());
  for (std::size_t i = 0; i < pairs.size(); ++i)
    new (&copies[i]) Pair{copy(pairs[i].name, arena), copy(pairs[i].value, arena)};
  return copies;
}

std::string_view copy_body(std::string_view body, Arena& arena) {
  auto* place = static_cast<char*>(arena.allocate(body.size() + payload::kPaddingBytes));
  std::copy(body.begin(), body.end(), place);
  return {place, body.size()};
}

std::span<const std::byte> copy_index(std::span<const std::byte> index, Arena& arena) {
  if (index.empty()) return index;
  auto* place = static_cast<std::byte*>(arena.allocate(index.size(), 64));
  std::copy(index.begin(), index.end(), place);
  return {place, index.size()};
}

RequestHead* copy_head(const RequestHead& head, Arena& arena) {
  return new (arena.allocate(sizeof(RequestHead), alignof(RequestHead))) RequestHead{
      copy(head.method, arena), copy(head.target, arena),  copy(head.path, arena),
      copy(head.query, arena),  copy(head.headers, arena), copy(head.remote_address, arena),
      head.received_at};
}

// Everything that the caller reads, out of the memory of the call; its chunks are released.
Outcome keep(Outcome outcome, Arena& arena) noexcept {
  try {
    Response& response = outcome.response;
    outcome.detail = copy(outcome.detail, arena);
    response.content_type = copy(response.content_type, arena);
    response.headers = copy(response.headers, arena);
    std::size_t bytes = 0;
    for (const Chunk& chunk : response.chunks) bytes += chunk.bytes.size();
    if (response.chunks.empty()) {
      response.body = copy(response.body, arena);
    } else {
      auto* place = static_cast<char*>(arena.allocate(bytes, 1));
      response.body = {place, bytes};
      for (const Chunk& chunk : response.chunks)
        place = std::copy(chunk.bytes.begin(), chunk.bytes.end(), place);
    }
  } catch (...) {
    release_chunks(outcome.response);
    return {OutcomeKind::kFailed, {}, "no memory for the answer"};
  }
  release_chunks(outcome.response);
  return outcome;
}

// The attempt as the plugin gets it. It lies in the arena of the original, and is used by the call
// until it lets go, and by a cancel() at the same time: the last of the two protects the slab.
class GuardedAttempt final : public Attempt {
 public:
  GuardedAttempt(Attempt& original, std::string_view label, std::size_t copied_bytes)
      : original_(original),
        label_(label),
        slab_(GuardSlab::map(copied_bytes + kRequestBytes + kCallArenaBytesMax)),
        memory_(slab_.bytes()) {
    route = original.route;
    head = copy_head(*original.head, memory_);
    path = copy(original.path, memory_);
    body = copy_body(original.body, memory_);
    index = copy_index(original.index, memory_);
    parameters = copy(original.parameters, memory_);
    event_id = copy(original.event_id, memory_);
    delivery_id = copy(original.delivery_id, memory_);
    received_at = original.received_at;
    deadline = original.deadline;
    number = original.number;
    is_replayed = original.is_replayed;
    arena = &memory_;
  }

  void finish(const Outcome& outcome) noexcept override {
    Attempt& original = original_;
    const Outcome kept = end(outcome);
    original.finish(kept);  // this object is gone after it
  }
  // Takes the outcome out of the slab, for which this was the call's last use.
  Outcome end(const Outcome& outcome) noexcept {
    const Outcome kept = keep(outcome, *original_.arena);
    leave();
    return kept;
  }

  // False: the call has let go.
  bool enter() noexcept {
    int users = users_.load(std::memory_order_relaxed);
    while (users != 0 &&
           !users_.compare_exchange_weak(users, users + 1, std::memory_order_acquire)) {
    }
    return users != 0;
  }
  void leave() noexcept {
    if (users_.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
    const std::byte* first = slab_.bytes().data();
    const auto* next = static_cast<const std::byte*>(memory_.allocate(1, 1));
    const bool is_inside = first <= next && next < first + slab_.bytes().size();
    const std::size_t used =
        is_inside ? static_cast<std::size_t>(next - first) : slab_.bytes().size();
    memory_.reset({});
    slab_.protect(used, label_);
  }

 private:
  Attempt& original_;
  const std::string_view label_;  // in the arena of the original
  GuardSlab slab_;
  Arena memory_;
  std::atomic<int> users_{1};  // the call
};

std::size_t bytes_of(const Attempt& attempt) noexcept {
  const RequestHead& head = *attempt.head;
  std::size_t bytes = 4096 + attempt.body.size() + attempt.index.size() + head.target.size() * 3 +
                      attempt.path.size() + attempt.event_id.size() + attempt.delivery_id.size();
  for (const Header& header : head.headers)
    bytes += sizeof(Header) + header.name.size() + header.value.size();
  for (const PathParameter& parameter : attempt.parameters)
    bytes += sizeof(PathParameter) + parameter.name.size() + parameter.value.size();
  return bytes;
}

std::atomic_ref<void*> state_of(Attempt& attempt) noexcept {
  return std::atomic_ref<void*>(attempt.handler_state);
}

}  // namespace

GuardHandler::GuardHandler(Generation& generation, const EndpointManifest& endpoint) noexcept
    : generation_(generation), endpoint_(endpoint), inner_(generation, endpoint) {}

Outcome GuardHandler::handle(Attempt& attempt) noexcept {
  GuardedAttempt* guarded = nullptr;
  try {
    have_fault_stack();
    const std::string_view label = attempt.arena->copy(
        fmt::format("plugin {} gen {}, route {}, event {}", generation_.manifest().id,
                    generation_.number(), endpoint_.path, attempt.event_id));
    guarded = new (attempt.arena->allocate(sizeof(GuardedAttempt), alignof(GuardedAttempt)))
        GuardedAttempt(attempt, label, bytes_of(attempt));
  } catch (...) {
    return {OutcomeKind::kFailed, {}, "no memory to guard the call"};
  }
  // handler_state is as in abi_bridge.cc: null, this, or the reason of a cancel() that was first.
  void* expected = nullptr;
  if (!state_of(attempt).compare_exchange_strong(expected, guarded, std::memory_order_acq_rel))
    inner_.cancel(*guarded, static_cast<CancelReason>(reinterpret_cast<std::intptr_t>(expected)));
  const Outcome outcome = inner_.handle(*guarded);
  if (outcome.kind == OutcomeKind::kPending) return outcome;  // the attempt may be gone already
  return guarded->end(outcome);
}

void GuardHandler::cancel(Attempt& attempt, CancelReason reason) noexcept {
  void* expected = nullptr;
  if (state_of(attempt).compare_exchange_strong(
          expected, reinterpret_cast<void*>(static_cast<std::intptr_t>(reason)),
          std::memory_order_acq_rel))
    return;  // handle has not begun; it will find the reason
  auto& guarded = *static_cast<GuardedAttempt*>(expected);
  if (!guarded.enter()) return;
  inner_.cancel(guarded, reason);
  guarded.leave();
}

}  // namespace hookhost::plugin
