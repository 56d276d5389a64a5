// SPDX-License-Identifier: Apache-2.0
#include "plugin/abi_bridge.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstring>
#include <new>

#include "base/text.h"
#include "payload/index.h"
#include "plugin/abi_text.h"
#include "plugin/call.h"

namespace hookhost::plugin {
namespace {

using payload::Cursor;
using payload::Document;
using payload::HubFields;
using payload::kNoNode;
using payload::NodeId;
using payload::NodeType;

// ---- The request

// Everything a call needs, in one piece of the arena.
struct Frame {
  hookhost_call call;
  hookhost_request request;
};
// The same for a Hub payload.
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

// ---- The outcome

struct StatusName {
  hookhost_status status;
  std::string_view name;
};
constexpr StatusName kStatusNames[] = {
    {HOOKHOST_OK, "HOOKHOST_OK"},
    {HOOKHOST_PENDING, "HOOKHOST_PENDING"},
    {HOOKHOST_SKIP, "HOOKHOST_SKIP"},
    {HOOKHOST_E_INVALID, "HOOKHOST_E_INVALID"},
    {HOOKHOST_E_TYPE, "HOOKHOST_E_TYPE"},
    {HOOKHOST_E_RANGE, "HOOKHOST_E_RANGE"},
    {HOOKHOST_E_NOMEM, "HOOKHOST_E_NOMEM"},
    {HOOKHOST_E_GONE, "HOOKHOST_E_GONE"},
    {HOOKHOST_E_UNSUPPORTED, "HOOKHOST_E_UNSUPPORTED"},
    {HOOKHOST_E_STATE, "HOOKHOST_E_STATE"},
    {HOOKHOST_E_LIMIT, "HOOKHOST_E_LIMIT"},
    {HOOKHOST_E_NOT_FOUND, "HOOKHOST_E_NOT_FOUND"},
    {HOOKHOST_E_RETRY, "HOOKHOST_E_RETRY"},
    {HOOKHOST_E_DEAD, "HOOKHOST_E_DEAD"},
    {HOOKHOST_E_PLUGIN, "HOOKHOST_E_PLUGIN"},
};

// Off the successful path: a sentence about a failure, in the arena.
std::string_view sentence(Arena& arena, std::string_view before, std::string_view about,
                          std::string_view behind = {}) noexcept {
  try {
    return arena.copy(fmt::format("{}{}{}", before, about, behind));
  } catch (...) {
    return before;  // static
  }
}

std::string_view describe_failure(const hookhost_call& call, hookhost_status status) noexcept {
  if (!call.thrown.empty()) return call.thrown;
  if (call.detail_bytes != 0) return {call.detail, call.detail_bytes};
  Arena& arena = *call.attempt->arena;
  for (const StatusName& row : kStatusNames) {
    if (row.status == status) return sentence(arena, "returned ", row.name);
  }
  std::array<char, 16> number;
  const auto end = fmt::format_to_n(number.data(), number.size(), "{}", status).out;
  return sentence(arena, "returned ",
                  {number.data(), static_cast<std::size_t>(end - number.data())},
                  ", which is not a hookhost_status");
}

Outcome failed(std::string_view detail) noexcept {
  Outcome outcome;
  outcome.kind = OutcomeKind::kFailed;
  outcome.detail = detail;
  return outcome;
}

// One attempt's end. keeps_use: chunks of the answer need the plugin's code until they are written.
struct End {
  Outcome outcome;
  bool keeps_use = false;
};

// The use that the call has goes to its first chunk; each further one gets its own.
bool hand_use_to_chunks(hookhost_call& call) noexcept {
  bool is_handed = false;
  for (ChunkUse& use : call.chunk_uses) {
    use.has_use = true;
    if (is_handed) call.generation->uses().hold();
    is_handed = true;
  }
  return is_handed;
}

End conclude(hookhost_call& call, hookhost_status status) noexcept {
  End end;
  Outcome& outcome = end.outcome;
  if (status == HOOKHOST_OK && !call.must_fail) {
    outcome.kind = OutcomeKind::kHandled;
    if (call.has_response) {
      outcome.response = call.response;
      end.keeps_use = hand_use_to_chunks(call);
    } else {
      outcome.response.body = "null";  // seed row R01
    }
    return end;
  }
  release_chunks(call.response);
  if (status == HOOKHOST_SKIP && !call.must_fail) {
    outcome.kind = OutcomeKind::kSkipped;
    return end;
  }
  outcome.kind = status == HOOKHOST_E_DEAD ? OutcomeKind::kDead : OutcomeKind::kFailed;
  outcome.detail = call.must_fail ? "handle deferred the call and did not return HOOKHOST_PENDING"
                                  : describe_failure(call, status);
  if (status == HOOKHOST_E_RETRY) outcome.retry_after = call.retry_after;
  return end;
}

// Lets go of the generation unless the answer still needs it. The generation may be gone after it.
Outcome let_go(Generation& generation, const End& end) noexcept {
  if (!end.keeps_use) generation.uses().leave();
  return end.outcome;
}

End broken(hookhost_call& call, std::string_view rule) noexcept {
  call.generation->count_violation();
  release_chunks(call.response);
  return {failed(rule), false};
}

// handle has returned status after defer.
Outcome settle_deferred(hookhost_call& call, hookhost_token token,
                        hookhost_status status) noexcept {
  Generation& generation = *call.generation;
  if (status != HOOKHOST_PENDING) {
    generation.count_violation();
    if (generation.tokens().withdraw(token)) {
      if (status >= 0) call.must_fail = true;
      return let_go(generation, conclude(call, status));
    }
    call.must_fail = true;  // somebody uses the call: its memory has to wait for complete
  }
  const std::int32_t cancelled = call.cancelled.load(std::memory_order_seq_cst);
  if (const auto completed = generation.tokens().handle_returned(token))
    return let_go(generation, conclude(call, *completed));
  // The call may be gone from here on; the token table knows.
  if (cancelled != 0) generation.announce_cancel(token, cancelled);
  return {};  // kPending
}

Outcome settle(hookhost_call& call, hookhost_status status) noexcept {
  const hookhost_token token = call.token.load(std::memory_order_seq_cst);
  if (token != 0) return settle_deferred(call, token, status);
  if (status == HOOKHOST_PENDING)
    return let_go(*call.generation,
                  broken(call, "returned HOOKHOST_PENDING without defer: nobody would answer"));
  return let_go(*call.generation, conclude(call, status));
}

hookhost_status call_handle(Generation& generation, const EndpointManifest& endpoint,
                            Frame& frame) noexcept {
  try {
    return endpoint.table->handle(generation.instance(), endpoint.table, &frame.call,
                                  &frame.request);
  } catch (const std::exception& exception) {
    frame.call.thrown =
        sentence(*frame.call.attempt->arena,
                 "an exception left handle: ", printable(exception.what(), kErrorDetailBytesMax));
  } catch (...) {
    frame.call.thrown = "an exception left handle";
  }
  generation.count_violation();
  return HOOKHOST_E_PLUGIN;
}

// ---- Cancellation. handler_state is shared between the thread of handle and the loop that
// cancels: null, the call, or, when the loop was first, the reason as a small number.

std::atomic_ref<void*> state_of(Attempt& attempt) noexcept {
  return std::atomic_ref<void*>(attempt.handler_state);
}

void publish_call(Attempt& attempt, hookhost_call& call) noexcept {
  void* expected = nullptr;
  if (!state_of(attempt).compare_exchange_strong(expected, &call, std::memory_order_acq_rel))
    call.cancelled.store(static_cast<std::int32_t>(reinterpret_cast<std::intptr_t>(expected)),
                         std::memory_order_seq_cst);
}

Frame* make_frame(Attempt& attempt, Generation& generation, const EndpointManifest& endpoint) {
  auto* frame = static_cast<Frame*>(attempt.arena->allocate(sizeof(Frame), alignof(Frame)));
  new (&frame->call) hookhost_call{&attempt, &generation, &endpoint,
                                   Cursor(Document{attempt.body, attempt.index})};
  fill_request(attempt, endpoint, *new (&frame->request) hookhost_request);
  return frame;
}

// Why the plugin cannot take this attempt; nothing: it can.
std::string_view obstacle(const Attempt& attempt, const EndpointManifest& endpoint) noexcept {
  if (!wants_hub(endpoint.form)) return {};
  if (!attempt.index.empty() && Document{attempt.body, attempt.index}.header().has_hub != 0)
    return {};
  return "the endpoint needs a Hub payload, and the route is configured for another form";
}

}  // namespace

Outcome EndpointHandler::handle(Attempt& attempt) noexcept {
  if (!generation_.uses().enter()) {
    Outcome outcome;
    outcome.kind = OutcomeKind::kCancelled;
    outcome.detail = "the plugin is being unloaded";
    return outcome;
  }
  if (const std::string_view reason = obstacle(attempt, endpoint_); !reason.empty())
    return let_go(generation_, {failed(reason), false});
  Frame* frame = nullptr;
  try {
    frame = make_frame(attempt, generation_, endpoint_);
  } catch (...) {
    return let_go(generation_, {failed("no memory for the call"), false});
  }
  publish_call(attempt, frame->call);
  return settle(frame->call, call_handle(generation_, endpoint_, *frame));
}

void EndpointHandler::cancel(Attempt& attempt, CancelReason reason) noexcept {
  const auto code = static_cast<std::int32_t>(reason);
  void* expected = nullptr;
  if (state_of(attempt).compare_exchange_strong(
          expected, reinterpret_cast<void*>(static_cast<std::intptr_t>(code)),
          std::memory_order_acq_rel))
    return;  // handle has not begun; it will find the reason
  auto& call = *static_cast<hookhost_call*>(expected);
  std::int32_t none = 0;
  call.cancelled.compare_exchange_strong(none, code, std::memory_order_seq_cst);
  // settle_deferred reads cancelled after token was set, we read token after cancelled was set: at
  // least one of us tells the plugin, and the token table sees to it that it is only one.
  const hookhost_token token = call.token.load(std::memory_order_seq_cst);
  if (token != 0) generation_.announce_cancel(token, code);
}

void end_deferred(hookhost_call& call, hookhost_status status) noexcept {
  Attempt& attempt = *call.attempt;
  Generation& generation = *call.generation;
  const End end = conclude(call, status);
  attempt.finish(end.outcome);  // the call's memory is gone after it
  static_cast<void>(let_go(generation, end));
}

}  // namespace hookhost::plugin
