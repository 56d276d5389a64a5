/* SPDX-License-Identifier: Apache-2.0
 *
 * Maps a file for each call and unmaps none. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <hookhost/hookhost.h>
#include <sys/mman.h>
#include <unistd.h>

static hookhost_status HOOKHOST_CALL map(void* instance, const hookhost_endpoint* endpoint,
                                         hookhost_call* call, const hookhost_request* request) {
  int file = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
  (void)instance, (void)endpoint, (void)call, (void)request;
  /* Not beside each other, or the kernel makes one of them. */
  if (mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, file, 0) == MAP_FAILED) return HOOKHOST_E_PLUGIN;
  close(file);
  return HOOKHOST_OK;
}

#define BAD_ID "leaks_mapping"
#define BAD_ENDPOINT .flags = HOOKHOST_ENDPOINT_IDEMPOTENT
#define BAD_HANDLE map
#include "bad_plugin.h"
