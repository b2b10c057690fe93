/* catalog_help.h - a migrated database, an open handle and short ways to fill it.
 */
#ifndef CATALOG_HELP_H
#define CATALOG_HELP_H

#include "test.h"

#include <cinema/cinema.h>

#include <string.h>

extern cinema *c;
extern cinema_error err;

void catalog_start(void); /* for FIXTURE */
void catalog_stop(void);

/* A film; year 0: none. Published. Free it. */
cinema_movie *add_movie(const char *title, int64_t year);
cinema_genre *add_genre(const char *name);
cinema_person *add_person(const char *name);

#endif
