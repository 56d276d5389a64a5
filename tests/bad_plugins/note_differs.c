/* SPDX-License-Identifier: Apache-2.0
 *
 * Its note was made from another source than its table. */
#include "manifest_note.h"
MANIFEST_NOTE("{\"id\":\"note_differs\",\"version\":\"2.0.0\"}");

#define BAD_ID "note_differs"
#include "bad_plugin.h"
