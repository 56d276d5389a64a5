/* SPDX-License-Identifier: Apache-2.0
 *
 * Puts a JSON text into the ELF note that says what a library is without running it. */
#include <stdint.h>

#define MANIFEST_NOTE(json)                                                                   \
  __attribute__((section(".note.hookhost.manifest"), aligned(4), used)) static const struct { \
    uint32_t owner_bytes, text_bytes, type;                                                   \
    char owner[12];                                                                           \
    char text[(sizeof(json) + 2) / 4 * 4];                                                    \
  } manifest_note = {9, sizeof(json) - 1, 0x484B4831, "HOOKHOST", json}
