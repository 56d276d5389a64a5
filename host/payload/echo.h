// SPDX-License-Identifier: Apache-2.0
//
// A piece of the sender's document as FastAPI would print it back, within kEchoBytesMax: never more
// work or memory than the limit asks for, however large the piece is. Not for the hot path.
#pragma once

#include <string>
#include <string_view>

#include "payload/cursor.h"

namespace hookhost::payload {

// Appends the value as JSON; validation.h says how a longer one is cut.
void append_echo(std::string& out, const Cursor& cursor, NodeId node);

// The same for a text that came as bytes.
void append_text_echo(std::string& out, std::string_view text);

}  // namespace hookhost::payload
