/* SPDX-License-Identifier: Apache-2.0 */
/* Built without any measure that CheckHardening.cmake looks for. */
int main(void) { return 0; }
