# SPDX-License-Identifier: Apache-2.0
#
# Does cmake/CheckLayers.cmake refuse each fault it is there for, and with the sentence that says where and why? Every case copies
# the tree, plants one fault and expects exactly one refusal. Run by CTest with ROOT (the source) and SCRATCH (a folder to fill).
cmake_minimum_required(VERSION 3.25)

function(copy_tree)
  file(REMOVE_RECURSE "${SCRATCH}")
  file(COPY "${ROOT}/host" "${ROOT}/sdk" "${ROOT}/plugins" DESTINATION "${SCRATCH}"
       FILES_MATCHING REGEX "\\.(h|hpp|c|cc|inc)$")
  file(COPY "${ROOT}/cmake/CheckLayers.cmake" DESTINATION "${SCRATCH}/cmake")
endfunction()

# Runs the check on the copy; expects the sentence and, unless it is empty, no other refusal.
function(expect sentence)
  execute_process(COMMAND "${CMAKE_COMMAND}" "-DROOT=${SCRATCH}" -P "${SCRATCH}/cmake/CheckLayers.cmake"
                  OUTPUT_VARIABLE output ERROR_VARIABLE output RESULT_VARIABLE result)
  if(sentence STREQUAL "")
    if(NOT result EQUAL 0)
      message(FATAL_ERROR "refused a tree that keeps the table:\n${output}")
    endif()
    return()
  endif()
  string(FIND "${output}" "${sentence}\n" position)
  if(result EQUAL 0 OR position LESS 0 OR NOT output MATCHES "layers: 1 refused in")
    message(FATAL_ERROR "planted a fault and expected exactly this refusal:\n${sentence}\nbut got:\n${output}")
  endif()
endfunction()

# One fault: a file of the copy with this content, and the sentence it earns. An empty sentence: the content is fine.
function(plant file content sentence)
  file(WRITE "${SCRATCH}/${file}" "${content}")
  expect("${sentence}")
  file(REMOVE "${SCRATCH}/${file}")
endfunction()

copy_tree()
expect("")

# An include the table does not allow, however the line is written; the line number is the include's own.
plant(host/auth/planted.cc "// first\n\n#include \"payload/index.h\"\n"
  "host/auth/planted.cc:3 includes \"payload/index.h\", but auth may include only itself, base, model.")
plant(host/base/planted.h "#pragma once\n  #  include   \"model/event.h\"  // why; not [really]\n"
  "host/base/planted.h:2 includes \"model/event.h\", but base may include only itself.")
plant(host/http/planted.inc "#include \"intake/intake.h\"\n"
  "host/http/planted.inc:1 includes \"intake/intake.h\", but http may include only itself, base, model, telemetry.")
plant(host/auth/planted.cc "// #include \"payload/index.h\"\n#include \"auth/x.h\"\n#include \"model/y.h\"\n#include <string>\n" "")

# An include of ours in another form.
plant(host/auth/planted.cc "#include \"scheme.h\"\n"
  "host/auth/planted.cc:1 includes \"scheme.h\", but an include of ours is written \"room/file.h\".")
plant(host/auth/planted.cc "#include \"../payload/index.h\"\n"
  "host/auth/planted.cc:1 includes \"../payload/index.h\", but an include of ours is written \"room/file.h\".")
plant(host/auth/planted.cc "#include \"base/../payload/index.h\"\n"
  "host/auth/planted.cc:1 includes \"base/../payload/index.h\", but an include of ours is written \"room/file.h\".")
plant(host/auth/planted.cc "#include <payload/index.h>\n"
  "host/auth/planted.cc:1 includes <payload/index.h>, but an include of ours is written \"room/file.h\".")
plant(host/auth/planted.cc "#include HEADER\n"
  "host/auth/planted.cc:1 includes #include HEADER, but an include names its file, so that this check can read it.")
plant(host/auth/planted.cc "#include \"attic/index.h\"\n"
  "host/auth/planted.cc:1 includes \"attic/index.h\", but \"attic\" is no room of cmake/CheckLayers.cmake.")

