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
using payload::kNoNode;
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
    // Every struct that is handed out is written member by member: to zero the whole frame first
    // would cost more than to fill it.
    frame_ = static_cast<HubFrame*>(arena_.allocate(sizeof(HubFrame), alignof(HubFrame)));
    fill_event_and_webhook();
    fill_repo();
    const bool has_files = cursor_.type(fields_.updated_files) == NodeType::kArray;
    return new (&frame_->payload) hookhost_payload{
        .struct_size = sizeof(hookhost_payload),
        .reserved = 0,
        .event = &frame_->event,
        .repo = &frame_->repo,
        .discussion = is_there(fields_.discussion) ? fill_discussion() : nullptr,
        .comment = is_there(fields_.comment) ? fill_comment() : nullptr,
        .webhook = &frame_->webhook,
        .moved_to = is_there(fields_.moved_to) ? fill_moved_to() : nullptr,
        .updated_refs = updated_refs(),
        .updated_config = is_there(fields_.updated_config) ? fields_.updated_config : kNoNode,
        .updated_files = has_files ? fields_.updated_files : kNoNode,
        .updated_files_truncated = fields_.updated_files_truncated,
        .reserved2 = 0};
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
    new (&frame_->repo) hookhost_repo{.struct_size = sizeof(hookhost_repo),
                                      .type_code = code_of(type, kRepoTypes),
                                      .type = str_of(type),
                                      .name = text(fields_.repo_name),
                                      .id = text(fields_.repo_id),
                                      .head_sha = text(fields_.repo_head_sha),
                                      .subdomain = text(fields_.repo_subdomain),
                                      .owner_id = text(fields_.repo_owner_id),
                                      .url = &frame_->repo_url,
                                      .tags = tags(),
                                      .is_private = fields_.repo_is_private,
                                      .reserved = 0,
                                      .node = fields_.repo};
  }

  const hookhost_discussion* fill_discussion() {
    const std::string_view status = cursor_.text(fields_.discussion_status);
    frame_->discussion_url = url(fields_.discussion_url_web, fields_.discussion_url_api);
    return new (&frame_->discussion)
        hookhost_discussion{.struct_size = sizeof(hookhost_discussion),
                            .status_code = code_of(status, kDiscussionStatuses),
                            .status = str_of(status),
                            .id = text(fields_.discussion_id),
                            .title = text(fields_.discussion_title),
                            .author_id = text(fields_.discussion_author_id),
                            .base_ref = text(fields_.discussion_base),
                            .merge_commit_id = text(fields_.discussion_merge_commit_id),
                            .url = &frame_->discussion_url,
                            .num = fields_.discussion_num,
                            .is_pull_request = fields_.discussion_is_pull_request,
                            .is_pinned = fields_.discussion_is_pinned,
                            .node = fields_.discussion};
  }

  const hookhost_comment* fill_comment() {
    frame_->comment_url = url(fields_.comment_url_web, fields_.comment_url_api);
    return new (&frame_->comment) hookhost_comment{.struct_size = sizeof(hookhost_comment),
                                                   .is_hidden = fields_.comment_is_hidden,
                                                   .id = text(fields_.comment_id),
                                                   .author_id = text(fields_.comment_author_id),
                                                   .content = text(fields_.comment_content),
                                                   .url = &frame_->comment_url,
                                                   .node = fields_.comment};
  }

  const hookhost_moved_to* fill_moved_to() {
    return new (&frame_->moved_to) hookhost_moved_to{.struct_size = sizeof(hookhost_moved_to),
                                                     .reserved = 0,
                                                     .name = text(fields_.moved_to_name),
                                                     .owner_id = text(fields_.moved_to_owner_id)};
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

hookhost_request* make_request(const Attempt& attempt, const EndpointManifest& endpoint,
                               void* place) {
  Arena& arena = *attempt.arena;
  const RequestHead& head = *attempt.head;
  const Document document{attempt.body, attempt.index};
  const bool is_parsed = !attempt.index.empty();
  return new (place) hookhost_request{
      .struct_size = sizeof(hookhost_request),
      .flags = attempt.is_replayed ? HOOKHOST_REQUEST_REPLAYED : 0,
      .method = str_of(head.method),
      .target = str_of(head.target),
      .path = str_of(attempt.path),
      .query = str_of(head.query),
      .remote_addr = str_of(head.remote_address),
      .event_id = str_of(attempt.event_id),
      .delivery_id = str_of(attempt.delivery_id),
      .body = str_of(attempt.body),
      .root = is_parsed ? payload::kRoot : kNoNode,
      .payload = is_parsed && wants_hub(endpoint.form) ? HubView(document, arena).make() : nullptr,
      .headers = fields_of(head.headers, arena),
      .path_params = fields_of(attempt.parameters, arena),
      .received_ns = nanoseconds_of(attempt.received_at),
      .deadline_ns = nanoseconds_of(attempt.deadline),  // {} is 0: none
      .attempt = attempt.number,
      .reserved = 0};
}

}  // namespace hookhost::plugin
