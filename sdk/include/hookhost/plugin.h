/* SPDX-License-Identifier: Apache-2.0
 *
 * The two tables: what the host offers (hookhost_host) and what a plugin is (hookhost_plugin with
 * its hookhost_endpoint), and the one symbol that joins them. Threads: [any-thread]; [call owner]:
 * the thread that owns the hookhost_call, which is the one inside handle, or for a deferred call
 * the one that got it from resume; [control]: a thread that may end after the call, one call at a
 * time per instance. Two generations of a plugin live at the same time, so one may be destroyed
 * while the other is created. */
#ifndef HOOKHOST_PLUGIN_H
#define HOOKHOST_PLUGIN_H

#include "payload.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Response ---- */

typedef void(HOOKHOST_CALL* hookhost_release_fn)(void* user);

/* A piece of the response's body. It is referenced, not copied, and must stay as it is until
 * release is called, which the host does exactly once, on any thread, after the bytes were written
 * or given up. release == NULL: the bytes are static or from arena_alloc. */
typedef struct hookhost_chunk {
  uint32_t struct_size;
  uint32_t reserved; /* 0 */
  const void* ptr;
  size_t len;
  hookhost_release_fn release; /* or NULL */
  void* user;                  /* handed to release */
} hookhost_chunk;

typedef struct hookhost_response {
  uint32_t struct_size;
  int32_t status;            /* 200 to 599; not 204 or 304 with a body */
  hookhost_str content_type; /* absent: application/json */
  hookhost_array headers;    /* of hookhost_field: names are tokens (RFC 9110 5.1), values without
                              * control characters. The host writes    Content-Length, Content-Type,
                              * Connection, Date and Transfer-Encoding itself and refuses them here */
  hookhost_array chunks;     /* of hookhost_chunk */
} hookhost_response;

/* Limits of a response; beyond one, respond returns HOOKHOST_E_LIMIT. */
#define HOOKHOST_RESPONSE_BYTES_MAX (64u * 1024u * 1024u) /* a sender reads no download */
#define HOOKHOST_RESPONSE_HEADERS_MAX 32u /* names and values: at most 8192 bytes together */
#define HOOKHOST_RESPONSE_CHUNKS_MAX 64u  /* fits one gathered write */

/* ---- Host ---- */

#define HOOKHOST_LOG_DEBUG 1
#define HOOKHOST_LOG_INFO 2
#define HOOKHOST_LOG_WARN 3
#define HOOKHOST_LOG_ERROR 4

#define HOOKHOST_CANCEL_DEADLINE 1  /* the deadline of the attempt has passed */
#define HOOKHOST_CANCEL_PEER_GONE 2 /* the sender closed the connection */
#define HOOKHOST_CANCEL_DRAINING 3  /* the host or this generation ends */

#define HOOKHOST_NODE_NONE 0 /* no value: the node is 0 or not of this call */
#define HOOKHOST_NODE_NULL 1
#define HOOKHOST_NODE_BOOL 2
#define HOOKHOST_NODE_NUMBER 3
#define HOOKHOST_NODE_STRING 4
#define HOOKHOST_NODE_ARRAY 5
#define HOOKHOST_NODE_OBJECT 6

typedef struct hookhost_host hookhost_host;

/* What the host offers. One constant table per generation of a plugin, valid from create until
 * destroy has returned. Every pointer is set in minor 0. Strings passed in are copied before the
 * function returns unless it says otherwise. */
struct hookhost_host {
  uint32_t struct_size;
  uint16_t abi_major;
  uint16_t abi_minor;
  hookhost_str name;    /* "hookhost" */
  hookhost_str version; /* of the host: "0.1.0" */
  void* host_data;      /* the host's own; not for the plugin */

  /* The table of an extension such as "hookhost.kv/1" (see ext/), or NULL: not offered. Valid until
   * destroy has returned. [any-thread] */
  const void*(HOOKHOST_CALL* get_extension)(const hookhost_host* host, hookhost_str id);

  /* Writes one line to the host's log. level: HOOKHOST_LOG_...; fields: of hookhost_field, may be
   * empty. call: the one it is about, or NULL. Control characters are escaped; text beyond 4096
   * bytes is cut. [any-thread]; with a call: [call owner] */
  void(HOOKHOST_CALL* log)(const hookhost_host* host, const hookhost_call* call, int32_t level,
                           hookhost_str message, hookhost_array fields);

