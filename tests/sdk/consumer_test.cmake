# SPDX-License-Identifier: Apache-2.0
# cmake -DPREFIX=installed -DWORK_DIR=dir -DCASE=find_package|pkg_config|template|version -P consumer_test.cmake
#
# A project outside the tree builds against an installed SDK, and what it builds is a plugin.
cmake_minimum_required(VERSION 3.25)
include("${CMAKE_CURRENT_LIST_DIR}/install_sdk.cmake")
find_program(readelf readelf REQUIRED)
file(REMOVE_RECURSE "${WORK_DIR}")
file(MAKE_DIRECTORY "${WORK_DIR}")

function(check_plugin path)
  hookhost_run("${path}" "${CMAKE_COMMAND}" "-DREADELF=${readelf}" "-DPLUGIN=${path}" -P "${CMAKE_CURRENT_FUNCTION_LIST_DIR}/exports_test.cmake")
endfunction()

if(CASE STREQUAL "find_package")
  hookhost_run("configuring the consumer" "${CMAKE_COMMAND}" -S "${CMAKE_CURRENT_LIST_DIR}/consumer" -B "${WORK_DIR}/build"
    "-DCMAKE_PREFIX_PATH=${PREFIX}" -DWANTED_VERSION=0.1 -DCMAKE_BUILD_TYPE=Release)
  hookhost_run("building the consumer" "${CMAKE_COMMAND}" --build "${WORK_DIR}/build")
  check_plugin("${WORK_DIR}/build/consumer_cpp.so")
  check_plugin("${WORK_DIR}/build/consumer_c.so")

elseif(CASE STREQUAL "version")  # another major is another SDK
  execute_process(COMMAND "${CMAKE_COMMAND}" -S "${CMAKE_CURRENT_LIST_DIR}/consumer" -B "${WORK_DIR}/build"
    "-DCMAKE_PREFIX_PATH=${PREFIX}" -DWANTED_VERSION=99.0 RESULT_VARIABLE result OUTPUT_QUIET ERROR_VARIABLE text)
  if(NOT result OR NOT text MATCHES "requested version \"99.0\"")
    message(FATAL_ERROR "version 99.0 was found:\n${text}")
  endif()

elseif(CASE STREQUAL "pkg_config")
  find_program(pkg_config NAMES pkg-config pkgconf)
  if(NOT pkg_config)
    message(STATUS "skipped: pkg-config is not installed")
    return()
  endif()
  set(ENV{PKG_CONFIG_PATH} "${PREFIX}/share/pkgconfig")
  execute_process(COMMAND "${pkg_config}" --cflags --libs hookhost OUTPUT_VARIABLE flags COMMAND_ERROR_IS_FATAL ANY
    OUTPUT_STRIP_TRAILING_WHITESPACE)
  separate_arguments(flags UNIX_COMMAND "${flags}")
  hookhost_run("c++ with pkg-config" c++ -std=c++20 "${CMAKE_CURRENT_LIST_DIR}/consumer/consumer.cc" ${flags} -o "${WORK_DIR}/cpp.so")
  hookhost_run("cc with pkg-config" cc "${CMAKE_CURRENT_LIST_DIR}/consumer/consumer.c" ${flags} -o "${WORK_DIR}/c.so")
  check_plugin("${WORK_DIR}/cpp.so")
  check_plugin("${WORK_DIR}/c.so")

elseif(CASE STREQUAL "template")
  set(template "${PREFIX}/share/hookhost/template")
  hookhost_run("configuring the template" "${CMAKE_COMMAND}" -S "${template}" -B "${WORK_DIR}/build" "-DCMAKE_PREFIX_PATH=${PREFIX}")
  hookhost_run("building the template" "${CMAKE_COMMAND}" --build "${WORK_DIR}/build")
  hookhost_run("testing the template" "${CMAKE_CTEST_COMMAND}" --test-dir "${WORK_DIR}/build" --output-on-failure)
  check_plugin("${WORK_DIR}/build/my_plugin.so")
endif()
