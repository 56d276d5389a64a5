/* SPDX-License-Identifier: Apache-2.0
 *
 * The entry does not want this host. */
#define BAD_ID "null_table"
#define BAD_TABLE NULL
#include "bad_plugin.h"
