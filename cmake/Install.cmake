# SPDX-License-Identifier: Apache-2.0
# The published library: skua_publish(<target> <component> [PC_REQUIRES …] [DESCRIPTION …]) puts a target into
# find_package(skua COMPONENTS <component>) as skua::<component>, and into pkg-config as skua-<component>.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)
set(SKUA_CMAKE_DIR "${CMAKE_INSTALL_LIBDIR}/cmake/skua")
file(RELATIVE_PATH SKUA_PC_PREFIX "/${CMAKE_INSTALL_LIBDIR}/pkgconfig" "/")

function(skua_publish target component)
  cmake_parse_arguments(arg "" "DESCRIPTION;PC_LIBS" "PC_REQUIRES;HEADERS" ${ARGN})
  set_target_properties(${target} PROPERTIES EXPORT_NAME ${component})
  get_target_property(sets ${target} HEADER_SETS)
  set(headers)
  if(sets)
    set(headers FILE_SET HEADERS DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT skua)
  endif()
  install(TARGETS ${target} EXPORT skua_${component} ${headers}
    ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT skua
    INCLUDES DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
  foreach(folder IN LISTS arg_HEADERS)
    install(DIRECTORY "${folder}/" DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT skua FILES_MATCHING PATTERN "*.hpp")
  endforeach()
  install(EXPORT skua_${component} NAMESPACE skua:: FILE skua-${component}.cmake DESTINATION ${SKUA_CMAKE_DIR} COMPONENT skua)
  if(NOT arg_DESCRIPTION)
    return()
  endif()
  string(REPLACE ";" " " SKUA_PC_REQUIRES "${arg_PC_REQUIRES}")
  set(SKUA_PC_NAME skua-${component})
  set(SKUA_PC_DESCRIPTION "${arg_DESCRIPTION}")
  set(SKUA_PC_LIBS "-l${target} ${arg_PC_LIBS}")
  configure_file("${PROJECT_SOURCE_DIR}/cmake/skua.pc.in" "${PROJECT_BINARY_DIR}/pkgconfig/${SKUA_PC_NAME}.pc" @ONLY)
  install(FILES "${PROJECT_BINARY_DIR}/pkgconfig/${SKUA_PC_NAME}.pc" DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig" COMPONENT skua)
endfunction()

configure_package_config_file("${PROJECT_SOURCE_DIR}/cmake/skua-config.cmake.in" "${PROJECT_BINARY_DIR}/skua-config.cmake"
  INSTALL_DESTINATION ${SKUA_CMAKE_DIR})
write_basic_package_version_file("${PROJECT_BINARY_DIR}/skua-config-version.cmake" COMPATIBILITY SameMinorVersion)
install(FILES "${PROJECT_BINARY_DIR}/skua-config.cmake" "${PROJECT_BINARY_DIR}/skua-config-version.cmake"
  DESTINATION ${SKUA_CMAKE_DIR} COMPONENT skua)
