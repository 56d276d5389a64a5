/* SPDX-License-Identifier: Apache-2.0
 *
 * A text that is longer than the memory of the machine. */
#define BAD_ID "garbage_id"
#define BAD_PLUGIN .id = {"x", (size_t)-1}
#include "bad_plugin.h"
