// SPDX-License-Identifier: Apache-2.0
//
// EmbeddedFile: a file of ours inside the binary, as cmake/EmbedFiles.cmake puts it there: the
// bytes as they are and gzipped, each with the strong ETag of its own bytes. The bytes are in
// .rodata and live as long as the process. Any thread.
#pragma once

#include <span>
#include <string_view>

namespace hookhost::pages {

struct EmbeddedFile {
  std::string_view name;  // "docs.js", without folders
  bool is_page;           // served at a path of its own and asked for again; else a hashed asset
  std::string_view bytes;
  std::string_view etag;        // with its quotes
  std::string_view gzip_bytes;  // empty: gzip does not make it smaller
  std::string_view gzip_etag;
};

struct EmbeddedTree {
  std::string_view asset_prefix;        // "/a/<hash>/": changes with every byte of every asset
  std::span<const EmbeddedFile> files;  // by name
};

}  // namespace hookhost::pages
