/* SPDX-License-Identifier: Apache-2.0
 *
 * The words of the ABI: calling convention, status codes, strings, arrays, and the macro that asks
 * whether a member is there. C99 to C17 and C++11 to C++20. Needs nothing but <stddef.h> and
 * <stdint.h>. The rules R1 to R12 are in hookhost.h. */
#ifndef HOOKHOST_TYPES_H
#define HOOKHOST_TYPES_H

#include <stddef.h>
#include <stdint.h>

#include "version.h"

#if defined(_WIN32)
#define HOOKHOST_CALL __cdecl
#define HOOKHOST_EXPORT __declspec(dllexport)
#else
#define HOOKHOST_CALL
#define HOOKHOST_EXPORT __attribute__((visibility("default")))
#endif

#if defined(__cplusplus)
#define HOOKHOST_STATIC_ASSERT(condition, text) static_assert(condition, text)
#elif defined(__STDC_VERSION__) && __STDC_VERSION__ >= 201112L
#define HOOKHOST_STATIC_ASSERT(condition, text) _Static_assert(condition, text)
#else /* C99: an array of negative size */
#define HOOKHOST_ASSERT_JOIN_(a, b) a##b
#define HOOKHOST_ASSERT_NAME_(line) HOOKHOST_ASSERT_JOIN_(hookhost_static_assert_, line)
#define HOOKHOST_STATIC_ASSERT(condition, text) \
  extern char HOOKHOST_ASSERT_NAME_(__LINE__)[(condition) ? 1 : -1]
#endif

#ifdef __cplusplus
extern "C" {
#endif

HOOKHOST_STATIC_ASSERT(sizeof(void*) == 8 && sizeof(size_t) == 8,
                       "the hookhost ABI is for 64-bit targets");

/* What a function or an attempt came to. 0 is success, positive values are other ways to succeed,
 * negative ones are failures. A value that is not listed here counts as HOOKHOST_E_PLUGIN when a
 * plugin returns it, and as a failure when the host does. */
typedef int32_t hookhost_status;

#define HOOKHOST_OK 0      /* done */
#define HOOKHOST_PENDING 1 /* from handle only: the call was deferred, complete comes later */
#define HOOKHOST_SKIP 2    /* from handle only: nothing to do for this event; answered with 204 */

#define HOOKHOST_E_INVALID (-1) /* an argument breaks a rule that its function states */
#define HOOKHOST_E_TYPE (-2)    /* the JSON node is of another type, or there is no node */
#define HOOKHOST_E_RANGE (-3)   /* the number does not fit the type that was asked for */
#define HOOKHOST_E_NOMEM (-4)   /* no memory */
#define HOOKHOST_E_GONE (-5)    /* the call or the token is finished, cancelled or never existed */
#define HOOKHOST_E_UNSUPPORTED (-6) /* this host or this build cannot do it */
#define HOOKHOST_E_STATE (-7)       /* not now: answered twice, deferred twice, stopped already */
#define HOOKHOST_E_LIMIT (-8)       /* a limit was reached; the function says which */
#define HOOKHOST_E_NOT_FOUND (-9)   /* no such key, name or value */
#define HOOKHOST_E_RETRY (-10) /* from handle: this attempt failed, try again; see retry_after */
#define HOOKHOST_E_DEAD (-11)  /* from handle: this attempt failed and must never be tried again */
#define HOOKHOST_E_PLUGIN (-100) /* an exception, a panic, or the plugin's reason in set_error */

/* UTF-8 text or bytes. Not NUL-terminated; may contain NUL. ptr == NULL: absent. len == 0 with a
 * ptr: empty. */
typedef struct hookhost_str {
  const char* ptr;
  size_t len;
} hookhost_str;

/* count elements, each stride bytes after the one before it. Walk it with stride, not with sizeof:
 * elements may grow. This struct and hookhost_str are frozen value types and have no struct_size.
 * items is NULL when count is 0. */
typedef struct hookhost_array {
  const void* items;
  uint32_t count;
  uint32_t stride;
} hookhost_array;

/* A name and its value: a header field, a path parameter, a field of a log line. */
typedef struct hookhost_field {
  uint32_t struct_size;
  uint32_t reserved; /* 0 */
  hookhost_str name;
  hookhost_str value;
} hookhost_field;

/* One JSON value, by value; 0 is "no value", and every node function takes 0 and answers with
 * nothing. Valid for the call it came from, until that call completes. */
typedef uint64_t hookhost_node;

/* A deferred call. Using one that is finished or cancelled gives HOOKHOST_E_GONE, never undefined
 * behaviour. */
typedef uint64_t hookhost_token;

/* One attempt that is being handled; opaque. One thread at a time owns it: [call owner]. */
typedef struct hookhost_call hookhost_call;

/* True when *ptr is large enough to hold the member: ask before reading anything that is newer than
 * minor 0. */
#define HOOKHOST_HAS(ptr, member)                                                        \
  ((size_t)((const char*)&(ptr)->member - (const char*)(ptr)) + sizeof((ptr)->member) <= \
   (size_t)(ptr)->struct_size)

#ifdef __cplusplus
}
#endif

#endif /* HOOKHOST_TYPES_H */
