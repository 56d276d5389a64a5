# SPDX-License-Identifier: Apache-2.0
#
# Our C and C++ files against .clang-format. Runs as a test:
#   cmake -DROOT=<source> -P cmake/CheckFormat.cmake
# Fails with clang-format's own messages, which name file and line; the cure is printed. Says so and succeeds when clang-format-14 is
# not installed: another version formats differently, so none other will do. With -DFIX=ON it formats the files instead.
cmake_minimum_required(VERSION 3.25)

find_program(CLANG_FORMAT clang-format-14)
if(NOT CLANG_FORMAT)
  message(STATUS "format: clang-format-14 is not installed, nothing checked; try: apt-get install clang-format-14")
  return()
endif()

set(patterns "")
foreach(folder host sdk plugins tests)
  foreach(suffix h hpp c cc inc)
    list(APPEND patterns "${ROOT}/${folder}/*.${suffix}")
  endforeach()
endforeach()
file(GLOB_RECURSE files RELATIVE "${ROOT}" ${patterns})
# Not ours to format: recorded bytes, released headers as they were released, other people's code.
list(FILTER files EXCLUDE REGEX "(^|/)(data|corpus|corpora|frozen|vendor|node_modules|build)/")
list(LENGTH files count)
if(count EQUAL 0)
  message(FATAL_ERROR "format: ROOT=\"${ROOT}\" holds no source file; try: cmake -DROOT=<source> -P cmake/CheckFormat.cmake")
endif()

set(mode --dry-run -Werror)
if(FIX)
  set(mode -i)
endif()
execute_process(COMMAND "${CLANG_FORMAT}" --style=file ${mode} ${files} WORKING_DIRECTORY "${ROOT}" RESULT_VARIABLE result)
if(NOT result EQUAL 0)
  message("try: cmake -DROOT=. -DFIX=ON -P cmake/CheckFormat.cmake")
  message(FATAL_ERROR "format: not as .clang-format wants it")
endif()
message(STATUS "format: ${count} files")
