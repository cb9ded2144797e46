# mold when present: the incremental link of a test binary is what a developer waits for.
find_program(SKUA_MOLD mold)
if(SKUA_MOLD)
  add_link_options(-fuse-ld=mold)
endif()