# The SDK inside the host.
plant(host/intake/planted.cc "#include <hookhost/payload.h>\n"
  "host/intake/planted.cc:1 includes <hookhost/payload.h>, but hookhost belongs to: plugin worker.")
plant(host/plugin/planted.cc "#include \"hookhost/payload.h\"\n"
  "host/plugin/planted.cc:1 includes \"hookhost/payload.h\", but the SDK is included as <hookhost/...>, and by plugin and worker alone.")
plant(host/plugin/planted.cc "#include <hookhost/payload.h>\n" "")

# A library outside its owner, without an owner, and fmt in a header.
plant(host/intake/planted.cc "#include <simdjson.h>\n"
  "host/intake/planted.cc:1 includes <simdjson.h>, but simdjson belongs to: payload.")
plant(host/plugin/planted.cc "#include <boost/asio/ip/tcp.hpp>\n"
  "host/plugin/planted.cc:1 includes <boost/asio/ip/tcp.hpp>, but boost/asio belongs to: http.")
plant(host/http/planted.cc "#include <boost/asio/ip/tcp.hpp>\n#include <openssl/ssl.h>\n#include <sys/socket.h>\n" "")
plant(host/model/planted.h "#include <gtest/gtest.h>\n"
  "host/model/planted.h:1 includes <gtest/gtest.h>, but gtest belongs to the tests.")
plant(host/model/planted.h "#include <curl/curl.h>\n"
  "host/model/planted.h:1 includes <curl/curl.h>, but no room owns that library; give it a row in cmake/CheckLayers.cmake.")
plant(host/telemetry/planted.h "#include <fmt/format.h>\n"
  "host/telemetry/planted.h:1 includes <fmt/format.h>, but fmt is included by .cc files only, never by a header.")
plant(host/telemetry/planted.cc "#include <fmt/format.h>\n" "")

# Files and folders that the table does not know.
plant(host/attic/planted.cc "#include <string>\n"
  "host/attic: this folder has no row in cmake/CheckLayers.cmake; each folder of host/ is a room with a row.")
file(REMOVE_RECURSE "${SCRATCH}/host/attic")
plant(host/planted.cc "#include <string>\n"
  "host/planted.cc: this file belongs to no room; only main.cc, CMakeLists.txt and README.md stand in host/ itself.")
plant(host/main.cc "#include \"http/listener.h\"\n"
  "host/main.cc:1 includes \"http/listener.h\", but main.cc may include only itself, cli.")

# Outside the host.
plant(sdk/include/hookhost/planted.h "#include \"base/text.h\"\n"
  "sdk/include/hookhost/planted.h:1 includes \"base/text.h\", but sdk/ includes nothing of host/.")
plant(sdk/include/hookhost/planted.h "#include <fmt/format.h>\n"
  "sdk/include/hookhost/planted.h:1 includes <fmt/format.h>, but sdk/ depends on nothing but the standard library.")
plant(plugins/planted/planted.cc "#include \"model/handler.h\"\n"
  "plugins/planted/planted.cc:1 includes \"model/handler.h\", but plugins/ includes nothing of host/.")
plant(plugins/planted/planted.cc "#include \"../../host/model/handler.h\"\n"
  "plugins/planted/planted.cc:1 includes \"../../host/model/handler.h\", but a plugin reads its own folder and <hookhost/...>.")
plant(plugins/planted/planted.cc "#include <hookhost/hookhost.h>\n#include <curl/curl.h>\n" "")

# The table itself.
file(READ "${ROOT}/cmake/CheckLayers.cmake" script)
string(REPLACE "\"model: base\"" "\"model: base telemetry\"" script "${script}")
file(WRITE "${SCRATCH}/cmake/CheckLayers.cmake" "${script}")
expect("cmake/CheckLayers.cmake: the row \"model\" names telemetry, which does not stand above it; a row may name only the rooms above it.")

file(REMOVE_RECURSE "${SCRATCH}")
