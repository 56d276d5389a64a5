# SPDX-License-Identifier: Apache-2.0
# cmake -DCOMPILER=gcc -DSTANDARD=c99 -DINCLUDE=sdk/include -DSOURCE_DIR=tests/sdk -P header_test.cmake
#
# The header test of one language, and every header of the SDK alone, in one standard with one compiler, without a warning.
cmake_minimum_required(VERSION 3.25)
find_program(compiler NAMES "${COMPILER}-14" "${COMPILER}")
if(NOT compiler)
  message(STATUS "skipped: ${COMPILER} is not installed")
  return()
endif()
if(STANDARD MATCHES "\\+\\+")
  set(language c++)
  set(source header_test.cc)
else()
  set(language c)
  set(source header_test.c)
endif()
set(flags -x ${language} -std=${STANDARD} -I${INCLUDE} -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror -fsyntax-only)

function(compile)
  execute_process(COMMAND ${compiler} ${ARGN} RESULT_VARIABLE result ERROR_VARIABLE text)
  if(result)
    list(JOIN ARGN " " shown)
    message(SEND_ERROR "${compiler} ${shown}\n${text}")
  endif()
endfunction()

compile(${flags} ${SOURCE_DIR}/${source})
file(GLOB_RECURSE headers RELATIVE "${INCLUDE}" "${INCLUDE}/*.h")
foreach(header IN LISTS headers)
  compile(${flags} -Wpadded -include ${header} "${SOURCE_DIR}/${source}")  # no hidden padding: bytes that nobody has named
endforeach()
if(STANDARD STREQUAL "c++20")
  if(COMPILER STREQUAL "g++")
    file(GLOB_RECURSE headers RELATIVE "${INCLUDE}" "${INCLUDE}/*.hpp")
  else()  # what a header forgets to include, one compiler finds as well as two
    set(headers hookhost/hookhost.hpp hookhost/testing/fake_host.hpp)
  endif()
  foreach(header IN LISTS headers)
    compile(${flags} -fvisibility=hidden -include ${header} /dev/null)
  endforeach()
endif()
