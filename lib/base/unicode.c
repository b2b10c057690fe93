/* unicode.c - UTF-8 checked and counted; normal form, and the keys of titles and names.
 * utf8proc knows the characters. Slugs are in slug.c.
 */
#include "base/unicode.h"

#include "base/points.h"

#include <utf8proc.h>
#include <wchar.h>

/* --- UTF-8 --- */

/* How many bytes are ASCII before the first that is not: looked at eight at a time. */
static size_t ascii_prefix(const char *s, size_t n)
{
    size_t i = 0;
    for (uint64_t eight; n - i >= sizeof eight; i += sizeof eight) {
        memcpy(&eight, s + i, sizeof eight);
        if (eight & 0x8080808080808080u)
            break;
    }
    while (i < n && !(s[i] & 0x80))
        i++;
    return i;
}

/* The length of the well-formed sequence that `s` begins with, 0 if there is none. Only the second
 * byte has bounds of its own: they keep out the overlong, the surrogates and the too large. */
static size_t sequence(const unsigned char *s, size_t n)
{
    unsigned char first = *s;
    if (first < 0x80)
        return 1;
    size_t length = first < 0xC2 ? 0 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : first < 0xF5 ? 4 : 0;
    unsigned char low = first == 0xE0 ? 0xA0 : first == 0xF0 ? 0x90 : 0x80;
    unsigned char high = first == 0xED ? 0x9F : first == 0xF4 ? 0x8F : 0xBF;
    if (!length || n < length || s[1] < low || s[1] > high)
        return 0;
    for (size_t i = 2; i < length; i++)
        if ((s[i] & 0xC0) != 0x80)
            return 0;
    return length;
}

bool utf8_valid(const char *s, size_t n)
{
    for (size_t i = 0, length; i < n; i += length) {
        if (!(s[i] & 0x80))
            length = ascii_prefix(s + i, n - i);
        else if (!(length = sequence((const unsigned char *)s + i, n - i)))
            return false;
    }
    return true;
}

size_t utf8_length(const char *s, size_t n)
{
    size_t i = 0, continued = 0;
    for (uint64_t eight; n - i >= sizeof eight; i += sizeof eight) {
        memcpy(&eight, s + i, sizeof eight);
        eight = eight >> 7 & ~eight >> 6 & 0x0101010101010101u; /* one for each 10xxxxxx */
        continued += eight * 0x0101010101010101u >> 56;
    }
    for (; i < n; i++)
        continued += (s[i] & 0xC0) == 0x80;
    return n - continued;
}

size_t utf8_control(const char *s)
{
    const unsigned char *p = (const unsigned char *)s;
    if (*p == 0xC2)
        return p[1] >= 0x80 && p[1] < 0xA0 ? 2 : 0;
    return (*p && *p < 0x20) || *p == 0x7F;
}

/* Reads the code point at `*s` and steps over it; false: malformed. */
static bool next_point(const char **s, const char *end, int32_t *c)
{
    static const unsigned char mask[] = { 0, 0x7F, 0x1F, 0x0F, 0x07 };
    const unsigned char *p = (const unsigned char *)*s;
    size_t length = sequence(p, (size_t)(end - *s));
    if (!length)
        return false;
    *c = *p & mask[length];
    for (size_t i = 1; i < length; i++)
        *c = *c << 6 | (p[i] & 0x3F);
    *s += length;
    return true;
}

static bool blank(int32_t c)
{
    utf8proc_category_t category = utf8proc_category(c);
    return (category >= UTF8PROC_CATEGORY_ZS && category <= UTF8PROC_CATEGORY_CC) ||
           utf8proc_get_property(c)->ignorable;
}

bool unicode_blank(const char *s)
{
    int32_t c = ' ';
    for (const char *end = s + strlen(s); s < end && blank(c);)
        if (!next_point(&s, end, &c))
            return false;
    return blank(c);
}

static bool visible(int32_t c)
{
    utf8proc_category_t category = utf8proc_category(c);
    return !blank(c) && category != UTF8PROC_CATEGORY_CN && category < UTF8PROC_CATEGORY_CF;
}

bool unicode_visible(const char *s)
{
    int32_t c;
    for (const char *end = s + strlen(s); s < end;)
        if (!next_point(&s, end, &c) || !visible(c))
            return false;
    return true;
}

/* --- code points under way --- */

