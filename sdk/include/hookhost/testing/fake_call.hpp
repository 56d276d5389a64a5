// SPDX-License-Identifier: Apache-2.0
//
// One event in a unit test: its JSON, the views a handler sees, the memory it may take, and what it
// answered. Behind the hookhost_call of the fake host. The Hub model is not validated here: what is
// missing is absent, and only text that is not JSON is refused. Not part of the SDK's promises: use
// fake_host.hpp.
#ifndef HOOKHOST_TESTING_FAKE_CALL_HPP
#define HOOKHOST_TESTING_FAKE_CALL_HPP

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <new>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "../cpp/document.hpp"
#include "../cpp/json_functions.hpp"
#include "../cpp/json_tree.hpp"
#include "../cpp/namespace.hpp"
#include "../cpp/reply.hpp"
#include "../cpp/text.hpp"
#include "../payload.h"
#include "../plugin.h"
#include "../str.h"

HOOKHOST_NAMESPACE_BEGIN
namespace test {

// What became of an event.
enum class Outcome {
  kDone,     // answered
  kSkipped,  // ignored(): 204
  kRetry,    // retry(...)
  kDead,     // dead(...)
  kFailed,   // an exception, fail(...), or a broken rule of the ABI
  kPending,  // deferred, and nothing is left that could complete it
  kRefused   // never handled: not JSON
};

// What the sender would get.
struct Response {
  int status = 0;
  std::string body;
  std::string content_type;
  std::vector<Header> headers;
  Outcome outcome = Outcome::kPending;
  std::string error;  // what the handler said about its failure
  std::chrono::milliseconds retry_after{0};

  // The first header of that name, spelt the same; empty: none.
  std::string header(std::string_view name) const {
    for (const Header& field : headers) {
      if (field.name == name) return field.value;
    }
    return {};
  }
  Document json() const { return Document(body); }
};

// What comes with an event besides its body.
struct PostOptions {
  std::vector<Header> headers = {};
  std::vector<Header> params = {};  // of the path; taken from the path when it is given
  std::string query = {};           // "dry=1&team=a%20b"
  std::string method = "POST";
  std::string event_id = "evt_test";
  std::string delivery_id = {};
  std::uint32_t attempt = 1;
  bool is_replayed = false;
  std::chrono::milliseconds deadline{0};  // from now; 0: none
};

class Host;

namespace detail {

using namespace ::hookhost::detail;  // NOLINT: the library's own parts

class FakeCall {
 public:
  FakeCall(std::string body_text, PostOptions post_options, std::string path_text,
           std::int32_t form, std::uint64_t now_ns)
      : options(std::move(post_options)), path_(std::move(path_text)), tree_(std::move(body_text)) {
    is_json_ = form != HOOKHOST_FORM_RAW;
    target_ = options.query.empty() ? path_ : path_ + "?" + options.query;
    fill_request(now_ns);
    const bool is_hub = form != HOOKHOST_FORM_RAW && form != HOOKHOST_FORM_JSON;
    if (is_hub && tree_.root() != 0) fill_payload();
  }
  FakeCall(const FakeCall&) = delete;
  FakeCall& operator=(const FakeCall&) = delete;
  ~FakeCall() { release_chunks(); }

  static FakeCall* of(const hookhost_call* call) noexcept {
    return const_cast<FakeCall*>(reinterpret_cast<const FakeCall*>(call));
  }
  static const JsonTree* tree_of(const hookhost_call* call) noexcept {
    return of(call)->is_json_ ? &of(call)->tree_ : nullptr;
  }
  hookhost_call* c_call() noexcept { return reinterpret_cast<hookhost_call*>(this); }

  bool is_refused() const noexcept { return is_json_ && tree_.root() == 0; }
  const std::string& json_error() const noexcept { return tree_.error(); }