  /* Says why the attempt (or, with call == NULL, create or activate) fails. The text goes to the
   * log, never to the sender outside development mode; the last one counts; cut at 1024 bytes.
   * [call owner]; with NULL: [control] */
  void(HOOKHOST_CALL* set_error)(const hookhost_host* host, hookhost_call* call,
                                 hookhost_str detail);

  /* CLOCK_MONOTONIC in nanoseconds. [any-thread] */
  uint64_t(HOOKHOST_CALL* now_ns)(const hookhost_host* host);

  /* The operator's settings for this plugin as a JSON object, "{}" when there are none. Already
   * valid against hookhost_plugin::config_schema_json. Valid until destroy has returned.
   * [any-thread] */
  hookhost_str(HOOKHOST_CALL* config_json)(const hookhost_host* host);

  /* Memory that lives until the call completes; the host frees it. align: a power of two up to 64.
   * NULL: no memory, size above HOOKHOST_RESPONSE_BYTES_MAX, or a bad align. [call owner] */
  void*(HOOKHOST_CALL* arena_alloc)(hookhost_call* call, size_t size, size_t align);

  /* Gives the answer, once. The struct and its arrays are copied before it returns, header texts
   * and chunks are referenced until the call completes (chunks: until release). It is sent when
   * handle returns HOOKHOST_OK or complete is called with it, and given up, chunks released, when
   * the attempt fails instead. E_STATE: answered already. E_INVALID: a status, name or value that
   * hookhost_response forbids, the reason is logged. E_LIMIT: see HOOKHOST_RESPONSE_... After a
   * failure nothing was taken, release is not called. [call owner] */
  hookhost_status(HOOKHOST_CALL* respond)(hookhost_call* call, const hookhost_response* response);

  /* With HOOKHOST_E_RETRY: the next attempt is not before delay_ms. E_LIMIT: more than 6 hours; the
   * delay is then 6 hours. [call owner] */
  hookhost_status(HOOKHOST_CALL* retry_after)(hookhost_call* call, uint64_t delay_ms);

  /* Takes the call out of handle: afterwards return HOOKHOST_PENDING, and later, on any thread,
   * resume and complete. *token is set on success only. E_STATE: deferred already. E_LIMIT: 65536
   * calls of this plugin are deferred. [call owner] */
  hookhost_status(HOOKHOST_CALL* defer)(hookhost_call* call, hookhost_token* token);

  /* The call behind a token, the one that handle got; the caller owns it until it calls complete,
   * or until another thread resumes it again. NULL: finished, or never deferred. Cancelled calls
   * can still be resumed, since their memory waits for the plugin; ask cancelled. [any-thread], one
   * at a time per token */
  hookhost_call*(HOOKHOST_CALL* resume)(const hookhost_host* host, hookhost_token token);

  /* Ends a deferred call; status as from handle, without HOOKHOST_PENDING (E_INVALID). Exactly
   * once, also before handle has returned; afterwards the token, the call and all its memory are
   * gone. E_GONE: ended before. [any-thread] */
  hookhost_status(HOOKHOST_CALL* complete)(const hookhost_host* host, hookhost_token token,
                                           hookhost_status status);

  /* 0, or HOOKHOST_CANCEL_...: nobody waits for the answer any more, let go soon. [any-thread]
   * while the call is not completed */
  int32_t(HOOKHOST_CALL* cancelled)(const hookhost_call* call);

