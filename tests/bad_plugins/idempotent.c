/* SPDX-License-Identifier: Apache-2.0
 *
 * Breaks nothing, and says that it may be called again. */
#define BAD_ID "idempotent"
#define BAD_ENDPOINT .flags = HOOKHOST_ENDPOINT_IDEMPOTENT, .form = HOOKHOST_FORM_HUB
#include "bad_plugin.h"
