/* text.h - random text: many scripts, and everything that has a meaning to somebody in between.
 */
#ifndef TEST_SAME_TEXT_H
#define TEST_SAME_TEXT_H

#include "base/buffer.h"
#include "same/source.h"

/* Some words, about as title and names are; one in ten from what is odd. */
void text_words(buffer *b, source *chance);
/* A word, or its beginning. */
void text_part(buffer *b, source *chance);
/* Paragraphs, with tabs and line breaks where `lines`. */
void text_long(buffer *b, source *chance, bool lines);

#endif
