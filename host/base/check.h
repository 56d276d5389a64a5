// SPDX-License-Identifier: Apache-2.0
//
// HOOKHOST_CHECK(condition): what no input can make false. A false one is our bug: one line on
// stderr, then abort, in every build type. Usable inside expressions. Never check what a stranger
// decides; answer with a Result instead.
#pragma once

namespace hookhost {

// Prints `file:line: check failed: text` and aborts. Any thread.
[[noreturn]] void check_failed(const char* file, int line, const char* text) noexcept;

}  // namespace hookhost

#define HOOKHOST_CHECK(condition)                      \
  (static_cast<bool>(condition) ? static_cast<void>(0) \
                                : ::hookhost::check_failed(__FILE__, __LINE__, #condition))
