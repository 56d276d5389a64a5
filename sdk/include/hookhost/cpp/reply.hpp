// SPDX-License-Identifier: Apache-2.0
//
// Reply: what a handler answers, and the functions that make one. Other return types need none of
// them: nothing is 200 null, text, numbers, bool, ranges, maps, Object, Array and Json are 200 with
// that JSON. An answer of up to 256 bytes costs the handler no allocation; a larger one is handed
// over, not copied.
#ifndef HOOKHOST_CPP_REPLY_HPP
#define HOOKHOST_CPP_REPLY_HPP

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "../plugin.h"
#include "failure.hpp"
#include "json.hpp"
#include "namespace.hpp"
#include "text.hpp"

HOOKHOST_NAMESPACE_BEGIN

struct Header {
  std::string name;
  std::string value;
};

class Reply {
 public:
  Reply() noexcept = default;  // handled, 200 null

  // Adds a header field. A name or value that HTTP forbids makes the attempt fail, with the reason
  // in the log.
  Reply& header(std::string name, std::string value) & {
    headers_.push_back({std::move(name), std::move(value)});
    return *this;
  }
  Reply&& header(std::string name, std::string value) && {
    return std::move(header(std::move(name), std::move(value)));
  }

  // What the attempt comes to: HOOKHOST_OK, _SKIP, _PENDING or a failure.
  hookhost_status result() const noexcept { return result_; }
  int status() const noexcept { return status_; }
  // The answer's body, or the reason of a failure.
  std::string_view body() const noexcept { return body_.view(); }

  // ---- Used by the functions below and by the library; a handler needs none of these.
  static Reply of_result(hookhost_status result) noexcept {
    Reply reply;
    reply.result_ = result;
    return reply;
  }
  static Reply of_json(int status, JsonText&& json) noexcept {
    Reply reply;
    reply.has_body_ = true;
    reply.status_ = status;
    reply.body_ = std::move(json.bytes());
    return reply;
  }
  static Reply of_reason(hookhost_status result, JsonText&& reason) noexcept {
    Reply reply;
    reply.result_ = result;
    reply.body_ = std::move(reason.bytes());
    return reply;
  }
  static Reply of_bytes(int status, std::string&& body) {
    Reply reply;
    reply.has_body_ = true;
    reply.status_ = status;
    reply.body_.adopt(std::move(body));
    return reply;
  }
  static Reply of_bytes(int status, std::string_view body) {
    Reply reply;
    reply.has_body_ = true;
    reply.status_ = status;
    reply.body_.append(body);
    return reply;
  }
  Reply& content_type(std::string_view type) {
    content_type_ = {};
    content_type_.append(type);
    return *this;
  }
  Reply& delay(std::chrono::milliseconds after) noexcept {
    retry_after_ = after;
    return *this;
  }

  // Tells the host, and returns what handle returns. The reply's memory goes over to the host.
  hookhost_status deliver(const hookhost_host& host, hookhost_call* call) noexcept;

 private:
  static void HOOKHOST_CALL release_string(void* user) noexcept {
    delete static_cast<std::string*>(user);
  }
  // Bytes copied to where they live until the call completes; absent without memory.
  static hookhost_str keep(const hookhost_host& host, hookhost_call* call,
                           std::string_view text) noexcept {
    if (text.empty()) return detail::to_c("");
    void* const copy = host.arena_alloc(call, text.size(), 1);
    if (copy == nullptr) return hookhost_str{};
    std::memcpy(copy, text.data(), text.size());
    return {static_cast<const char*>(copy), text.size()};
  }
  bool set_headers(const hookhost_host& host, hookhost_call* call,
                   hookhost_response& response) const noexcept;
  hookhost_status respond(const hookhost_host& host, hookhost_call* call);

  hookhost_status result_ = HOOKHOST_OK;
  int status_ = 200;
  bool has_body_ = false;
  std::chrono::milliseconds retry_after_{0};
  detail::Buffer<JsonText::kInlineBytes> body_;
  detail::Buffer<64> content_type_;  // empty: JSON
  std::vector<Header> headers_;
};

