/* unicode_test.c - mirrors lib/base/unicode.c.
 */
#include "base/status.h"
#include "base/unicode.h"
#include "test.h"

#include <stdio.h>
#include <utf8proc.h>

typedef cinema_status (*text_fn)(const char *, char **);

/* All four with the same face. */
static cinema_status nfc(const char *s, char **ret)
{
    return unicode_nfc(s, strlen(s), ret);
}

static cinema_status slug(const char *s, char **ret)
{
    return unicode_slug(s, 80, ret);
}

static const text_fn functions[] = { nfc, unicode_sort_key, unicode_fold, slug };

typedef struct pair {
    const char *from, *to;
} pair;

/* What a function makes of text. Loops below run a million times, and each assertion of Check that
 * holds is a message to its parent process: here and there only failures speak. */
static char *made(text_fn fn, const char *from)
{
    char *got = NULL;
    if (fn(from, &got) != CINEMA_OK)
        ck_abort_msg("\"%s\" was refused", from);
    return got;
}

static void check(text_fn fn, const char *from, const char *to)
{
    CLEANUP(freep) char *got = made(fn, from);
    if (strcmp(got, to))
        ck_abort_msg("\"%s\" became \"%s\", not \"%s\"", from, got, to);
}

/* The same numbers in every run. */
static uint64_t dice(uint64_t sides)
{
    static uint64_t state = 0x9E3779B97F4A7C15u;
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state % sides;
}

/* Text of up to 11 code points out of blocks where something is special, or from anywhere. */
static void random_text(char text[64])
{
    static const int32_t blocks[][2] = {
        { 0x20, 0x7F },     { 0x20, 0x7F },     { 0xA0, 0x24F },    { 0x300, 0x36F },
        { 0x370, 0x52F },   { 0x591, 0x6FF },   { 0x900, 0xDFF },   { 0xE01, 0xFBC },
        { 0x1100, 0x11FF }, { 0x1E00, 0x206F }, { 0x2100, 0x218F }, { 0x3000, 0x30FF },
        { 0x4E00, 0x4EFF }, { 0xAC00, 0xACFF }, { 0xF900, 0xFFEF }, { 1, 0x10FFFF },
    };
    for (size_t n = 1 + dice(11); n; n--) {
        const int32_t *block = blocks[dice(COUNT_OF(blocks))];
        int32_t c = block[0] + (int32_t)dice((uint64_t)(block[1] - block[0] + 1));
        if (utf8proc_codepoint_valid(c))
            text += utf8proc_encode_char(c, (utf8proc_uint8_t *)text);
    }
    *text = '\0';
}

/* --- UTF-8 --- */

static const struct {
    const char *bytes, *what;
} malformed[] = {
    { "\x80", "lone continuation" },
    { "\xBF", "lone continuation, last" },
    { "a\x80", "continuation after ASCII" },
    { "é\xA9", "one continuation too many" },
    { "\xC3", "two bytes cut" },
    { "\xC3(", "two bytes, the second no continuation" },
    { "\xC3\xC3\xA9", "first byte twice" },
    { "\xC0\x80", "overlong NUL" },
    { "\xC0\xAF", "overlong slash" },
    { "\xC1\xBF", "overlong U+007F" },
    { "\xE0\x80\x80", "overlong NUL in three" },
    { "\xE0\x9F\xBF", "overlong U+07FF" },
    { "\xF0\x80\x80\x80", "overlong NUL in four" },
    { "\xF0\x8F\xBF\xBF", "overlong U+FFFF" },
    { "\xED\xA0\x80", "surrogate U+D800" },
    { "\xED\xAD\xBF", "surrogate U+DB7F" },
    { "\xED\xBF\xBF", "surrogate U+DFFF" },
    { "\xED\xA0\x81\xED\xB0\x80", "a pair of surrogates" },
    { "\xF4\x90\x80\x80", "U+110000" },
    { "\xF5\x80\x80\x80", "first byte F5" },
    { "\xF8\x88\x80\x80\x80", "five bytes" },
    { "\xFC\x84\x80\x80\x80\x80", "six bytes" },
    { "\xFE", "FE" },
    { "\xFF", "FF" },
    { "\xE2", "three bytes cut after one" },
    { "\xE2\x82", "three bytes cut after two" },
    { "\xE2\x28\xA1", "three bytes, bad second" },
    { "\xE2\x82\x28", "three bytes, bad third" },
    { "\xF0\x9F", "four bytes cut after two" },
    { "\xF0\x9F\x98", "four bytes cut after three" },
    { "\xF0\x28\x8C\xBC", "four bytes, bad second" },
    { "\xF0\x9F\x28\xBC", "four bytes, bad third" },
    { "\xF0\x9F\x98\x28", "four bytes, bad fourth" },
    { "caf\xE9", "Latin-1" },
};

