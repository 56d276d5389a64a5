# SPDX-License-Identifier: Apache-2.0
# hookhost_add_plugin(<name> <sources...>)
#
# A plugin as the host wants it: a module without prefix (<name>.so, <name>.dll) that exports hookhost_entry_v1 alone, can be
# unmapped, has no unresolved symbol, and keeps its build id and debug information, so that a crash can name it. Link further
# libraries with target_link_libraries(<name> PRIVATE ...), static ones preferably: their symbols stay inside.
# For a test, compile the same sources into the test program and call the handlers: see share/hookhost/template.
include_guard(GLOBAL)

function(hookhost_add_plugin name)
  cmake_parse_arguments(PARSE_ARGV 1 plugin "" "" "SOURCES")
  add_library(${name} MODULE ${plugin_SOURCES} ${plugin_UNPARSED_ARGUMENTS})
  target_link_libraries(${name} PRIVATE hookhost::sdk)
  if(TARGET hookhost_settings)  # inside hookhost's own tree: our warnings and sanitizers
    target_link_libraries(${name} PRIVATE hookhost_settings)
  endif()
  get_property(languages GLOBAL PROPERTY ENABLED_LANGUAGES)
  if("CXX" IN_LIST languages)
    target_compile_features(${name} PRIVATE cxx_std_20)
  endif()
  set_target_properties(${name} PROPERTIES PREFIX "" POSITION_INDEPENDENT_CODE ON C_VISIBILITY_PRESET hidden CXX_VISIBILITY_PRESET hidden
    VISIBILITY_INLINES_HIDDEN ON)
  target_compile_options(${name} PRIVATE -g $<$<COMPILE_LANG_AND_ID:CXX,GNU>:-fno-gnu-unique>)
  if(CMAKE_SYSTEM_NAME STREQUAL "Windows")
    target_link_options(${name} PRIVATE -static)  # there is no C++ library of the system to rely on
    return()
  endif()

  set(map "${CMAKE_CURRENT_FUNCTION_LIST_DIR}/plugin.map")
  set_property(TARGET ${name} APPEND PROPERTY LINK_DEPENDS "${map}")
  target_link_options(${name} PRIVATE "-Wl,--version-script=${map}" -Wl,-z,now -Wl,-z,relro -Wl,--build-id -Wl,--exclude-libs,ALL)
  # clang leaves the sanitizers' own symbols of a module to the program that loads it.
  if(NOT "${HOOKHOST_SANITIZE} ${CMAKE_CXX_FLAGS} ${CMAKE_C_FLAGS} ${CMAKE_MODULE_LINKER_FLAGS}" MATCHES "sanitize|address|thread")
    target_link_options(${name} PRIVATE -Wl,-z,defs)
  endif()
endfunction()
