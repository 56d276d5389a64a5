/* SPDX-License-Identifier: Apache-2.0
 *
 * Not bad: it computes for 400 ms of a processor's time in create. */
#define _POSIX_C_SOURCE 200809L
#include <hookhost/hookhost.h>
#include <time.h>

static hookhost_status HOOKHOST_CALL create(const hookhost_host* host, uint64_t generation,
                                            void** instance) {
  (void)host, (void)generation, (void)instance;
  struct timespec used;
  do {
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
  } while (used.tv_sec == 0 && used.tv_nsec < 400 * 1000 * 1000);
  return HOOKHOST_OK;
}

#define BAD_ID "busy_in_create"
#define BAD_PLUGIN .create = create
#include "bad_plugin.h"