inline bool Reply::set_headers(const hookhost_host& host, hookhost_call* call,
                               hookhost_response& response) const noexcept {
  if (headers_.empty()) return true;
  auto* const fields = static_cast<hookhost_field*>(
      host.arena_alloc(call, headers_.size() * sizeof(hookhost_field), alignof(hookhost_field)));
  if (fields == nullptr) return false;
  for (std::size_t i = 0; i < headers_.size(); ++i) {
    fields[i] = hookhost_field{sizeof(hookhost_field), 0, keep(host, call, headers_[i].name),
                               keep(host, call, headers_[i].value)};
    if (fields[i].name.ptr == nullptr || fields[i].value.ptr == nullptr) return false;
  }
  response.headers =
      hookhost_array{fields, static_cast<std::uint32_t>(headers_.size()), sizeof(hookhost_field)};
  return true;
}

inline hookhost_status Reply::respond(const hookhost_host& host, hookhost_call* call) {
  hookhost_response response{};
  response.struct_size = sizeof response;
  response.status = status_;
  if (!set_headers(host, call, response)) return HOOKHOST_E_NOMEM;
  if (content_type_.size() != 0) {
    response.content_type = keep(host, call, content_type_.view());
    if (response.content_type.ptr == nullptr) return HOOKHOST_E_NOMEM;
  }
  hookhost_chunk chunk{};
  chunk.struct_size = sizeof chunk;
  std::unique_ptr<std::string> large;  // ours until the host has taken it
  if (body_.is_small()) {
    const hookhost_str kept = keep(host, call, body_.view());
    if (kept.ptr == nullptr) return HOOKHOST_E_NOMEM;
    chunk.ptr = kept.ptr;
    chunk.len = kept.len;
  } else {
    large = std::make_unique<std::string>(body_.take_large());
    chunk.ptr = large->data();
    chunk.len = large->size();
    chunk.release = &release_string;
    chunk.user = large.get();
  }
  if (chunk.len != 0) response.chunks = hookhost_array{&chunk, 1, sizeof chunk};
  const hookhost_status status = host.respond(call, &response);
  if (status == HOOKHOST_OK) static_cast<void>(large.release());
  return status;
}

inline hookhost_status Reply::deliver(const hookhost_host& host, hookhost_call* call) noexcept {
  if (result_ == HOOKHOST_SKIP || result_ == HOOKHOST_PENDING) return result_;
  if (result_ != HOOKHOST_OK) {
    if (body_.size() != 0) host.set_error(&host, call, detail::to_c(body_.view()));
    if (result_ == HOOKHOST_E_RETRY && retry_after_.count() > 0) {
      host.retry_after(call, static_cast<std::uint64_t>(retry_after_.count()));
    }
    return result_;
  }
  if (!has_body_ && headers_.empty()) return HOOKHOST_OK;  // the host answers 200 null
  hookhost_status status = HOOKHOST_E_NOMEM;
  try {
    if (!has_body_) body_.append("null");
    status = respond(host, call);
    if (status == HOOKHOST_OK) return HOOKHOST_OK;
    const std::string reason = text_of("the answer was refused: {}", describe(status));
    host.set_error(&host, call, detail::to_c(reason));
  } catch (...) {
    host.set_error(&host, call, detail::to_c("no memory for the answer"));
  }
  return HOOKHOST_E_PLUGIN;
}

// ---- Answers. A text takes one {} for each argument and becomes a JSON string.

namespace detail {

template <class T>
concept CharacterArray = std::is_array_v<T> && std::same_as < std::remove_extent_t<T>,
char > ;

inline Reply sentence(int status, std::string_view text, std::initializer_list<Value> arguments) {
  JsonText json;
  json.raw("\"");
  format(json, text, arguments, true);
  json.raw("\"");
  return Reply::of_json(status, std::move(json));
}
template <class T>
Reply json_reply(int status, const T& value) {
  JsonText json;
  json.value(value);
  return Reply::of_json(status, std::move(json));
}
inline Reply reason(hookhost_status result, std::string_view text,
                    std::initializer_list<Value> arguments) {
  JsonText plain;
  format(plain, text, arguments, false);
  return Reply::of_reason(result, std::move(plain));
}

}  // namespace detail

