/* banned.h - calls that we do without; using one does not compile, as in git.
 * The build puts this file before each of our sources, so nobody includes it. The system headers
 * come first: their own declarations of these names must not be touched.
 */
#ifndef CINEMA_BANNED_H
#define CINEMA_BANNED_H

#include <alloca.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define CINEMA_BANNED_(name) sorry_##name##_is_banned_see_lib_base_banned_h

/* No bound on what they write: snprintf, buffer.h, memcpy with a known length. */
#undef strcpy
#define strcpy(...) CINEMA_BANNED_(strcpy)
#undef strcat
#define strcat(...) CINEMA_BANNED_(strcat)
#undef sprintf
#define sprintf(...) CINEMA_BANNED_(sprintf)
#undef vsprintf
#define vsprintf(...) CINEMA_BANNED_(vsprintf)
#undef gets
#define gets(...) CINEMA_BANNED_(gets)
#undef alloca
#define alloca(...) CINEMA_BANNED_(alloca)

/* State shared between threads: strtok_r, gmtime_r, the clock and random of base. */
#undef strtok
#define strtok(...) CINEMA_BANNED_(strtok)
#undef gmtime
#define gmtime(...) CINEMA_BANNED_(gmtime)
#undef localtime
#define localtime(...) CINEMA_BANNED_(localtime)
#undef rand
#define rand(...) CINEMA_BANNED_(rand)
#undef srand
#define srand(...) CINEMA_BANNED_(srand)

/* No way to tell an error from a value: strtol with its end pointer checked. */
#undef atoi
#define atoi(...) CINEMA_BANNED_(atoi)
#undef atol
#define atol(...) CINEMA_BANNED_(atol)
#undef atoll
#define atoll(...) CINEMA_BANNED_(atoll)

/* A shell, or a name that somebody else may take first: posix_spawn, mkstemp. */
#undef system
#define system(...) CINEMA_BANNED_(system)
#undef popen
#define popen(...) CINEMA_BANNED_(popen)
#undef mktemp
#define mktemp(...) CINEMA_BANNED_(mktemp)
#undef tmpnam
#define tmpnam(...) CINEMA_BANNED_(tmpnam)

#endif
