/* SPDX-License-Identifier: Apache-2.0
 *
 * What a handler reads: the request and the typed view of a Hugging Face Hub payload (model version
 * 3).
 *
 * Zero-copy: every string that stands in the JSON without a backslash is a view into
 * hookhost_request::body. Lifetime of everything here: from the start of handle until the call
 * completes, which for a deferred call is later than the return of handle. Nothing may be written
 * to or freed by the plugin. Duplicate keys: the last one counts. An absent or null object is a
 * NULL pointer, an absent or null text is a hookhost_str with ptr == NULL. Codes are 0 for a value
 * that this host does not know; the text stands beside them. */
#ifndef HOOKHOST_PAYLOAD_H
#define HOOKHOST_PAYLOAD_H

#include "types.h"

#ifdef __cplusplus
extern "C" {
#endif

#define HOOKHOST_ACTION_CREATE 1
#define HOOKHOST_ACTION_DELETE 2
#define HOOKHOST_ACTION_MOVE 3
#define HOOKHOST_ACTION_UPDATE 4

/* What happened: {"action":"update","scope":"repo.content"}. A scope may be narrower than the ones
 * listed by the Hub: read it with hookhost_event_is in str.h, which applies the Hub's narrowing
 * rule. */
typedef struct hookhost_event {
  uint32_t struct_size;
  int32_t action_code; /* HOOKHOST_ACTION_..., 0: another one */
  hookhost_str action;
  hookhost_str scope;
} hookhost_event;

typedef struct hookhost_url {
  uint32_t struct_size;
  uint32_t reserved; /* 0 */
  hookhost_str web;
  hookhost_str api;
} hookhost_url;

#define HOOKHOST_REPO_DATASET 1
#define HOOKHOST_REPO_MODEL 2
#define HOOKHOST_REPO_SPACE 3
#define HOOKHOST_REPO_BUCKET 4

typedef struct hookhost_repo {
  uint32_t struct_size;
  int32_t type_code; /* HOOKHOST_REPO_..., 0: another one */
  hookhost_str type;
  hookhost_str name;
  hookhost_str id;
  hookhost_str head_sha; /* "headSha", else "head_sha" */
  hookhost_str subdomain;
  hookhost_str owner_id;
  const hookhost_url* url; /* never NULL */
  hookhost_array tags;     /* of hookhost_str */
  int32_t is_private;      /* 0 or 1 */
  uint32_t reserved;       /* 0 */
  hookhost_node node;      /* the object itself, for members that are not listed here */
} hookhost_repo;

#define HOOKHOST_DISCUSSION_CLOSED 1
#define HOOKHOST_DISCUSSION_DRAFT 2
#define HOOKHOST_DISCUSSION_OPEN 3
#define HOOKHOST_DISCUSSION_MERGED 4

typedef struct hookhost_discussion {
  uint32_t struct_size;
  int32_t status_code; /* HOOKHOST_DISCUSSION_..., 0: another one */
  hookhost_str status;
  hookhost_str id;
  hookhost_str title;
  hookhost_str author_id;
  hookhost_str base_ref;        /* changes.base */
  hookhost_str merge_commit_id; /* changes.mergeCommitId */
  const hookhost_url* url;      /* never NULL */
  int64_t num;
  int32_t is_pull_request; /* 0 or 1 */
  int32_t is_pinned;       /* 0 or 1; -1: not sent */
  hookhost_node node;
} hookhost_discussion;

typedef struct hookhost_comment {
  uint32_t struct_size;
  int32_t is_hidden; /* 0 or 1 */
  hookhost_str id;
  hookhost_str author_id;
  hookhost_str content;    /* absent when hidden */
  const hookhost_url* url; /* never NULL */
  hookhost_node node;
} hookhost_comment;

typedef struct hookhost_webhook {
  uint32_t struct_size;
  int32_t version; /* 3; another number when the sender's differs and fits, else 0 */
  hookhost_str id;
} hookhost_webhook;

typedef struct hookhost_moved_to {
  uint32_t struct_size;
  uint32_t reserved; /* 0 */
  hookhost_str name;
  hookhost_str owner_id;
} hookhost_moved_to;

/* A branch or tag that moved. old_sha absent: it is new. new_sha absent: it was deleted. */
typedef struct hookhost_updated_ref {
  uint32_t struct_size;
  uint32_t reserved; /* 0 */
  hookhost_str ref;
  hookhost_str old_sha;
  hookhost_str new_sha;
} hookhost_updated_ref;

typedef struct hookhost_payload {
  uint32_t struct_size;
  uint32_t reserved;           /* 0 */
  const hookhost_event* event; /* never NULL */
  const hookhost_repo* repo;   /* never NULL */
  const hookhost_discussion* discussion;
  const hookhost_comment* comment;
  const hookhost_webhook* webhook; /* never NULL */
  const hookhost_moved_to* moved_to;
  hookhost_array updated_refs;     /* of hookhost_updated_ref */
  hookhost_node updated_config;    /* an object, or 0 */
  hookhost_node updated_files;     /* of a bucket: an array, or 0 */
  int32_t updated_files_truncated; /* 0 or 1 */
  uint32_t reserved2;              /* 0 */
} hookhost_payload;

#define HOOKHOST_REQUEST_REPLAYED 1u /* flag: somebody asked for this event to be handled again */

typedef struct hookhost_request {
  uint32_t struct_size;
  uint32_t flags;           /* HOOKHOST_REQUEST_... */
  hookhost_str method;      /* as sent: "POST" */
  hookhost_str target;      /* as sent, secrets in the query included: do not log it */
  hookhost_str path;        /* target up to '?', percent-decoded once */
  hookhost_str query;       /* target behind '?', not decoded; absent without '?' */
  hookhost_str remote_addr; /* "192.0.2.1:4711" or "[2001:db8::1]:4711" */
  hookhost_str event_id;    /* ours; the same in every attempt and replay of this event */
  hookhost_str delivery_id; /* the sender's ("Webhook-Id" of the Hub), absent when none was sent */
  hookhost_str body;        /* the exact bytes that were received */
  hookhost_node root;       /* the JSON document; 0 for a raw endpoint */
  const hookhost_payload* payload; /* NULL unless the endpoint asked for a Hub payload */
  hookhost_array headers;     /* of hookhost_field, in the order of the message, names as sent */
  hookhost_array path_params; /* of hookhost_field, percent-decoded, in the order of the path */
  uint64_t received_ns;       /* CLOCK_MONOTONIC */
  uint64_t deadline_ns;       /* CLOCK_MONOTONIC; 0: none */
  uint32_t attempt;           /* 1 for the first */
  uint32_t reserved;          /* 0 */
} hookhost_request;

#ifdef __cplusplus
}
#endif

#endif /* HOOKHOST_PAYLOAD_H */