TEST_EACH(malformed_utf8_is_refused_wherever_it_stands, (int)COUNT_OF(malformed))
{
    char text[64];
    size_t n = strlen(malformed[_i].bytes);
    for (size_t before = 0; before < 20; before++) {
        memset(text, 'a', sizeof text);
        memcpy(text + before, malformed[_i].bytes, n);
        ck_assert_msg(!utf8_valid(text, before + n), "%s, last", malformed[_i].what);
        ck_assert_msg(!utf8_valid(text, sizeof text), "%s, before text", malformed[_i].what);
        ck_assert(utf8_valid(text, before));
    }
}

TEST_EACH(malformed_utf8_is_invalid_to_every_function, (int)COUNT_OF(malformed))
{
    char text[64], untouched[] = "untouched", *ret = untouched;
    for (size_t i = 0; i < COUNT_OF(functions); i++) {
        GIVES(CINEMA_INVALID, functions[i](malformed[_i].bytes, &ret));
        snprintf(text, sizeof text, "%s a title", malformed[_i].bytes);
        GIVES(CINEMA_INVALID, functions[i](text, &ret));
        ck_assert_ptr_eq(ret, untouched);
    }
}

TEST(every_code_point_but_surrogates_is_valid_and_counts_as_one)
{
    for (int32_t c = 0; c <= 0x10FFFF; c++) {
        unsigned char s[4] = { 0xED, (unsigned char)(0x80 | (c >> 6 & 0x3F)),
                               (unsigned char)(0x80 | (c & 0x3F)) };
        bool surrogate = c >= 0xD800 && c < 0xE000;
        size_t n = surrogate ? 3 : (size_t)utf8proc_encode_char(c, s);
        if (utf8_valid((char *)s, n) == surrogate || utf8_length((char *)s, n) != 1)
            ck_abort_msg("U+%04X", (unsigned)c);
        if (utf8_control((char *)s) != (c && utf8proc_category(c) == UTF8PROC_CATEGORY_CC ? n : 0))
            ck_abort_msg("U+%04X is a control character, or is none", (unsigned)c);
    }
}

TEST(no_bytes_and_nul_are_valid)
{
    ck_assert(utf8_valid("", 0));
    ck_assert(utf8_valid("\xFF", 0));
    ck_assert(utf8_valid("a\0b", 3));
    ck_assert_uint_eq(utf8_length("", 0), 0);
    ck_assert_uint_eq(utf8_length("a\0b", 3), 3);
}

TEST(length_counts_code_points_at_every_offset)
{
    static const char text[] = "aé千😀 Amélie 千と千尋の神隠し Брат plain text ü";
    for (const char *s = text; *s; s++) {
        size_t count = 0;
        for (size_t n = 0; n <= strlen(s); n++) {
            ck_assert_uint_eq(utf8_length(s, n), count);
            count += (s[n] & 0xC0) != 0x80;
        }
    }
}

