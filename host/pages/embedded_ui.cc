// SPDX-License-Identifier: Apache-2.0
#include "pages/embedded_ui.h"

#include <algorithm>

#include "base/check.h"

namespace hookhost::pages {

std::string_view embedded_bytes(const EmbeddedTree& tree, std::string_view name) {
  const auto file = std::ranges::find(tree.files, name, &EmbeddedFile::name);
  HOOKHOST_CHECK(file != tree.files.end());
  return file->bytes;
}

}  // namespace hookhost::pages
