# SPDX-License-Identifier: Apache-2.0
#
# Was a program linked and compiled so that a memory error is hard to exploit? Runs as a test on hookhost:
#   cmake -DBINARY=<program> -DREADELF=<readelf> -P cmake/CheckHardening.cmake
# Prints one sentence for each measure that readelf does not show, and then fails. tests/cmake holds it against a program without any.
cmake_minimum_required(VERSION 3.25)

set(missing 0)
# option: of readelf; sentence: what is wrong when its output does not match.
function(expect option pattern sentence)
  execute_process(COMMAND "${READELF}" -W ${option} "${BINARY}" OUTPUT_VARIABLE output RESULT_VARIABLE result)
  if(result EQUAL 0 AND output MATCHES "${pattern}")
    return()
  endif()
  message("${BINARY}: ${sentence}")
  math(EXPR missing "${missing} + 1")
  set(missing "${missing}" PARENT_SCOPE)
endfunction()

expect(--dynamic "FLAGS_1[^\n]* PIE" "it is no PIE, so its code is always at the same address (-pie)")
expect(--dynamic "BIND_NOW|FLAGS_1[^\n]* NOW" "its table of functions stays writable (-z now)")
expect(--segments "GNU_RELRO" "its relocated data stays writable (-z relro)")
expect(--segments "GNU_STACK[^\n]* RW  " "its stack is executable (-z noexecstack)")
expect(--dyn-syms "__stack_chk_fail" "its frames have no guard (-fstack-protector-strong)")
expect(--dyn-syms "__[a-z]+_chk[@ ]" "its calls of libc are not checked (_FORTIFY_SOURCE, and an optimised build)")
expect(--notes "Build ID: [0-9a-f]+" "it has no build id, by which a crash is matched with its source (--build-id)")
if(missing GREATER 0)
  message(FATAL_ERROR "hardening: ${missing} measures are missing")
endif()
message("hardening: ${BINARY} has every measure")
