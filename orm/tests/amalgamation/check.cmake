# SPDX-License-Identifier: Apache-2.0
# cmake -DSOURCE=repository -DWORK=scratch folder -DCXX=… -DAMALGAMATION=folder with sqlite3.c and sqlite3.h -P check.cmake
# Builds the library with SQLite in it, installs it, and uses it as a stranger would: with CMake and with pkg-config.
function(run)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE failed OUTPUT_VARIABLE text ERROR_VARIABLE text)
  if(failed)
    message(FATAL_ERROR "${ARGN}\n${text}")
  endif()
endfunction()
function(has_no_library program)
  execute_process(COMMAND ldd "${program}" OUTPUT_VARIABLE libraries COMMAND_ERROR_IS_FATAL ANY)
  if(libraries MATCHES "libsqlite3")
    message(FATAL_ERROR "${program} takes SQLite from the system:\n${libraries}")
  endif()
endfunction()

if(NOT BUILD_TYPE)
  set(BUILD_TYPE Debug)
endif()
file(REMOVE_RECURSE "${WORK}/prefix" "${WORK}/consumer")
set(off)
foreach(part SERVER OTEL EXAMPLES TESTS BENCH)
  list(APPEND off "-DSKUA_BUILD_${part}=OFF")
endforeach()
message(STATUS "the library")
run(${CMAKE_COMMAND} -S "${SOURCE}" -B "${WORK}/build" -G Ninja "-DCMAKE_BUILD_TYPE=${BUILD_TYPE}" "-DCMAKE_CXX_COMPILER=${CXX}"
    "-DCMAKE_CXX_COMPILER_LAUNCHER=${LAUNCHER}" "-DSKUA_SQLITE_AMALGAMATION=${AMALGAMATION}" ${off})
run(${CMAKE_COMMAND} --build "${WORK}/build")
run(${CMAKE_COMMAND} --install "${WORK}/build" --prefix "${WORK}/prefix" --component skua)

message(STATUS "a consumer with find_package")
run(${CMAKE_COMMAND} -S "${SOURCE}/tests/consumer" -B "${WORK}/consumer" -G Ninja "-DCMAKE_PREFIX_PATH=${WORK}/prefix"
    "-DCMAKE_CXX_COMPILER=${CXX}" -DCONSUMER_COMPONENTS=orm,sqlite,postgres,mariadb)
run(${CMAKE_COMMAND} --build "${WORK}/consumer")
run("${WORK}/consumer/consumer")
has_no_library("${WORK}/consumer/consumer")

message(STATUS "a consumer with pkg-config")
file(GLOB_RECURSE pc "${WORK}/prefix/*/skua-orm.pc")
get_filename_component(pc_folder "${pc}" DIRECTORY)
set(ENV{PKG_CONFIG_PATH} "${pc_folder}:$ENV{PKG_CONFIG_PATH}")
execute_process(COMMAND pkg-config --cflags --libs skua-sqlite skua-postgres skua-mariadb OUTPUT_VARIABLE flags OUTPUT_STRIP_TRAILING_WHITESPACE
                COMMAND_ERROR_IS_FATAL ANY)
separate_arguments(flags UNIX_COMMAND "${flags}")
run(${CXX} -std=c++20 -Wall -Wextra -Werror "${SOURCE}/tests/consumer/main.cc" -o "${WORK}/with_pkg_config" ${flags})
run("${WORK}/with_pkg_config")
has_no_library("${WORK}/with_pkg_config")
