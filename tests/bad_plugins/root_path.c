/* SPDX-License-Identifier: Apache-2.0
 *
 * Wants to be /webhooks itself (seed row P06). */
#define BAD_ID "root_path"
#define BAD_ENDPOINT .path = HOOKHOST_STR_INIT("/")
#include "bad_plugin.h"
