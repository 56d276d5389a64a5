/* SPDX-License-Identifier: Apache-2.0
 *
 * Finds itself unfit. */
#include <hookhost/hookhost.h>

static hookhost_status HOOKHOST_CALL run(void* instance) {
  const hookhost_host* host = instance;
  host->set_error(host, NULL, HOOKHOST_STR("no GPU"));
  return HOOKHOST_E_PLUGIN;
}
static const hookhost_ext_selftest selftest = {sizeof selftest, 0, run};
static const void* HOOKHOST_CALL get_extension(void* instance, hookhost_str id) {
  (void)instance;
  return hookhost_streq(id, HOOKHOST_STR(HOOKHOST_EXT_SELFTEST)) ? &selftest : NULL;
}
static hookhost_status HOOKHOST_CALL create(const hookhost_host* host, uint64_t generation,
                                            void** instance) {
  (void)host, (void)generation, (void)instance;
  *instance = (void*)host;
  return HOOKHOST_OK;
}

#define BAD_ID "selftest_fails"
#define BAD_PLUGIN .create = create, .get_extension = get_extension
#include "bad_plugin.h"
