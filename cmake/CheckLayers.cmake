# SPDX-License-Identifier: Apache-2.0
#
# Who may include whom in host/, and which room owns which library. Runs as a test:
#   cmake -DROOT=<source> -P cmake/CheckLayers.cmake
# Prints one sentence for each include that the tables below do not allow (file, line, what was found, the rule) and then fails.
# A new room is a row of ROOMS, a new library a row of LIBRARIES. tests/cmake plants one fault of each kind.
cmake_minimum_required(VERSION 3.25)

# A room may include itself and the rooms behind its colon. Those stand on lines above it, so the table cannot hold a cycle.
set(ROOMS
  "base:"
  "model: base"
  "telemetry: base"
  "payload: base model"
  "auth: base model"
  "routing: base model"
  "store: base model telemetry"
  "plugin: base model telemetry payload auth routing store"
  "worker: base model telemetry payload plugin"
  "dispatch: base model telemetry store"
  "intake: base model telemetry payload auth routing store dispatch"
  "http: base model telemetry"
  "pages: base model routing"
  "admin: base model telemetry payload auth routing store plugin dispatch pages"
  "app: base model telemetry payload auth routing store plugin worker dispatch intake http pages admin"
  "cli: base model telemetry payload auth store plugin worker http app"
  "main.cc: cli")

# Prefix of the include: the rooms that own the library; "any": all of them; nothing: no room. The first row that fits counts. The product's version
# reaches the other rooms as a compile definition, so <hookhost/version.h> needs no exception.
set(LIBRARIES
  "hookhost/: plugin worker"
  "boost/beast: http"
  "boost/asio: http"
  "boost/dll: plugin"
  "boost/: http plugin"           # what the three above speak: error codes, file names
  "simdjson: payload"
  "openssl/: auth http"
  "sqlite3: store"
  "libpq: store"
  "postgresql/: store"
  "CLI/: cli"
  "toml: app"
  "spdlog: telemetry"
  "prometheus/: telemetry"
  "systemd/: app"
  "seccomp: worker"
  "linux/landlock: worker"
  "linux/seccomp: worker"
  "fmt/: any"                     # in .cc files, never in a header
  "gtest/:" "gmock/:" "benchmark/:")  # tests only

# Headers of the machine, which nobody owns; the C++ standard library is told by having neither a dot nor a slash.
set(SYSTEM_HEADER "^(sys|linux|net|netinet|arpa|asm)/|^(aio|assert|byteswap|cpuid|ctype|cxxabi|dirent|dlfcn|elf|endian|errno|execinfo|\
fcntl|float|fnmatch|grp|ifaddrs|immintrin|inttypes|langinfo|limits|link|locale|malloc|math|netdb|nmmintrin|poll|pthread|pwd|sched|\
semaphore|setjmp|signal|spawn|stdarg|stddef|stdint|stdio|stdlib|string|strings|syscall|syslog|termios|time|ucontext|unistd|unwind|\
wchar|x86intrin)\\.h$|^bits/|^[a-z_0-9]+$")

if(NOT IS_DIRECTORY "${ROOT}/host")
  message(FATAL_ERROR "layers: ROOT=\"${ROOT}\" has no folder host; try: cmake -DROOT=<source> -P cmake/CheckLayers.cmake")
endif()

set(refused 0)
macro(refuse)
  message("${ARGV0}")
  math(EXPR refused "${refused} + 1")
endmacro()

# Sets room_<name> to what each room may include, and refuses a row that names a room not above it.
set(rooms "")
foreach(row IN LISTS ROOMS)
  string(REGEX MATCH "^([a-z_.]+):(.*)$" _ "${row}")
  set(room "${CMAKE_MATCH_1}")
  string(STRIP "${CMAKE_MATCH_2}" allowed)
  string(REPLACE " " ";" allowed "${allowed}")
  foreach(other IN LISTS allowed)
    if(NOT other IN_LIST rooms)
      refuse("cmake/CheckLayers.cmake: the row \"${room}\" names ${other}, which does not stand above it; a row may name only the rooms above it.")
    endif()
  endforeach()
  list(APPEND rooms "${room}")
  set(room_${room} "${allowed}")
endforeach()

# Sets out to "file:line" of the first line of the file that begins with the text.
function(place out file text)
  file(READ "${ROOT}/${file}" content)
  string(PREPEND content "\n")
  string(FIND "${content}" "\n${text}" position)
  set(line 0)
  if(position GREATER_EQUAL 0)
    string(SUBSTRING "${content}" 0 ${position} before)
    string(REGEX REPLACE "[^\n]" "" before "${before}")
    string(LENGTH "${before}" line)
  endif()
  math(EXPR line "${line} + 1")
  set(${out} "${file}:${line}" PARENT_SCOPE)
endfunction()

# Sets rule to why the room may not have that include, or to nothing. kind: the opening character, " or <.
function(judge_host room file kind path)
  set(rule "")
  string(REGEX MATCH "^[^/]*" first "${path}")
  if(kind STREQUAL "\"")
    if(path MATCHES "(^|/)\\.\\.?(/|$)" OR NOT path MATCHES "/")
      set(rule "an include of ours is written \"room/file.h\"")
    elseif(first STREQUAL "hookhost")
      set(rule "the SDK is included as <hookhost/...>, and by plugin and worker alone")
    elseif(NOT first IN_LIST rooms)
      set(rule "\"${first}\" is no room of cmake/CheckLayers.cmake")
    elseif(NOT first STREQUAL room AND NOT first IN_LIST room_${room})
      list(JOIN room_${room} ", " allowed)
      string(PREPEND allowed "itself, ")
      string(REGEX REPLACE ", $" "" allowed "${allowed}")
      set(rule "${room} may include only ${allowed}")
    endif()
  elseif(first IN_LIST rooms AND path MATCHES "/")
    set(rule "an include of ours is written \"room/file.h\"")
  else()
    judge_library("${room}" "${file}" "${path}")
  endif()
  set(rule "${rule}" PARENT_SCOPE)
