// SPDX-License-Identifier: Apache-2.0
//
// Why a body is not a document, in the words and at the offset of Python 3.11's json module, which
// the seed answers with (seed tables 7.2 and 8.1): a second, slow pass for bodies that the parser
// refused. Linear, without recursion. Pure, any thread. Not for the hot path.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/arena.h"
#include "model/refusal.h"

namespace hookhost::payload {

enum class JsonFault : std::uint8_t {
  kNone,        // a document
  kSyntax,      // reason and offset say what and where
  kUnreadable,  // too deep, or an integer of too many digits: Python gives up without an offset
};

struct JsonError {
  JsonFault fault = JsonFault::kNone;
  std::string_view reason = {};  // static: "Expecting value"
  std::size_t offset = 0;        // in characters
};

// What is wrong with a text that is well-formed UTF-8 and has no byte order mark. Python's fault
// comes first; what Python lets pass (NaN, Infinity, lone surrogates) counts when it finds none.
JsonError find_json_error(std::string_view text) noexcept;

// The answer for a body that Parser refused: 422 json_invalid, or 400 (bad UTF-8, and kUnreadable).
// UTF-16 and UTF-32, recognised as Python does, are json_invalid at 0.
Refusal refuse_json(std::string_view body, bool is_utf8, Arena& arena);

// The 400 of a body that cannot be read at all.
Refusal refuse_unreadable() noexcept;

}  // namespace hookhost::payload
