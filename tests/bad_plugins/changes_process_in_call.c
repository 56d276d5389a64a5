/* SPDX-License-Identifier: Apache-2.0
 *
 * Changes in each call what belongs to the whole process. */
#define _POSIX_C_SOURCE 200809L
#include <hookhost/hookhost.h>
#include <sys/stat.h>
#include <unistd.h>

static hookhost_status HOOKHOST_CALL broken(void* instance, const hookhost_endpoint* endpoint,
                                            hookhost_call* call, const hookhost_request* request) {
  (void)instance, (void)endpoint, (void)call, (void)request;
  umask(0123);
  return chdir("/") == 0 ? HOOKHOST_OK : HOOKHOST_E_PLUGIN;
}

#define BAD_ID "changes_process_in_call"
#define BAD_HANDLE broken
#include "bad_plugin.h"
