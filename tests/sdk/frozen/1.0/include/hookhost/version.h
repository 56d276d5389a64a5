/* SPDX-License-Identifier: Apache-2.0
 *
 * The product's version and the ABI's, each written here and nowhere else: CMake, `hookhost
 * --version` and the package files read this header. The ABI minor is a counter: it goes up by one
 * in every release that appends anything. */
#ifndef HOOKHOST_VERSION_H
#define HOOKHOST_VERSION_H

#define HOOKHOST_VERSION_MAJOR 0
#define HOOKHOST_VERSION_MINOR 1
#define HOOKHOST_VERSION_PATCH 0

#define HOOKHOST_ABI_MAJOR 1
#define HOOKHOST_ABI_MINOR 0

/* The oldest host that the plugin wants to run on. Lower it before the first include to be loaded
 * by older hosts: members that are newer than it then do not exist at compile time, so a plugin
 * that compiles also runs there. */
#ifndef HOOKHOST_TARGET_MINOR
#define HOOKHOST_TARGET_MINOR HOOKHOST_ABI_MINOR
#endif

#endif /* HOOKHOST_VERSION_H */
