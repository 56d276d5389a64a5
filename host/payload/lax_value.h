// SPDX-License-Identifier: Apache-2.0
//
// pydantic's lax conversions of JSON values to bool and int (seed table 7.1), recorded from
// pydantic 2.13.4. They differ from it in one point (table 8.1): an int is 64 bits wide here, and
// what is legal but wider is int_parsing_size. Pure. Hot path: no allocation, lock or shared
// counter per request.
#pragma once

#include <cstdint>

#include "base/result.h"
#include "payload/cursor.h"
#include "payload/validation.h"

namespace hookhost::payload {

Result<bool, ErrorType> to_lax_bool(const Cursor& cursor, NodeId node);
Result<std::int64_t, ErrorType> to_lax_int(const Cursor& cursor, NodeId node);

// Whether a number equals the integer as Python compares it: 3, 3.0 and 30e-1 are 3.
bool equals(const Cursor& cursor, NodeId number, std::int64_t integer) noexcept;

}  // namespace hookhost::payload
