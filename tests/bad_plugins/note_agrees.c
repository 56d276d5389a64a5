/* SPDX-License-Identifier: Apache-2.0
 *
 * Its note says what its table says: nothing is wrong with it. */
#include "manifest_note.h"
MANIFEST_NOTE(
    "{\"id\":\"note_agrees\",\"version\":\"1.0.0\",\"abi_minor_required\":0,"
    "\"endpoints\":[{\"name\":\"x\",\"path\":\"note_agrees\"}],\"wants\":[\"network\"]}");

#define BAD_ID "note_agrees"
#include "bad_plugin.h"