void points_done(points *p)
{
    if (p->at != p->few)
        free(p->at);
}

static bool grow(points *p)
{
    bool first = p->at == p->few;
    int32_t *at = p->failed ? NULL : reallocarray(first ? NULL : p->at, p->room, 2 * sizeof *at);
    if (!at) {
        p->failed = p->failed ? p->failed : CINEMA_NO_MEMORY;
        return false;
    }
    if (first)
        memcpy(at, p->few, sizeof p->few);
    p->at = at;
    p->room *= 2;
    return true;
}

void points_push(points *p, int32_t c)
{
    if (p->n < p->room || grow(p))
        p->at[p->n++] = c;
}

/* Gives the text as UTF-8. */
static cinema_status encode(const points *p, char **ret)
{
    size_t size = 1;
    for (size_t i = 0; i < p->n; i++) {
        int32_t c = p->at[i];
        size += c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    }
    char *s = p->failed ? NULL : malloc(size);
    if (!s)
        return p->failed ? p->failed : CINEMA_NO_MEMORY;
    *ret = s;
    for (size_t i = 0; i < p->n; i++)
        s += utf8proc_encode_char(p->at[i], (utf8proc_uint8_t *)s);
    *s = '\0';
    return CINEMA_OK;
}

/* --- normal form C --- */

/* Nothing below U+0300 is a mark. */
unsigned char points_mark_class(int32_t c)
{
    return c < 0x300 ? 0 : (unsigned char)utf8proc_get_property(c)->combining_class;
}

/* Puts a run of marks in canonical order by counting. utf8proc exchanges neighbours, which is
 * quadratic: a gift to whoever sends a hundred thousand of them. */
static void order_run(points *p, int32_t *at, size_t n)
{
    size_t before[257] = { 0 };
    int32_t *sorted = malloc(n * sizeof *sorted);
    if (!sorted) {
        p->failed = CINEMA_NO_MEMORY;
        return;
    }
    for (size_t i = 0; i < n; i++)
        before[points_mark_class(at[i]) + 1]++;
    for (size_t k = 1; k < COUNT_OF(before); k++)
        before[k] += before[k - 1];
    for (size_t i = 0; i < n; i++)
        sorted[before[points_mark_class(at[i])]++] = at[i];
    memcpy(at, sorted, n * sizeof *sorted);
    free(sorted);
}

/* Orders and composes text that has been taken apart. */
static void compose(points *p)
{
    for (size_t i = 0, end; i < p->n; i = end + 1) {
        bool ordered = true;
        for (end = i; end < p->n && points_mark_class(p->at[end]); end++)
            ordered &=
                end == i || points_mark_class(p->at[end - 1]) <= points_mark_class(p->at[end]);
        if (!ordered && !p->failed)
            order_run(p, p->at + i, end - i);
    }
    if (!p->failed)
        p->n = (size_t)utf8proc_normalize_utf32(p->at, (utf8proc_ssize_t)p->n,
                                                UTF8PROC_COMPOSE | UTF8PROC_STABLE);
}

/* Takes one code point apart: each part to `put`. */
void points_decompose(points *p, int32_t c, int options, void (*put)(points *, int32_t))
{
    enum { MOST = 32 }; /* U+FDFA, the longest, has 18 */
    int32_t parts[MOST];
    int boundary = 0;
    if (c < 0x80) {
        put(p, c);
        return;
    }
    utf8proc_ssize_t n =
        utf8proc_decompose_char(c, parts, MOST, (utf8proc_option_t)options, &boundary);
    for (utf8proc_ssize_t i = 0; i < n && i < MOST; i++)
        put(p, parts[i]);
}

typedef struct range {
    int32_t first, last;
} range;

/* Whether one of the ranges, which are in order, has `c`. */
static bool within(const range *ranges, size_t n, int32_t c)
{
    for (const range *r = ranges; r < ranges + n && c >= r->first; r++)
        if (c <= r->last)
            return true;
    return false;
}

/* Whether a character is in normal form C whatever stands around it. Not all that are: those that
 * most text is made of. */
