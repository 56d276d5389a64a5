/* SPDX-License-Identifier: Apache-2.0
 *
 * The entry returns something that is not a table. */
#define BAD_ID "wrong_magic"
#define BAD_PLUGIN .magic = 0x4b4f4f42u
#include "bad_plugin.h"
