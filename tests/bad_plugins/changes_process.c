/* SPDX-License-Identifier: Apache-2.0
 *
 * Changes what belongs to the whole process. Compiled a second time so that it does so from its
 * second generation on: the child process that tries it sees a first one only. */
#define _POSIX_C_SOURCE 200809L
#include <hookhost/hookhost.h>
#include <locale.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#ifndef BAD_SINCE
#define BAD_SINCE 1
#endif

static hookhost_status HOOKHOST_CALL create(const hookhost_host* host, uint64_t generation,
                                            void** instance) {
  (void)host, (void)instance;
  if (generation < BAD_SINCE) return HOOKHOST_OK;
  umask(0123);
  signal(SIGPIPE, SIG_DFL);
  signal(SIGTERM, SIG_IGN);
  sigset_t usr1;
  sigemptyset(&usr1);
  sigaddset(&usr1, SIGUSR1);
  sigprocmask(SIG_BLOCK, &usr1, NULL);
  if (setlocale(LC_ALL, "C.UTF-8") == NULL) return HOOKHOST_E_PLUGIN;
  return chdir("/") == 0 ? HOOKHOST_OK : HOOKHOST_E_PLUGIN;
}

#define BAD_ID "changes_process"
#define BAD_PLUGIN .create = create
#include "bad_plugin.h"
