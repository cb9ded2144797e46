# SPDX-License-Identifier: Apache-2.0
# cmake -DBUILD=build folder -DWORK=scratch folder -DSOURCE=tests -DCXX=… -DCOMPONENTS=a,b -P check.cmake
# Installs, then uses what was installed as a stranger would: with CMake, with pkg-config, and each header alone.
function(run)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE failed OUTPUT_VARIABLE text ERROR_VARIABLE text)
  if(failed)
    message(FATAL_ERROR "${ARGN}\n${text}")
  endif()
endfunction()

file(REMOVE_RECURSE "${WORK}")
file(MAKE_DIRECTORY "${WORK}")
set(prefix "${WORK}/prefix")
run(${CMAKE_COMMAND} --install "${BUILD}" --prefix "${prefix}" --component skua)

message(STATUS "a consumer with find_package")
run(${CMAKE_COMMAND} -S "${SOURCE}/consumer" -B "${WORK}/consumer" -G Ninja "-DCMAKE_PREFIX_PATH=${prefix}" "-DCMAKE_CXX_COMPILER=${CXX}"
    "-DCONSUMER_COMPONENTS=${COMPONENTS}")
run(${CMAKE_COMMAND} --build "${WORK}/consumer")
run("${WORK}/consumer/consumer")

message(STATUS "a consumer that asks for what is not there")
execute_process(COMMAND ${CMAKE_COMMAND} -S "${SOURCE}/consumer" -B "${WORK}/wrong" -G Ninja "-DCMAKE_PREFIX_PATH=${prefix}"
                "-DCMAKE_CXX_COMPILER=${CXX}" -DCONSUMER_COMPONENTS=oracle RESULT_VARIABLE failed OUTPUT_VARIABLE text ERROR_VARIABLE text)
if(NOT failed OR NOT text MATCHES "the component oracle is not[ \n]+installed")
  message(FATAL_ERROR "the missing component is not named:\n${text}")
endif()

message(STATUS "a consumer with pkg-config")
file(GLOB_RECURSE pc "${prefix}/*/skua-orm.pc")
get_filename_component(pc_folder "${pc}" DIRECTORY)
set(ENV{PKG_CONFIG_PATH} "${pc_folder}:$ENV{PKG_CONFIG_PATH}")
execute_process(COMMAND pkg-config --cflags --libs skua-sqlite skua-postgres skua-mariadb
                OUTPUT_VARIABLE flags OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
separate_arguments(flags UNIX_COMMAND "${flags}")
run(${CXX} -std=c++20 -Wall -Wextra -Werror "${SOURCE}/consumer/main.cc" -o "${WORK}/with_pkg_config" ${flags})
run("${WORK}/with_pkg_config")

message(STATUS "each header alone")
file(GLOB_RECURSE headers RELATIVE "${prefix}/include" "${prefix}/include/*.hpp")
list(LENGTH headers count)
if(count LESS 30)
  message(FATAL_ERROR "only ${count} headers are installed")
endif()
execute_process(COMMAND pkg-config --cflags opentelemetry_api OUTPUT_VARIABLE otel OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
separate_arguments(otel UNIX_COMMAND "${otel}")
foreach(header IN LISTS headers)
  file(WRITE "${WORK}/alone.cc" "#include <${header}>\n#include <${header}>\n")
  run(${CXX} -std=c++20 -fsyntax-only -Wall -Wextra -Wpedantic -Werror -Wno-missing-field-initializers "-I${prefix}/include" ${otel}
      "${WORK}/alone.cc")
endforeach()
