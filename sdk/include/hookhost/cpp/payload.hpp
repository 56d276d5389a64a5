// SPDX-License-Identifier: Apache-2.0
//
// What a handler reads: Payload, the typed view of a Hugging Face Hub event, and Request, the
// message it came in. Views over the C structs of ../payload.h: they own nothing and are valid
// until the call completes. What was not sent is empty and false: `payload.comment.content` needs
// no check first.
#ifndef HOOKHOST_CPP_PAYLOAD_HPP
#define HOOKHOST_CPP_PAYLOAD_HPP

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <new>
#include <string_view>

#include "../payload.h"
#include "../plugin.h"
#include "../str.h"
#include "json.hpp"
#include "namespace.hpp"
#include "text.hpp"

HOOKHOST_NAMESPACE_BEGIN

// A hookhost_array of Raw, seen as values of View.
template <class View, class Raw>
class List {
 public:
  List() noexcept = default;
  explicit List(hookhost_array array) noexcept : array_(array) {}

  std::size_t size() const noexcept { return array_.count; }
  bool empty() const noexcept { return array_.count == 0; }
  View operator[](std::size_t index) const noexcept {
    return View(*reinterpret_cast<const Raw*>(static_cast<const char*>(array_.items) +
                                              index * array_.stride));
  }

  class Iterator {
   public:
    using iterator_category = std::input_iterator_tag;
    using value_type = View;
    using difference_type = std::ptrdiff_t;
    using pointer = const View*;
    using reference = View;
    Iterator() noexcept = default;
    Iterator(const List* list, std::size_t index) noexcept : list_(list), index_(index) {}
    View operator*() const noexcept { return (*list_)[index_]; }
    Iterator& operator++() noexcept {
      ++index_;
      return *this;
    }
    Iterator operator++(int) noexcept { return Iterator(list_, index_++); }
    friend bool operator==(const Iterator& a, const Iterator& b) noexcept {
      return a.index_ == b.index_;
    }

   private:
    const List* list_ = nullptr;
    std::size_t index_ = 0;
  };
  Iterator begin() const noexcept { return Iterator(this, 0); }
  Iterator end() const noexcept { return Iterator(this, size()); }

 private:
  hookhost_array array_{};
};

using Texts = List<Text, hookhost_str>;

struct Event {
  enum class Action : std::int32_t {
    kOther = 0,  // a value this host does not know; read action
    kCreate = HOOKHOST_ACTION_CREATE,
    kDelete = HOOKHOST_ACTION_DELETE,
    kMove = HOOKHOST_ACTION_MOVE,
    kUpdate = HOOKHOST_ACTION_UPDATE
  };
  Text action;
  Text scope;
  Action action_code = Action::kOther;

  Event() noexcept = default;
  explicit Event(const hookhost_event& event) noexcept
      : action(event.action),
        scope(event.scope),
        action_code(static_cast<Action>(event.action_code)) {}

  // The Hub's narrowing rule: an event of a narrower scope is an "update" of the wanted one, so
  // is("repo", "update") is true for repo.content, whatever its action. On the wanted scope itself
  // the action must be equal.
  bool is(std::string_view wanted_scope, std::string_view wanted_action) const noexcept {
    hookhost_event event{};
    event.scope = detail::to_c(scope);
    event.action = detail::to_c(action);
    return hookhost_event_is(&event, detail::to_c(wanted_scope), detail::to_c(wanted_action)) != 0;
  }
};

struct Url {
  Text web;
  Text api;

  Url() noexcept = default;
  explicit Url(const hookhost_url* url) noexcept {
    if (url == nullptr) return;
    web = url->web;
    api = url->api;
  }
};

struct Repo {
  enum class Type : std::int32_t {
    kOther = 0,
    kDataset = HOOKHOST_REPO_DATASET,
    kModel = HOOKHOST_REPO_MODEL,
    kSpace = HOOKHOST_REPO_SPACE,
    kBucket = HOOKHOST_REPO_BUCKET
  };
  Text type;
  Text name;  // "user/my-dataset"
  Text id;
  Text head_sha;
  Text subdomain;  // of a Space
  Text owner_id;
  Url url;
  Texts tags;
  Type type_code = Type::kOther;
  bool is_private = false;
  Json json;  // the object itself

