/* SPDX-License-Identifier: Apache-2.0
 *
 * An endpoint without a handler. */
#define BAD_ID "null_handle"
#define BAD_ENDPOINT .handle = NULL
#include "bad_plugin.h"
