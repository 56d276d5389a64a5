// SPDX-License-Identifier: Apache-2.0
#include "pages/user_folder.h"

#include <algorithm>
#include <utility>

#include "base/encoding.h"
#include "pages/answers.h"
#include "pages/content_security_policy.h"
#include "pages/media_type.h"
#include "pages/negotiation.h"

namespace hookhost::pages {
namespace {

bool is_refused_byte(char c) noexcept {
  return static_cast<unsigned char>(c) < 0x20 || c == 0x7F || c == '\\';
}

// 301 to the same path with a slash behind it, so that relative links of its index.html lead into
// the folder. path starts with one slash, so no other host can be meant.
Response redirect_into(std::string_view path, Arena& arena) {
  const std::span<Header> headers = arena.allocate_array<Header>(1);
  headers[0] = {"Location", arena.copy("/" + percent_encode_path(path) + "/")};
  Response response = refusal(301, {});
  response.content_type = {};
  response.headers = headers;
  return response;
}

Response answer_error(FolderError error) noexcept {
  switch (error) {
    case FolderError::kTooLarge:
      return refusal(500, R"({"detail":"The file is larger than the limit"})");
    case FolderError::kBusy: return refusal(503, R"({"detail":"Service Unavailable"})");
    case FolderError::kNotFound:
    case FolderError::kIsDirectory: break;
  }
  return not_found();
}

}  // namespace

Result<std::string, ErrorCode> folder_path(std::string_view request_path, Arena& arena) {
  const std::optional<std::string_view> decoded = percent_decode(request_path, arena);
  if (!decoded) return ErrorCode::kInvalid;
  if (!decoded->starts_with('/') || std::ranges::any_of(*decoded, is_refused_byte))
    return ErrorCode::kNotFound;

  const std::string_view path = decoded->substr(1);
  // Each segment: no dot at its start (dot-files, "." and ".."), and not empty but for the last.
  for (std::size_t start = 0; start < path.size();) {
    if (path[start] == '.' || path[start] == '/') return ErrorCode::kNotFound;
    const std::size_t end = path.find('/', start);
    start = end == std::string_view::npos ? path.size() : end + 1;
  }
  return std::string(path);
}

Result<std::shared_ptr<UserFolder>> UserFolder::open(UserFolderOptions options) {
  Result<UniqueFd> folder = open_folder(options.folder);
  if (!folder) return folder.error();
  if (options.csp.empty()) options.csp = options.on_space ? kSpacePageCsp : kPageCsp;
  return std::shared_ptr<UserFolder>(new UserFolder(std::move(options), *std::move(folder)));
}

UserFolder::UserFolder(UserFolderOptions options, UniqueFd folder)
    : options_(std::move(options)), reader_(std::move(folder), options_.file_bytes_max) {}

Task<Response> UserFolder::receive(Exchange& exchange) {
  const Result<std::string, ErrorCode> path = folder_path(exchange.head().path, exchange.arena());
  if (!path && path.error() == ErrorCode::kInvalid)
    co_return refusal(400, R"({"detail":"Bad Request"})");
  if (!path) co_return not_found();

  const bool is_folder = path->empty() || path->ends_with('/');
  const std::string file = is_folder ? *path + "index.html" : *path;
  const DiskReader::Answer found = co_await reader_.read(file, exchange.loop());
  co_return answer(found, file, exchange);
}

Response UserFolder::answer(const DiskReader::Answer& found, std::string_view path,
                            Exchange& exchange) const {
  if (!found && found.error() != FolderError::kIsDirectory) return answer_error(found.error());
  if (!is_read(exchange.head().method)) return method_not_allowed();
  if (!found) return redirect_into(path, exchange.arena());

  const FolderFile& file = **found;
  const std::span<Header> headers = exchange.arena().allocate_array<Header>(3);
  headers[0] = {"ETag", exchange.arena().copy(file.etag)};
  headers[1] = {"Cache-Control", "no-cache"};
  headers[2] = {"Content-Security-Policy", options_.csp};
  Response response;
  response.kind = ResponseKind::kPage;
  response.headers = headers;
  if (has_copy(exchange.head(), file.etag)) {
    response.status = 304;
    response.content_type = {};
    return response;
  }
  response.content_type = media_type(path);
  set_shared_body(response, exchange.arena(), *found, file.bytes);
  return response;
}

}  // namespace hookhost::pages
