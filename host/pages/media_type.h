// SPDX-License-Identifier: Apache-2.0
//
// The media type of a file by the end of its name. What is not in the table is
// application/octet-stream: with nosniff, no browser guesses. Pure. Any thread.
#pragma once

#include <string_view>

namespace hookhost::pages {

std::string_view media_type(std::string_view file_name) noexcept;

}  // namespace hookhost::pages
