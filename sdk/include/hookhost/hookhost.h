/* SPDX-License-Identifier: Apache-2.0
 *
 * hookhost plugin SDK, C: everything stable, in one header. C++ authors include hookhost.hpp. The
 * rules of the ABI:
 *
 * - R1 One symbol: hookhost_entry_v1. The major version is in its name. The plugin imports nothing
 *   from the host.
 * - R2 Structs that cross begin with struct_size and only grow at the end; a member is there if
 *   HOOKHOST_HAS says so. Arrays carry a stride. hookhost_str and hookhost_array are frozen.
 * - R3 A plugin states the minor it was built with and the minor it needs. A host that is older
 *   refuses it before create.
 * - R4 Everything optional is an extension, asked for by "name/revision" on either side; NULL means
 *   not offered.
 * - R5 Codes are int32_t. From host to plugin 0 means unknown, and the original text stands beside
 *   it. 64-bit targets only.
 * - R6 Nobody frees what the other side allocated. What the host hands out lives until the call
 *   completes.
 * - R7 Text is UTF-8 with a length, never NUL-terminated. ptr == NULL is absent, len == 0 is empty.
 * - R8 No exception, panic or longjmp crosses. A plugin does not exit, fork, change signal
 *   handlers, the directory, locale or umask.
 * - R9 Every function states its thread: [any-thread], [call owner] or [control]. handle runs
 *   concurrently unless SERIAL.
 * - R10 Failures are a hookhost_status; detail goes through set_error and is copied.
 * - R11 What is released never changes meaning. Something better gets a new name; the old one stays
 *   for at least four minors.
 * - R12 Host tables are constant and belong to one generation of one plugin. */
#ifndef HOOKHOST_H
#define HOOKHOST_H

#include "ext/config.h"
#include "ext/kv.h"
#include "ext/metrics.h"
#include "ext/pool.h"
#include "ext/secret.h"
#include "ext/selftest.h"
#include "ext/state.h"
#include "ext/timer.h"
#include "layout.h"
#include "payload.h"
#include "plugin.h"
#include "str.h"
#include "types.h"

#endif /* HOOKHOST_H */
