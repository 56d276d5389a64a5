# SPDX-License-Identifier: Apache-2.0
# cmake -DROOT=source -DPREFIX=dir -DWORK_DIR=dir -P install_test.cmake
#
# The SDK configures and installs with nothing but a compiler on the machine, and puts its package files below share/: they hold no
# machine code. The consumer tests use the result.
cmake_minimum_required(VERSION 3.25)
include("${CMAKE_CURRENT_LIST_DIR}/install_sdk.cmake")
file(REMOVE_RECURSE "${WORK_DIR}" "${PREFIX}")
hookhost_install_sdk("${ROOT}" "${WORK_DIR}" "${PREFIX}")
foreach(file share/cmake/hookhost/hookhost-config.cmake share/cmake/hookhost/hookhost-config-version.cmake
    share/cmake/hookhost/HookhostPlugin.cmake share/pkgconfig/hookhost.pc share/hookhost/template/my_plugin.cc include/hookhost/hookhost.h
    include/hookhost/hookhost.hpp include/hookhost/testing/fake_host.hpp)
  if(NOT EXISTS "${PREFIX}/${file}")
    message(SEND_ERROR "${file} is not installed")
  endif()
endforeach()
file(GLOB top RELATIVE "${PREFIX}" "${PREFIX}/*")
if(NOT top STREQUAL "include;share")
  message(SEND_ERROR "the SDK installs ${top}, not only include and share")
endif()
