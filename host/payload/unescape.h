// SPDX-License-Identifier: Apache-2.0
//
// Decodes the inside of a JSON string (RFC 8259, section 7). Stricter than Python: a surrogate
// without its other half is refused, since the result must be UTF-8. Pure. Hot path: no allocation,
// lock or shared counter per request.
#pragma once

#include <string_view>

namespace hookhost::payload {

// source: the text between the quotes, well-formed UTF-8. out has room for source.size() bytes and
// does not overlap it; returns the end of the result, behind which the room has no meaning.
// nullptr: an escape that is none.
char* unescape(std::string_view source, char* out) noexcept;

}  // namespace hookhost::payload
