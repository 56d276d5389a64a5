# SPDX-License-Identifier: Apache-2.0
# hookhost_settings: warnings, hardening, sanitizers and the standard for our own targets. Private to the build: nothing of it is
# exported, and nothing is global. -Werror comes from the presets (CMAKE_COMPILE_WARNING_AS_ERROR).
set(HOOKHOST_SANITIZE "" CACHE STRING "Sanitizers for every target: address,undefined or thread")

add_library(hookhost_settings INTERFACE)
target_compile_features(hookhost_settings INTERFACE cxx_std_20 c_std_11)
target_compile_options(hookhost_settings INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wformat=2
  $<$<COMPILE_LANGUAGE:CXX>:-Wconversion -Wnon-virtual-dtor>
  $<$<COMPILE_LANG_AND_ID:CXX,Clang>:-Wthread-safety>
  -fstack-protector-strong -fno-strict-overflow)
if(CMAKE_BUILD_TYPE STREQUAL "Release" OR CMAKE_BUILD_TYPE STREQUAL "RelWithDebInfo")
  target_compile_definitions(hookhost_settings INTERFACE _GLIBCXX_ASSERTIONS)
  if(NOT HOOKHOST_SANITIZE)
    target_compile_definitions(hookhost_settings INTERFACE _FORTIFY_SOURCE=3)
  endif()
  target_compile_options(hookhost_settings INTERFACE -fstack-clash-protection -fno-delete-null-pointer-checks -fno-plt
    -Werror=format-security)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")  # clang 14 refuses it
    target_compile_options(hookhost_settings INTERFACE -ftrivial-auto-var-init=zero)
  endif()
endif()
if(CMAKE_SYSTEM_PROCESSOR STREQUAL "x86_64")
  target_compile_options(hookhost_settings INTERFACE -fcf-protection=full)
elseif(CMAKE_SYSTEM_PROCESSOR STREQUAL "aarch64")
  target_compile_options(hookhost_settings INTERFACE -mbranch-protection=standard)
endif()
target_link_options(hookhost_settings INTERFACE -Wl,-z,relro,-z,now,-z,noexecstack,-z,separate-code,--as-needed)
if(HOOKHOST_SANITIZE)
  target_compile_options(hookhost_settings INTERFACE -fsanitize=${HOOKHOST_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(hookhost_settings INTERFACE -fsanitize=${HOOKHOST_SANITIZE})
endif()
if(HOOKHOST_BUILD_FUZZERS)
  target_compile_options(hookhost_settings INTERFACE -fsanitize=fuzzer-no-link)
endif()
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
include(CheckPIESupported)  # without it CMake compiles for -pie and leaves the link to what the compiler does by itself
check_pie_supported()
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_C_EXTENSIONS OFF)
find_program(HOOKHOST_CCACHE ccache)
if(HOOKHOST_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER "${HOOKHOST_CCACHE}")
  set(CMAKE_C_COMPILER_LAUNCHER "${HOOKHOST_CCACHE}")
endif()
