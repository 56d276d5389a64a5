/* SPDX-License-Identifier: Apache-2.0
 *
 * A library, but not a plugin. */
int not_an_entry(void) { return 0; }
