/* SPDX-License-Identifier: Apache-2.0
 *
 * What fake_host_test.cc sees of the plugin in c_plugin.c. */
#ifndef HOOKHOST_TESTS_SDK_C_PLUGIN_H
#define HOOKHOST_TESTS_SDK_C_PLUGIN_H

#include <hookhost/plugin.h>

#ifdef __cplusplus
extern "C" {
#endif

extern int c_plugin_released; /* how often a chunk's release was called */
const hookhost_plugin* c_plugin(void);
int c_plugin_cancelled_with(void);          /* the last reason, 0: never */
int c_plugin_has_follows_struct_size(void); /* 1: HOOKHOST_HAS does; after create */

#ifdef __cplusplus
}
#endif

#endif /* HOOKHOST_TESTS_SDK_C_PLUGIN_H */