static bool settled(int32_t c)
{
    static const range most[] = {
        { 0, 0x2FF },       { 0x388, 0x482 },   { 0x48A, 0x590 },     { 0x5D0, 0x5EA },
        { 0x620, 0x64A },   { 0x660, 0x66F },   { 0x671, 0x6D5 },     { 0xE01, 0xE37 },
        { 0x10A0, 0x10FF }, { 0x1E00, 0x1EFF }, { 0x2010, 0x205E },   { 0x20A0, 0x20CF },
        { 0x3001, 0x3029 }, { 0x3041, 0x3096 }, { 0x30A0, 0x30FF },   { 0x3400, 0x9FFF },
        { 0xAC00, 0xD7A3 }, { 0xFF00, 0xFFEF }, { 0x1F300, 0x1FAFF },
    };
    return within(most, COUNT_OF(most), c);
}

static bool all_settled(const char *s, size_t n)
{
    const char *end = s + n;
    for (int32_t c; s < end;)
        if (!next_point(&s, end, &c) || !c || !settled(c))
            return false;
    return true;
}

/* The code points of the text in normal form C. A slug wants half-width kana whole as well. */
void points_read_nfc(points *p, const char *s, size_t n, bool widen)
{
    enum { PLAIN = UTF8PROC_DECOMPOSE | UTF8PROC_STABLE, WIDE = PLAIN | UTF8PROC_COMPAT };
    const char *end = s + n;
    for (int32_t c; s < end && !p->failed;) {
        if (!next_point(&s, end, &c) || !c)
            p->failed = CINEMA_INVALID;
        else
            points_decompose(p, c, widen && c >= 0xFF00 && c < 0xFFF0 ? WIDE : PLAIN, points_push);
    }
    compose(p);
}

cinema_status unicode_nfc(const char *s, size_t n, char **ret)
{
    CLEANUP(points_done) points p = POINTS(p);
    if (!n || all_settled(s, n)) {
        char *same = strndup(n ? s : "", n);
        if (!same)
            return CINEMA_NO_MEMORY;
        *ret = same;
        return CINEMA_OK;
    }
    points_read_nfc(&p, s, n, false);
    return encode(&p, ret);
}

/* --- case --- */

static void put_small(points *p, int32_t c)
{
    points_push(p, c >= 'A' && c <= 'Z' ? c | 0x20 : c);
}

cinema_status unicode_casefold(const char *s, char **ret)
{
    enum { FOLDED = UTF8PROC_DECOMPOSE | UTF8PROC_CASEFOLD };
    CLEANUP(points_done) points p = POINTS(p);
    for (const char *end = s + strlen(s); s < end && !p.failed;) {
        int32_t c = 0;
        if (!next_point(&s, end, &c))
            p.failed = CINEMA_INVALID;
        points_decompose(&p, c, FOLDED, put_small);
    }
    compose(&p);
    return encode(&p, ret);
}

/* --- sort key and fold --- */

/* Signs as a keyboard has them, so that either way of writing finds the other: NFKD does not touch
 * these, or makes something worse of them: of an acute a space and a mark, of a trade mark "tm". */
int32_t points_plain(int32_t c)
{
    static const wchar_t apostrophes[] = L"\u00B4\u02B9\u02BB\u02BC\u02BD\u02BE\u02BF\u02C8"
                                         L"\u05F3\u1FFD\u2018\u2019\u201B\u2032\u2035";
    if (c < 0x80)
        return c == '`' ? '\'' : c;
    if (wcschr(apostrophes, c))
        return '\'';
    if (wcschr(L"\u05F4\u201C\u201D\u201E\u201F\u2033", c))
        return '"';
    if (wcschr(L"\u2010\u2011\u2012\u2013\u2014\u2015\u2212", c))
        return '-';
    return c == 0x2120 || c == 0x2122 ? ' ' : c == 0x2044 ? '/' : c;
}

/* ½ and its like, which points_decompose into digits that must not join those before them ("8½").
 */
bool points_fraction(int32_t c)
{
    return (c >= 0xBC && c <= 0xBE) || (c >= 0x2150 && c <= 0x215F) || c == 0x2189;
}

/* What an ASCII character is in a key; `one` lends the room. */
const char *points_fold_ascii(char c, bool words, char one[static 2])
{
    bool letter = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    if (c >= 'A' && c <= 'Z')
        c |= 0x20;
    else if (c <= ' ' || c == 0x7F)
        c = ' ';
    else if (words && !letter)
        return c == '&' ? " and " : c == '\'' ? "" : " ";
    one[0] = c;
    one[1] = '\0';
    return one;
}

