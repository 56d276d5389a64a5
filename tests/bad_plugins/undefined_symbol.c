/* SPDX-License-Identifier: Apache-2.0
 *
 * Calls what nobody defines. */
void nobody_defines_this(void);

__attribute__((used)) static void call_it(void) { nobody_defines_this(); }

#define BAD_ID "undefined_symbol"
#include "bad_plugin.h"
