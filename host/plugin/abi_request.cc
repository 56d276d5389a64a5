// SPDX-License-Identifier: Apache-2.0
#include "plugin/abi_request.h"

#include <array>
#include <new>
#include <span>

#include "payload/cursor.h"
#include "payload/index.h"
#include "plugin/abi_text.h"

namespace hookhost::plugin {
namespace {

using payload::Cursor;
using payload::Document;
using payload::HubFields;
using payload::NodeId;
using payload::NodeType;

// Everything that a Hub payload needs, in one piece of the arena.
struct HubFrame {
  hookhost_payload payload;
  hookhost_event event;
  hookhost_repo repo;
  hookhost_url repo_url;
  hookhost_discussion discussion;
  hookhost_url discussion_url;
  hookhost_comment comment;
  hookhost_url comment_url;
  hookhost_webhook webhook;
  hookhost_moved_to moved_to;
};

std::uint64_t nanoseconds_of(MonotonicTime time) noexcept {
  return static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::nanoseconds>(time.time_since_epoch()).count());
}

// Works for Header and PathParameter alike.
template <class Pair>
hookhost_array fields_of(std::span<const Pair> pairs, Arena& arena) {
  if (pairs.empty()) return {nullptr, 0, sizeof(hookhost_field)};
  const auto fields = arena.allocate_array<hookhost_field>(pairs.size());
  for (std::size_t i = 0; i < pairs.size(); ++i)
    fields[i] = {sizeof(hookhost_field), 0, str_of(pairs[i].name), str_of(pairs[i].value)};
  return {fields.data(), static_cast<std::uint32_t>(fields.size()), sizeof(hookhost_field)};
}

// The code of a word of an open set; 0: another one.
struct Code {
  std::string_view word;
  std::int32_t code;
};
template <std::size_t N>
std::int32_t code_of(std::string_view word, const std::array<Code, N>& codes) noexcept {
  for (const Code& row : codes) {
    if (row.word == word) return row.code;
  }
  return 0;
}
constexpr std::array<Code, 4> kActions = {{{"create", HOOKHOST_ACTION_CREATE},
                                           {"delete", HOOKHOST_ACTION_DELETE},
                                           {"move", HOOKHOST_ACTION_MOVE},
                                           {"update", HOOKHOST_ACTION_UPDATE}}};
constexpr std::array<Code, 4> kRepoTypes = {{{"dataset", HOOKHOST_REPO_DATASET},
                                             {"model", HOOKHOST_REPO_MODEL},
                                             {"space", HOOKHOST_REPO_SPACE},
                                             {"bucket", HOOKHOST_REPO_BUCKET}}};
constexpr std::array<Code, 4> kDiscussionStatuses = {{{"closed", HOOKHOST_DISCUSSION_CLOSED},
                                                      {"draft", HOOKHOST_DISCUSSION_DRAFT},
                                                      {"open", HOOKHOST_DISCUSSION_OPEN},
                                                      {"merged", HOOKHOST_DISCUSSION_MERGED}}};

class HubView {
 public:
  HubView(const Document& document, Arena& arena)
      : cursor_(document), fields_(document.header().hub), arena_(arena) {}

  const hookhost_payload* make() {
    frame_ = new (arena_.allocate(sizeof(HubFrame), alignof(HubFrame))) HubFrame{};
    fill_event_and_webhook();
    fill_repo();
    hookhost_payload& payload = frame_->payload;
    payload.struct_size = sizeof(payload);
    payload.event = &frame_->event;
    payload.repo = &frame_->repo;
    payload.webhook = &frame_->webhook;
    if (is_there(fields_.discussion)) payload.discussion = fill_discussion();
    if (is_there(fields_.comment)) payload.comment = fill_comment();
    if (is_there(fields_.moved_to)) {
      frame_->moved_to = {sizeof(hookhost_moved_to), 0, text(fields_.moved_to_name),
                          text(fields_.moved_to_owner_id)};
      payload.moved_to = &frame_->moved_to;
    }
    payload.updated_refs = updated_refs();
    if (cursor_.type(fields_.updated_config) == NodeType::kObject)
      payload.updated_config = fields_.updated_config;
    if (cursor_.type(fields_.updated_files) == NodeType::kArray)
      payload.updated_files = fields_.updated_files;
    payload.updated_files_truncated = fields_.updated_files_truncated;
    return &payload;
  }

 private:
  bool is_there(NodeId node) const { return cursor_.type(node) == NodeType::kObject; }
  hookhost_str text(NodeId node) const { return str_of(cursor_.text(node)); }
  hookhost_url url(NodeId web, NodeId api) const {
    return {sizeof(hookhost_url), 0, text(web), text(api)};
  }

  void fill_event_and_webhook() {
    const std::string_view action = cursor_.text(fields_.event_action);
    frame_->event = {sizeof(hookhost_event), code_of(action, kActions), str_of(action),
                     text(fields_.event_scope)};
    frame_->webhook = {sizeof(hookhost_webhook), fields_.webhook_version, text(fields_.webhook_id)};
  }

