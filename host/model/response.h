// SPDX-License-Identifier: Apache-2.0
//
// Response: what the sender gets, as views. Everything it points to is static, in the arena of the
// exchange, or has a release function, and stays until the last byte was written or given up. The
// door adds Date, Content-Length, Connection and the security headers. Hot path: no allocation,
// lock or shared counter per request.
#pragma once

#include <span>
#include <string_view>

#include "model/request.h"

namespace hookhost {

struct Chunk {
  std::string_view bytes;
  void (*release)(void* user) =
      nullptr;  // nullptr: nothing to do. Called once, on any thread, written or not.
  void* user = nullptr;
};

// Which security headers go with it: an answer of a webhook shares its origin with the pages and is
// kept from acting as one.
enum class ResponseKind { kWebhook, kPage };

struct Response {
  int status = 200;
  std::string_view content_type = "application/json";  // empty: no Content-Type (204, 304)
  std::span<const Header> headers = {};                // further ones, already checked
  std::string_view body = {};                          // the whole body, when chunks is empty
  std::span<const Chunk> chunks = {};
  ResponseKind kind = ResponseKind::kWebhook;
  bool close = false;  // end the connection after it
};

// Calls every release of the response once and forgets its chunks. Whoever does not write a
// response does this instead.
inline void release_chunks(Response& response) noexcept {
  for (const Chunk& chunk : response.chunks) {
    if (chunk.release != nullptr) chunk.release(chunk.user);
  }
  response.chunks = {};
}

}  // namespace hookhost
