// SPDX-License-Identifier: Apache-2.0
//
// StaticFiles: serves an EmbeddedTree. Pages are asked for again each time (no-cache) and carry the
// Content-Security-Policy; assets stand below a path that holds their hash and never change. Gzip
// by Accept-Encoding, one strong ETag per encoding, 304. Bodies come from .rodata without a copy,
// and the header lists are made once, here. Knows no file system. Immutable: any thread.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "model/exchange.h"
#include "pages/embedded_file.h"

namespace hookhost::pages {

struct StaticPage {
  std::string_view path;  // "/docs"
  std::string_view file;  // "docs.html"
};

class StaticFiles {
 public:
  struct Entry;

  // tree and csp must outlive it. pages: where the files marked as pages stand; a file may stand at
  // several paths. A name that the tree does not hold is our bug.
  StaticFiles(const EmbeddedTree& tree, std::string_view csp, std::span<const StaticPage> pages);
  ~StaticFiles();

  // nullptr: not ours. path: raw.
  const Entry* find(std::string_view path) const noexcept;

  // 200, 304, or 405 for another method than GET or HEAD.
  Response answer(const Entry& entry, const RequestHead& head) const noexcept;

 private:
  std::vector<Entry> entries_;  // by path
};

}  // namespace hookhost::pages
