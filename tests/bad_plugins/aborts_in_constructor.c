/* SPDX-License-Identifier: Apache-2.0
 *
 * Aborts while it is loaded, with a last word. */
#include <stdio.h>
#include <stdlib.h>

__attribute__((constructor)) static void at_load(void) {
  fputs("cannot find my soul\n", stderr);
  abort();
}

#define BAD_ID "aborts_in_constructor"
#include "bad_plugin.h"
