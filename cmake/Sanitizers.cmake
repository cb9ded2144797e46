if(SKUA_SANITIZE)
  string(REPLACE ";" "," skua_sanitizers "${SKUA_SANITIZE}")
  add_compile_options(-fsanitize=${skua_sanitizers} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${skua_sanitizers})
  # Warnings that rest on what the optimizer sees: g++ 12 warns about the standard library (std::string's operator+,
  # <regex>) once it is instrumented. The plain builds have them.
  add_compile_options($<$<CXX_COMPILER_ID:GNU>:-Wno-array-bounds>
    $<$<CXX_COMPILER_ID:GNU>:-Wno-free-nonheap-object>
    $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>
    $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict>
    $<$<CXX_COMPILER_ID:GNU>:-Wno-stringop-overflow>
    $<$<CXX_COMPILER_ID:GNU>:-Wno-stringop-overread>)
endif()
if(SKUA_COVERAGE)
  add_compile_options(--coverage)
  add_link_options(--coverage)
endif()
