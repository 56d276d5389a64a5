/* SPDX-License-Identifier: Apache-2.0
 *
 * Starts a thread that outlives it: when destroy returns, no thread of a plugin may be left. */
#define _POSIX_C_SOURCE 200809L
#include <hookhost/hookhost.h>
#include <pthread.h>
#include <unistd.h>

static hookhost_status HOOKHOST_CALL create(const hookhost_host* host, uint64_t generation,
                                            void** instance) {
  pthread_t thread;
  /* A function of the C library, which stays: one of ours would crash as soon as its code goes. */
  void* (*run)(void*) = (void* (*)(void*))(void (*)(void))pause;
  (void)host, (void)generation, (void)instance;
  return pthread_create(&thread, NULL, run, NULL) == 0 ? HOOKHOST_OK : HOOKHOST_E_NOMEM;
}

#define BAD_ID "leaves_thread"
#define BAD_PLUGIN .create = create
#include "bad_plugin.h"
