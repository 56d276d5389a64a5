// SPDX-License-Identifier: Apache-2.0
//
// Text made safe inside HTML that we write. For the pages that must work without JavaScript; all
// others put text into text nodes. Pure. Any thread.
#pragma once

#include <string>
#include <string_view>

namespace hookhost::pages {

// Between tags or inside a quoted attribute: & < > " ' become references; control characters, bidi
// controls and bytes that are not UTF-8 are shown as escapes instead of acting.
std::string escape_html(std::string_view text);

}  // namespace hookhost::pages
