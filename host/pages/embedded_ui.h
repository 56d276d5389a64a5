// SPDX-License-Identifier: Apache-2.0
//
// The embedded files of this room (see CMakeLists.txt). Constants. Any thread.
#pragma once

#include "pages/embedded_file.h"

namespace hookhost::pages {

const EmbeddedTree& embedded_pages_ui();       // landing page, /docs and their assets
const EmbeddedTree& embedded_pages_openapi();  // parts of /openapi.json; never served as files

// The bytes of a file of the tree. A name that it does not hold is our bug.
std::string_view embedded_bytes(const EmbeddedTree& tree, std::string_view name);

}  // namespace hookhost::pages