TEST(length_at_the_limit_of_a_title)
{
    static const struct {
        const char *one;
        size_t bytes;
    } letters[] = { { "a", 1 }, { "é", 2 }, { "千", 3 }, { "😀", 4 } };
    for (size_t i = 0; i < COUNT_OF(letters); i++) {
        char text[501 * 4];
        for (size_t k = 0; k < 501; k++)
            memcpy(text + k * letters[i].bytes, letters[i].one, letters[i].bytes);
        for (size_t count = 499; count <= 501; count++)
            ck_assert_uint_eq(utf8_length(text, count * letters[i].bytes), count);
        ck_assert(utf8_valid(text, 501 * letters[i].bytes));
    }
}

/* --- normal form --- */

TEST(nfc_composes_orders_and_leaves_the_rest)
{
    static const pair cases[] = {
        { "Plan 9 from Outer Space", "Plan 9 from Outer Space" },
        { "Amélie", "Amélie" },
        { "Ame\u0301lie", "Amélie" },
        { "a\u0301\u0323", "ạ\u0301" }, /* the mark below comes first, then composes */
        { "Việt", "Việt" },
        { "Vie\u0323\u0302t", "Việt" },
        { "Vie\u0302\u0323t", "Việt" },
        { "\u212B\u2126\u212A", "ÅΩK" },              /* singletons */
        { "\u0958", "\u0915\u093C" },                 /* excluded from composition */
        { "\u1112\u1161\u11AB", "한" },               /* Hangul letters */
        { "하\u11AB", "한" },                         /* a syllable and a last letter */
        { "か\u3099くし", "がくし" },                 /* voicing */
        { "ﬁ ½ ™ Ⅲ ｱ", "ﬁ ½ ™ Ⅲ ｱ" },                 /* compatibility forms stay */
        { "\u0301a", "\u0301a" },                     /* a mark on nothing */
        { "a\u0315\u0300\u05AEb", "à\u05AE\u0315b" }, /* NormalizationTest.txt */
        { "千と千尋の神隠し", "千と千尋の神隠し" },
        { "丽\U0002F800", "丽丽" }, /* compatibility ideograph */
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        check(nfc, cases[i].from, cases[i].to);
}

/* Every character of the first three planes, where scripts are, and some of the others. */
static int32_t next_character(int32_t c, char text[5])
{
    do
        c += c < 0x30000 ? 1 : 0x101;
    while (!utf8proc_codepoint_valid(c) && c <= 0x10FFFF);
    if (c <= 0x10FFFF)
        text[utf8proc_encode_char(c, (utf8proc_uint8_t *)text)] = '\0';
    return c;
}

TEST(nfc_of_every_character_among_others_is_what_utf8proc_says)
{
    char one[5], text[40];
    for (int32_t c = next_character(0, one); c <= 0x10FFFF; c = next_character(c, one)) {
        snprintf(text, sizeof text, "%s a%s\u0301 \u0323%s \u1100%s\u1161\u11A8", one, one, one,
                 one);
        CLEANUP(freep) char *want = (char *)utf8proc_NFC((utf8proc_uint8_t *)text);
        check(nfc, text, want);
    }
}

TEST(nfc_of_random_text_is_what_utf8proc_says)
{
    for (int i = 0; i < 20000; i++) {
        char text[64];
        random_text(text);
        CLEANUP(freep) char *want = (char *)utf8proc_NFC((utf8proc_uint8_t *)text);
        check(nfc, text, want);
    }
}

TEST(nfc_takes_bytes_up_to_n_and_refuses_a_nul)
{
    CLEANUP(freep) char *ret = NULL;
    GIVES(CINEMA_OK, unicode_nfc("Ame\u0301lie", 5, &ret));
    ck_assert_str_eq(ret, "Amé");
    GIVES(CINEMA_INVALID, unicode_nfc("a\0b", 3, &ret));
    GIVES(CINEMA_INVALID, unicode_nfc("e\u0301\0b", 5, &ret));
    GIVES(CINEMA_INVALID, unicode_nfc("Ame\u0301", 4, &ret)); /* cut inside a character */
}

/* A hundred thousand marks in the wrong order take milliseconds, and minutes if it is quadratic. */
TEST(marks_without_end_do_not_take_time_without_end)
{
    enum { PAIRS = 50000 };
    CLEANUP(freep) char *text = malloc(PAIRS * 4 + 2);
    ck_assert_ptr_nonnull(text);
    text[0] = 'a';
    for (size_t i = 0; i < PAIRS; i++)
        memcpy(text + 1 + i * 4, "\u0301\u0323", 4);
    text[PAIRS * 4 + 1] = '\0';
    for (size_t i = 0; i < COUNT_OF(functions); i++) {
        CLEANUP(freep) char *got = made(functions[i], text);
        ck_assert_int_eq(got[0] == 'a', i > 0); /* NFC: a with dot below, one character */
        ck_assert_uint_eq(strlen(got), i > 0 ? 1 : PAIRS * 4 + 1);
    }
}

/* --- sort key and fold --- */

static const struct {
    const char *title, *sort_key, *fold;
} keys[] = {
    { "The Third Man", "the third man", "the third man" },
    { "Amélie", "amelie", "amelie" },
    { "Ame\u0301lie", "amelie", "amelie" },
    { "Élan", "elan", "elan" },
    { "Der Untergang", "der untergang", "der untergang" },
    { "Große Straße, STRASSE, ẞ", "grosse strasse, strasse, ss", "grosse strasse strasse ss" },
    { "Ægir Øl Łódź Đặng", "aegir ol lodz dang", "aegir ol lodz dang" },
    { "Þór, œuvre, Niño", "thor, oeuvre, nino", "thor oeuvre nino" },
    { "İstanbul ILIK ılık", "istanbul ilik ilik", "istanbul ilik ilik" },
    { "Vượt Sóng", "vuot song", "vuot song" },
    { "  white \t\n space\u00A0\u3000here ", "white space here", "white space here" },
    { "Singin' in the Rain", "singin' in the rain", "singin in the rain" },
    { "Singin’ in the Rain", "singin' in the rain", "singin in the rain" },
    { "L'Âge d'or", "l'age d'or", "lage dor" },
    { "Fast & Furious", "fast & furious", "fast and furious" },
    { "AT&T, ＆ &é&", "at&t, & &e&", "at and t and and e and" },
    { "“Crocodile” Dundee – II", "\"crocodile\" dundee - ii", "crocodile dundee ii" },
    { "(500) Days of Summer", "(500) days of summer", "500 days of summer" },
    { "$9.99", "$9.99", "9 99" },
    { "M*A*S*H", "m*a*s*h", "m a s h" },
    { "WALL·E", "wall·e", "wall e" },
    { "8½", "8 1/2", "8 1 2" },
    { "½", "1/2", "1 2" },
    { "Alien³", "alien3", "alien3" },
    { "Rocky Ⅲ ﬁn ＡＢ", "rocky iii fin ab", "rocky iii fin ab" },
    { "Transformers™ 2", "transformers 2", "transformers 2" },
    { "I ♥ Huckabees", "i ♥ huckabees", "i huckabees" },
    { "😀", "😀", "" },
    { "…", "...", "" },
    { "!!!", "!!!", "" },
    { "Брат", "брат", "брат" },
    { "Ёлки", "елки", "елки" },
    { "ΚΑΠΟΔΊΣΤΡΙΑΣ Καποδίστριας", "καποδιστριασ καποδιστριασ", "καποδιστριασ καποδιστριασ" },
    { "千と千尋の神隠し", "千と千尋の神隠し", "千と千尋の神隠し" },
    { "シン・ゴジラ ｺﾞｼﾞﾗ", "シン・ゴジラ ゴジラ", "シン ゴジラ ゴジラ" }, /* voicing stays */
    { "기생충", "기생충", "기생충" },
    { "हिन्दी", "हिन्दी", "हिन्दी" }, /* vowels stay */
    { "น้ำ", "น\u0E49\u0E4Dา", "น\u0E49\u0E4Dา" },
    { "أُمّ كلثوم", "ام كلثوم", "ام كلثوم" }, /* vowel points go */
    { "שָׁלוֹם", "שלום", "שלום" },
    { "بچه\u200Cهای", "بچههای", "بچههای" },
    { "a\u00ADb\u200Bc\uFEFFd", "abcd", "abcd" },
};

TEST(sort_keys_of_real_titles)
{
    for (size_t i = 0; i < COUNT_OF(keys); i++)
        check(unicode_sort_key, keys[i].title, keys[i].sort_key);
}

TEST(folds_of_real_titles)
{
    for (size_t i = 0; i < COUNT_OF(keys); i++)
        check(unicode_fold, keys[i].title, keys[i].fold);
}

TEST(titles_sort_as_people_expect)
{
    static const char *const titles[] = {
        "$9.99",
        "(500) Days of Summer",
        "2001: A Space Odyssey",
        "A Man Escaped",
        "Ægir",
        "Afire",
        "Élan",
        "Elan and on",
        "Elaña",
        "Élanb",
        "Øl",
        "Olé!",
        "Straß",
        "STRASSE",
        "Strast",
        "Zürich",
        "Ανθρωπος",
        "Άννα",
        "Брат",
        "Ёлка",
        "Женя",
        "が",
        "七人の侍",
        "기생충",
    };
    CLEANUP(freep) char *last = strdup("");
    for (size_t i = 0; i < COUNT_OF(titles); i++) {
        char *key = made(unicode_sort_key, titles[i]);
        ck_assert_msg(strcmp(last, key) < 0, "%s, then %s", last, key);
        free(last);
        last = key;
    }
}

/* --- slug --- */

static const pair slugs[] = {
    { "The Third Man", "the-third-man" },
    { "Amélie", "amelie" },
    { "Ame\u0301lie", "amelie" },
    { "Der Untergang", "der-untergang" },
    { "千と千尋の神隠し", "qian-to-qian-xun-no-shen-yin-shi" },
    { "七人の侍", "qi-ren-no-shi" },
    { "卧虎藏龙", "wo-hu-cang-long" },
    { "葉問3", "ye-wen-3" },
    { "人々", "ren-ren" },
    { "𠮷野家", "kichi-ye-jia" },
    { "シン・ゴジラ", "shin-gojira" },
    { "ニュー・シネマ・パラダイス", "nyu-shinema-paradaisu" },
    { "崖の上のポニョ", "ya-no-shang-no-ponyo" },
    { "おっさん、まっちゃ", "ossan-matcha" },
    { "ウォーターボーイズ", "wotaboizu" },
    { "ｶﾞﾝﾀﾞﾑ", "gandamu" },
    { "기생충", "gisaengchung" },
    { "좋은 놈, 나쁜 놈", "joheun-nom-nappeun-nom" },
    { "\u1100\u1175\u1109\u1162\u11BC\u110E\u116E\u11BC", "gisaengchung" },
    { "Брат", "brat" },
    { "Ночной дозор", "nochnoy-dozor" },
    { "Подъём, мышь!", "podem-mysh" },
    { "Київ", "kiiv" },
    { "Καποδίστριας", "kapodistrias" },
    { "Κυνόδοντας", "kynodontas" },
    { "فروشنده", "frwshndh" },
    { "باران", "baran" },
    { "بچه\u200Cهای آسمان", "bchhhay-asman" },
    { "עברית", "avryt" },
    { "שלום", "shlvm" },
    { "שָׁלוֹם", "shalvom" },
    { "हिन्दी", "hindi" },
    { "दंगल", "dangal" },
    { "कभी अलविदा ना कहना", "kabhi-alavida-na-kahana" },
    { "शोले", "shole" },
    { "ਪੰਜਾਬ", "panjab" },
    { "தமிழ்", "tamil" },
    { "బాహుబలి", "bahubali" },
    { "മലയാളം", "malayalam" },
    { "ประวัติศาสตร์", "prawatisastr" },
    { "ต้มยำกุ้ง", "tmyamkung" },
    { "საქართველო", "sakartvelo" },
    { "ᲡᲐᲥᲐᲠᲗᲕᲔᲚᲝ", "sakartvelo" },
    { "Երևան", "erevan" },
    { "አማርኛ", "amarnya" },
    { "ខ្មែរ", "khmaer" },
    { "ᏣᎳᎩ", "tsalagi" },
    { "Singin' in the Rain", "singin-in-the-rain" },
    { "Singin’ in the Rain", "singin-in-the-rain" },
    { "Fast & Furious", "fast-furious" },
    { "L'Âge d'or", "lage-dor" },
    { "(500) Days of Summer", "500-days-of-summer" },
    { "$9.99", "9-99" },
    { "8½", "8-1-2" },
    { "Alien³", "alien3" },
    { "Rocky Ⅲ", "rocky-iii" },
    { "Transformers™", "transformers" },
    { "S.W.A.T. — the film", "s-w-a-t-the-film" },
    { "Große Straße ẞ", "grosse-strasse-ss" },
    { "İstanbul ılık IŞIK", "istanbul-ilik-isik" },
    { "Vượt Sóng, Đặng Nhật Minh", "vuot-song-dang-nhat-minh" },
    { "Ægir Øl Łódź þing œuvre", "aegir-ol-lodz-thing-oeuvre" },
    { "ﬁn ＡＢ 𝐀𝐁 ①", "fin-ab-ab-1" },
    { "I ♥ Huckabees", "i-huckabees" },
    { "--a--b--", "a-b" },
    { "a\u0300\u0301\u0302\u0303z", "az" },
    { "😀😀", "" },
    { "❤️👨‍👩‍👧", "" },
    { "…", "" },
    { "!?", "" },
    { "'", "" },
};

TEST(slugs_of_real_titles)
{
    for (size_t i = 0; i < COUNT_OF(slugs); i++)
        check(slug, slugs[i].from, slugs[i].to);
}

TEST(slugs_are_cut_before_a_dash_in_the_last_third_or_hard)
{
    static const struct {
        const char *title;
        size_t max;
        const char *slug;
    } cases[] = {
        { "the third man", 13, "the-third-man" },
        { "the third man", SIZE_MAX, "the-third-man" },
        { "the third man", 12, "the-third" }, /* a dash at 9 of 12 */
        { "the third man", 9, "the-third" },  /* right before a dash */
        { "the third man", 10, "the-third" }, /* right after one */
        { "the third man", 8, "the-thir" },   /* the dash at 3 is too early */
        { "the third man", 4, "the" },
        { "the third man", 3, "the" },
        { "the third man", 2, "th" },
        { "the third man", 1, "t" },
        { "the third man", 0, "" },
        { "abcdefghi", 5, "abcde" },
        { "abcde fghi", 5, "abcde" },
        { "a b c d e f", 3, "a-b" },
        { "七人の侍", 6, "qi-ren" },
        { "七人の侍", 7, "qi-ren" },
        { "ポニョ", 3, "pon" },
        { "Ålesund", 1, "a" },
        { "دنگل दंगल", 7, "dngl-da" },
        { "…", 80, "" },
        { "", 0, "" },
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        CLEANUP(freep) char *got = NULL;
        GIVES(CINEMA_OK, unicode_slug(cases[i].title, cases[i].max, &got));
        ck_assert_msg(!strcmp(got, cases[i].slug), "%s at %zu: %s", cases[i].title, cases[i].max,
                      got);
    }
}

static void check_slug(const char *s, size_t max, const char *title)
{
    size_t n = strlen(s);
    if (n > max || strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789-") < n || strstr(s, "--") ||
        *s == '-' || (n && s[n - 1] == '-'))
        ck_abort_msg("\"%s\" at %zu: \"%s\"", title, max, s);
}

static cinema_status whole_slug(const char *s, char **ret)
{
    return unicode_slug(s, SIZE_MAX, ret);
}

/* Room is reckoned from the bytes that go in: the "zz" behind shows that it was enough. */
TEST(every_character_has_a_well_formed_slug_with_room_for_all_of_it)
{
    char one[5], text[40];
    for (int32_t c = next_character(0, one); c <= 0x10FFFF; c = next_character(c, one)) {
        snprintf(text, sizeof text, "%s%s%s%s zz", one, one, one, one);
        CLEANUP(freep) char *got = made(whole_slug, text);
        size_t n = strlen(got);
        check_slug(got, SIZE_MAX, text);
        if (n < 2 || strcmp(got + n - 2, "zz"))
            ck_abort_msg("U+%04X: %s", (unsigned)c, got);
    }
}

TEST(a_cut_slug_is_the_beginning_of_the_whole_one)
{
    for (int i = 0; i < 3000; i++) {
        char text[64];
        random_text(text);
        CLEANUP(freep) char *whole = made(whole_slug, text);
        size_t length = strlen(whole);
        for (size_t max = 0; max <= length + 1; max++) {
            CLEANUP(freep) char *got = NULL;
            if (unicode_slug(text, max, &got) != CINEMA_OK)
                ck_abort_msg("\"%s\" was refused", text);
            check_slug(got, max, text);
            size_t least = max < length ? max - max / 3 - (max > 0) : length;
            if (strncmp(got, whole, strlen(got)) || strlen(got) < least)
                ck_abort_msg("\"%s\" at %zu: \"%s\", not \"%s\"", text, max, got, whole);
        }
    }
}

/* --- all of them --- */

TEST(nothing_gives_nothing)
{
    CLEANUP(freep) char *ret = NULL;
    for (size_t i = 0; i < COUNT_OF(functions); i++) {
        check(functions[i], "", "");
        if (i > 0)
            check(functions[i], " \t\u3000\u200B\n", "");
    }
    GIVES(CINEMA_OK, unicode_nfc(NULL, 0, &ret));
    ck_assert_str_eq(ret, "");
}

TEST(what_was_made_once_stays_when_made_again)
{
    for (int i = 0; i < 20000; i++) {
        char text[64];
        random_text(text);
        for (size_t f = 0; f < COUNT_OF(functions); f++) {
            CLEANUP(freep) char *once = made(functions[f], text);
            check(functions[f], once, once);
        }
    }
}

TEST(keys_of_random_text_are_normal_and_have_single_spaces)
{
    for (int i = 0; i < 20000; i++) {
        char text[64];
        random_text(text);
        for (size_t f = 1; f < 3; f++) {
            CLEANUP(freep) char *key = made(functions[f], text);
            size_t n = strlen(key);
            check(nfc, key, key);
            if (strstr(key, "  ") || *key == ' ' || (n && key[n - 1] == ' ') ||
                (f == 2 && strpbrk(key, "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~")))
                ck_abort_msg("\"%s\" became \"%s\"", text, key);
        }
    }
}

TEST(long_text_is_taken_whole)
{
    enum { WORDS = 5000 };
    static const pair words[] = { { "Long ", "long " }, { "Lóng ", "long " } };
    for (size_t i = 0; i < COUNT_OF(words); i++) {
        size_t n = strlen(words[i].from), m = strlen(words[i].to);
        CLEANUP(freep) char *from = calloc(WORDS, n + 1);
        CLEANUP(freep) char *to = calloc(WORDS, m + 1);
        ck_assert(from && to);
        for (size_t k = 0; k < WORDS; k++) {
            memcpy(from + k * n, words[i].from, n);
            memcpy(to + k * m, words[i].to, m);
        }
        to[WORDS * m - 1] = '\0'; /* no space at the end */
        check(unicode_fold, from, to);
        check(nfc, from, from);
        to[1000 - 1] = '\0'; /* as much as an index can hold, without a space at the end */
        check(unicode_sort_key, from, to);
    }
}