endfunction()

function(judge_library room file path)
  set(rule "")
  set(found FALSE)
  foreach(row IN LISTS LIBRARIES)
    string(REGEX MATCH "^([^:]+):(.*)$" _ "${row}")
    set(prefix "${CMAKE_MATCH_1}")
    string(STRIP "${CMAKE_MATCH_2}" names)
    string(FIND "${path}" "${prefix}" position)
    if(NOT position EQUAL 0)
      continue()
    endif()
    set(found TRUE)
    string(REPLACE " " ";" owners "${names}")
    string(REGEX REPLACE "/$" "" library "${prefix}")
    if(names STREQUAL "any")
      if(NOT file MATCHES "\\.cc$")
        set(rule "${library} is included by .cc files only, never by a header")
      endif()
    elseif(names STREQUAL "")
      set(rule "${library} belongs to the tests")
    elseif(NOT room IN_LIST owners)
      set(rule "${library} belongs to: ${names}")
    endif()
    break()
  endforeach()
  if(NOT found AND NOT path MATCHES "${SYSTEM_HEADER}")
    set(rule "no room owns that library; give it a row in cmake/CheckLayers.cmake")
  endif()
  set(rule "${rule}" PARENT_SCOPE)
endfunction()

# sdk/ and plugins/ stand outside the host: nothing of a room reaches them, and sdk/ needs no library at all, but for the one header
# that is there to offer fmt to those who have it.
function(judge_outside folder file kind path)
  set(rule "")
  string(REGEX MATCH "^[^/]*" first "${path}")
  get_filename_component(here "${ROOT}/${file}" DIRECTORY)
  if(first IN_LIST rooms AND path MATCHES "/" AND NOT EXISTS "${here}/${path}")
    set(rule "${folder}/ includes nothing of host/")
  elseif(kind STREQUAL "\"" AND path MATCHES "^\\.\\.?/" AND NOT file MATCHES "^sdk/include/")
    set(rule "a plugin reads its own folder and <hookhost/...>")
  elseif(file STREQUAL "sdk/include/hookhost/cpp/format.hpp" AND path MATCHES "^fmt/")
    # optional, and no other header includes it
  elseif(folder STREQUAL "sdk" AND kind STREQUAL "<" AND NOT path MATCHES "^hookhost/" AND NOT file MATCHES "_test\\.cc?$"
         AND NOT path MATCHES "${SYSTEM_HEADER}")
    set(rule "sdk/ depends on nothing but the standard library")
  endif()
  set(rule "${rule}" PARENT_SCOPE)
endfunction()

file(GLOB children RELATIVE "${ROOT}/host" "${ROOT}/host/*")
foreach(child IN LISTS children)
  if(IS_DIRECTORY "${ROOT}/host/${child}")
    if(NOT child IN_LIST rooms)
      refuse("host/${child}: this folder has no row in cmake/CheckLayers.cmake; each folder of host/ is a room with a row.")
    endif()
  elseif(NOT child MATCHES "^(main\\.cc|CMakeLists\\.txt|README\\.md)$")
    refuse("host/${child}: this file belongs to no room; only main.cc, CMakeLists.txt and README.md stand in host/ itself.")
  endif()
endforeach()

set(suffixes h hpp hh hxx c cc cpp cxx inc ipp)
set(patterns "")
foreach(folder host sdk plugins)
  foreach(suffix IN LISTS suffixes)
    list(APPEND patterns "${ROOT}/${folder}/*.${suffix}")
  endforeach()
endforeach()
file(GLOB_RECURSE files RELATIVE "${ROOT}" ${patterns})
list(SORT files)

set(looked_at 0)
foreach(file IN LISTS files)
  string(REGEX MATCH "^[^/]+/[^/]+" top "${file}")
  string(REGEX REPLACE "^(.*)/(.*)$" "\\1;\\2" parts "${top}")
  list(GET parts 0 folder)
  list(GET parts 1 room)
  if(folder STREQUAL "host" AND NOT room IN_LIST rooms)
    continue()  # refused above
  endif()
  math(EXPR looked_at "${looked_at} + 1")
  file(STRINGS "${ROOT}/${file}" lines REGEX "^[ \t]*#[ \t]*(include|include_next|import)[^a-zA-Z_]" ENCODING UTF-8)
  string(REGEX REPLACE "[][]" "" lines "${lines}")  # a bracket would join the list's elements
  foreach(line IN LISTS lines)
    set(text "${line}")
    if(NOT line MATCHES "^[ \t]*#[ \t]*[a-z_]+[ \t]*([\"<])([^\">]+)[\">]")
      set(found "${line}")
      set(rule "an include names its file, so that this check can read it")
    else()
      set(kind "${CMAKE_MATCH_1}")
      set(path "${CMAKE_MATCH_2}")
      set(text "${CMAKE_MATCH_0}")
      string(REPLACE "<" ">" close "${kind}")
      set(found "${kind}${path}${close}")
      if(folder STREQUAL "host")
        judge_host("${room}" "${file}" "${kind}" "${path}")
      else()
        judge_outside("${folder}" "${file}" "${kind}" "${path}")
      endif()
    endif()
    if(NOT rule STREQUAL "")
      place(where "${file}" "${text}")
      refuse("${where} includes ${found}, but ${rule}.")
    endif()
  endforeach()
endforeach()

if(refused GREATER 0)
  message(FATAL_ERROR "layers: ${refused} refused in ${looked_at} files")
endif()
message(STATUS "layers: ${looked_at} files, none refused")
