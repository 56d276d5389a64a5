/* SPDX-License-Identifier: Apache-2.0
 *
 * A plugin for a host of the future. */
#include <hookhost/types.h>

HOOKHOST_EXPORT const void* hookhost_entry_v2(uint32_t host_abi_minor);
const void* hookhost_entry_v2(uint32_t host_abi_minor) {
  (void)host_abi_minor;
  return NULL;
}
