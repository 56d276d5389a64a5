/* SPDX-License-Identifier: Apache-2.0
 *
 * Breaks nothing. */
#define BAD_ID "good"
#include "bad_plugin.h"
