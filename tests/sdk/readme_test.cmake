# SPDX-License-Identifier: Apache-2.0
# cmake -DREADME=sdk/README.md -DINCLUDE=sdk/include -DWORK_DIR=dir -DCOMPILER=c++ -P readme_test.cmake
#
# The plugin and its test that the README shows compile together and pass.
cmake_minimum_required(VERSION 3.25)
include("${CMAKE_CURRENT_LIST_DIR}/install_sdk.cmake")
file(REMOVE_RECURSE "${WORK_DIR}")
set(blocks 0)
file(READ "${README}" rest)
while(TRUE)
  string(FIND "${rest}" "```cpp\n" begin)
  if(begin EQUAL -1)
    break()
  endif()
  math(EXPR begin "${begin} + 7")
  string(SUBSTRING "${rest}" ${begin} -1 rest)
  string(FIND "${rest}" "```" end)
  string(SUBSTRING "${rest}" 0 ${end} code)
  math(EXPR blocks "${blocks} + 1")
  file(WRITE "${WORK_DIR}/block${blocks}.cc" "${code}")
endwhile()
if(NOT blocks EQUAL 2)
  message(FATAL_ERROR "the README shows ${blocks} programs, not a plugin and its test")
endif()
hookhost_run("compiling the README" "${COMPILER}" -std=c++20 -fvisibility=hidden -Wall -Wextra -Werror "-I${INCLUDE}" "${WORK_DIR}/block1.cc"
  "${WORK_DIR}/block2.cc" -o "${WORK_DIR}/test")
hookhost_run("the README's test" "${WORK_DIR}/test")
