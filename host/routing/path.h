// SPDX-License-Identifier: Apache-2.0
//
// What the segments of a path may be: of a route's path, which a plugin writes, and of a request's,
// which a stranger does. Pure, any thread. Hot path: no allocation, lock or shared counter per
// request (route_path and printed_path are not on it).
#pragma once

#include <string>
#include <string_view>

namespace hookhost::routing {

// Cuts the first segment off: "a/b" becomes "b" and returns "a". No slash at the front.
std::string_view take_segment(std::string_view& rest) noexcept;

// "{id}" -> "id"; data() == nullptr: not a parameter.
std::string_view parameter_name(std::string_view segment) noexcept;

// Whether a template's parameter takes this decoded text. Not: an empty one, "." and "..",
// '/', '\\', ';', '%' (encoded twice), control characters, bytes that are not UTF-8. What a handler
// gets from a path can thus never lead out of a folder or change its meaning when decoded again.
bool is_parameter_value(std::string_view text) noexcept;

// For messages and pages: percent-encoded, the braces of parameters kept (seed row P07).
std::string printed_path(std::string_view route_path);

}  // namespace hookhost::routing
