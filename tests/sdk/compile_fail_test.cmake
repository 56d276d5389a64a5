# SPDX-License-Identifier: Apache-2.0
# cmake -DCOMPILER=g++ -DSOURCE=compile_fail/x.cc -DINCLUDE=sdk/include -P compile_fail_test.cmake
#
# The source does not compile, for the reason that it states, and does once it is corrected.
cmake_minimum_required(VERSION 3.25)
find_program(compiler NAMES "${COMPILER}-14" "${COMPILER}")
if(NOT compiler)
  message(STATUS "skipped: ${COMPILER} is not installed")
  return()
endif()
file(STRINGS "${SOURCE}" expected REGEX "^// expect: " LIMIT_COUNT 1)
string(REPLACE "// expect: " "" expected "${expected}")
set(command "${compiler}" -std=c++20 -fvisibility=hidden -Wall -Wextra -Werror "-I${INCLUDE}" -fsyntax-only "${SOURCE}")

execute_process(COMMAND ${command} RESULT_VARIABLE result ERROR_VARIABLE text)
if(NOT result)
  message(FATAL_ERROR "${SOURCE} compiles")
endif()
if(NOT text MATCHES "${expected}")
  message(FATAL_ERROR "the message does not say \"${expected}\":\n${text}")
endif()
execute_process(COMMAND ${command} -DHOOKHOST_TEST_CORRECT RESULT_VARIABLE result ERROR_VARIABLE text)
if(result)
  message(FATAL_ERROR "the corrected source does not compile either:\n${text}")
endif()
