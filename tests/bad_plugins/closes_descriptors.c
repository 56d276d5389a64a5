/* SPDX-License-Identifier: Apache-2.0
 *
 * Closes what it has not opened. Compiled a second time so that it does so from its second
 * generation on: the child process that tries it sees a first one only. */
#define _POSIX_C_SOURCE 200809L
#include <hookhost/hookhost.h>
#include <unistd.h>

#ifndef BAD_SINCE
#define BAD_SINCE 1
#endif

static hookhost_status HOOKHOST_CALL create(const hookhost_host* host, uint64_t generation,
                                            void** instance) {
  (void)host, (void)instance;
  if (generation < BAD_SINCE) return HOOKHOST_OK;
  for (int fd = 3; fd < 1024; ++fd) close(fd);
  return HOOKHOST_OK;
}

#define BAD_ID "closes_descriptors"
#define BAD_PLUGIN .create = create
#include "bad_plugin.h"
