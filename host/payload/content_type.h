// SPDX-License-Identifier: Apache-2.0
//
// Which Content-Type FastAPI reads as JSON: application/json and application/*+json, in any case,
// with or without parameters, which are ignored (seed rows V07, V08). Pure. Hot path: no
// allocation, lock or shared counter per request.
#pragma once

#include <string_view>

namespace hookhost::payload {

// value: of the header; empty: it was not sent, which is not JSON, since a cross-site form must not
// reach a handler.
bool is_json_content_type(std::string_view value) noexcept;

}  // namespace hookhost::payload
