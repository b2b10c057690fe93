/* text.c - the words that random titles, names and queries are made of.
 */
#include "same/text.h"

/* Few, so that titles meet: the same slugs, keys and words again and again. */
static const char *const words[] = {
    "Ran",      "Ikiru",
    "The",      "the",
    "A",        "Third",
    "Man",      "Man's",
    "men",      "Alien",
    "Aliens",   "alien3",
    "Solaris",  "2001",
    "1984",     "8½",
    "M",        "Z",
    "Amélie",   "Amelie",
    "AMÉLIE",   "Ame\xCC\x81lie",
    "Straße",   "STRASSE",
    "Strasse",  "İstanbul",
    "Istanbul", "ıstanbul",
    "Łódź",     "Lodz",
    "Ærø",      "Coeur",
    "Cœur",     "Smörgås",
    "Đàn",      "Οδός",
    "ΟΔΟΣ",     "οδοσ",
    "Солярис",  "СОЛЯРИС",
    "Ёлки",     "Елки",
    "العراب",   "אבא",
    "शोले",      "हिन्दी",
    "สุริโยไท",   "기생충",
    "기생충",   "七人の侍",
    "七人",     "ｱｷﾗ",
    "アキラ",   "ｶﾞ",
    "ガ",       "花樣年華",
    "花样年华", "Amores",
    "perros",   "¡Ay",
    "¿Qué",     "Wall·E",
    "WALL-E",   "Se7en",
    "Face/Off", "M*A*S*H",
    "E.T.",     "O'Brien",
    "O’Brien",  "naïve",
    "ﬁlm",      "film",
    "Ⅷ",        "VIII",
    "𝔸lien",
};

/* Signs of SQL, of queries, of JSON; text that sorts at an end; what can be mistaken. */
static const char *const odd[] = {
    "'",
    "\"",
    "''",
    "';--",
    "%",
    "_",
    "\\",
    "\\'",
    "$1",
    "$",
    "{}",
    "{{x}}",
    ":",
    "*",
    "AND",
    "OR",
    "NOT",
    "NEAR",
    "^",
    "(",
    ")",
    "!",
    "&",
    "|",
    "<->",
    ":*",
    "'a':*",
    "\"a\"",
    "-a",
    "null",
    "NULL",
    "0",
    "-1",
    "1e5",
    "00",
    "true",
    "👩‍👩‍👧",
    "🎬",
    "e\xCC\x81\xCC\xA7",
    "e\xCC\xA7\xCC\x81",
    "\xE2\x80\x8B",
    "\xE2\x80\x8E",
    "\xEF\xBB\xBF",
    "\xEF\xBF\xBD",
    "\xEF\xBF\xBF",
    "\xEE\x80\x80",
    "\xF4\x8F\xBF\xBF",
    "\xF0\x90\x80\x80",
    "\xC2\xA0",
    "\xC2\xAD",
    "\xE1\xA0\x8E",
    "ß",
    "ẞ",
    "ŉ",
    "ǰ",
    "Ǆ",
    "ͅ",
    "ᾳ",
    "01900000-0000-7000-8000-000000000000",
    "a:b",
    "tt1",
    "  ",
    "---",
    "...",
    "½",
    "①",
    "㎏",
    "㍿",
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
    "a",
};

static const char *const between[] = { " ", " ", " ", " ", "-", ": ", "  ", " & ", ", ", "", "/" };

static const char *word(source *chance)
{
    return source_one_in(chance, 10) ? odd[source_below(chance, COUNT_OF(odd))]
                                     : words[source_below(chance, COUNT_OF(words))];
}

void text_words(buffer *b, source *chance)
{
    unsigned n = 1 + source_below(chance, source_one_in(chance, 8) ? 6 : 3);
    for (unsigned i = 0; i < n; i++) {
        if (i)
            buffer_text(b, between[source_below(chance, COUNT_OF(between))]);
        buffer_text(b, word(chance));
    }
}

/* Cut at a character. */
void text_part(buffer *b, source *chance)
{
    const char *w = word(chance);
    size_t n = strlen(w), cut = 1 + source_below(chance, n);
    while (cut < n && ((unsigned char)w[cut] & 0xC0) == 0x80)
        cut++;
    buffer_add(b, w, source_one_in(chance, 3) ? cut : n);
}

void text_long(buffer *b, source *chance, bool lines)
{
    static const char *const breaks[] = { "\n", "\n\n", "\t", "\r\n", " " };
    unsigned n = 1 + source_below(chance, source_one_in(chance, 20) ? 200 : 6);
    for (unsigned i = 0; i < n; i++) {
        if (i)
            buffer_text(b, lines ? breaks[source_below(chance, COUNT_OF(breaks))] : " ");
        text_words(b, chance);
    }
}