  // ---- Functions of the host table that are about one call.
  static void* HOOKHOST_CALL arena_alloc(hookhost_call* call, std::size_t size,
                                         std::size_t align) noexcept {
    const bool bad_align = align == 0 || align > 64 || (align & (align - 1)) != 0;
    if (bad_align || size > HOOKHOST_RESPONSE_BYTES_MAX) return nullptr;
    try {
      auto& arena = of(call)->arena_;
      arena.push_back(std::make_unique<std::byte[]>(size + align));
      void* at = arena.back().get();
      std::size_t space = size + align;
      return std::align(align, size, at, space);
    } catch (...) {
      return nullptr;
    }
  }
  static hookhost_status HOOKHOST_CALL respond(hookhost_call* call,
                                               const hookhost_response* answer) noexcept {
    try {
      return of(call)->take_response(*answer);
    } catch (...) {
      return HOOKHOST_E_NOMEM;
    }
  }
  static hookhost_status HOOKHOST_CALL retry_after(hookhost_call* call,
                                                   std::uint64_t delay_ms) noexcept {
    constexpr std::uint64_t kMax = 6 * 3600 * 1000;
    of(call)->retry_after_ms = delay_ms > kMax ? kMax : delay_ms;
    return delay_ms > kMax ? HOOKHOST_E_LIMIT : HOOKHOST_OK;
  }
  static std::int32_t HOOKHOST_CALL cancelled(const hookhost_call* call) noexcept {
    return of(call)->cancel_reason.load();
  }

  // The answer, once the attempt has come to status.
  Response response(hookhost_status status) {
    Response made;
    made.error = error;
    made.retry_after = std::chrono::milliseconds(retry_after_ms);
    made.content_type = "application/json";
    if (status == HOOKHOST_SKIP) {
      made.outcome = Outcome::kSkipped;
      made.status = 204;
    } else if (status != HOOKHOST_OK) {
      made.outcome = status == HOOKHOST_E_RETRY  ? Outcome::kRetry
                     : status == HOOKHOST_E_DEAD ? Outcome::kDead
                                                 : Outcome::kFailed;
      made.status = 500;
      made.body = "Internal Server Error";
      made.content_type = "text/plain; charset=utf-8";
    } else if (!has_response_) {
      made.outcome = Outcome::kDone;
      made.status = 200;
      made.body = "null";
    } else {
      made.outcome = Outcome::kDone;
      made.status = status_;
      made.headers = headers_;
      if (Text(content_type_).present()) made.content_type = Text(content_type_).str();
      for (const hookhost_chunk& chunk : chunks_) {
        made.body.append(static_cast<const char*>(chunk.ptr), chunk.len);
      }
    }
    release_chunks();
    return made;
  }

  Host* host = nullptr;
  hookhost_request request{};
  PostOptions options;
  std::string error;
  std::uint64_t retry_after_ms = 0;
  std::atomic<std::int32_t> cancel_reason{0};
  hookhost_token token = 0;  // the fake host guards this and the next three
  bool is_in_handle = false;
  bool is_completed = false;
  hookhost_status completed_with = HOOKHOST_OK;

 private:
  void fill_request(std::uint64_t now_ns) {
    fill_fields(options.headers, headers_in_);
    fill_fields(options.params, params_);
    request.struct_size = sizeof request;
    request.flags = options.is_replayed ? HOOKHOST_REQUEST_REPLAYED : 0u;
    request.method = to_c(options.method);
    request.target = to_c(target_);
    request.path = to_c(path_);
    if (!options.query.empty()) request.query = to_c(options.query);
    request.remote_addr = to_c("127.0.0.1:4711");
    request.event_id = to_c(options.event_id);
    if (!options.delivery_id.empty()) request.delivery_id = to_c(options.delivery_id);
    request.body = to_c(tree_.text());
    request.root = is_json_ ? tree_.root() : 0;
    request.headers = array_of(headers_in_);
    request.path_params = array_of(params_);
    request.received_ns = now_ns;
    if (options.deadline.count() > 0) {
      request.deadline_ns = now_ns + static_cast<std::uint64_t>(options.deadline.count()) * 1000000;
    }
    request.attempt = options.attempt;
  }
  static void fill_fields(const std::vector<Header>& from, std::vector<hookhost_field>& to) {
    for (const Header& header : from) {
      to.push_back({sizeof(hookhost_field), 0, to_c(header.name), to_c(header.value)});
    }
  }
  template <class T>
  static hookhost_array array_of(const std::vector<T>& items) noexcept {
    return {items.empty() ? nullptr : items.data(), static_cast<std::uint32_t>(items.size()),
            sizeof(T)};
  }

