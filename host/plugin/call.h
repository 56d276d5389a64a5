// SPDX-License-Identifier: Apache-2.0
//
// The call behind the ABI's opaque hookhost_call: one attempt that a plugin is handling. It lives
// in the arena of its attempt and is never freed by itself. Unless a member says otherwise it
// belongs to the call's owner: the thread inside handle, or the one that resumed it. Hot path: no
// allocation, lock or shared counter per request.
#pragma once

#include <hookhost/plugin.h>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "model/handler.h"
#include "model/response.h"
#include "payload/cursor.h"

namespace hookhost::plugin {

class Generation;
struct EndpointManifest;

// A chunk's way back to the plugin: its release, and the use of the generation that it keeps alive
// until its bytes were written. In the arena of the attempt.
struct ChunkUse {
  Generation* generation = nullptr;
  hookhost_release_fn release = nullptr;  // the plugin's; may be null
  void* user = nullptr;
  bool has_use = false;  // leave() belongs to it
};

// Most of it is for one call at a time; beyond it arena_alloc says NULL.
inline constexpr std::size_t kCallArenaBytesMax = 2 * std::size_t{HOOKHOST_RESPONSE_BYTES_MAX};
inline constexpr std::size_t kErrorDetailBytesMax = 1024;                    // plugin.h, set_error
inline constexpr std::chrono::milliseconds kRetryAfterMax{6 * 3600 * 1000};  // plugin.h

// Fills the members of the host table that take a call: arena_alloc to node_f64.
void fill_call_functions(hookhost_host& table);

}  // namespace hookhost::plugin

struct hookhost_call {
  hookhost::Attempt* attempt;
  hookhost::plugin::Generation* generation;
  const hookhost::plugin::EndpointManifest* endpoint;
  hookhost::payload::Cursor cursor;

  // Any thread. Set once, before and after which the other one is read: see abi_bridge.cc, cancel.
  std::atomic<std::int32_t> cancelled{0};
  std::atomic<hookhost_token> token{0};  // 0: not deferred

  hookhost::Response response{};
  std::span<hookhost::plugin::ChunkUse> chunk_uses{};  // one per chunk of the response
  bool has_response = false;
  bool must_fail = false;     // handle broke a rule while somebody else had the call
  std::string_view thrown{};  // what an exception that left handle said
  std::chrono::milliseconds retry_after{0};
  char* detail = nullptr;  // kErrorDetailBytesMax, from the first set_error on
  std::size_t detail_bytes = 0;
  std::size_t arena_bytes = 0;          // given out by arena_alloc
  std::span<const std::byte> newest{};  // its newest allocation
};
