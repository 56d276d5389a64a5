/* SPDX-License-Identifier: Apache-2.0
 *
 * Nothing to call. */
#define BAD_ID "no_endpoints"
#define BAD_PLUGIN .endpoints = {NULL, 0, sizeof(hookhost_endpoint)}
#include "bad_plugin.h"
