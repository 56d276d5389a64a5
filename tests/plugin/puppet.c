/* SPDX-License-Identifier: Apache-2.0
 *
 * A plugin whose strings are pulled by the test: its entry returns the table whose address stands
 * in the environment, so that handlers are functions of the test itself. */
#include <hookhost/hookhost.h>
#include <stdlib.h>

HOOKHOST_EXPORT const hookhost_plugin* HOOKHOST_CALL hookhost_entry_v1(uint32_t host_abi_minor) {
  const char* address = getenv("HOOKHOST_TEST_PUPPET");
  (void)host_abi_minor;
  return address == NULL ? NULL : (const hookhost_plugin*)(uintptr_t)strtoull(address, NULL, 16);
}