  Repo() noexcept = default;
  Repo(const hookhost_repo& repo, Json node) noexcept
      : type(repo.type),
        name(repo.name),
        id(repo.id),
        head_sha(repo.head_sha),
        subdomain(repo.subdomain),
        owner_id(repo.owner_id),
        url(repo.url),
        tags(repo.tags),
        type_code(static_cast<Type>(repo.type_code)),
        is_private(repo.is_private != 0),
        json(node) {}

  Json operator[](std::string_view key) const noexcept { return json[key]; }
};

struct Discussion {
  enum class Status : std::int32_t {
    kOther = 0,
    kClosed = HOOKHOST_DISCUSSION_CLOSED,
    kDraft = HOOKHOST_DISCUSSION_DRAFT,
    kOpen = HOOKHOST_DISCUSSION_OPEN,
    kMerged = HOOKHOST_DISCUSSION_MERGED
  };
  Text status;
  Text id;
  Text title;
  Text author_id;
  Text base_ref;         // of a pull request: what it changes
  Text merge_commit_id;  // of a pull request that was merged
  Url url;
  std::int64_t num = 0;
  Status status_code = Status::kOther;
  bool is_pull_request = false;
  bool is_pinned = false;  // false as well when it was not sent
  Json json;

  Discussion() noexcept = default;
  Discussion(const hookhost_discussion& discussion, Json node) noexcept
      : status(discussion.status),
        id(discussion.id),
        title(discussion.title),
        author_id(discussion.author_id),
        base_ref(discussion.base_ref),
        merge_commit_id(discussion.merge_commit_id),
        url(discussion.url),
        num(discussion.num),
        status_code(static_cast<Status>(discussion.status_code)),
        is_pull_request(discussion.is_pull_request != 0),
        is_pinned(discussion.is_pinned == 1),
        json(node),
        present_(true) {}

  explicit operator bool() const noexcept { return present_; }
  Json operator[](std::string_view key) const noexcept { return json[key]; }

 private:
  bool present_ = false;
};

struct Comment {
  Text id;
  Text author_id;
  Text content;  // absent when hidden
  Url url;
  bool is_hidden = false;
  Json json;

  Comment() noexcept = default;
  Comment(const hookhost_comment& comment, Json node) noexcept
      : id(comment.id),
        author_id(comment.author_id),
        content(comment.content),
        url(comment.url),
        is_hidden(comment.is_hidden != 0),
        json(node),
        present_(true) {}

  explicit operator bool() const noexcept { return present_; }
  Json operator[](std::string_view key) const noexcept { return json[key]; }

 private:
  bool present_ = false;
};

struct Webhook {
  Text id;
  std::int32_t version = 0;

  Webhook() noexcept = default;
  explicit Webhook(const hookhost_webhook& webhook) noexcept
      : id(webhook.id), version(webhook.version) {}
};

struct MovedTo {
  Text name;
  Text owner_id;

  MovedTo() noexcept = default;
  explicit MovedTo(const hookhost_moved_to& moved) noexcept
      : name(moved.name), owner_id(moved.owner_id), present_(true) {}
  explicit operator bool() const noexcept { return present_; }

 private:
  bool present_ = false;
};

struct UpdatedRef {
  Text ref;      // "refs/heads/main"
  Text old_sha;  // absent: the ref is new
  Text new_sha;  // absent: the ref was deleted

  explicit UpdatedRef(const hookhost_updated_ref& updated) noexcept
      : ref(updated.ref), old_sha(updated.old_sha), new_sha(updated.new_sha) {}
};
using UpdatedRefs = List<UpdatedRef, hookhost_updated_ref>;

struct Payload {
  Event event;
  Repo repo;
  Discussion discussion;  // false when the event is not about one
  Comment comment;        // likewise
  Webhook webhook;
  MovedTo moved_to;  // likewise
  UpdatedRefs updated_refs;
  Json updated_config;  // an object, or nothing
  Json updated_files;   // of a bucket: an array, or nothing
  bool updated_files_truncated = false;
  Json json;  // the whole document

  Payload() noexcept = default;
  Payload(const hookhost_host* host, const hookhost_call* call, const hookhost_payload& payload,
          hookhost_node root) noexcept
      : event(*payload.event),
        repo(*payload.repo, Json(host, call, payload.repo->node)),
        webhook(*payload.webhook),
        updated_refs(payload.updated_refs),
        updated_config(host, call, payload.updated_config),
        updated_files(host, call, payload.updated_files),
        updated_files_truncated(payload.updated_files_truncated != 0),
        json(host, call, root) {
    if (payload.discussion != nullptr) {
      discussion = Discussion(*payload.discussion, Json(host, call, payload.discussion->node));
    }
    if (payload.comment != nullptr) {
      comment = Comment(*payload.comment, Json(host, call, payload.comment->node));
    }
    if (payload.moved_to != nullptr) moved_to = MovedTo(*payload.moved_to);
  }

