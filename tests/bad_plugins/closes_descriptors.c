/* SPDX-License-Identifier: Apache-2.0
 *
 * Closes what it has not opened. */
#define _POSIX_C_SOURCE 200809L
#include <hookhost/hookhost.h>
#include <unistd.h>

static hookhost_status HOOKHOST_CALL create(const hookhost_host* host, uint64_t generation,
                                            void** instance) {
  (void)host, (void)generation, (void)instance;
  for (int fd = 3; fd < 64; ++fd) close(fd);
  return HOOKHOST_OK;
}

#define BAD_ID "closes_descriptors"
#define BAD_PLUGIN .create = create
#include "bad_plugin.h"