  /* JSON. Nodes belong to their call. All: [call owner]. Every function takes node 0 and then
   * answers as for a missing value. */
  int32_t(HOOKHOST_CALL* node_type)(const hookhost_call* call,
                                    hookhost_node node); /* HOOKHOST_NODE_... */
  /* The member with that key, compared after decoding; of several the last. 0: none, or not an
   * object. */
  hookhost_node(HOOKHOST_CALL* node_get)(const hookhost_call* call, hookhost_node object,
                                         hookhost_str key);
  hookhost_node(HOOKHOST_CALL* node_at)(const hookhost_call* call, hookhost_node array,
                                        size_t index); /* 0: out of range */
  /* RFC 6901 from a node: "/repo/tags/0"; "" is the node itself. 0: nothing there, or a malformed
   * pointer. */
  hookhost_node(HOOKHOST_CALL* node_pointer)(const hookhost_call* call, hookhost_node from,
                                             hookhost_str pointer);
  /* Elements or members as written: a key that stands twice counts twice, here and in first and
   * next. 0 for anything else. */
  size_t(HOOKHOST_CALL* node_size)(const hookhost_call* call, hookhost_node node);
  hookhost_node(HOOKHOST_CALL* node_first)(const hookhost_call* call,
                                           hookhost_node container); /* 0: empty */
  hookhost_node(HOOKHOST_CALL* node_next)(const hookhost_call* call,
                                          hookhost_node child); /* 0: the last */
  hookhost_str(HOOKHOST_CALL* node_key)(const hookhost_call* call,
                                        hookhost_node child); /* decoded; absent: not a member */
  hookhost_str(HOOKHOST_CALL* node_str)(const hookhost_call* call,
                                        hookhost_node node); /* decoded; absent: not a string */
  hookhost_str(HOOKHOST_CALL* node_raw)(const hookhost_call* call,
                                        hookhost_node node); /* the exact source text */
  /* E_TYPE: not of that kind, *out untouched. E_RANGE: it does not fit (i64, u64: a fraction other
   * than zero too). */
  hookhost_status(HOOKHOST_CALL* node_bool)(const hookhost_call* call, hookhost_node node,
                                            int32_t* out);
  hookhost_status(HOOKHOST_CALL* node_i64)(const hookhost_call* call, hookhost_node node,
                                           int64_t* out);
  hookhost_status(HOOKHOST_CALL* node_u64)(const hookhost_call* call, hookhost_node node,
                                           uint64_t* out);
  hookhost_status(HOOKHOST_CALL* node_f64)(const hookhost_call* call, hookhost_node node,
                                           double* out);
};

/* ---- Plugin ---- */

/* Choices of an endpoint. 0 is the default everywhere; the operator may override each per route. */
#define HOOKHOST_FORM_HUB 1 /* (default) Hub payload, unknown values of open sets tolerated */
#define HOOKHOST_FORM_HUB_STRICT 2 /* Hub payload, verdicts exactly as the Python server's */
#define HOOKHOST_FORM_JSON 3       /* any JSON document */
#define HOOKHOST_FORM_RAW 4        /* the body is not looked at */

#define HOOKHOST_PLACE_POOL 1   /* (default) on the worker pool: a slow handler stalls nobody */
#define HOOKHOST_PLACE_INLINE 2 /* on the I/O thread: for handlers of microseconds */

#define HOOKHOST_ACK_REPLY 1   /* (default) the handler's answer is the sender's answer */
#define HOOKHOST_ACK_DURABLE 2 /* 202 as soon as the event is on disk, then the handler */

#define HOOKHOST_ON_FAILURE_RETRY 1 /* (default) the event is kept, answered 202, tried again */
#define HOOKHOST_ON_FAILURE_FAIL 2  /* 500, for a missed deadline 504 */

#define HOOKHOST_ENDPOINT_IDEMPOTENT 1u /* flag: may run again without harm */
#define HOOKHOST_ENDPOINT_SERIAL 2u     /* flag: never two calls of this endpoint at once */

typedef struct hookhost_endpoint hookhost_endpoint;

/* A handler and how it wants to be called. */
struct hookhost_endpoint {
  uint32_t struct_size;
  uint32_t flags;    /* HOOKHOST_ENDPOINT_... */
  hookhost_str name; /* of the function: [A-Za-z_][A-Za-z0-9_]*, unique in the plugin */
  hookhost_str path; /* below /webhooks/; empty or absent: the name. "{team}" is a parameter of one
                        segment */
  hookhost_str events;      /* "repo.content:update,discussion.*"; empty or absent: all */
  hookhost_str doc;         /* one sentence for /docs; may be absent */
  int32_t form;             /* HOOKHOST_FORM_... or 0 */
  int32_t place;            /* HOOKHOST_PLACE_... or 0 */
  int32_t ack;              /* HOOKHOST_ACK_... or 0 */
  int32_t on_failure;       /* HOOKHOST_ON_FAILURE_... or 0 */
  uint32_t concurrency_max; /* calls at once; 0: no limit but the pool's */
  uint32_t reserved;        /* 0 */
  uint64_t deadline_ms;     /* per attempt; 0: the host's default */
  uint64_t body_bytes_max;  /* 0: the host's default */

