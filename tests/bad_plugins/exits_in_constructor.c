/* SPDX-License-Identifier: Apache-2.0
 *
 * Ends the process while it is loaded. */
#include <stdlib.h>

__attribute__((constructor)) static void at_load(void) { exit(7); }

#define BAD_ID "exits_in_constructor"
#include "bad_plugin.h"
