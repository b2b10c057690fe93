# What is linked. The library alone needs the first nine.
find_package(PkgConfig REQUIRED)
set(CINEMA_REQUIRES sqlite3 jansson libsodium libutf8proc zlib liboath libqrencode libidn2
  libcrypt) # also Libs.private of cinema.pc
foreach(module ${CINEMA_REQUIRES})
  string(TOUPPER ${module} name)
  pkg_check_modules(${name} REQUIRED IMPORTED_TARGET ${module})
  list(APPEND CINEMA_LIBRARIES PkgConfig::${name})
endforeach()

pkg_check_modules(PQ QUIET IMPORTED_TARGET libpq)
option(CINEMA_POSTGRES "Build the PostgreSQL driver (needs libpq)" ${PQ_FOUND})
if(CINEMA_POSTGRES AND NOT PQ_FOUND)
  message(FATAL_ERROR "CINEMA_POSTGRES is ON, but there is no libpq (Debian: libpq-dev)")
elseif(NOT CINEMA_POSTGRES)
  message(STATUS "Without the PostgreSQL driver")
endif()

pkg_check_modules(HIREDIS QUIET IMPORTED_TARGET hiredis)
pkg_check_modules(OPENSSL QUIET IMPORTED_TARGET openssl)
if(HIREDIS_FOUND AND OPENSSL_FOUND)
  set(redis_found ON)
endif()
option(CINEMA_REDIS "Build the Redis driver (needs hiredis, OpenSSL)" ${redis_found})
if(CINEMA_REDIS AND NOT redis_found)
  message(FATAL_ERROR
    "CINEMA_REDIS is ON, but hiredis or OpenSSL is missing (Debian: libhiredis-dev libssl-dev)")
elseif(NOT CINEMA_REDIS)
  message(STATUS "Without the Redis driver")
endif()

# Outgoing HTTP and SMTP.
pkg_check_modules(CURL QUIET IMPORTED_TARGET libcurl)
option(CINEMA_CURL "Build the drivers for outgoing HTTP and SMTP (needs libcurl)" ${CURL_FOUND})
if(CINEMA_CURL AND NOT CURL_FOUND)
  message(FATAL_ERROR "CINEMA_CURL is ON, but there is no libcurl (Debian: libcurl4-openssl-dev)")
elseif(NOT CINEMA_CURL)
  message(STATUS "Without outgoing HTTP and SMTP")
endif()

# Signatures of tokens from elsewhere.
option(CINEMA_OPENSSL "Build the driver for tokens of other issuers (needs OpenSSL)"
  ${OPENSSL_FOUND})
if(CINEMA_OPENSSL AND NOT OPENSSL_FOUND)
  message(FATAL_ERROR "CINEMA_OPENSSL is ON, but there is no OpenSSL (Debian: libssl-dev)")
elseif(NOT CINEMA_OPENSSL)
  message(STATUS "Without tokens of other issuers")
endif()

# Avatars.
pkg_check_modules(IMAGES QUIET IMPORTED_TARGET libpng libjpeg libwebp)
option(CINEMA_IMAGES "Build cinema-image, for avatars (needs libpng, libjpeg-turbo, libwebp)"
  ${IMAGES_FOUND})
if(CINEMA_IMAGES AND NOT IMAGES_FOUND)
  message(FATAL_ERROR "CINEMA_IMAGES is ON, but libpng, libjpeg or libwebp is missing (Debian: "
    "libpng-dev libjpeg62-turbo-dev libwebp-dev)")
elseif(NOT CINEMA_IMAGES)
  message(STATUS "Without cinema-image: no avatars")
endif()

if(CINEMA_SERVER)
  foreach(module libuv liblzma)
    string(TOUPPER ${module} name)
    pkg_check_modules(${name} REQUIRED IMPORTED_TARGET ${module})
    list(APPEND CINEMA_SERVER_LIBRARIES PkgConfig::${name})
  endforeach()
  # llhttp: a library where there is one, else its C sources as Debian 12 ships them (node-llhttp).
  pkg_check_modules(LLHTTP QUIET IMPORTED_TARGET libllhttp)
  if(LLHTTP_FOUND)
    list(APPEND CINEMA_SERVER_LIBRARIES PkgConfig::LLHTTP)
  else()
    find_path(LLHTTP_SOURCES llhttp.c PATHS /usr/share/llhttp NO_DEFAULT_PATH)
    find_path(LLHTTP_HEADERS llhttp.h PATHS /usr/share/include/llhttp NO_DEFAULT_PATH)
    if(NOT LLHTTP_SOURCES OR NOT LLHTTP_HEADERS)
      message(FATAL_ERROR "The server needs llhttp (Debian 12: node-llhttp), or CINEMA_SERVER=OFF")
    endif()
    add_library(cinema_llhttp STATIC EXCLUDE_FROM_ALL
      ${LLHTTP_SOURCES}/api.c ${LLHTTP_SOURCES}/http.c ${LLHTTP_SOURCES}/llhttp.c)
    target_compile_options(cinema_llhttp PRIVATE -w)
    target_compile_definitions(cinema_llhttp PUBLIC LLHTTP_STRICT_MODE=1)
    target_include_directories(cinema_llhttp SYSTEM PUBLIC ${LLHTTP_HEADERS})
    list(APPEND CINEMA_SERVER_LIBRARIES cinema_llhttp)
  endif()
endif()
