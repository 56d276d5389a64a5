/* SPDX-License-Identifier: Apache-2.0
 *
 * Changes in destroy what belongs to the whole process. */
#define _POSIX_C_SOURCE 200809L
#include <hookhost/hookhost.h>
#include <unistd.h>

static void HOOKHOST_CALL destroy(void* instance) {
  (void)instance;
  if (chdir("/") != 0) _exit(9);
}

#define BAD_ID "changes_process_at_end"
#define BAD_PLUGIN .destroy = destroy
#include "bad_plugin.h"