  /* Handles one attempt. Mandatory. Returns HOOKHOST_OK, _SKIP, _PENDING (after defer) or a
   * failure. OK without respond is answered 200 `null`. May run on several threads at once unless
   * SERIAL. No exception may leave it. [call owner] */
  hookhost_status(HOOKHOST_CALL* handle)(void* instance, const hookhost_endpoint* endpoint,
                                         hookhost_call* call, const hookhost_request* request);
  void* user; /* the plugin's own */
};

#define HOOKHOST_PLUGIN_MAGIC 0x484B4831u /* "HKH1": tells a plugin's table from a wrong symbol */

#define HOOKHOST_PLUGIN_KEEP_LOADED 1u       /* flag: starts threads, is never unmapped */
#define HOOKHOST_PLUGIN_ISOLATE_PREFERRED 2u /* flag: would rather run in a worker process */
#define HOOKHOST_PLUGIN_NO_STATE 4u          /* flag: nothing to hand to the next generation */

typedef struct hookhost_plugin hookhost_plugin;

/* A plugin. Static data of the library, unchanged as long as it is loaded. The life-cycle functions
 * may be NULL; instance is then NULL or what create made. Order: create, activate, (handle)*,
 * quiesce, destroy; after a failed create nothing else is called, after a failed activate only
 * destroy. */
struct hookhost_plugin {
  uint32_t struct_size;
  uint32_t magic;              /* HOOKHOST_PLUGIN_MAGIC */
  uint32_t abi_minor_built;    /* HOOKHOST_ABI_MINOR */
  uint32_t abi_minor_required; /* HOOKHOST_TARGET_MINOR; a host that is older refuses the plugin */
  uint32_t flags;              /* HOOKHOST_PLUGIN_... */
  uint32_t reserved;           /* 0 */
  hookhost_str id; /* mandatory: [a-z][a-z0-9_-]{0,63}; names its configuration, its kv space and
                      its metrics */
  hookhost_str version;  /* mandatory, free text up to 64 bytes */
  hookhost_str build_id; /* absent: the host takes the ELF build id */
  hookhost_str license;
  hookhost_str url;
  hookhost_str doc;
  hookhost_str config_schema_json; /* JSON Schema of config_json (ext/config.h lists the keywords);
                                      absent: any object */
  hookhost_array endpoints;        /* of hookhost_endpoint, at least one */

  /* Makes the instance. A failure refuses the plugin, its reason is set_error's. generation counts
   * the loaded builds of this plugin from 1. host stays valid until destroy has returned. [control]
   */
  hookhost_status(HOOKHOST_CALL* create)(const hookhost_host* host, uint64_t generation,
                                         void** instance);
  /* The plugin is about to get calls: start timers. [control] */
  hookhost_status(HOOKHOST_CALL* activate)(void* instance);
  /* No new calls come. Stop timers, complete or let go of deferred calls. [control] */
  void(HOOKHOST_CALL* quiesce)(void* instance);
  /* Frees the instance. When it returns no thread, timer or call of the plugin may be left.
   * [control] */
  void(HOOKHOST_CALL* destroy)(void* instance);
  /* A deferred call was cancelled; reason: HOOKHOST_CANCEL_... . Complete it soon, with any status.
   * [any-thread], also during handle */
  void(HOOKHOST_CALL* cancel)(void* instance, hookhost_token token, int32_t reason);
  /* What the plugin offers: "hookhost.selftest/1" (see ext/). NULL: nothing. The table must stay
   * valid until destroy. [control] */
  const void*(HOOKHOST_CALL* get_extension)(void* instance, hookhost_str id);
};

/* The one symbol that a plugin exports. host_abi_minor: what the host speaks. Returns the plugin's
 * table, or NULL: not for this host. Called once, before anything else. [control] */
HOOKHOST_EXPORT const hookhost_plugin* HOOKHOST_CALL hookhost_entry_v1(uint32_t host_abi_minor);

#ifdef __cplusplus
}
#endif

#endif /* HOOKHOST_PLUGIN_H */
