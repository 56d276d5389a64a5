/* SPDX-License-Identifier: Apache-2.0
 *
 * Changes while it is loaded what belongs to the whole process. */
#include <signal.h>

__attribute__((constructor)) static void change(void) { signal(SIGHUP, SIG_IGN); }

#define BAD_ID "changes_process_in_constructor"
#include "bad_plugin.h"
