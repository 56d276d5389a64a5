# SPDX-License-Identifier: Apache-2.0
# cmake -DPREFIX=dir -DINCLUDE=sdk/include -DWORK_DIR=dir -P mingw_test.cmake
#
# For Windows: the headers compile in C and C++, and a plugin in each links as a .dll that exports hookhost_entry_v1. The C++ face needs
# the variant of mingw-w64 with POSIX threads, since the other has no std::mutex.
cmake_minimum_required(VERSION 3.25)
include("${CMAKE_CURRENT_LIST_DIR}/install_sdk.cmake")
find_program(cc NAMES x86_64-w64-mingw32-gcc-posix x86_64-w64-mingw32-gcc)
find_program(cxx NAMES x86_64-w64-mingw32-g++-posix)
find_program(objdump NAMES x86_64-w64-mingw32-objdump)
if(NOT cc OR NOT cxx OR NOT objdump)
  message(STATUS "skipped: mingw-w64 with POSIX threads is not installed")
  return()
endif()
file(REMOVE_RECURSE "${WORK_DIR}")
foreach(standard c99 c17)
  hookhost_run("the C header in ${standard}" "${cc}" -std=${standard} -Wall -Wextra -Wpedantic -Werror "-I${INCLUDE}" -fsyntax-only
    "${CMAKE_CURRENT_LIST_DIR}/header_test.c")
endforeach()
foreach(standard c++11 c++20)
  hookhost_run("the C header in ${standard}" "${cxx}" -std=${standard} -Wall -Wextra -Wpedantic -Werror "-I${INCLUDE}" -fsyntax-only
    "${CMAKE_CURRENT_LIST_DIR}/header_test.cc")
endforeach()

hookhost_run("configuring for Windows" "${CMAKE_COMMAND}" -S "${CMAKE_CURRENT_LIST_DIR}/consumer" -B "${WORK_DIR}/build"
  -DCMAKE_SYSTEM_NAME=Windows "-DCMAKE_C_COMPILER=${cc}" "-DCMAKE_CXX_COMPILER=${cxx}" "-DCMAKE_PREFIX_PATH=${PREFIX}"
  -DWANTED_VERSION=0.1 "-DCMAKE_CXX_FLAGS=-Wall -Wextra -Werror")
hookhost_run("building for Windows" "${CMAKE_COMMAND}" --build "${WORK_DIR}/build")
foreach(plugin consumer_c consumer_cpp)
  execute_process(COMMAND "${objdump}" -p "${WORK_DIR}/build/${plugin}.dll" OUTPUT_VARIABLE text COMMAND_ERROR_IS_FATAL ANY)
  string(REGEX MATCH "\\[Ordinal/Name Pointer\\] Table\n([ \t]*\\[ *[0-9]+\\][^\n]*\n)*" table "${text}")
  if(NOT table MATCHES "Table\n[ \t]*\\[ *0\\] hookhost_entry_v1\n$")
    message(SEND_ERROR "${plugin}.dll exports: ${table}")
  endif()
endforeach()
