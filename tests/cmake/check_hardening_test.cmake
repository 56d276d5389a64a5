# SPDX-License-Identifier: Apache-2.0
#
# Does cmake/CheckHardening.cmake miss every measure in a program that was built without any? Run by CTest with ROOT (the source), BINARY
# (that program) and READELF.
cmake_minimum_required(VERSION 3.25)

execute_process(COMMAND "${CMAKE_COMMAND}" "-DBINARY=${BINARY}" "-DREADELF=${READELF}" -P "${ROOT}/cmake/CheckHardening.cmake"
                OUTPUT_VARIABLE output ERROR_VARIABLE output RESULT_VARIABLE result)
foreach(flag -pie "-z now" "-z relro" "-z noexecstack" -fstack-protector-strong _FORTIFY_SOURCE --build-id)
  if(NOT output MATCHES "\\(${flag}")
    message(FATAL_ERROR "expected a sentence about ${flag}, got:\n${output}")
  endif()
endforeach()
if(result EQUAL 0)
  message(FATAL_ERROR "expected a refusal, got:\n${output}")
endif()
