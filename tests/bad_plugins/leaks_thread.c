/* SPDX-License-Identifier: Apache-2.0
 *
 * Starts a thread for each instance, lets it sleep for ever, and does not say KEEP_LOADED. The
 * thread runs in the C library alone: one with code of the plugin's would crash. Compiled a second
 * time with the flag. */
#define _GNU_SOURCE
#include <hookhost/hookhost.h>
#include <pthread.h>
#include <string.h>
#include <unistd.h>

static hookhost_status HOOKHOST_CALL create(const hookhost_host* host, uint64_t generation,
                                            void** instance) {
  pthread_t thread;
  int (*const sleep_for_ever)(void) = pause;
  void* (*start)(void*);
  (void)host, (void)generation, (void)instance;
  memcpy(&start, &sleep_for_ever, sizeof start);
  if (pthread_create(&thread, NULL, start, NULL) != 0) return HOOKHOST_E_PLUGIN;
  pthread_setname_np(thread, "sleeper");
  return pthread_detach(thread) == 0 ? HOOKHOST_OK : HOOKHOST_E_PLUGIN;
}

#ifndef LEAKS_FLAGS
#define LEAKS_FLAGS 0
#endif
#define BAD_ID "leaks_thread"
#define BAD_PLUGIN .create = create, .flags = LEAKS_FLAGS
#include "bad_plugin.h"
