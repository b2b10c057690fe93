/* text.h - reading numbers, words and times from text, and writing times.
 */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <cinema/base.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A whole decimal number, optional minus, nothing else around it; false also when out of range. */
bool text_number(const char *s, int64_t *ret);

enum { NUMBER_TEXT = 21 }; /* "-9223372036854775808" and its NUL */
/* Writes a number; where its NUL is. */
char *number_text(int64_t n, char text[NUMBER_TEXT]);

/* Whether `word` stands in `words`, which spaces separate. */
bool text_listed(const char *words, const char *word);
/* The same for a word of n bytes. */
bool text_listed_n(const char *words, const char *word, size_t n);

enum { TIME_TEXT = 25 }; /* "2026-01-31T12:00:00.000Z" and its NUL */
/* RFC 3339 in UTC with milliseconds; years 0 to 9999. */
void time_text(int64_t ms, char text[TIME_TEXT]);
/* RFC 3339 with any offset, up to milliseconds (further digits are cut); years as above. */
bool time_parse(const char *s, int64_t *ret);
/* A partial date: YYYY, YYYY-MM or YYYY-MM-DD, of the calendar. */
bool date_valid(const char *s);

/* Each word once, in the order in which they came; `l->items` is ours to change. */
void texts_once(cinema_texts *l);

/* The nearest of the words for a misspelt one (edit distance of at most 2), or NULL. */
const char *text_nearest(const char *word, const char *const *words, size_t count);

#endif