/* The key of plain ASCII. */
static cinema_status key_ascii(const char *s, size_t n, bool words, char **ret)
{
    char one[2], *key = n > SIZE_MAX / 8 ? NULL : malloc(words ? n * 4 + 1 : n + 1), *to = key;
    if (!key)
        return CINEMA_NO_MEMORY;
    bool gap = false;
    for (size_t i = 0; i < n; i++) {
        for (const char *c = points_fold_ascii((char)points_plain(s[i]), words, one); *c; c++) {
            if (*c != ' ' && gap && to > key)
                *to++ = ' ';
            if (*c != ' ')
                *to++ = *c;
            gap = *c == ' ';
        }
    }
    *to = '\0';
    *ret = key;
    return CINEMA_OK;
}

/* Adds to a key, with the space that is due before. */
static void push_visible(points *p, int32_t c)
{
    if (p->gap && p->n)
        points_push(p, ' ');
    p->gap = false;
    points_push(p, c);
}

static void push_text(points *p, const char *s)
{
    for (; *s; s++)
        if (*s == ' ')
            p->gap = true;
        else
            push_visible(p, *s);
}

/* Whether a mark may go. Those that spell stay: vowels, nukta and virama of India (classes 0, 7, 9,
 * 84, 91), vowels and tones of Thai, Lao and Tibetan (103 to 132), the voicing of kana (8). */
static bool accent(int32_t c)
{
    unsigned char class = points_mark_class(c);
    return class == 1 || (class >= 10 && class < 84) || class > 199 ||
           utf8proc_category(c) == UTF8PROC_CATEGORY_ME;
}

/* Latin letters beyond ASCII, and with them signs that have no spelling. */
static bool latin(int32_t c)
{
    static const range blocks[] = { { 0xC0, 0x2AF },    { 0x1D00, 0x1DBF }, { 0x1E00, 0x1EFF },
                                    { 0x2C60, 0x2C7F }, { 0xA720, 0xA7FF }, { 0xAB30, 0xAB6F } };
    return within(blocks, COUNT_OF(blocks), c);
}

/* White space; in words punctuation and symbols too, which Unicode's list of categories has just
 * before it. */
bool points_separates(int32_t c, bool words)
{
    utf8proc_category_t category = utf8proc_category(c);
    return category >= (words ? UTF8PROC_CATEGORY_PC : UTF8PROC_CATEGORY_ZS) &&
           category <= UTF8PROC_CATEGORY_CC;
}

/* Adds one code point, decomposed and folded, to a key. */
static void put_key(points *p, int32_t c)
{
    char one[2];
    c = points_plain(c);
    if (c < 0x80)
        push_text(p, points_fold_ascii((char)c, p->words, one));
    else if (points_separates(c, p->words))
        p->gap = true;
    else if (utf8proc_category(c) == UTF8PROC_CATEGORY_CF || accent(c))
        return;
    else if (latin(c) && *points_spelling(c))
        push_text(p, points_spelling(c));
    else
        push_visible(p, c);
}

/* The keys. They end in normal form C: shorter than D, and the same order. */
static cinema_status key(const char *s, bool words, char **ret)
{
    enum { FOLDED = UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT | UTF8PROC_CASEFOLD | UTF8PROC_IGNORE };
    size_t n = strlen(s);
    if (ascii_prefix(s, n) == n)
        return key_ascii(s, n, words, ret);
    CLEANUP(points_done) points p = POINTS(p);
    p.words = words;
    for (const char *end = s + n; s < end && !p.failed;) {
        int32_t c = 0;
        if (!next_point(&s, end, &c))
            p.failed = CINEMA_INVALID;
        p.gap |= points_fraction(c);
        points_decompose(&p, points_plain(c), FOLDED, put_key);
    }
    compose(&p);
    return encode(&p, ret);
}

enum { SORT_KEY_MAX = 1000 };

cinema_status unicode_sort_key(const char *s, char **ret)
{
    cinema_status status = key(s, false, ret);
    if (status || strlen(*ret) <= SORT_KEY_MAX)
        return status;
    size_t n = SORT_KEY_MAX;
    while (((*ret)[n] & 0xC0) == 0x80)
        n--;
    while (n && (*ret)[n - 1] == ' ')
        n--;
    (*ret)[n] = '\0';
    return CINEMA_OK;
}

cinema_status unicode_fold(const char *s, char **ret)
{
    return key(s, true, ret);
}
