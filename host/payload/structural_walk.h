// SPDX-License-Identifier: Apache-2.0
//
// The second stage of parsing: from the positions of structural characters, which simdjson's first
// stage found, to nodes. Checks what the first stage left open: the grammar of RFC 8259, every
// scalar, every escape, depth and digits. The first stage promises valid UTF-8, closed strings
// without control characters, and a position for every bracket, comma, colon, opening quote and
// first character of another scalar. Pure. Hot path: no allocation, lock or shared counter per
// request.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "payload/index.h"

namespace hookhost::payload {

struct WalkInput {
  std::string_view text;   // the document without its byte order mark
  std::uint32_t base = 0;  // bytes of the body before the text
  // Ascending, at least one; one more entry, text.size(), is readable behind the last.
  std::span<const std::uint32_t> structurals;
  std::size_t first_backslash = 0;  // in the text; text.size(): none
};

// Room for the nodes of any document with so many structural characters: a container takes two of
// them, a further element or member two at least. The last term is for what is open when a document
// breaks off.
std::size_t nodes_max(std::size_t structurals) noexcept;

// Room for the decoded texts: an escape never becomes longer, and a text with one has its source
// before it.
std::size_t decoded_bytes_max(const WalkInput& input) noexcept;

struct Walked {
  std::uint32_t node_count = 0;  // 0: this is not a document that we take; json_error.h knows why
  std::uint32_t decoded_bytes = 0;
};

// Fills nodes (nodes_max) and decoded (decoded_bytes_max; untouched when there is no backslash).
Walked walk(const WalkInput& input, Node* nodes, char* decoded) noexcept;

}  // namespace hookhost::payload
