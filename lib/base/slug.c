/* slug.c - titles in a-z, 0-9 and dashes, from any script.
 * translit_table.inc says how letters are written in a-z; kana, hangul and the scripts of India
 * need some rules besides.
 */
#include "base/points.h"
#include "base/unicode.h"

#include <utf8proc.h>
#include <wchar.h>

#include "base/translit_table.inc"

const char *points_spelling(int32_t c)
{
    return spelling(c);
}

typedef struct slug {
    char *at;
    size_t n, room;
    int32_t last; /* the code point before: some letters lean on it */
    bool gap;     /* a dash is due before the next letter */
    bool open;    /* an Indic consonant whose vowel is still to come */
} slug;

/* Adds [a-z0-9 ]; what finds no room is cut anyway. */
static void add(slug *w, const char *s)
{
    for (; *s; s++) {
        if (*s == ' ') {
            w->gap = true;
            continue;
        }
        if (w->gap && w->n && w->n < w->room)
            w->at[w->n++] = '-';
        w->gap = false;
        if (w->n < w->room)
            w->at[w->n++] = *s;
    }
}

static bool vowel(char c)
{
    return c && strchr("aeiou", c);
}

static void add_hangul(slug *w, int32_t c)
{
    c -= 0xAC00;
    add(w, hangul_first[c / 588]);
    add(w, hangul_vowel[c / 28 % 21]);
    add(w, hangul_last[c % 28]);
}

/* Chinese characters in normal form C: each is a word, and a syllable. */
static bool han(int32_t c)
{
    return (c >= 0x3400 && c < 0xA000) || (c >= 0xF900 && c < 0xFB00) || c >= 0x20000;
}

/* Kana as hiragana, 0 for what is neither. */
static int32_t hiragana(int32_t c)
{
    if (c >= 0x30A1 && c <= 0x30FA)
        c -= 0x60;
    return c >= 0x3041 && c <= 0x309A ? c : 0;
}

/* Small kana take the vowel of the one before ("ni" + "yu" is "nyu", "chi" + "ya" is "cha", "u" +
 * "o" is "wo"), a small "tsu" doubles the consonant that follows. */
static void add_kana(slug *w, int32_t c, const char *s)
{
    const char *before = points_spelling(w->last);
    size_t length = strlen(before);
    w->gap |= hiragana(w->last) && (c < 0x30A0) != (w->last < 0x30A0); /* hiragana to katakana */
    if (hiragana(c) == L'っ')
        return;
    if (hiragana(w->last) == L'っ' && !w->gap && !vowel(*s))
        add(w, (char[]){ *s == 'c' ? 't' : *s, 0 });
    if (wcschr(L"ぁぃぅぇぉゃゅょゎ", hiragana(c)) && hiragana(w->last) && !w->gap && w->n &&
        vowel(w->at[w->n - 1])) {
        if (length > 1 || *before == 'u')
            w->n--;
        if (length == 1 && *before == 'u')
            add(w, "w");
        if (*s == 'y' && (length == 3 || *before == 'j'))
            s++;
    }
    add(w, s);
}

static bool indic(int32_t c)
{
    return c >= 0x900 && c < 0xE00;
}

/* Consonants of India are spoken with an "a" unless a vowel sign or virama follows. At a word's end
 * Hindi and its neighbours (the blocks below U+0B00) drop it. Called with what comes next. */
static void close_syllable(slug *w, int32_t next)
{
    if (!w->open)
        return;
    utf8proc_category_t category = utf8proc_category(next);
    bool mark = category == UTF8PROC_CATEGORY_MN || category == UTF8PROC_CATEGORY_MC;
    bool nasal = (next & 0x7F) < 4 || next == 0xA70 || next == 0xA71;
    if (points_mark_class(next) == 7 || category == UTF8PROC_CATEGORY_CF)
        return;
    w->open = false;
    if (indic(next) && mark && !nasal)
        return;
    if ((indic(next) && (mark || category == UTF8PROC_CATEGORY_LO)) || w->last >= 0xB00)
        add(w, "a");
}

/* One letter that the table knows. */
static void add_letter(slug *w, int32_t c, const char *s)
{
    if (hiragana(c)) {
        add_kana(w, c, s);
        return;
    }
    w->gap |= han(c);
    add(w, s);
    w->gap |= han(c);
    w->open = indic(c) && utf8proc_category(c) == UTF8PROC_CATEGORY_LO && !vowel(*s) &&
              !(c >= 0xD7A && c <= 0xD7F); /* chillu letters have no vowel */
}

static void add_point(slug *w, int32_t c);

/* What the table does not know: parts of it may be in there. */
static void add_parts(slug *w, int32_t c)
{
    CLEANUP(points_done) points parts = POINTS(parts);
    points_decompose(&parts, c, UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT | UTF8PROC_IGNORE,
                     points_push);
    if (parts.n == 1 && *parts.at == c)
        w->gap |= points_separates(c, true);
    for (size_t i = 0; i < parts.n && parts.at[i] != c; i++)
        add_point(w, parts.at[i]);
}

static void add_point(slug *w, int32_t c)
{
    c = utf8proc_tolower(points_plain(c && wcschr(L"々〻ゝヽ", c) ? w->last : c));
    close_syllable(w, c);
    w->gap |= points_fraction(c);
    char one[2];
    const char *s = points_spelling(c);
    bool hangul = c >= 0xAC00 && c <= 0xD7A3;
    if (c >= 0x80 && !*s && !hangul) {
        add_parts(w, c);
        return;
    }
    if (c < 0x80)
        add(w, c == '&' ? " " : points_fold_ascii((char)c, true, one));
    else if (hangul)
        add_hangul(w, c);
    else
        add_letter(w, c, s);
    w->last = c;
}

/* Where a slug longer than `max` is cut. */
static size_t cut(const slug *w, size_t max)
{
    size_t n = max;
    if (w->n <= max)
        return w->n;
    while (n > max - max / 3 && w->at[n] != '-')
        n--;
    if (w->at[n] != '-')
        n = max;
    while (n && w->at[n - 1] == '-')
        n--;
    return n;
}

cinema_status unicode_slug(const char *s, size_t max, char **ret)
{
    enum { SPARE = 8, LONGEST = 12 }; /* bytes that one byte can become */
    size_t n = strlen(s);
    CLEANUP(points_done) points p = POINTS(p);
    slug w = { .room = (n < max / LONGEST ? n * LONGEST : max) + SPARE };
    points_read_nfc(&p, s, n, true);
    if (!p.failed && !(w.at = malloc(w.room + 1)))
        p.failed = CINEMA_NO_MEMORY;
    if (p.failed)
        return p.failed;
    for (size_t i = 0; i < p.n && w.n < w.room; i++)
        add_point(&w, p.at[i]);
    close_syllable(&w, ' ');
    w.at[cut(&w, max)] = '\0';
    *ret = w.at;
    return CINEMA_OK;
}
