// SPDX-License-Identifier: Apache-2.0
#include "plugin/response_check.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "base/text.h"
#include "plugin/abi_text.h"

namespace hookhost::plugin {
namespace {

// The host writes these itself (plugin.h, hookhost_response); a second one would let a plugin lie
// about where its answer ends.
constexpr std::array<std::string_view, 5> kHostHeaders = {
    "content-length", "content-type", "connection", "date", "transfer-encoding"};

ResponseProblem invalid(std::string_view rule, std::string_view name = {}) {
  return {HOOKHOST_E_INVALID, rule, name};
}
ResponseProblem beyond(std::string_view rule) { return {HOOKHOST_E_LIMIT, rule, {}}; }

// RFC 9110 5.6.2.
constexpr bool is_token_char(char c) {
  if ((c >= '0' && c <= '9') || (ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z')) return true;
  return std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}
bool is_token(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), is_token_char);
}
bool has_control_character(std::string_view text) {
  return std::any_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

// Lengths first: nothing is read before its size is known to be sane.
Result<void, ResponseProblem> check_header(const hookhost_field& field, std::size_t& bytes) {
  if (field.struct_size < sizeof(hookhost_field))
    return invalid("headers: struct_size of an element is too small");
  if ((field.name.ptr == nullptr && field.name.len != 0) ||
      (field.value.ptr == nullptr && field.value.len != 0))
    return invalid("headers: a text has a length and no pointer");
  if (field.name.len > kResponseHeaderBytesMax || field.value.len > kResponseHeaderBytesMax ||
      (bytes += field.name.len + field.value.len) > kResponseHeaderBytesMax)
    return beyond("headers: more than 8192 bytes together");
  const std::string_view name = view_of(field.name);
  if (!is_token(name)) return invalid("header %: its name is not a token (RFC 9110 5.6.2)", name);
  for (const std::string_view ours : kHostHeaders) {
    if (ascii_iequals(name, ours)) return invalid("header %: the host writes it itself", name);
  }
  if (has_control_character(view_of(field.value)))
    return invalid("header %: its value has a control character", name);
  return {};
}

Result<void, ResponseProblem> take_headers(const hookhost_array& array, Response& out,
                                           std::size_t& bytes, Arena& arena) {
  if (array.count == 0) return {};
  if (array.count > HOOKHOST_RESPONSE_HEADERS_MAX) return beyond("headers: more than 32");
  if (array_problem<hookhost_field>(array) != nullptr)
    return invalid("headers: items, stride or alignment of the array is wrong");
  const auto headers = arena.allocate_array<Header>(array.count);
  for (std::uint32_t i = 0; i < array.count; ++i) {
    const auto& field = element_of<hookhost_field>(array, i);
    if (auto checked = check_header(field, bytes); !checked) return checked;
    headers[i] = {arena.copy(view_of(field.name)), arena.copy(view_of(field.value))};
  }
  out.headers = headers;
  return {};
}

Result<void, ResponseProblem> take_content_type(hookhost_str type, Response& out,
                                                std::size_t& bytes, Arena& arena) {
  if (type.ptr == nullptr) return {};  // the default stands in Response
  if (type.len > kResponseHeaderBytesMax) return beyond("content_type: more than 8192 bytes");
  const std::string_view text = view_of(type);
  if (text.empty()) return invalid("content_type: empty");
  if (has_control_character(text)) return invalid("content_type: it has a control character");
  bytes += text.size();
  out.content_type = text == out.content_type ? out.content_type : arena.copy(text);
  return {};
}

Result<void, ResponseProblem> take_chunks(const hookhost_array& array, Response& out,
                                          Arena& arena) {
  if (array.count == 0) return {};
  if (array.count > HOOKHOST_RESPONSE_CHUNKS_MAX) return beyond("chunks: more than 64");
  if (array_problem<hookhost_chunk>(array) != nullptr)
    return invalid("chunks: items, stride or alignment of the array is wrong");
  const auto chunks = arena.allocate_array<Chunk>(array.count);
  std::size_t bytes = 0;
  for (std::uint32_t i = 0; i < array.count; ++i) {
    const auto& chunk = element_of<hookhost_chunk>(array, i);
    if (chunk.struct_size < sizeof(hookhost_chunk))
      return invalid("chunks: struct_size of an element is too small");
    if (chunk.ptr == nullptr && chunk.len != 0)
      return invalid("chunks: one has a length and no pointer");
    if (chunk.len > HOOKHOST_RESPONSE_BYTES_MAX ||
        (bytes += chunk.len) > HOOKHOST_RESPONSE_BYTES_MAX)
      return beyond("chunks: more than 64 MiB together");
    chunks[i] = {{static_cast<const char*>(chunk.ptr), chunk.len}, chunk.release, chunk.user};
  }
  if (bytes != 0 && (out.status == 204 || out.status == 304))
    return invalid("chunks: a 204 or 304 has no body");
  out.chunks = chunks;
  return {};
}

}  // namespace

Result<Response, ResponseProblem> take_response(const hookhost_response* response, Arena& arena) {
  if (response == nullptr ||
      reinterpret_cast<std::uintptr_t>(response) % alignof(hookhost_response))
    return invalid("response is NULL or not aligned");
  if (response->struct_size < sizeof(hookhost_response))
    return invalid("struct_size is smaller than hookhost_response");
  if (response->status < 200 || response->status > 599)
    return invalid("status: not between 200 and 599");
  Response out;
  out.status = response->status;
  std::size_t bytes = 0;
  if (auto taken = take_content_type(response->content_type, out, bytes, arena); !taken)
    return taken.error();
  if (auto taken = take_headers(response->headers, out, bytes, arena); !taken) return taken.error();
  if (auto taken = take_chunks(response->chunks, out, arena); !taken) return taken.error();
  if (out.status == 204 || out.status == 304) out.content_type = {};
  return out;
}

std::string describe(const ResponseProblem& problem) {
  std::string text(problem.rule);
  if (const std::size_t place = text.find('%'); place != text.npos)
    text.replace(place, 1, '"' + printable(problem.name, 64) + '"');
  return text;
}

}  // namespace hookhost::plugin
