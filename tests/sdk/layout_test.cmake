# SPDX-License-Identifier: Apache-2.0
# cmake -DMAKE_LAYOUT=program -DINCLUDE=sdk/include -DCOMPILER=gcc -P layout_test.cmake
#
# layout.h is what make_layout writes, names every struct of the headers, and does not compile where the bytes are elsewhere.
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

execute_process(COMMAND "${COMPILER}" -x c -std=c11 -fpack-struct=2 "-I${INCLUDE}" -include hookhost/hookhost.h -fsyntax-only /dev/null
  RESULT_VARIABLE result ERROR_VARIABLE text)
if(NOT result OR NOT text MATCHES "is elsewhere or of another size here")
  message(SEND_ERROR "a packed layout compiles: the assertions do not bite\n${text}")
endif()
