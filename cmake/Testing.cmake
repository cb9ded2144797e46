# skua_test(<name> SRCS ... DEPS ... [LABELS ...]): a gtest binary; each test case is a ctest entry.
find_package(GTest REQUIRED)
include(GoogleTest)

# gtest and the usual standard headers, compiled once for all test binaries.
file(WRITE "${PROJECT_BINARY_DIR}/test_main.cc" "#include <gtest/gtest.h>\nint main(int c, char** v) { ::testing::InitGoogleTest(&c, v); return RUN_ALL_TESTS(); }\n")
add_library(skua_test_main STATIC "${PROJECT_BINARY_DIR}/test_main.cc")
# the same flags as the tests: a precompiled header made with others is refused
target_link_libraries(skua_test_main PUBLIC GTest::gmock GTest::gtest PRIVATE skua_warnings)
target_precompile_headers(skua_test_main PUBLIC <gmock/gmock.h> <gtest/gtest.h> <map> <memory> <optional> <string> <vector>)

function(skua_test name)
  cmake_parse_arguments(arg "" "" "SRCS;DEPS;LABELS" ${ARGN})
  add_executable(${name} ${arg_SRCS})
  target_link_libraries(${name} PRIVATE skua_warnings skua_test_main ${arg_DEPS})
  target_compile_definitions(${name} PRIVATE SKUA_SOURCE_DIR="${PROJECT_SOURCE_DIR}" SKUA_BINARY_DIR="${PROJECT_BINARY_DIR}")
  target_precompile_headers(${name} REUSE_FROM skua_test_main)
  if(NOT arg_LABELS)
    set(arg_LABELS unit)
  endif()
  gtest_discover_tests(${name} DISCOVERY_MODE PRE_TEST PROPERTIES LABELS "${arg_LABELS}" TIMEOUT 900)
endfunction()
