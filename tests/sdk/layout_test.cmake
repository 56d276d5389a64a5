# SPDX-License-Identifier: Apache-2.0
# cmake -DMAKE_LAYOUT=program -DINCLUDE=sdk/include -DCOMPILER=gcc -DWORK_DIR=dir -P layout_test.cmake
#
# layout.h is what make_layout writes, names every struct of the headers, and does not compile when the bytes are elsewhere.
cmake_minimum_required(VERSION 3.25)
execute_process(COMMAND "${MAKE_LAYOUT}" OUTPUT_VARIABLE fresh RESULT_VARIABLE result)
if(result)
  message(FATAL_ERROR "make_layout failed")
endif()
file(READ "${INCLUDE}/hookhost/layout.h" committed)
if(NOT fresh STREQUAL committed)
  message(SEND_ERROR "layout.h is not what make_layout writes\ntry: build/.../make_layout > sdk/include/hookhost/layout.h")
endif()

file(GLOB_RECURSE headers "${INCLUDE}/hookhost/*.h")
foreach(header IN LISTS headers)
  file(STRINGS "${header}" structs REGEX "struct hookhost_[a-z_]+ {")
  foreach(line IN LISTS structs)
    string(REGEX REPLACE ".*struct (hookhost_[a-z_]+) {.*" "\\1" name "${line}")
    string(FIND "${committed}" "HOOKHOST_LAYOUT_SIZE(${name}," at)
    if(at EQUAL -1)
      message(SEND_ERROR "${name} (${header}) is not in make_layout.c")
    endif()
  endforeach()
endforeach()

file(REMOVE_RECURSE "${WORK_DIR}")
file(COPY "${INCLUDE}/" DESTINATION "${WORK_DIR}/include")
file(READ "${INCLUDE}/hookhost/payload.h" text)
string(REPLACE "int64_t num;" "int32_t num; int32_t rest;" changed "${text}")
file(WRITE "${WORK_DIR}/include/hookhost/payload.h" "${changed}")
execute_process(COMMAND "${COMPILER}" -x c -std=c11 "-I${WORK_DIR}/include" -include hookhost/hookhost.h -fsyntax-only /dev/null
  RESULT_VARIABLE result ERROR_VARIABLE text)
if(NOT result OR NOT text MATCHES "hookhost_discussion::num is elsewhere or of another size here")
  message(SEND_ERROR "a member of another size compiles: the assertions do not bite\n${text}")
endif()