  // ---- The typed view, from the document.
  using Nodes = JsonFunctions<&FakeCall::tree_of>;
  hookhost_node get(hookhost_node object, std::string_view key) {
    return Nodes::get(c_call(), object, to_c(key));
  }
  hookhost_str str(hookhost_node object, std::string_view key) {
    return Nodes::str(c_call(), get(object, key));
  }
  hookhost_str owner(hookhost_node object, std::string_view key) {
    return str(get(object, key), "id");
  }
  std::int32_t flag(hookhost_node object, std::string_view key, std::int32_t otherwise = 0) {
    std::int32_t value = otherwise;
    Nodes::boolean(c_call(), get(object, key), &value);
    return value;
  }
  std::int64_t number(hookhost_node object, std::string_view key) {
    std::int64_t value = 0;
    Nodes::i64(c_call(), get(object, key), &value);
    return value;
  }
  hookhost_node object(hookhost_node parent, std::string_view key) {
    const hookhost_node found = get(parent, key);
    return Nodes::type(c_call(), found) == HOOKHOST_NODE_OBJECT ? found : 0;
  }
  const hookhost_url* url(hookhost_node parent) {
    urls_.push_back(std::make_unique<hookhost_url>());
    hookhost_url& made = *urls_.back();
    made.struct_size = sizeof made;
    made.web = str(get(parent, "url"), "web");
    made.api = str(get(parent, "url"), "api");
    return &made;
  }
  static std::int32_t code(hookhost_str text, const char* const* names) noexcept {
    for (std::int32_t i = 0; names[i] != nullptr; ++i) {
      if (Text(text) == names[i]) return i + 1;
    }
    return 0;
  }

  void fill_payload() {
    static constexpr const char* kActions[] = {"create", "delete", "move", "update", nullptr};
    const hookhost_node root = tree_.root();
    const hookhost_node event = get(root, "event");
    event_ = {sizeof event_, 0, str(event, "action"), str(event, "scope")};
    event_.action_code = code(event_.action, kActions);
    fill_repo(get(root, "repo"));
    const hookhost_node webhook = get(root, "webhook");
    webhook_ = {sizeof webhook_, static_cast<std::int32_t>(number(webhook, "version")),
                str(webhook, "id")};
    payload_.struct_size = sizeof payload_;
    payload_.event = &event_;
    payload_.repo = &repo_;
    payload_.webhook = &webhook_;
    if (object(root, "discussion") != 0) fill_discussion(object(root, "discussion"));
    if (object(root, "comment") != 0) fill_comment(object(root, "comment"));
    if (const hookhost_node moved = object(root, "movedTo"); moved != 0) {
      moved_to_ = {sizeof moved_to_, 0, str(moved, "name"), owner(moved, "owner")};
      payload_.moved_to = &moved_to_;
    }
    const hookhost_node refs = get(root, "updatedRefs");
    for (hookhost_node ref = Nodes::first(c_call(), refs); ref != 0;
         ref = Nodes::next(c_call(), ref)) {
      updated_refs_.push_back({sizeof(hookhost_updated_ref), 0, str(ref, "ref"), str(ref, "oldSha"),
                               str(ref, "newSha")});
    }
    payload_.updated_refs = array_of(updated_refs_);
    payload_.updated_config = object(root, "updatedConfig");
    payload_.updated_files = get(root, "updatedFiles");
    payload_.updated_files_truncated = flag(root, "updatedFilesTruncated");
    request.payload = &payload_;
  }
  void fill_repo(hookhost_node node) {
    static constexpr const char* kTypes[] = {"dataset", "model", "space", "bucket", nullptr};
    repo_.struct_size = sizeof repo_;
    repo_.type = str(node, "type");
    repo_.type_code = code(repo_.type, kTypes);
    repo_.name = str(node, "name");
    repo_.id = str(node, "id");
    repo_.head_sha = str(node, "headSha");
    if (repo_.head_sha.ptr == nullptr) repo_.head_sha = str(node, "head_sha");
    repo_.subdomain = str(node, "subdomain");
    repo_.owner_id = owner(node, "owner");
    repo_.url = url(node);
    const hookhost_node tags = get(node, "tags");
    for (hookhost_node tag = Nodes::first(c_call(), tags); tag != 0;
         tag = Nodes::next(c_call(), tag)) {
      tags_.push_back(Nodes::str(c_call(), tag));
    }
    repo_.tags = array_of(tags_);
    repo_.is_private = flag(node, "private");
    repo_.node = node;
  }
  void fill_discussion(hookhost_node node) {
    static constexpr const char* kStatuses[] = {"closed", "draft", "open", "merged", nullptr};
    discussion_.struct_size = sizeof discussion_;
    discussion_.status = str(node, "status");
    discussion_.status_code = code(discussion_.status, kStatuses);
    discussion_.id = str(node, "id");
    discussion_.title = str(node, "title");
    discussion_.author_id = owner(node, "author");
    discussion_.base_ref = str(get(node, "changes"), "base");
    discussion_.merge_commit_id = str(get(node, "changes"), "mergeCommitId");
    discussion_.url = url(node);
    discussion_.num = number(node, "num");
    discussion_.is_pull_request = flag(node, "isPullRequest");
    discussion_.is_pinned = flag(node, "pinned", -1);
    discussion_.node = node;
    payload_.discussion = &discussion_;
  }
  void fill_comment(hookhost_node node) {
    comment_.struct_size = sizeof comment_;
    comment_.is_hidden = flag(node, "hidden");
    comment_.id = str(node, "id");
    comment_.author_id = owner(node, "author");
    comment_.content = str(node, "content");
    comment_.url = url(node);
    comment_.node = node;
    payload_.comment = &comment_;
  }

