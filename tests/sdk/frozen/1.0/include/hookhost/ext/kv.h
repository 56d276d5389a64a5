/* SPDX-License-Identifier: Apache-2.0
 *
 * hookhost.kv/1, host side: small values that the host keeps for a plugin. One name space per
 * plugin id, shared by all generations of the plugin, so a value survives a swap. How long it
 * survives the host is the host's matter: see the note on hookhost serve. */
#ifndef HOOKHOST_EXT_KV_H
#define HOOKHOST_EXT_KV_H

#include "../plugin.h"

#ifdef __cplusplus
extern "C" {
#endif

#define HOOKHOST_EXT_KV "hookhost.kv/1"

#define HOOKHOST_KV_KEY_BYTES_MAX 256u            /* a key names something, it is not the thing */
#define HOOKHOST_KV_VALUE_BYTES_MAX (64u * 1024u) /* state, not payloads */
#define HOOKHOST_KV_SPACE_BYTES_MAX \
  (16u * 1024u * 1024u) /* keys and values of one plugin together */

#define HOOKHOST_KV_ANY UINT64_MAX /* put whatever is there */
#define HOOKHOST_KV_ABSENT 0u      /* put only if there is nothing; versions of values start at 1 */

typedef struct hookhost_ext_kv {
  uint32_t struct_size;
  uint32_t reserved; /* 0 */

  /* Copies the value under key into buf, at most cap bytes, sets *len to its whole size and, unless
   * version is NULL, *version to its version. E_NOT_FOUND: there is none, nothing is set. E_LIMIT:
   * cap is too small, *len and *version are set, buf is untouched. E_INVALID: an empty or too long
   * key. [any-thread] */
  hookhost_status(HOOKHOST_CALL* get)(const hookhost_host* host, hookhost_str key, void* buf,
                                      size_t cap, size_t* len, uint64_t* version);

  /* Stores len bytes under key. if_version: HOOKHOST_KV_ANY, HOOKHOST_KV_ABSENT, or the version
   * that must be there now, else E_STATE and nothing is changed. ttl_ms: the value is gone after
   * that time; 0: it stays. E_INVALID: an empty or too long key. E_LIMIT: the value or the plugin's
   * space is too large. [any-thread] */
  hookhost_status(HOOKHOST_CALL* put)(const hookhost_host* host, hookhost_str key, const void* data,
                                      size_t len, uint64_t if_version, uint64_t ttl_ms);

  /* Adds delta to the decimal number under key (nothing counts as 0), atomically, and sets *out to
   * the sum. A ttl that is running stays. E_TYPE: the value is not a decimal int64. E_RANGE: the
   * sum is not. E_LIMIT, E_INVALID: as for put. [any-thread] */
  hookhost_status(HOOKHOST_CALL* add)(const hookhost_host* host, hookhost_str key, int64_t delta,
                                      int64_t* out);

  /* Removes the value. if_version as for put, HOOKHOST_KV_ABSENT excepted (E_INVALID). E_NOT_FOUND:
   * there was none. E_STATE: another version is there. [any-thread] */
  hookhost_status(HOOKHOST_CALL* remove)(const hookhost_host* host, hookhost_str key,
                                         uint64_t if_version);
} hookhost_ext_kv;

#ifdef __cplusplus
}
#endif

#endif /* HOOKHOST_EXT_KV_H */
