/* words.c - what documents and queries are made of: folded words, the same for both stores.
 * A word is cut at 128 bytes (tsvector holds no word of more than 2,046), a document at 128 KiB.
 */
#include "search/words.h"

#include "base/buffer.h"
#include "base/unicode.h"

enum { WORD_MAX = 128, DOCUMENT_MAX = 128 * 1024, PREFIX_MIN = 3 };

/* The word at `s`: its length, cut at a character. `*whole` is what it was. */
static size_t word_at(const char *s, size_t *whole)
{
    size_t n = *whole = strcspn(s, " ");
    if (n > WORD_MAX)
        for (n = WORD_MAX; ((unsigned char)s[n] & 0xC0) == 0x80;)
            n--;
    return n;
}

/* --- documents --- */

static char *add_words(char *to, const char *end, const char *folded)
{
    size_t whole;
    for (const char *s = folded; *s; s += whole + (s[whole] == ' ')) {
        size_t n = word_at(s, &whole);
        if ((size_t)(end - to) < n + 1)
            return to;
        memcpy(to, s, n);
        to[n] = ' ';
        to += n + 1;
    }
    return to;
}

cinema_status search__words(const search_document *d, arena *a, const char **ret)
{
    const char *parts[] = { d->title, d->original_title, d->people, d->overview };
    char *folded[COUNT_OF(parts)] = { 0 };
    cinema_status s = CINEMA_OK;
    size_t room = 1;
    for (size_t i = 0; !s && i < COUNT_OF(parts); i++)
        if (parts[i] && !(s = unicode_fold(parts[i], &folded[i])))
            room += strlen(folded[i]) + 1;
    room = room < DOCUMENT_MAX ? room : DOCUMENT_MAX;
    char *words = s ? NULL : arena_text(a, room + 1), *to = words;
    for (size_t i = 0; i < COUNT_OF(parts); i++) {
        if (words && folded[i])
            to = add_words(to, words + room, folded[i]);
        free(folded[i]);
    }
    if (!words)
        return CINEMA_NO_MEMORY;
    to[to > words ? -1 : 0] = '\0';
    *ret = words;
    return CINEMA_OK;
}

/* --- queries --- */

/* How a store writes words that all have to be there. Words are letters and digits: nothing in them
 * could end the quotes. */
typedef struct spelling {
    const char *and, *quote, *prefix, *but_not;
} spelling;

static void add_quoted(buffer *b, const spelling *how, const char *word, size_t n)
{
    buffer_text(b, how->quote);
    buffer_add(b, word, n);
    buffer_text(b, how->quote);
}

/* All words; `last` gets the last of them, which is still to be written. */
static void add_all_but_last(buffer *b, const spelling *how, const char *folded, const char **last,
                             size_t *length)
{
    size_t whole, n = word_at(folded, &whole);
    *last = folded;
    *length = n;
    for (int i = 1; (*last)[whole] && i < QUERY_WORDS_MAX; i++) {
        add_quoted(b, how, *last, *length);
        buffer_text(b, how->and);
        *last += whole + 1;
        *length = word_at(*last, &whole);
    }
}

static const char *kept(const buffer *b, arena *a)
{
    return b->failed ? NULL : arena_copy(a, b->bytes, b->length);
}

cinema_status search_terms_read(const char *q, bool postgres, arena *a, search_terms *ret)
{
    static const spelling fts5 = { " AND ", "\"", "*", " NOT " };
    static const spelling tsquery = { " & ", "'", ":*", " & !" };
    const spelling *how = postgres ? &tsquery : &fts5;
    enum { MAX = QUERY_WORDS_MAX * (WORD_MAX + 16) };
    CLEANUP(buffer_done) buffer exact = BUFFER(MAX), longer = BUFFER(MAX);
    CLEANUP(freep) char *folded = NULL;
    const char *last;
    size_t n;
    *ret = (search_terms){ 0 };
    if (unicode_fold(q, &folded))
        return CINEMA_NO_MEMORY;
    if (!*folded)
        return CINEMA_OK;
    add_all_but_last(&exact, how, folded, &last, &n);
    buffer_add(&longer, exact.bytes, exact.length);
    add_quoted(&exact, how, last, n);
    add_quoted(&longer, how, last, n);
    buffer_text(&longer, how->prefix);
    buffer_text(&longer, how->but_not);
    add_quoted(&longer, how, last, n);
    ret->exact = kept(&exact, a);
    if (n >= PREFIX_MIN)
        ret->longer = kept(&longer, a);
    return ret->exact && (ret->longer || n < PREFIX_MIN) ? CINEMA_OK : CINEMA_NO_MEMORY;
}
