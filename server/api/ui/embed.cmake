# SPDX-License-Identifier: Apache-2.0
# cmake -D DIST=… -D OUT=… -D GZIP=… -P embed.cmake: writes OUT/ui_assets.cc, which holds all files below DIST.
# Runs at every build, because the names of the files change with their content; writes only what has changed.
cmake_minimum_required(VERSION 3.25)
if(NOT EXISTS "${DIST}/index.html")
  message(FATAL_ERROR
    "The web UI is not built: ${DIST}/index.html does not exist. "
    "Build it (in ui/: npm ci, npm run build), or configure with -DSKUA_EMBED_UI=OFF for a server without pages.")
endif()

file(MAKE_DIRECTORY "${OUT}/packed")
file(GLOB_RECURSE files RELATIVE "${DIST}" "${DIST}/*")
list(SORT files)

set(types html "text/html|charset=utf-8" js "text/javascript|charset=utf-8" css "text/css|charset=utf-8"
  json "application/json" map "application/json" svg "image/svg+xml" png "image/png" ico "image/x-icon" jpg "image/jpeg"
  woff2 "font/woff2" woff "font/woff" txt "text/plain|charset=utf-8" md "text/plain|charset=utf-8"
  wasm "application/wasm" webmanifest "application/manifest+json")
set(packed_already png jpg ico woff2 woff)

set(blobs "")
set(table "")
set(index 0)
foreach(file IN LISTS files)
  string(REGEX REPLACE "^.*\\." "" extension "${file}")
  set(type "application/octet-stream")
  list(FIND types "${extension}" at)
  if(NOT at EQUAL -1)
    math(EXPR at "${at} + 1")
    list(GET types ${at} type)
    string(REPLACE "|" "; " type "${type}")  # a ';' would part the list
  endif()
  file(SHA256 "${DIST}/${file}" hash)
  string(SUBSTRING "${hash}" 0 32 etag)
  set(stored "${DIST}/${file}")
  set(is_gzip "false")
  # index.html is changed for each answer, so it is kept as it is.
  if(NOT file STREQUAL "index.html" AND NOT extension IN_LIST packed_already)
    set(stored "${OUT}/packed/${etag}.gz")
    set(is_gzip "true")
    if(NOT EXISTS "${stored}")
      execute_process(COMMAND "${GZIP}" -9 -n -c "${DIST}/${file}" OUTPUT_FILE "${stored}" COMMAND_ERROR_IS_FATAL ANY)
    endif()
  endif()
  string(APPEND blobs
    "__asm__(\".section .rodata\\n.balign 16\\nskua_asset_${index}:\\n.incbin \\\"${stored}\\\"\\n\"\n"
    "        \"skua_asset_${index}_end:\\n.byte 0\\n.previous\\n\");  // ${hash}\n"
    "extern \"C\" __attribute__((visibility(\"hidden\"))) const char skua_asset_${index}[];\n"
    "extern \"C\" __attribute__((visibility(\"hidden\"))) const char skua_asset_${index}_end[];\n")
  string(APPEND table
    "    {\"${file}\", \"${type}\", \"\\\"${etag}\\\"\", between(skua_asset_${index}, skua_asset_${index}_end), ${is_gzip}},\n")
  math(EXPR index "${index} + 1")
endforeach()

file(CONFIGURE OUTPUT "${OUT}/ui_assets.cc" @ONLY CONTENT [[
// SPDX-License-Identifier: Apache-2.0
// Written by server/api/ui/embed.cmake.
#include "api/ui/assets.h"

#include <cstddef>

@blobs@
namespace skua::api {
namespace {

std::string_view between(const char* begin, const char* end) {
    return {begin, static_cast<std::size_t>(end - begin)};
}

const Asset kAssets[] = {
@table@};

}  // namespace

std::span<const Asset> embedded_assets() {
    return kAssets;
}

}  // namespace skua::api
]])
