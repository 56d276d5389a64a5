# SPDX-License-Identifier: Apache-2.0
# Sets HOOKHOST_SDK_VERSION ("0.1.0") from sdk/include/hookhost/version.h, the one place where the version is written.
file(STRINGS "${CMAKE_CURRENT_LIST_DIR}/../sdk/include/hookhost/version.h" lines REGEX "#define HOOKHOST_VERSION_(MAJOR|MINOR|PATCH) ")
set(HOOKHOST_SDK_VERSION "")
foreach(part MAJOR MINOR PATCH)
  if(NOT "${lines}" MATCHES "HOOKHOST_VERSION_${part} ([0-9]+)")
    message(FATAL_ERROR "version.h does not define HOOKHOST_VERSION_${part}")
  endif()
  list(APPEND HOOKHOST_SDK_VERSION "${CMAKE_MATCH_1}")
endforeach()
list(JOIN HOOKHOST_SDK_VERSION "." HOOKHOST_SDK_VERSION)
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${CMAKE_CURRENT_LIST_DIR}/../sdk/include/hookhost/version.h")