// 200 null, 200 with a text, 200 with a value.
inline Reply ok() noexcept { return Reply(); }
template <Writable... Arguments>
Reply ok(FormatOf<Arguments...> text, const Arguments&... arguments) {
  return detail::sentence(200, text.text(), {Value(arguments)...});
}
template <Writable T>
requires(!detail::CharacterArray<T>) Reply ok(const T& value) {
  return detail::json_reply(200, value);
}

// 202: work was started that is not done yet.
template <Writable... Arguments>
Reply accepted(FormatOf<Arguments...> text, const Arguments&... arguments) {
  return detail::sentence(202, text.text(), {Value(arguments)...});
}

// json({{"team", team}, {"stars", 3}}), json(201, {{"id", id}}), json(list), json(409, object).
inline Reply json(int status, std::initializer_list<Member> members) {
  return detail::json_reply(status, Object(members));
}
inline Reply json(std::initializer_list<Member> members) { return json(200, members); }
template <Writable T>
Reply json(int status, const T& value) {
  return detail::json_reply(status, value);
}
template <Writable T>
Reply json(const T& value) {
  return detail::json_reply(200, value);
}

// Plain text: text(200, "pong").
template <Writable... Arguments>
Reply text(int status, FormatOf<Arguments...> format, const Arguments&... arguments) {
  JsonText plain;
  detail::format(plain, format.text(), {Value(arguments)...}, false);
  Reply reply = Reply::of_json(status, std::move(plain));
  return std::move(reply.content_type("text/plain; charset=utf-8"));
}

// Any bytes. A std::string that is moved in is handed to the host as it is. An empty content_type
// is JSON.
template <detail::StringLike Body>
Reply respond(int status, Body&& body, std::string_view content_type = "text/plain; charset=utf-8",
              std::initializer_list<Header> headers = {}) {
  Reply reply = [&] {
    if constexpr (std::same_as<Body, std::string>) {  // an rvalue
      return Reply::of_bytes(status, std::move(body));
    } else {
      return Reply::of_bytes(status, static_cast<std::string_view>(body));
    }
  }();
  reply.content_type(content_type);
  for (const Header& header : headers) reply.header(header.name, header.value);
  return reply;
}

// 204: nothing to do for this event.
inline Reply ignored() noexcept { return Reply::of_result(HOOKHOST_SKIP); }

// This attempt failed; try again, not before the delay (at most 6 hours).
inline Reply retry(std::chrono::milliseconds delay = {}) noexcept {
  return std::move(Reply::of_result(HOOKHOST_E_RETRY).delay(delay));
}
template <Writable... Arguments>
Reply retry(std::chrono::milliseconds delay, FormatOf<Arguments...> reason,
            const Arguments&... arguments) {
  Reply reply = detail::reason(HOOKHOST_E_RETRY, reason.text(), {Value(arguments)...});
  return std::move(reply.delay(delay));
}
// This attempt failed and must never be tried again. The reason goes to the log.
template <Writable... Arguments>
Reply dead(FormatOf<Arguments...> reason, const Arguments&... arguments) {
  return detail::reason(HOOKHOST_E_DEAD, reason.text(), {Value(arguments)...});
}
// This attempt failed; what happens next is the route's on_failure. The same as an exception.
template <Writable... Arguments>
Reply fail(FormatOf<Arguments...> reason, const Arguments&... arguments) {
  return detail::reason(HOOKHOST_E_PLUGIN, reason.text(), {Value(arguments)...});
}
// After Context::defer: the answer comes later.
inline Reply pending() noexcept { return Reply::of_result(HOOKHOST_PENDING); }

namespace detail {

inline Reply to_reply(Reply&& reply) noexcept { return std::move(reply); }
template <class T>
Reply to_reply(const T& value) {
  static_assert(Writable<T>,
                "this type cannot be answered: return nothing, a Reply, text, a number, a range, a "
                "map, Object, Array or Json, or give it a write_json(JsonText&, const T&)");
  return json_reply(200, value);
}

}  // namespace detail

HOOKHOST_NAMESPACE_END

#endif  // HOOKHOST_CPP_REPLY_HPP
