# SPDX-License-Identifier: Apache-2.0
# Does EmbedFiles.cmake give the same bytes for the same files, and another address when one of them changes?
#   cmake -DSCRIPT=<EmbedFiles.cmake> -DFOLDER=<scratch> -P embed_files_test.cmake
cmake_minimum_required(VERSION 3.25)
file(REMOVE_RECURSE "${FOLDER}")
file(MAKE_DIRECTORY "${FOLDER}/out")
find_program(gzip gzip REQUIRED)
file(WRITE "${FOLDER}/spec.cmake"
  "set(name test)\nset(pages [[${FOLDER}/page.html]])\nset(assets [[${FOLDER}/b.js;${FOLDER}/a.css]])\nset(gzip [[${gzip}]])\nset(folder [[${FOLDER}/out]])\n")
string(REPEAT "let a; // \"quoted\" [x] \${y} ;\n" 50 script)
file(WRITE "${FOLDER}/b.js" "${script}")
file(WRITE "${FOLDER}/a.css" "p{}")
file(WRITE "${FOLDER}/page.html" "<script src=\"@ASSETS@/b.js\"></script> &copy; [;] \\ @NAME@ \${x} 🤗\n")

function(embed out_source out_gzip)
  execute_process(COMMAND "${CMAKE_COMMAND}" "-DSPEC=${FOLDER}/spec.cmake" -P "${SCRIPT}" COMMAND_ERROR_IS_FATAL ANY)
  file(READ "${FOLDER}/out/embedded.cc" source)
  file(SHA256 "${FOLDER}/out/b.js.gz" gzip_hash)
  set(${out_source} "${source}" PARENT_SCOPE)
  set(${out_gzip} "${gzip_hash}" PARENT_SCOPE)
endfunction()
function(expect_same what one other)
  if(NOT one STREQUAL other)
    message(FATAL_ERROR "${what} differs: ${one}\n--\n${other}")
  endif()
endfunction()

embed(first first_gzip)
file(TOUCH "${FOLDER}/b.js")
execute_process(COMMAND touch -d 2001-01-01 "${FOLDER}/b.js" "${FOLDER}/a.css" COMMAND_ERROR_IS_FATAL ANY)
embed(second second_gzip)
expect_same("the source of the same files" "${first}" "${second}")
expect_same("the gzip form of the same file" "${first_gzip}" "${second_gzip}")

# By name, whatever the order of the list; the small file has no gzip form, since that would be larger.
if(NOT first MATCHES "\"a.css\", false, {hookhost_embedded_test_0, 3}, \"[^,]*\", {}, {}}.*\"b.js\", false.*\"page.html\", true")
  message(FATAL_ERROR "not the expected table: ${first}")
endif()

# The page names the place of its assets, and everything else in it stays as it was written.
string(REGEX MATCH "/a/([0-9a-f]+)/" ignored "${first}")
file(READ "${FOLDER}/out/page.html" page)
expect_same("the page" "${page}" "<script src=\"a/${CMAKE_MATCH_1}/b.js\"></script> &copy; [;] \\ @NAME@ \${x} 🤗\n")

file(APPEND "${FOLDER}/a.css" " ")
embed(third third_gzip)
string(REGEX MATCH "/a/[0-9a-f]+/" before "${first}")
string(REGEX MATCH "/a/[0-9a-f]+/" after "${third}")
if(before STREQUAL after)
  message(FATAL_ERROR "a changed asset keeps its address ${before}")
endif()
