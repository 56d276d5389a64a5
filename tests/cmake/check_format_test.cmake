# SPDX-License-Identifier: Apache-2.0
#
# Does cmake/CheckFormat.cmake refuse a badly formatted file, leave alone what is not ours, and cure what it refused? Run by CTest with
# ROOT (the source) and SCRATCH (a folder to fill).
cmake_minimum_required(VERSION 3.25)

function(run_check result_name)
  execute_process(COMMAND "${CMAKE_COMMAND}" "-DROOT=${SCRATCH}" ${ARGN} -P "${ROOT}/cmake/CheckFormat.cmake"
                  OUTPUT_VARIABLE output ERROR_VARIABLE output RESULT_VARIABLE result)
  if(output MATCHES "is not installed")
    message("${output}")
  endif()
  set(${result_name} "${result}" PARENT_SCOPE)
  set(output "${output}" PARENT_SCOPE)
endfunction()

file(REMOVE_RECURSE "${SCRATCH}")
file(COPY "${ROOT}/.clang-format" DESTINATION "${SCRATCH}")
file(WRITE "${SCRATCH}/host/base/good.cc" "int answer() { return 42; }\n")
file(WRITE "${SCRATCH}/tests/data/recorded.c" "int   answer( );\n")
file(WRITE "${SCRATCH}/tests/sdk/frozen/1.0/old.h" "int   answer( );\n")
run_check(result)
if(output MATCHES "is not installed")
  return()
endif()
if(NOT result EQUAL 0 OR NOT output MATCHES "format: 1 files")
  message(FATAL_ERROR "expected one well formatted file, got:\n${output}")
endif()

file(WRITE "${SCRATCH}/host/base/planted.h" "int   answer( );\n")
run_check(result)
if(result EQUAL 0 OR NOT output MATCHES "host/base/planted.h:1:")
  message(FATAL_ERROR "expected a refusal that names host/base/planted.h:1, got:\n${output}")
endif()

run_check(result -DFIX=ON)
run_check(result)
if(NOT result EQUAL 0)
  message(FATAL_ERROR "FIX left something to refuse:\n${output}")
endif()
file(REMOVE_RECURSE "${SCRATCH}")
