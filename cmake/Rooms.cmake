# SPDX-License-Identifier: Apache-2.0
# hookhost_add_room(<name> SOURCES <files...> [ROOMS <rooms...>] [LIBRARIES <targets...>])
#
# One static library per room of host/, so that the linker sees the same directions as CheckLayers.cmake. ROOMS are the rooms it may
# include, LIBRARIES the third-party libraries that it owns. hookhost_core is all rooms together.
function(hookhost_add_room name)
  cmake_parse_arguments(PARSE_ARGV 1 room "" "" "SOURCES;ROOMS;LIBRARIES")
  add_library(hookhost_${name} STATIC ${room_SOURCES})
  target_include_directories(hookhost_${name} PUBLIC "${PROJECT_SOURCE_DIR}/host")
  list(TRANSFORM room_ROOMS PREPEND hookhost_)
  target_link_libraries(hookhost_${name} PUBLIC ${room_ROOMS} PRIVATE hookhost_settings ${room_LIBRARIES})
  set_property(GLOBAL APPEND PROPERTY HOOKHOST_ROOMS hookhost_${name})
endfunction()
