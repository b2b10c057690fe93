/* points.h - text as code points under way, for unicode.c and slug.c alone.
 */
#ifndef BASE_POINTS_H
#define BASE_POINTS_H

#include "base/status.h"

/* Text as code points: titles fit on the stack. The first failure sticks. */
typedef struct points {
    int32_t *at;
    size_t n, room;
    cinema_status failed;
    bool words, gap; /* keys: a fold, not a sort key; a space is due before the next one */
    int32_t few[192];
} points;

/* CLEANUP(points_done) points p = POINTS(p); */
#define POINTS(p) ((points){ .at = (p).few, .room = COUNT_OF((p).few) })

void points_done(points *p);
void points_push(points *p, int32_t c);
/* Takes one code point apart, with utf8proc's options: each part to `put`. */
void points_decompose(points *p, int32_t c, int options, void (*put)(points *, int32_t));
/* The code points of the text in normal form C. A slug wants half-width kana whole as well. */
void points_read_nfc(points *p, const char *s, size_t n, bool widen);
/* Canonical combining class. Nothing below U+0300 is a mark. */
unsigned char points_mark_class(int32_t c);
/* What an ASCII character is in a key; `one` lends the room. */
const char *points_fold_ascii(char c, bool words, char one[static 2]);
/* Signs as a keyboard has them: dashes and quotes. */
int32_t points_plain(int32_t c);
/* ½ and its like, which decompose into digits. */
bool points_fraction(int32_t c);
/* White space; in words punctuation and symbols too. */
bool points_separates(int32_t c, bool words);
/* How a letter is written in a-z, "" where it is not known. */
const char *points_spelling(int32_t c);

#endif
