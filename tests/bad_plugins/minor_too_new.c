/* SPDX-License-Identifier: Apache-2.0
 *
 * Needs a host that does not exist yet. */
#define BAD_ID "minor_too_new"
#define BAD_PLUGIN \
  .abi_minor_built = HOOKHOST_ABI_MINOR + 3, .abi_minor_required = HOOKHOST_ABI_MINOR + 3
#include "bad_plugin.h"
