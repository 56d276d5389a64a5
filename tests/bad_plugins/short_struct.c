/* SPDX-License-Identifier: Apache-2.0
 *
 * A table that is shorter than version 1.0 of the ABI. */
#define BAD_ID "short_struct"
#define BAD_PLUGIN .struct_size = 64
#include "bad_plugin.h"
