// SPDX-License-Identifier: Apache-2.0
#include "plugin/call.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <limits>

#include "base/text.h"
#include "plugin/abi_bridge.h"
#include "plugin/abi_text.h"
#include "plugin/response_check.h"

namespace hookhost::plugin {
namespace {

using payload::NodeId;
using payload::ReadError;

// ---- Memory and the answer

void* arena_alloc(hookhost_call* call, std::size_t size, std::size_t align) {
  const bool is_align = align != 0 && align <= 64 && (align & (align - 1)) == 0;
  if (call == nullptr || !is_align || size > HOOKHOST_RESPONSE_BYTES_MAX ||
      size > kCallArenaBytesMax - call->arena_bytes)
    return nullptr;
  try {
    void* place = call->attempt->arena->allocate(size, align);
    call->arena_bytes += size;
    call->newest = {static_cast<const std::byte*>(place), size};
    return place;
  } catch (...) {
    return nullptr;
  }
}

// The release of every chunk that leaves this room.
void release_chunk(void* user) {
  auto* use = static_cast<ChunkUse*>(user);
  Generation& generation = *use->generation;
  const bool has_use = use->has_use;
  if (use->release != nullptr) {
    const hookhost_release_fn release = use->release;
    void* theirs = use->user;
    if (const auto thrown = exception_of([&] { release(theirs); }))
      generation.report(HOOKHOST_LOG_ERROR, "release of a chunk " + *thrown);
  }
  if (has_use) generation.uses().leave();  // last: the generation may be gone after it
}

bool lies_in(std::string_view bytes, std::span<const std::byte> memory) {
  const auto* begin = reinterpret_cast<const char*>(memory.data());
  return bytes.data() >= begin && bytes.data() + bytes.size() <= begin + memory.size();
}

// Bytes in host memory can outlive the plugin; static ones lie in its library, which must stay
// mapped until they are written.
void bind_chunks(hookhost_call& call, Response& response) {
  if (response.chunks.size() == 1 && response.chunks[0].release == nullptr &&
      lies_in(response.chunks[0].bytes, call.newest)) {
    response.body = response.chunks[0].bytes;
    response.chunks = {};
    return;
  }
  Arena& arena = *call.attempt->arena;
  const auto uses = arena.allocate_array<ChunkUse>(response.chunks.size());
  const auto chunks = arena.allocate_array<Chunk>(response.chunks.size());
  for (std::size_t i = 0; i < chunks.size(); ++i) {
    const Chunk& theirs = response.chunks[i];
    new (&uses[i]) ChunkUse{call.generation, theirs.release, theirs.user, false};
    chunks[i] = {theirs.bytes, release_chunk, &uses[i]};
  }
  response.chunks = chunks;
  call.chunk_uses = uses;
}

hookhost_status refuse_response(hookhost_call& call, const ResponseProblem& problem) {
  call.generation->count_violation();
  call.generation->report_call(call, HOOKHOST_LOG_ERROR, "respond refused: " + describe(problem));
  return problem.status;
}

hookhost_status respond(hookhost_call* call, const hookhost_response* response) {
  if (call == nullptr) return HOOKHOST_E_INVALID;
  if (call->has_response) {
    call->generation->break_rule(*call, "respond was called a second time");
    return HOOKHOST_E_STATE;
  }
  return or_no_memory([&] {
    auto taken = take_response(response, *call->attempt->arena);
    if (!taken) return refuse_response(*call, taken.error());
    if (!taken->chunks.empty()) bind_chunks(*call, *taken);
    call->response = *taken;
    call->has_response = true;
    return HOOKHOST_OK;
  });
}

hookhost_status retry_after(hookhost_call* call, std::uint64_t delay_ms) {
  if (call == nullptr) return HOOKHOST_E_INVALID;
  const auto most = static_cast<std::uint64_t>(kRetryAfterMax.count());
  call->retry_after = std::chrono::milliseconds(std::min(delay_ms, most));
  return delay_ms > most ? HOOKHOST_E_LIMIT : HOOKHOST_OK;
}

// ---- Deferred calls

hookhost_status defer(hookhost_call* call, hookhost_token* token) {
  if (call == nullptr || token == nullptr) return HOOKHOST_E_INVALID;
  if (call->token.load(std::memory_order_relaxed) != 0) return HOOKHOST_E_STATE;
  return or_no_memory([&] {
    const hookhost_token added = call->generation->tokens().add(call);
    if (added == 0) return HOOKHOST_E_LIMIT;
    call->token.store(added, std::memory_order_seq_cst);
    *token = added;
    if (DeferredNames* names = call->generation->deferred_names(); names != nullptr)
      names->add(added, call->endpoint->path, call->attempt->event_id);
    return HOOKHOST_OK;
  });
}

hookhost_call* resume(const hookhost_host* host, hookhost_token token) {
  Generation* generation = generation_of(host);
  return generation == nullptr ? nullptr : generation->tokens().resume(token);
}

hookhost_status complete(const hookhost_host* host, hookhost_token token, hookhost_status status) {
  Generation* generation = generation_of(host);
  if (generation == nullptr || status == HOOKHOST_PENDING) return HOOKHOST_E_INVALID;
  const TokenTable::Completion completion = generation->tokens().complete(token, status);
  if (completion.result == HOOKHOST_E_GONE)
    generation->break_rule(token, "complete was called for a call that has ended");
  if (completion.call != nullptr) end_deferred(*completion.call, status);
  return completion.result;
}

std::int32_t cancelled(const hookhost_call* call) {
  return call == nullptr ? 0 : call->cancelled.load(std::memory_order_acquire);
}

// ---- JSON. A node is the cursor's id; anything larger is nothing.

NodeId id_of(hookhost_node node) noexcept {
  return node > std::numeric_limits<NodeId>::max() ? payload::kNoNode : static_cast<NodeId>(node);
}

std::int32_t node_type(const hookhost_call* call, hookhost_node node) {
  return call == nullptr ? HOOKHOST_NODE_NONE
                         : static_cast<std::int32_t>(call->cursor.type(id_of(node)));
}
static_assert(static_cast<int>(payload::NodeType::kNull) == HOOKHOST_NODE_NULL &&
              static_cast<int>(payload::NodeType::kBool) == HOOKHOST_NODE_BOOL &&
              static_cast<int>(payload::NodeType::kNumber) == HOOKHOST_NODE_NUMBER &&
              static_cast<int>(payload::NodeType::kString) == HOOKHOST_NODE_STRING &&
              static_cast<int>(payload::NodeType::kArray) == HOOKHOST_NODE_ARRAY &&
              static_cast<int>(payload::NodeType::kObject) == HOOKHOST_NODE_OBJECT);

hookhost_node node_get(const hookhost_call* call, hookhost_node object, hookhost_str key) {
  return call == nullptr ? 0 : call->cursor.get(id_of(object), view_of(key));
}
hookhost_node node_at(const hookhost_call* call, hookhost_node array, std::size_t index) {
  return call == nullptr ? 0 : call->cursor.at(id_of(array), index);
}
hookhost_node node_pointer(const hookhost_call* call, hookhost_node from, hookhost_str pointer) {
  return call == nullptr ? 0 : call->cursor.pointer(id_of(from), view_of(pointer));
}
std::size_t node_size(const hookhost_call* call, hookhost_node node) {
  return call == nullptr ? 0 : call->cursor.size(id_of(node));
}
hookhost_node node_first(const hookhost_call* call, hookhost_node container) {
  return call == nullptr ? 0 : call->cursor.first(id_of(container));
}
hookhost_node node_next(const hookhost_call* call, hookhost_node child) {
  return call == nullptr ? 0 : call->cursor.next(id_of(child));
}
hookhost_str node_key(const hookhost_call* call, hookhost_node child) {
  return call == nullptr ? hookhost_str{nullptr, 0} : str_of(call->cursor.key(id_of(child)));
}
hookhost_str node_str(const hookhost_call* call, hookhost_node node) {
  return call == nullptr ? hookhost_str{nullptr, 0} : str_of(call->cursor.text(id_of(node)));
}
hookhost_str node_raw(const hookhost_call* call, hookhost_node node) {
  return call == nullptr ? hookhost_str{nullptr, 0} : str_of(call->cursor.raw(id_of(node)));
}

hookhost_status status_of(ReadError error) noexcept {
  switch (error) {
    case ReadError::kOk: return HOOKHOST_OK;
    case ReadError::kRange: return HOOKHOST_E_RANGE;
    default: return HOOKHOST_E_TYPE;
  }
}

hookhost_status node_bool(const hookhost_call* call, hookhost_node node, std::int32_t* out) {
  if (call == nullptr || out == nullptr) return HOOKHOST_E_INVALID;
  bool value = false;
  const ReadError error = call->cursor.read_bool(id_of(node), value);
  if (error == ReadError::kOk) *out = value ? 1 : 0;
  return status_of(error);
}
hookhost_status node_i64(const hookhost_call* call, hookhost_node node, std::int64_t* out) {
  if (call == nullptr || out == nullptr) return HOOKHOST_E_INVALID;
  return status_of(call->cursor.read_i64(id_of(node), *out));
}
hookhost_status node_u64(const hookhost_call* call, hookhost_node node, std::uint64_t* out) {
  if (call == nullptr || out == nullptr) return HOOKHOST_E_INVALID;
  return status_of(call->cursor.read_u64(id_of(node), *out));
}
hookhost_status node_f64(const hookhost_call* call, hookhost_node node, double* out) {
  if (call == nullptr || out == nullptr) return HOOKHOST_E_INVALID;
  return status_of(call->cursor.read_f64(id_of(node), *out));
}

}  // namespace

void fill_call_functions(hookhost_host& table) {
  table.arena_alloc = arena_alloc;
  table.respond = respond;
  table.retry_after = retry_after;
  table.defer = defer;
  table.resume = resume;
  table.complete = complete;
  table.cancelled = cancelled;
  table.node_type = node_type;
  table.node_get = node_get;
  table.node_at = node_at;
  table.node_pointer = node_pointer;
  table.node_size = node_size;
  table.node_first = node_first;
  table.node_next = node_next;
  table.node_key = node_key;
  table.node_str = node_str;
  table.node_raw = node_raw;
  table.node_bool = node_bool;
  table.node_i64 = node_i64;
  table.node_u64 = node_u64;
  table.node_f64 = node_f64;
}

}  // namespace hookhost::plugin
