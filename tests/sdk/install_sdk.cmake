# SPDX-License-Identifier: Apache-2.0
# hookhost_install_sdk(<source root> <work dir> <prefix>): installs the SDK as somebody would who has a compiler and nothing else:
# HOOKHOST_BUILD_HOST=OFF, and every library that the host needs declared missing.
function(hookhost_run what)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE result OUTPUT_VARIABLE text ERROR_VARIABLE text)
  if(result)
    message(FATAL_ERROR "${what} failed:\n${text}")
  endif()
endfunction()

function(hookhost_install_sdk root work prefix)
  set(missing "")
  foreach(package Boost simdjson fmt OpenSSL spdlog prometheus-cpp CLI11 tomlplusplus GTest CURL SQLite3 Threads)
    list(APPEND missing -DCMAKE_DISABLE_FIND_PACKAGE_${package}=ON)
  endforeach()
  hookhost_run("configuring the SDK alone" "${CMAKE_COMMAND}" -S "${root}" -B "${work}" -DHOOKHOST_BUILD_HOST=OFF
    -DHOOKHOST_BUILD_PLUGINS=OFF -DHOOKHOST_BUILD_TESTS=OFF -DCMAKE_INSTALL_PREFIX=/nowhere ${missing})
  hookhost_run("building the SDK alone" "${CMAKE_COMMAND}" --build "${work}")
  hookhost_run("installing the SDK" "${CMAKE_COMMAND}" --install "${work}" --component sdk --prefix "${prefix}")
endfunction()
