# Compiler and linker flags, and the three functions that give them to a target.
include(CheckCCompilerFlag)
include(CheckLinkerFlag)
include(CheckPIESupported)

set(CMAKE_C_STANDARD 17)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_C_EXTENSIONS ON)
set(CMAKE_C_VISIBILITY_PRESET hidden)
set(CMAKE_POSITION_INDEPENDENT_CODE ON) # one set of objects for the shared and the static library
check_pie_supported(LANGUAGES C)
set(CMAKE_C_FLAGS_DEBUG "-O1 -g")
set(CMAKE_C_FLAGS_RELWITHDEBINFO "-O2 -g -DNDEBUG")
if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE RelWithDebInfo)
endif()
find_program(CCACHE ccache)
if(CCACHE AND NOT CMAKE_C_COMPILER_LAUNCHER)
  set(CMAKE_C_COMPILER_LAUNCHER ${CCACHE})
endif()

# Whatever is compiled and linked here, other people's code too, is sanitized or is not.
if(CINEMA_SANITIZE)
  add_compile_options(-fsanitize=${CINEMA_SANITIZE} -fno-sanitize-recover=all
    -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${CINEMA_SANITIZE})
  add_compile_definitions(CINEMA_SANITIZED=1)
endif()
if(CINEMA_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()
if(CINEMA_COVERAGE)
  add_compile_options(--coverage -fprofile-update=atomic)
  add_link_options(--coverage)
endif()

# A library that still misses a symbol does not link. (clang's sanitizers leave theirs open.)
if(NOT CINEMA_SANITIZE OR CMAKE_C_COMPILER_ID STREQUAL "GNU")
  set(CINEMA_NO_UNDEFINED -Wl,-z,defs)
endif()

# What nobody calls is left out, which counts for programs and drivers: they take parts of archives
# whose files hold more than they need.
add_compile_options(-ffunction-sections -fdata-sections)
add_link_options(-Wl,--gc-sections)

set(CINEMA_WARNINGS -Wall -Wextra -Wpedantic -Wshadow -Wstrict-prototypes -Wmissing-prototypes
  -Wpointer-arith -Wvla -Wformat=2 -Wundef)
if(CINEMA_WERROR)
  list(APPEND CINEMA_WARNINGS -Werror)
endif()

# Hardening: compilers differ, so each flag is tried alone (list: docs of the OpenSSF, measured for
# gcc 12 and clang 14). Not here: -z nodlopen, which would keep programs from loading us or us from
# loading drivers.
function(cinema_probe flag out)
  string(MAKE_C_IDENTIFIER "cinema_has${flag}" has)
  if(flag MATCHES "^-Wl,")
    check_linker_flag(C ${flag} ${has})
  else()
    check_c_compiler_flag(${flag} ${has})
  endif()
  if(${has})
    set(${out} ${${out}} ${flag} PARENT_SCOPE)
  endif()
endfunction()
if(CINEMA_HARDEN)
  foreach(flag -fstack-protector-strong -fstack-clash-protection -fcf-protection=full
      -ftrivial-auto-var-init=zero -fzero-call-used-regs=used-gpr -fno-delete-null-pointer-checks
      -fno-strict-overflow -fno-strict-aliasing -fstrict-flex-arrays=3 -Wtrampolines)
    cinema_probe(${flag} CINEMA_HARDEN_COMPILE)
  endforeach()
  foreach(flag -Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack -Wl,--as-needed)
    cinema_probe(${flag} CINEMA_HARDEN_LINK)
  endforeach()
  # Some compilers define a weaker level by themselves, and defining it twice is a warning.
  add_compile_options(-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3 ${CINEMA_HARDEN_COMPILE})
  add_link_options(${CINEMA_HARDEN_LINK})
endif()

# Our own code: warnings, and banned calls as errors. banned.h comes first and pulls in system
# headers, so _GNU_SOURCE has to be known before any file could define it.
function(cinema_flags target)
  target_compile_options(${target} PRIVATE ${CINEMA_WARNINGS}
    -include ${PROJECT_SOURCE_DIR}/lib/base/banned.h)
  target_compile_definitions(${target} PRIVATE _GNU_SOURCE=)
endfunction()

# Our own code inside the library: sees lib/ and what is generated as well.
function(cinema_internal target)
  cinema_flags(${target})
  target_include_directories(${target} PRIVATE ${PROJECT_SOURCE_DIR}/include
    ${PROJECT_BINARY_DIR}/include ${PROJECT_SOURCE_DIR}/lib ${PROJECT_BINARY_DIR}/generated)
  add_dependencies(${target} cinema_generated)
endfunction()

# A driver: module lib/cinema/cinema-<name>.so, self-contained but for the table of services it is
# given at load, and target cinema_<name>_static for programs that link what they name.
#   cinema_driver(port name library…)
function(cinema_driver port name)
  file(GLOB sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/lib/port/${port}/${name}*.c)
  if(NOT sources)
    message(STATUS "No lib/port/${port}/${name}*.c yet: no driver")
    return()
  endif()
  add_library(cinema_${name}_objects OBJECT ${sources})
  cinema_internal(cinema_${name}_objects)
  target_link_libraries(cinema_${name}_objects PRIVATE ${ARGN} ${CINEMA_LIBRARIES})
  add_library(cinema_${name} MODULE
    $<TARGET_OBJECTS:cinema_${name}_objects> $<TARGET_OBJECTS:cinema_stateless>)
  set_target_properties(cinema_${name} PROPERTIES PREFIX "" OUTPUT_NAME cinema-${name}
    LIBRARY_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/lib/cinema)
  target_link_libraries(cinema_${name} PRIVATE ${ARGN})
  target_link_options(cinema_${name} PRIVATE ${CINEMA_NO_UNDEFINED}
    -Wl,--version-script=${PROJECT_SOURCE_DIR}/cmake/driver.map)
  add_library(cinema_${name}_static STATIC $<TARGET_OBJECTS:cinema_${name}_objects>)
  set_target_properties(cinema_${name}_static PROPERTIES OUTPUT_NAME cinema-${name})
  target_link_libraries(cinema_${name}_static PUBLIC ${ARGN} cinema_static)
  # The library asks for this symbol weakly, which alone takes nothing out of an archive.
  target_link_options(cinema_${name}_static INTERFACE -Wl,-u,cinema_${port}_driver)
  add_dependencies(cinema_modules cinema_${name})
  install(TARGETS cinema_${name} LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}/cinema)
endfunction()
