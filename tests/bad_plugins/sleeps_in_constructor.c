/* SPDX-License-Identifier: Apache-2.0
 *
 * Does not come back from being loaded. */
#define _POSIX_C_SOURCE 200809L
#include <unistd.h>

__attribute__((constructor)) static void at_load(void) {
  for (;;) pause();
}

#define BAD_ID "sleeps_in_constructor"
#include "bad_plugin.h"
