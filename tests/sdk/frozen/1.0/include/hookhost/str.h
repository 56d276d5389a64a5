/* SPDX-License-Identifier: Apache-2.0
 *
 * Conveniences for C, all static inline: make, compare and pick hookhost_str; the Hub's narrowing
 * rule for events. */
#ifndef HOOKHOST_STR_H
#define HOOKHOST_STR_H

#include <string.h>

#include "payload.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A hookhost_str of a string literal, usable in static initialisers: static const hookhost_str name
 * = HOOKHOST_STR_INIT("echo"); */
#define HOOKHOST_STR_INIT(literal) \
  { "" literal, sizeof(literal) - 1 }

/* The same as an expression. */
#define HOOKHOST_STR(literal) hookhost_str_of("" literal, sizeof(literal) - 1)

static inline hookhost_str hookhost_str_of(const char* ptr, size_t len) {
  hookhost_str s;
  s.ptr = ptr;
  s.len = len;
  return s;
}

/* 1 when a and b are the same bytes; an absent one equals an empty one. */
static inline int hookhost_streq(hookhost_str a, hookhost_str b) {
  return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

/* 1 when s begins with prefix. */
static inline int hookhost_starts_with(hookhost_str s, hookhost_str prefix) {
  return s.len >= prefix.len && (prefix.len == 0 || memcmp(s.ptr, prefix.ptr, prefix.len) == 0);
}

/* Element index of an array; NULL when out of range. */
static inline const void* hookhost_at(hookhost_array array, uint32_t index) {
  return index < array.count ? (const char*)array.items + (size_t)index * array.stride : NULL;
}

/* The Hub's narrowing rule (hub docs, "Webhooks": scopes may become narrower): an event of a scope
 * narrower than the wanted one counts as an "update" of the wanted one; on the wanted scope itself
 * the action must be equal. 1 when it matches. */
static inline int hookhost_event_is(const hookhost_event* event, hookhost_str scope,
                                    hookhost_str action) {
  if (hookhost_streq(event->scope, scope)) return hookhost_streq(event->action, action);
  return event->scope.len > scope.len && hookhost_starts_with(event->scope, scope) &&
         event->scope.ptr[scope.len] == '.' && hookhost_streq(action, HOOKHOST_STR("update"));
}

#ifdef __cplusplus
}
#endif

#endif /* HOOKHOST_STR_H */
