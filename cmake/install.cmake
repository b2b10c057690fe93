# Headers, both libraries, executable, pkg-config file, CMake package. (Driver modules are installed
# where they are defined.) Shared objects and the executable are stripped on the way.
install(CODE "set(CMAKE_INSTALL_DO_STRIP TRUE)")
set(package ${CMAKE_INSTALL_LIBDIR}/cmake/cinema)

install(DIRECTORY ${CMAKE_SOURCE_DIR}/include/cinema ${CMAKE_BINARY_DIR}/include/cinema
  DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} FILES_MATCHING PATTERN "*.h")
# Two sets, so that who links the shared library does not need what only the static one needs.
install(TARGETS cinema_shared EXPORT cinema-targets LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(TARGETS cinema_static EXPORT cinema-static-targets
  ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(EXPORT cinema-targets NAMESPACE cinema:: DESTINATION ${package})
install(EXPORT cinema-static-targets NAMESPACE cinema:: DESTINATION ${package})
if(TARGET cinema)
  install(TARGETS cinema RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
endif()

include(CMakePackageConfigHelpers)
configure_package_config_file(${CMAKE_SOURCE_DIR}/cmake/cinema-config.cmake.in
  ${CMAKE_BINARY_DIR}/cinema-config.cmake INSTALL_DESTINATION ${package})
write_basic_package_version_file(${CMAKE_BINARY_DIR}/cinema-config-version.cmake
  COMPATIBILITY SameMinorVersion) # before 1.0 a minor version may break
install(FILES ${CMAKE_BINARY_DIR}/cinema-config.cmake
  ${CMAKE_BINARY_DIR}/cinema-config-version.cmake DESTINATION ${package})

# cinema.pc finds its prefix from where it lies, so an installed tree can be moved.
file(RELATIVE_PATH CINEMA_UP /${CMAKE_INSTALL_LIBDIR}/pkgconfig /)
string(REGEX REPLACE "/$" "" CINEMA_UP ${CINEMA_UP})
# What a static program has to link besides. Not Requires.private: of what stands there pkg-config
# gives the compiler flags to every user (-DUTF8PROC_EXPORTS), and wants its .pc file even of those
# who link the shared library.
set(libraries)
foreach(module ${CINEMA_REQUIRES})
  string(TOUPPER ${module} name)
  list(APPEND libraries ${${name}_STATIC_LDFLAGS})
endforeach()
list(APPEND libraries -lm -pthread)
list(REMOVE_DUPLICATES libraries)
list(JOIN libraries " " CINEMA_LIBS_PRIVATE)
configure_file(${CMAKE_SOURCE_DIR}/pkgconfig/cinema.pc.in ${CMAKE_BINARY_DIR}/cinema.pc @ONLY)
install(FILES ${CMAKE_BINARY_DIR}/cinema.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