  // ---- The response.
  static bool is_token(hookhost_str name) noexcept {
    constexpr std::string_view kAllowed =
        "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    return name.len != 0 && Text(name).find_first_not_of(kAllowed) == std::string_view::npos;
  }
  static bool is_the_hosts(hookhost_str name) {
    std::string lower = Text(name).str();
    for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    for (const char* taken :
         {"content-length", "content-type", "connection", "date", "transfer-encoding"}) {
      if (lower == taken) return true;
    }
    return false;
  }
  static bool is_clean(hookhost_str value) noexcept {
    for (const char c : Text(value)) {
      if ((static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7F) return false;
    }
    return true;
  }
  hookhost_status take_response(const hookhost_response& answer) {
    if (has_response_) return HOOKHOST_E_STATE;
    if (answer.status < 200 || answer.status > 599) return HOOKHOST_E_INVALID;
    if (!is_clean(answer.content_type)) return HOOKHOST_E_INVALID;
    if (answer.headers.count > HOOKHOST_RESPONSE_HEADERS_MAX ||
        answer.chunks.count > HOOKHOST_RESPONSE_CHUNKS_MAX) {
      return HOOKHOST_E_LIMIT;
    }
    std::vector<Header> headers;
    std::size_t header_bytes = 0;
    for (std::uint32_t i = 0; i < answer.headers.count; ++i) {
      const auto& field = *static_cast<const hookhost_field*>(hookhost_at(answer.headers, i));
      if (!is_token(field.name) || is_the_hosts(field.name) || !is_clean(field.value)) {
        return HOOKHOST_E_INVALID;
      }
      header_bytes += field.name.len + field.value.len;
      headers.push_back({Text(field.name).str(), Text(field.value).str()});
    }
    std::size_t body_bytes = 0;
    std::vector<hookhost_chunk> chunks;
    for (std::uint32_t i = 0; i < answer.chunks.count; ++i) {
      chunks.push_back(*static_cast<const hookhost_chunk*>(hookhost_at(answer.chunks, i)));
      if (chunks.back().len > HOOKHOST_RESPONSE_BYTES_MAX - body_bytes) return HOOKHOST_E_LIMIT;
      body_bytes += chunks.back().len;
    }
    if (header_bytes > 8192) return HOOKHOST_E_LIMIT;
    if (body_bytes != 0 && (answer.status == 204 || answer.status == 304)) {
      return HOOKHOST_E_INVALID;
    }
    has_response_ = true;
    status_ = answer.status;
    content_type_ = answer.content_type;
    headers_ = std::move(headers);
    chunks_ = std::move(chunks);
    return HOOKHOST_OK;
  }
  void release_chunks() noexcept {
    for (const hookhost_chunk& chunk : chunks_) {
      if (chunk.release != nullptr) chunk.release(chunk.user);
    }
    chunks_.clear();
  }

  std::string path_;
  std::string target_;
  JsonTree tree_;
  bool is_json_ = false;
  std::vector<hookhost_field> headers_in_, params_;
  std::vector<std::unique_ptr<std::byte[]>> arena_;

  hookhost_payload payload_{};
  hookhost_event event_{};
  hookhost_repo repo_{};
  hookhost_discussion discussion_{};
  hookhost_comment comment_{};
  hookhost_webhook webhook_{};
  hookhost_moved_to moved_to_{};
  std::vector<std::unique_ptr<hookhost_url>> urls_;
  std::vector<hookhost_str> tags_;
  std::vector<hookhost_updated_ref> updated_refs_;

  bool has_response_ = false;
  int status_ = 0;
  hookhost_str content_type_{};
  std::vector<Header> headers_;
  std::vector<hookhost_chunk> chunks_;
};

}  // namespace detail
}  // namespace test
HOOKHOST_NAMESPACE_END

#endif  // HOOKHOST_TESTING_FAKE_CALL_HPP