  void fill_repo() {
    const std::string_view type = cursor_.text(fields_.repo_type);
    frame_->repo_url = url(fields_.repo_url_web, fields_.repo_url_api);
    hookhost_repo& repo = frame_->repo;
    repo.struct_size = sizeof(repo);
    repo.type_code = code_of(type, kRepoTypes);
    repo.type = str_of(type);
    repo.name = text(fields_.repo_name);
    repo.id = text(fields_.repo_id);
    repo.head_sha = text(fields_.repo_head_sha);
    repo.subdomain = text(fields_.repo_subdomain);
    repo.owner_id = text(fields_.repo_owner_id);
    repo.url = &frame_->repo_url;
    repo.tags = tags();
    repo.is_private = fields_.repo_is_private;
    repo.node = fields_.repo;
  }

  const hookhost_discussion* fill_discussion() {
    const std::string_view status = cursor_.text(fields_.discussion_status);
    frame_->discussion_url = url(fields_.discussion_url_web, fields_.discussion_url_api);
    hookhost_discussion& discussion = frame_->discussion;
    discussion.struct_size = sizeof(discussion);
    discussion.status_code = code_of(status, kDiscussionStatuses);
    discussion.status = str_of(status);
    discussion.id = text(fields_.discussion_id);
    discussion.title = text(fields_.discussion_title);
    discussion.author_id = text(fields_.discussion_author_id);
    discussion.base_ref = text(fields_.discussion_base);
    discussion.merge_commit_id = text(fields_.discussion_merge_commit_id);
    discussion.url = &frame_->discussion_url;
    discussion.num = fields_.discussion_num;
    discussion.is_pull_request = fields_.discussion_is_pull_request;
    discussion.is_pinned = fields_.discussion_is_pinned;
    discussion.node = fields_.discussion;
    return &discussion;
  }

  const hookhost_comment* fill_comment() {
    frame_->comment_url = url(fields_.comment_url_web, fields_.comment_url_api);
    frame_->comment = {sizeof(hookhost_comment),
                       fields_.comment_is_hidden,
                       text(fields_.comment_id),
                       text(fields_.comment_author_id),
                       text(fields_.comment_content),
                       &frame_->comment_url,
                       fields_.comment};
    return &frame_->comment;
  }

  hookhost_array tags() {
    const std::size_t count = cursor_.size(fields_.repo_tags);
    if (count == 0) return {nullptr, 0, sizeof(hookhost_str)};
    const auto out = arena_.allocate_array<hookhost_str>(count);
    NodeId tag = cursor_.first(fields_.repo_tags);
    for (hookhost_str& place : out) {
      place = text(tag);
      tag = cursor_.next(tag);
    }
    return {out.data(), static_cast<std::uint32_t>(count), sizeof(hookhost_str)};
  }

  hookhost_array updated_refs() {
    const std::size_t count = cursor_.size(fields_.updated_refs);
    if (count == 0) return {nullptr, 0, sizeof(hookhost_updated_ref)};
    const auto out = arena_.allocate_array<hookhost_updated_ref>(count);
    NodeId ref = cursor_.first(fields_.updated_refs);
    for (hookhost_updated_ref& place : out) {
      place = {sizeof(hookhost_updated_ref), 0, text(cursor_.get(ref, "ref")),
               text(cursor_.get(ref, "oldSha")), text(cursor_.get(ref, "newSha"))};
      ref = cursor_.next(ref);
    }
    return {out.data(), static_cast<std::uint32_t>(count), sizeof(hookhost_updated_ref)};
  }

  const Cursor cursor_;
  const HubFields& fields_;
  Arena& arena_;
  HubFrame* frame_ = nullptr;
};

}  // namespace

bool wants_hub(PayloadForm form) noexcept {
  return form == PayloadForm::kHub || form == PayloadForm::kHubStrict;
}

void fill_request(const Attempt& attempt, const EndpointManifest& endpoint, hookhost_request& out) {
  Arena& arena = *attempt.arena;
  const RequestHead& head = *attempt.head;
  out = hookhost_request{};
  out.struct_size = sizeof(out);
  out.flags = attempt.is_replayed ? HOOKHOST_REQUEST_REPLAYED : 0;
  out.method = str_of(head.method);
  out.target = str_of(head.target);
  out.path = str_of(attempt.path);
  out.query = str_of(head.query);
  out.remote_addr = str_of(head.remote_address);
  out.event_id = str_of(attempt.event_id);
  out.delivery_id = str_of(attempt.delivery_id);
  out.body = str_of(attempt.body);
  if (!attempt.index.empty()) {
    const Document document{attempt.body, attempt.index};
    out.root = payload::kRoot;
    if (wants_hub(endpoint.form)) out.payload = HubView(document, arena).make();
  }
  out.headers = fields_of(head.headers, arena);
  out.path_params = fields_of(attempt.parameters, arena);
  out.received_ns = nanoseconds_of(attempt.received_at);
  out.deadline_ns = nanoseconds_of(attempt.deadline);  // {} is 0: none
  out.attempt = attempt.number;
}

}  // namespace hookhost::plugin
