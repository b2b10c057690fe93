/* search_help.h - what the search's tests start from: some films, and short ways to ask.
 */
#ifndef SEARCH_HELP_H
#define SEARCH_HELP_H

#include "test.h"

#include <cinema/cinema.h>

#include <stdio.h>
#include <string.h>

extern cinema *c;
extern cinema_error err;

void search_start(void); /* for FIXTURE */
void search_stop(void);

/* Titles by lines of the import: the shortest way to people, genres and episodes. */
void add(const char *lines);
extern const char films[];
/* n films that have the word "common" in their overview, some with it at the front of the title. */
void add_common(int n);

int64_t number(const char *sql); /* of its only row */

/* What is found, titles with commas between. */
const char *found(cinema_search_query q);
/* The same of what is published. */
#define FINDS(want, ...)                                                                           \
    ck_assert_str_eq(found((cinema_search_query){ .published_only = true, __VA_ARGS__ }), want)
/* A page; free it. */
cinema_title_page *page(cinema_search_query q);

#endif
