/* output.h - what people and programs get to see.
 * Answers go to stdout; everything said about them goes to stderr. What comes from outside (titles,
 * file names, messages) reaches a terminal without control characters.
 */
#ifndef CLI_OUTPUT_H
#define CLI_OUTPUT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

typedef enum out_style { OUT_PLAIN, OUT_BOLD, OUT_DIM, OUT_RED, OUT_GREEN, OUT_YELLOW } out_style;

/* Before anything else: makes sure that 0 to 2 are taken, so that no database gets their number. */
void out_open(void);
void out_set(bool quiet, bool no_color);
/* Flushes the answer. Gives `code`, or CLI_EXIT_FAILED, with a message, where it could not be
 * written; a reader that has left (`cinema ops | head -1`) is no failure. */
int out_close(int code);

/* One line on stderr each; a note is left out with --quiet. */
__attribute__((format(printf, 1, 2))) void out_note(const char *format, ...);
__attribute__((format(printf, 1, 2))) void out_warning(const char *format, ...);
__attribute__((format(printf, 1, 2))) void out_error(const char *format, ...);
/* A line of the library's log. */
void out_log(out_style style, const char *mark, const char *line);
/* A line that belongs to the error before it. */
__attribute__((format(printf, 1, 2))) void out_more(const char *format, ...);

/* The line that is drawn over and over while work is under way; the lines above wipe it. */
bool out_has_bar(void); /* stderr is a terminal, and notes are wanted */
unsigned out_columns(void);
void out_bar(const char *line);
void out_wipe(void);

/* `text` in a style, padded to `width` bytes at least. */
void out_styled(FILE *to, out_style style, const char *text, int width);
/* `text` without its control characters; several lines indented by `indent` after the first. */
void out_text(FILE *to, const char *text);
void out_lines(FILE *to, const char *text, int indent);

/* JSON: indented when `pretty`, else in one line. The first writes to stdout, indented on a
 * terminal, takes `value` over and gives CLI_EXIT_OK, or complains that memory is out. */
int out_json(json_t *value);
void out_json_text(FILE *to, const char *json, bool pretty);
bool out_is_terminal(void);
/* A JSON string, also of text that is not UTF-8 (file names); bytes that are none become '?'. */
json_t *out_string(const char *text);

/* 15500 as "15,500"; ms since 1970 as "2026-01-31T12:00:00.000Z". They return `text`. */
const char *out_count(int64_t n, char text[32]);
const char *out_time(int64_t ms, char text[32]);
#endif
