/* SPDX-License-Identifier: Apache-2.0
 *
 * Code that must be written to before it can run: an address in .text. */
__asm__(".text\n.quad hookhost_entry_v1\n");

#define BAD_ID "text_relocation"
#include "bad_plugin.h"
