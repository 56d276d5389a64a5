// SPDX-License-Identifier: Apache-2.0
//
// Name list: names to compare with, as text: "me/*, org/data". A comma means "or", blanks around an
// item do not count, a star stands for any characters, slashes too; case counts. Pure, any thread.
// Hot path: no allocation, lock or shared counter per request.
#pragma once

#include <string_view>

#include "base/result.h"

namespace hookhost::payload {

// Whether the text is a list with something in each item; else kInvalid with the rule.
Status validate_names(std::string_view list);

// Takes at most the product of both lengths.
bool names_match(std::string_view list, std::string_view name) noexcept;

}  // namespace hookhost::payload
