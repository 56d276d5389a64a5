/* SPDX-License-Identifier: Apache-2.0
 *
 * A name that is not the name of a function. */
#define BAD_ID "bad_name"
#define BAD_ENDPOINT .name = HOOKHOST_STR_INIT("two words")
#include "bad_plugin.h"
