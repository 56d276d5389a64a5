/* SPDX-License-Identifier: Apache-2.0
 *
 * A choice that this host does not know. */
#define BAD_ID "unknown_form"
#define BAD_ENDPOINT .form = 9
#include "bad_plugin.h"
