# SPDX-License-Identifier: Apache-2.0
# cmake -P tests/sdk/frozen/freeze.cmake
#
# At a release: copies the C headers and the plugins, built from them with g++ -Os and without debug information, to
# frozen/<ABI version>/. A release that exists is never written again, except with HOOKHOST_REFREEZE=1 in the environment while it
# is not released yet.
cmake_minimum_required(VERSION 3.25)
include("${CMAKE_CURRENT_LIST_DIR}/../install_sdk.cmake")
cmake_path(GET CMAKE_CURRENT_LIST_DIR PARENT_PATH root)
cmake_path(GET root PARENT_PATH root)
cmake_path(GET root PARENT_PATH root)
file(READ "${root}/sdk/include/hookhost/version.h" version)
string(REGEX REPLACE ".*ABI_MAJOR ([0-9]+).*ABI_MINOR ([0-9]+)\n.*" "\\1.\\2" version "${version}")
set(target "${CMAKE_CURRENT_LIST_DIR}/${version}")
if(EXISTS "${target}" AND NOT DEFINED ENV{HOOKHOST_REFREEZE})
  message(FATAL_ERROR "${target} is frozen")
endif()

set(work "$ENV{TMPDIR}")
if(NOT work)
  set(work "/tmp")
endif()
string(APPEND work "/hookhost-freeze")
file(REMOVE_RECURSE "${work}" "${target}")
hookhost_install_sdk("${root}" "${work}/sdk" "${work}/prefix")
hookhost_run("configuring" "${CMAKE_COMMAND}" -S "${CMAKE_CURRENT_LIST_DIR}" -B "${work}/build" "-DCMAKE_PREFIX_PATH=${work}/prefix"
  -DCMAKE_BUILD_TYPE=MinSizeRel -DCMAKE_C_COMPILER=gcc -DCMAKE_CXX_COMPILER=g++ "-DCMAKE_CXX_FLAGS=-ffile-prefix-map=${work}=."
  "-DCMAKE_C_FLAGS=-ffile-prefix-map=${work}=.")
hookhost_run("building" "${CMAKE_COMMAND}" --build "${work}/build")

file(COPY "${root}/sdk/include/hookhost" DESTINATION "${target}/include" FILES_MATCHING PATTERN "*.h" PATTERN cpp EXCLUDE
  PATTERN testing EXCLUDE)
execute_process(COMMAND uname -m OUTPUT_VARIABLE machine OUTPUT_STRIP_TRAILING_WHITESPACE)
file(MAKE_DIRECTORY "${target}/${machine}")
find_program(strip strip REQUIRED)
foreach(plugin frozen_c frozen_cpp)
  hookhost_run("strip" "${strip}" --strip-debug -o "${target}/${machine}/${plugin}.so" "${work}/build/${plugin}.so")
endforeach()
file(REMOVE_RECURSE "${work}")
message(STATUS "frozen: ${target}")
