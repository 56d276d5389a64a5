/* SPDX-License-Identifier: Apache-2.0
 *
 * Elements that overlap each other. */
#define BAD_ID "short_stride"
#define BAD_PLUGIN .endpoints = {endpoints, 1, 8}
#include "bad_plugin.h"
