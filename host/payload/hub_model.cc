// SPDX-License-Identifier: Apache-2.0
#include "payload/hub_model.h"

namespace hookhost::payload {
namespace {

using F = HubFields;
using Target = std::uint32_t F::*;
using Number = std::int32_t F::*;

constexpr Field text(std::string_view key, Target node = nullptr) {
  return {.key = key, .kind = FieldKind::kText, .node = node};
}
constexpr Field flag(std::string_view key, Number number) {
  return {.key = key, .kind = FieldKind::kFlag, .number = number};
}
constexpr Field object(std::string_view key, const ObjectModel& model, Target node = nullptr) {
  return {.key = key, .kind = FieldKind::kObject, .object = &model, .node = node};
}
constexpr Field open_set(std::string_view key, const Choices& choices, Target node) {
  return {.key = key, .kind = FieldKind::kOpenSet, .choices = &choices, .node = node};
}
constexpr Field extra(std::string_view key, FieldKind kind, Target node) {
  return {.key = key, .kind = kind, .is_optional = true, .node = node};
}
constexpr Field optional(Field field) {
  field.is_optional = true;
  return field;
}

constexpr std::string_view kActionTexts[] = {"create", "delete", "move", "update"};
constexpr Choices kActions{kActionTexts, "'create', 'delete', 'move' or 'update'"};
constexpr std::string_view kRepoTypeTexts[] = {"dataset", "model", "space"};
constexpr Choices kRepoTypes{kRepoTypeTexts, "'dataset', 'model' or 'space'"};
constexpr std::string_view kStatusTexts[] = {"closed", "draft", "open", "merged"};
constexpr Choices kStatuses{kStatusTexts, "'closed', 'draft', 'open' or 'merged'"};
constexpr Choices kVersions{{}, "3"};

constexpr Field kEventFields[] = {
    open_set("action", kActions, &F::event_action),
    text("scope", &F::event_scope),
};
constexpr ObjectModel kEvent{kEventFields};

constexpr Field kRepoOwnerFields[] = {text("id", &F::repo_owner_id)};
constexpr ObjectModel kRepoOwner{kRepoOwnerFields};

constexpr Field kRepoUrlFields[] = {
    text("web", &F::repo_url_web),
    optional(text("api", &F::repo_url_api)),
};
constexpr ObjectModel kRepoUrl{kRepoUrlFields};

constexpr Field kRepoFields[] = {
    text("id", &F::repo_id),
    object("owner", kRepoOwner),
    optional(text("head_sha", &F::repo_head_sha)),
    text("name", &F::repo_name),
    flag("private", &F::repo_is_private),
    optional(text("subdomain", &F::repo_subdomain)),
    {.key = "tags", .kind = FieldKind::kTexts, .is_optional = true, .node = &F::repo_tags},
    open_set("type", kRepoTypes, &F::repo_type),
    object("url", kRepoUrl),
    // Behind head_sha, so that it wins: the Hub sends this one.
    extra("headSha", FieldKind::kExtraText, &F::repo_head_sha),
};
constexpr ObjectModel kRepo{kRepoFields};

constexpr Field kDiscussionAuthorFields[] = {text("id", &F::discussion_author_id)};
constexpr ObjectModel kDiscussionAuthor{kDiscussionAuthorFields};

constexpr Field kDiscussionUrlFields[] = {
    text("web", &F::discussion_url_web),
    optional(text("api", &F::discussion_url_api)),
};
constexpr ObjectModel kDiscussionUrl{kDiscussionUrlFields};

constexpr Field kChangesFields[] = {
    text("base", &F::discussion_base),
    optional(text("mergeCommitId", &F::discussion_merge_commit_id)),
};
constexpr ObjectModel kChanges{kChangesFields};

constexpr Field kDiscussionFields[] = {
    text("id", &F::discussion_id),
    {.key = "num", .kind = FieldKind::kInteger, .wide_number = &F::discussion_num},
    object("author", kDiscussionAuthor),
    object("url", kDiscussionUrl),
    text("title", &F::discussion_title),
    flag("isPullRequest", &F::discussion_is_pull_request),
    open_set("status", kStatuses, &F::discussion_status),
    optional(object("changes", kChanges)),
    optional(flag("pinned", &F::discussion_is_pinned)),
};
constexpr ObjectModel kDiscussion{kDiscussionFields};

constexpr Field kCommentAuthorFields[] = {text("id", &F::comment_author_id)};
constexpr ObjectModel kCommentAuthor{kCommentAuthorFields};

constexpr Field kCommentUrlFields[] = {
    text("web", &F::comment_url_web),
    optional(text("api", &F::comment_url_api)),
};
constexpr ObjectModel kCommentUrl{kCommentUrlFields};

constexpr Field kCommentFields[] = {
    text("id", &F::comment_id),
    object("author", kCommentAuthor),
    flag("hidden", &F::comment_is_hidden),
    optional(text("content", &F::comment_content)),
    object("url", kCommentUrl),
};
constexpr ObjectModel kComment{kCommentFields};

constexpr Field kWebhookFields[] = {
    text("id", &F::webhook_id),
    {.key = "version",
     .kind = FieldKind::kVersion,
     .choices = &kVersions,
     .number = &F::webhook_version},
};
constexpr ObjectModel kWebhook{kWebhookFields};

constexpr Field kMovedToOwnerFields[] = {text("id", &F::moved_to_owner_id)};
constexpr ObjectModel kMovedToOwner{kMovedToOwnerFields};

constexpr Field kMovedToFields[] = {
    text("name", &F::moved_to_name),
    object("owner", kMovedToOwner),
};
constexpr ObjectModel kMovedTo{kMovedToFields};

// There may be any number of them: who wants the texts walks the array.
constexpr Field kUpdatedRefFields[] = {
    text("ref"),
    optional(text("oldSha")),
    optional(text("newSha")),
};
constexpr ObjectModel kUpdatedRef{kUpdatedRefFields};

constexpr Field kPayloadFields[] = {
    object("event", kEvent, &F::event),
    object("repo", kRepo, &F::repo),
    optional(object("discussion", kDiscussion, &F::discussion)),
    optional(object("comment", kComment, &F::comment)),
    object("webhook", kWebhook, &F::webhook),
    optional(object("movedTo", kMovedTo, &F::moved_to)),
    {.key = "updatedRefs",
     .kind = FieldKind::kObjects,
     .is_optional = true,
     .object = &kUpdatedRef,
     .node = &F::updated_refs},
    extra("updatedConfig", FieldKind::kExtraObject, &F::updated_config),
    extra("updatedFiles", FieldKind::kExtraArray, &F::updated_files),
    {.key = "updatedFilesTruncated",
     .kind = FieldKind::kExtraFlag,
     .is_optional = true,
     .number = &F::updated_files_truncated},
};

static_assert(std::size(kPayloadFields) <= kFieldsMax && std::size(kRepoFields) <= kFieldsMax &&
              std::size(kDiscussionFields) <= kFieldsMax);

}  // namespace

constexpr ObjectModel kHubModel{kPayloadFields};

}  // namespace hookhost::payload
