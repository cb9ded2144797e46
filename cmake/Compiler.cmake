# Language level and warnings, as interface targets that each component links privately.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/bin")
if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
  set(CMAKE_BUILD_TYPE RelWithDebInfo CACHE STRING "" FORCE)
endif()

add_library(skua_warnings INTERFACE)
target_compile_options(skua_warnings INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual -Wcast-align -Wextra-semi
  -Wunused -Wimplicit-fallthrough -Wconversion -Wno-missing-field-initializers
  $<$<CXX_COMPILER_ID:Clang>:-Wthread-safety -Wno-gnu-zero-variadic-macro-arguments>
  $<$<BOOL:${SKUA_WERROR}>:-Werror>)
target_compile_definitions(skua_warnings INTERFACE $<$<CONFIG:Debug>:_GLIBCXX_ASSERTIONS>)

# ccache with precompiled headers needs this flag (and the sloppiness that ./dev sets).
add_compile_options($<$<CXX_COMPILER_ID:GNU>:-fpch-preprocess>)

if(SKUA_CLANG_TIDY)
  find_program(SKUA_CLANG_TIDY_EXE NAMES clang-tidy-14 clang-tidy REQUIRED)
  set(CMAKE_CXX_CLANG_TIDY "${SKUA_CLANG_TIDY_EXE}")
endif()
