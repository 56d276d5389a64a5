/* SPDX-License-Identifier: Apache-2.0
 *
 * Does not say which version it is. */
#define BAD_ID "no_version"
#define BAD_PLUGIN .version = {NULL, 0}
#include "bad_plugin.h"
