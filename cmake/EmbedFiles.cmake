# SPDX-License-Identifier: Apache-2.0
# hookhost_embed_files(<target> NAME <name> [PAGES <files...>] [ASSETS <files...>])
#
# Puts files into the target's .rodata, each as it is and as `gzip -9n` (when that is smaller), with the SHA-256 of these very bytes as
# its ETag, and defines `const EmbeddedTree& embedded_<name>()` in hookhost::pages (pages/embedded_file.h). The lists are explicit and
# relative to the current source folder; the name of a file counts, not its folder, so a name stands once.
# ASSETS are served below /a/<hash>/, a hash over all of them, and may be kept for ever. PAGES are served at a path of their own; each
# @ASSETS@ in them becomes a/<hash>, relative on purpose: it works behind a proxy that adds a prefix.
#
# The same input gives the same object. Changing a file makes everything again: the generated source holds the hash of every file, so
# neither the build system nor a compiler cache can miss what .incbin reads.
#
#   hookhost_embed_files(hookhost_pages NAME pages_ui PAGES ui/docs.html ASSETS ui/style.css ui/docs.js)
#
# The second half of this file is the build step itself: cmake -DSPEC=<list> -P EmbedFiles.cmake.

if(NOT CMAKE_SCRIPT_MODE_FILE)
  set(HOOKHOST_EMBED_SCRIPT "${CMAKE_CURRENT_LIST_FILE}")

  function(hookhost_embed_files target)
    cmake_parse_arguments(PARSE_ARGV 1 embed "" "NAME" "PAGES;ASSETS")
    find_program(HOOKHOST_GZIP gzip REQUIRED)
    set(names "")
    foreach(kind PAGES ASSETS)
      list(TRANSFORM embed_${kind} PREPEND "${CMAKE_CURRENT_SOURCE_DIR}/")
      foreach(file IN LISTS embed_${kind})
        cmake_path(GET file FILENAME name)
        if(name IN_LIST names)
          message(FATAL_ERROR "hookhost_embed_files(${embed_NAME}): two files are called ${name}")
        endif()
        list(APPEND names "${name}")
      endforeach()
    endforeach()
    set(folder "${CMAKE_CURRENT_BINARY_DIR}/embedded_${embed_NAME}")
    file(MAKE_DIRECTORY "${folder}")
    # Written only when it differs, so that configuring again builds nothing again.
    file(CONFIGURE OUTPUT "${folder}/spec.cmake" @ONLY CONTENT
"set(name [[@embed_NAME@]])\nset(pages [[@embed_PAGES@]])\nset(assets [[@embed_ASSETS@]])\nset(gzip [[@HOOKHOST_GZIP@]])\nset(folder [[@folder@]])\n")
    add_custom_command(OUTPUT "${folder}/embedded.cc"
      COMMAND "${CMAKE_COMMAND}" "-DSPEC=${folder}/spec.cmake" -P "${HOOKHOST_EMBED_SCRIPT}"
      DEPENDS ${embed_PAGES} ${embed_ASSETS} "${folder}/spec.cmake" "${HOOKHOST_EMBED_SCRIPT}"
      COMMENT "Embedding ${embed_NAME}" VERBATIM)
    target_sources(${target} PRIVATE "${folder}/embedded.cc")
  endfunction()
  return()
endif()

cmake_minimum_required(VERSION 3.25)
include("${SPEC}")

# One entry per file as "name|path|is_page", sorted by name: the tree is searched by it.
set(entries "")
set(hashes "")
foreach(path IN LISTS assets)
  cmake_path(GET path FILENAME file)
  file(SHA256 "${path}" hash)
  list(APPEND entries "${file}|${path}|false")
  list(APPEND hashes "${file} ${hash}")
endforeach()
list(SORT hashes)
string(SHA256 tree_hash "${hashes}")
string(SUBSTRING "${tree_hash}" 0 16 tree_hash)

foreach(path IN LISTS pages)
  cmake_path(GET path FILENAME file)
  file(READ "${path}" text)
  string(REPLACE "@ASSETS@" "a/${tree_hash}" text "${text}")
  file(WRITE "${folder}/${file}" "${text}")
  list(APPEND entries "${file}|${folder}/${file}|true")
endforeach()
list(SORT entries)

set(assembler "")
set(symbols "")
set(table "")

# Adds the bytes of a file to the assembler part; the literals of their view and their ETag come back in <out>.
macro(embed_bytes symbol path out)
  file(SIZE "${path}" size)
  file(SHA256 "${path}" hash)
  string(SUBSTRING "${hash}" 0 32 hash)  # 128 bits tell versions of a file apart
  string(APPEND assembler ".balign 16\n.globl ${symbol}\n.hidden ${symbol}\n${symbol}:\n.incbin \"${path}\"\n")
  string(APPEND symbols "extern const char ${symbol}[];\n")
  set(${out} "{${symbol}, ${size}}, \"\\\"${hash}\\\"\"")
endmacro()

set(index 0)
foreach(entry IN LISTS entries)
  string(REPLACE "|" ";" entry "${entry}")
  list(GET entry 0 file)
  list(GET entry 1 path)
  list(GET entry 2 is_page)
  set(symbol "hookhost_embedded_${name}_${index}")
  # -n: no name and no time in the header, so the same file gives the same bytes.
  execute_process(COMMAND "${gzip}" -9nc "${path}" OUTPUT_FILE "${folder}/${file}.gz" COMMAND_ERROR_IS_FATAL ANY)
  embed_bytes(${symbol} "${path}" plain)
  file(SIZE "${path}" plain_size)
  file(SIZE "${folder}/${file}.gz" gzip_size)
  if(gzip_size LESS plain_size)
    embed_bytes(${symbol}_gzip "${folder}/${file}.gz" packed)
  else()
    set(packed "{}, {}")
  endif()
  string(APPEND table "    {\"${file}\", ${is_page}, ${plain}, ${packed}},\n")
  math(EXPR index "${index} + 1")
endforeach()

file(WRITE "${folder}/embedded.cc" "// Made by cmake/EmbedFiles.cmake.
#include \"pages/embedded_file.h\"

asm(R\"(
.pushsection .rodata
${assembler}.popsection
)\");

extern \"C\" {
#pragma GCC visibility push(hidden)
${symbols}#pragma GCC visibility pop
}

namespace hookhost::pages {
namespace {

constinit const EmbeddedFile kFiles[] = {
${table}};
constinit const EmbeddedTree kTree{\"/a/${tree_hash}/\", kFiles};

}  // namespace

const EmbeddedTree& embedded_${name}();
const EmbeddedTree& embedded_${name}() { return kTree; }

}  // namespace hookhost::pages
")
