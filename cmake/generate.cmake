# Code made from what lies in the folders, in <build>/generated (private) and <build>/include:
#   lib/**/x.sql             -> x.sql.h, x.sql.c (SQL_<block>), and sql_all.c over all of them
#   lib/schema/NNNN_what.sql -> migrations.c
#   lib/**/x_ops.c           -> ops_list.c
#   include/cinema/*.h       -> cinema/cinema.h
set(generated ${CMAKE_BINARY_DIR}/generated)
set(embed ${CMAKE_SOURCE_DIR}/cmake/embed_sql.cmake)

file(GLOB_RECURSE statements CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/lib/*.sql)
file(GLOB migrations CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/lib/schema/*.sql)
if(migrations)
  list(REMOVE_ITEM statements ${migrations})
endif()

# Statements. Two files of one name would write the same header.
set(headers)
foreach(file ${statements})
  get_filename_component(name ${file} NAME)
  if(${generated}/${name}.h IN_LIST headers)
    message(FATAL_ERROR "Two statement files are called ${name}; one is ${file}")
  endif()
  list(APPEND headers ${generated}/${name}.h)
  list(APPEND CINEMA_GENERATED ${generated}/${name}.c)
  add_custom_command(OUTPUT ${generated}/${name}.h ${generated}/${name}.c
    COMMAND ${CMAKE_COMMAND} -DMODE=statements -DFILES=${file} -DOUT=${generated} -P ${embed}
    DEPENDS ${file} ${embed} VERBATIM)
endforeach()
list(JOIN statements "|" joined)
add_custom_command(OUTPUT ${generated}/sql_all.c
  COMMAND ${CMAKE_COMMAND} -DMODE=all "-DFILES=${joined}" -DOUT=${generated} -P ${embed}
  DEPENDS ${statements} ${embed} VERBATIM)

# Migrations, in the order of their numbers.
list(SORT migrations COMPARE NATURAL)
set(numbers)
foreach(file ${migrations})
  get_filename_component(name ${file} NAME)
  if(NOT name MATCHES "^([0-9][0-9][0-9][0-9])_[a-z0-9_]+\\.sql$")
    message(FATAL_ERROR "lib/schema/${name}: a migration is called NNNN_what.sql")
  elseif(CMAKE_MATCH_1 IN_LIST numbers)
    message(FATAL_ERROR "lib/schema/${name}: there is another migration ${CMAKE_MATCH_1}")
  endif()
  list(APPEND numbers ${CMAKE_MATCH_1})
endforeach()
list(JOIN migrations "|" joined)
add_custom_command(OUTPUT ${generated}/migrations.c
  COMMAND ${CMAKE_COMMAND} -DMODE=migrations "-DFILES=${joined}" -DOUT=${generated} -P ${embed}
  DEPENDS ${migrations} ${embed} VERBATIM)
list(APPEND CINEMA_GENERATED ${generated}/sql_all.c ${generated}/migrations.c)

# Operation tables.
file(GLOB_RECURSE CINEMA_OPS CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/lib/*_ops.c)
function(cinema_ops_list file) # further x_ops.c files…
  set(tables ${CINEMA_OPS} ${ARGN})
  list(TRANSFORM tables REPLACE "^.*/([^/]+)\\.c$" "\\1")
  list(SORT tables)
  set(code "/* made by cmake/generate.cmake from the names of x_ops.c files. */\n")
  string(APPEND code "#include \"call/op.h\"\n\n")
  foreach(table ${tables})
    string(APPEND code "extern const op cinema__${table}[];\n")
  endforeach()
  string(APPEND code "extern const op *const cinema__op_tables[];\n")
  string(APPEND code "const op *const cinema__op_tables[] = {\n")
  foreach(table ${tables})
    string(APPEND code "    cinema__${table},\n")
  endforeach()
  string(APPEND code "    NULL,\n};\n")
  file(CONFIGURE OUTPUT ${file} CONTENT "${code}" @ONLY) # kept if nothing changed
endfunction()
cinema_ops_list(${generated}/ops_list.c)
list(APPEND CINEMA_GENERATED ${generated}/ops_list.c)

# The header that includes all.
file(GLOB public CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/include/cinema/*.h)
set(code "/* cinema.h - everything. Made by cmake/generate.cmake from include/cinema/. */\n")
string(APPEND code "#ifndef CINEMA_CINEMA_H\n#define CINEMA_CINEMA_H\n")
foreach(file ${public})
  get_filename_component(name ${file} NAME)
  string(APPEND code "#include <cinema/${name}>\n")
endforeach()
string(APPEND code "#endif\n")
file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/include/cinema/cinema.h CONTENT "${code}" @ONLY)

# A statement may be longer than the 4095 bytes that every C compiler has to take.
set_source_files_properties(${CINEMA_GENERATED} PROPERTIES
  COMPILE_OPTIONS -Wno-overlength-strings)
add_custom_target(cinema_generated DEPENDS ${headers} ${CINEMA_GENERATED})
