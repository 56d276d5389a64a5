// SPDX-License-Identifier: Apache-2.0
//
// HubFields: where the fields of a Hub payload (model v3, seed-behaviour 7) stand in a document,
// found once while validating, so that nobody looks a key up twice. Node ids and the two values
// that were converted; plain bytes.
#pragma once

#include <cstdint>

namespace hookhost::payload {

struct HubFields {
  std::uint32_t event, event_action, event_scope;
  std::uint32_t repo, repo_id, repo_owner_id, repo_head_sha, repo_name, repo_subdomain, repo_tags,
      repo_type, repo_url_web, repo_url_api;
  std::uint32_t discussion, discussion_id, discussion_author_id, discussion_url_web,
      discussion_url_api, discussion_title, discussion_status, discussion_base,
      discussion_merge_commit_id;
  std::uint32_t comment, comment_id, comment_author_id, comment_content, comment_url_web,
      comment_url_api;
  std::uint32_t webhook, webhook_id;
  std::uint32_t moved_to, moved_to_name, moved_to_owner_id;
  std::uint32_t updated_refs;  // the array; its elements are objects with ref, oldSha, newSha (read
                               // with the cursor)
  std::uint32_t updated_config, updated_files;
  std::int32_t repo_is_private, discussion_is_pull_request, discussion_is_pinned /* -1: not sent */,
      comment_is_hidden, updated_files_truncated;
  std::int32_t webhook_version;  // 0: not a number that fits
  std::int64_t discussion_num;
};

}  // namespace hookhost::payload
