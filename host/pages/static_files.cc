// SPDX-License-Identifier: Apache-2.0
#include "pages/static_files.h"

#include <algorithm>

#include "base/check.h"
#include "pages/answers.h"
#include "pages/media_type.h"
#include "pages/negotiation.h"

namespace hookhost::pages {
namespace {

// Content-Encoding is the last one: a 304 and an answer without gzip leave it away.
constexpr std::size_t kHeaderCount = 5;

}  // namespace

struct StaticFiles::Entry {
  std::string path;
  const EmbeddedFile* file;
  std::array<Header, kHeaderCount> headers;
  std::array<Header, kHeaderCount> gzip_headers;
};

StaticFiles::StaticFiles(const EmbeddedTree& tree, std::string_view csp,
                         std::span<const StaticPage> pages) {
  const auto add = [&](std::string path, const EmbeddedFile& file, std::string_view caching) {
    const auto headers_with = [&](std::string_view etag) {
      return std::array<Header, kHeaderCount>{{{"ETag", etag},
                                               {"Cache-Control", caching},
                                               {"Vary", "Accept-Encoding"},
                                               {"Content-Security-Policy", csp},
                                               {"Content-Encoding", "gzip"}}};
    };
    entries_.push_back(
        {std::move(path), &file, headers_with(file.etag), headers_with(file.gzip_etag)});
  };

  for (const EmbeddedFile& file : tree.files) {
    if (!file.is_page) {
      add(std::string(tree.asset_prefix).append(file.name), file,
          "public, max-age=31536000, immutable");
    }
  }
  for (const StaticPage& page : pages) {
    const auto file = std::ranges::find(tree.files, page.file, &EmbeddedFile::name);
    HOOKHOST_CHECK(file != tree.files.end());
    add(std::string(page.path), *file, "no-cache");
  }
  std::ranges::sort(entries_, {}, &Entry::path);
}

StaticFiles::~StaticFiles() = default;

const StaticFiles::Entry* StaticFiles::find(std::string_view path) const noexcept {
  const auto entry = std::ranges::lower_bound(entries_, path, {}, &Entry::path);
  return entry != entries_.end() && entry->path == path ? &*entry : nullptr;
}

Response StaticFiles::answer(const Entry& entry, const RequestHead& head) const noexcept {
  if (!is_read(head.method)) return method_not_allowed();

  const EmbeddedFile& file = *entry.file;
  const bool is_packed = !file.gzip_bytes.empty() && accepts_gzip(head);
  const std::span<const Header> headers = is_packed ? entry.gzip_headers : entry.headers;
  Response response;
  response.kind = ResponseKind::kPage;
  if (has_copy(head, is_packed ? file.gzip_etag : file.etag)) {
    response.status = 304;
    response.content_type = {};
    response.headers = headers.first(kHeaderCount - 1);
    return response;
  }
  response.content_type = media_type(file.name);
  response.headers = is_packed ? headers : headers.first(kHeaderCount - 1);
  response.body = is_packed ? file.gzip_bytes : file.bytes;
  return response;
}

}  // namespace hookhost::pages