  // Any member of the document, listed above or not.
  Json operator[](std::string_view key) const noexcept { return json[key]; }
};

struct Field {
  Text name;
  Text value;

  explicit Field(const hookhost_field& field) noexcept : name(field.name), value(field.value) {}
};
using Fields = List<Field, hookhost_field>;

// The message an event came in. For the thread that owns the call.
class Request {
 public:
  Text method;
  Text target;        // as sent; may hold a secret in its query: do not log it
  Text path;          // decoded
  Text query_string;  // as sent, not decoded; absent without '?'
  Text remote_addr;
  Text event_id;     // ours: the same in every attempt and replay
  Text delivery_id;  // the sender's; absent when none was sent
  Text body;         // the exact bytes that were received
  Json json;         // the document; nothing on a raw endpoint
  Fields headers;
  Fields params;
  std::uint32_t attempt = 1;
  bool is_replayed = false;

  Request(const hookhost_host* host, hookhost_call* call, const hookhost_request& request) noexcept
      : method(request.method),
        target(request.target),
        path(request.path),
        query_string(request.query),
        remote_addr(request.remote_addr),
        event_id(request.event_id),
        delivery_id(request.delivery_id),
        body(request.body),
        json(host, call, request.root),
        headers(request.headers),
        params(request.path_params),
        attempt(request.attempt),
        is_replayed((request.flags & HOOKHOST_REQUEST_REPLAYED) != 0),
        host_(host),
        call_(call) {}

  // What stood at {name} in the path, decoded; absent when the path has no such parameter.
  Text param(std::string_view name) const noexcept {
    for (const Field& field : params) {
      if (field.name == name) return field.value;
    }
    return Text();
  }

  // The first header field of that name in any case; absent when there is none.
  Text header(std::string_view name) const noexcept {
    for (const Field& field : headers) {
      if (equals_ignoring_case(field.name, name)) return field.value;
    }
    return Text();
  }

  // The first value of that name in the query, decoded as by a form ('+' is a space). Present and
  // empty for
  // "?dry" and "?dry=". Throws std::bad_alloc when a value with escapes finds no memory.
  Text query(std::string_view name) const {
    std::string_view rest = query_string;
    while (!rest.empty()) {
      const std::string_view pair = rest.substr(0, rest.find('&'));
      rest.remove_prefix(pair.size() < rest.size() ? pair.size() + 1 : rest.size());
      const auto equals = pair.find('=');
      if (decode(pair.substr(0, equals)) != name) continue;
      return equals == pair.npos ? Text(std::string_view("")) : decode(pair.substr(equals + 1));
    }
    return Text();
  }

 private:
  static constexpr char lower(char c) noexcept {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  static bool equals_ignoring_case(std::string_view a, std::string_view b) noexcept {
    if (a.size() != b.size()) return false;
    for (std::size_t i = 0; i < a.size(); ++i) {
      if (lower(a[i]) != lower(b[i])) return false;
    }
    return true;
  }
  static constexpr int hex(char c) noexcept {
    if (c >= '0' && c <= '9') return c - '0';
    c = lower(c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
  }
  // A malformed escape stands for itself, as in browsers and Python.
  Text decode(std::string_view text) const {
    if (text.find_first_of("%+") == text.npos) return Text(text);
    char* const out = static_cast<char*>(host_->arena_alloc(call_, text.size(), 1));
    if (out == nullptr) throw std::bad_alloc();
    std::size_t size = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
      const bool escape =
          text[i] == '%' && i + 2 < text.size() && hex(text[i + 1]) >= 0 && hex(text[i + 2]) >= 0;
      out[size++] = escape           ? static_cast<char>(hex(text[i + 1]) * 16 + hex(text[i + 2]))
                    : text[i] == '+' ? ' '
                                     : text[i];
      if (escape) i += 2;
    }
    return Text(std::string_view(out, size));
  }

  const hookhost_host* host_;
  hookhost_call* call_;
};

HOOKHOST_NAMESPACE_END

#endif  // HOOKHOST_CPP_PAYLOAD_HPP
