/* SPDX-License-Identifier: Apache-2.0
 *
 * Opens a file for each instance and closes none. */
#define _POSIX_C_SOURCE 200809L
#include <fcntl.h>
#include <hookhost/hookhost.h>

static hookhost_status HOOKHOST_CALL create(const hookhost_host* host, uint64_t generation,
                                            void** instance) {
  (void)host, (void)generation, (void)instance;
  return open("/dev/full", O_WRONLY | O_CLOEXEC) >= 0 ? HOOKHOST_OK : HOOKHOST_E_PLUGIN;
}

#define BAD_ID "leaks_descriptor"
#define BAD_PLUGIN .create = create
#include "bad_plugin.h"
