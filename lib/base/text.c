/* text.c - reading numbers, words and times from text, and writing times.
 */
#include "base/text.h"

#include <stdio.h>
#include <string.h>

bool text_number(const char *s, int64_t *ret)
{
    bool minus = *s == '-';
    uint64_t n = 0, limit = (uint64_t)INT64_MAX + minus;
    if (minus)
        s++;
    if (!*s)
        return false;
    for (; *s; s++) {
        if (*s < '0' || *s > '9')
            return false;
        uint64_t d = (uint64_t)(*s - '0');
        if (n > (limit - d) / 10)
            return false;
        n = n * 10 + d;
    }
    *ret = minus ? (int64_t)(0 - n) : (int64_t)n;
    return true;
}

char *number_text(int64_t n, char text[NUMBER_TEXT])
{
    char digits[NUMBER_TEXT];
    char *p = digits + sizeof digits;
    uint64_t rest = n < 0 ? 0 - (uint64_t)n : (uint64_t)n;
    *--p = '\0';
    do
        *--p = (char)('0' + rest % 10);
    while (rest /= 10);
    if (n < 0)
        *--p = '-';
    size_t length = (size_t)(digits + sizeof digits - p);
    memcpy(text, p, length);
    return text + length - 1;
}

bool text_listed_n(const char *words, const char *word, size_t n)
{
    for (const char *p = words; n && *p;) {
        size_t length = strcspn(p, " ");
        if (length == n && !memcmp(p, word, n))
            return true;
        p += length + (p[length] == ' ');
    }
    return false;
}

bool text_listed(const char *words, const char *word)
{
    return text_listed_n(words, word, strlen(word));
}

/* Days since 1970-01-01 of a date of the proleptic Gregorian calendar; the year starts in March so
 * that the leap day comes last (H. Hinnant, "chrono-compatible low-level date algorithms"). */
static int64_t days_from_date(int64_t y, int m, int d)
{
    y -= m <= 2;
    int64_t era = (y >= 0 ? y : y - 399) / 400;
    int64_t of_era = y - era * 400;
    int64_t of_year = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

static void date_from_days(int64_t days, int *y, int *m, int *d)
{
    days += 719468;
    int64_t era = (days >= 0 ? days : days - 146096) / 146097;
    int64_t of_era = days - era * 146097;
    int64_t year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    int64_t of_year = of_era - (365 * year + year / 4 - year / 100);
    int64_t month = (5 * of_year + 2) / 153;
    *d = (int)(of_year - (153 * month + 2) / 5 + 1);
    *m = (int)(month < 10 ? month + 3 : month - 9);
    *y = (int)(year + era * 400 + (*m <= 2));
}

static char *put_digits(char *p, unsigned n, int width)
{
    for (int i = width - 1; i >= 0; i--, n /= 10)
        p[i] = (char)('0' + n % 10);
    return p + width;
}

void time_text(int64_t ms, char text[TIME_TEXT])
{
    int64_t days = ms / 86400000 - (ms % 86400000 < 0);
    unsigned rest = (unsigned)(ms - days * 86400000);
    int y, m, d;
    date_from_days(days, &y, &m, &d);
    char *p = put_digits(text, (unsigned)(y < 0 ? 0 : y > 9999 ? 9999 : y), 4);
    *p++ = '-';
    p = put_digits(p, (unsigned)m, 2);
    *p++ = '-';
    p = put_digits(p, (unsigned)d, 2);
    *p++ = 'T';
    p = put_digits(p, rest / 3600000, 2);
    *p++ = ':';
    p = put_digits(p, rest / 60000 % 60, 2);
    *p++ = ':';
    p = put_digits(p, rest / 1000 % 60, 2);
    *p++ = '.';
    p = put_digits(p, rest % 1000, 3);
    memcpy(p, "Z", 2);
}

/* Exactly `width` digits. */
static bool digits(const char **s, int width, int *ret)
{
    int n = 0;
    for (int i = 0; i < width; i++, (*s)++) {
        if (**s < '0' || **s > '9')
            return false;
        n = n * 10 + (**s - '0');
    }
    *ret = n;
    return true;
}

static bool literal(const char **s, char c)
{
    return **s == c && (*s)++ != NULL;
}

static int days_in_month(int y, int m)
{
    static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    bool leap = (y % 4 == 0 && y % 100 != 0) || y % 400 == 0;
    return days[m - 1] + (m == 2 && leap);
}

static bool full_date(const char **s, int *y, int *m, int *d)
{
    return digits(s, 4, y) && literal(s, '-') && digits(s, 2, m) && *m >= 1 && *m <= 12 &&
           literal(s, '-') && digits(s, 2, d) && *d >= 1 && *d <= days_in_month(*y, *m);
}

/* Minutes east of UTC. */
static bool offset(const char **s, int *ret)
{
    int h, m;
    if (literal(s, 'Z') || literal(s, 'z')) {
        *ret = 0;
        return true;
    }
    int sign = **s == '-' ? -1 : 1;
    if ((**s != '+' && **s != '-') || !(*s)++ || !digits(s, 2, &h) || !literal(s, ':') ||
        !digits(s, 2, &m) || h > 23 || m > 59)
        return false;
    *ret = sign * (h * 60 + m);
    return true;
}

static int milliseconds(const char **s)
{
    int ms = 0;
    if (!literal(s, '.'))
        return 0;
    for (int scale = 100; **s >= '0' && **s <= '9'; (*s)++, scale /= 10)
        ms += (**s - '0') * scale;
    return ms;
}

bool time_parse(const char *s, int64_t *ret)
{
    int y, mo, d, h, mi, sec, east;
    if (!full_date(&s, &y, &mo, &d) || (*s != 'T' && *s != 't') || !*s++ || !digits(&s, 2, &h) ||
        !literal(&s, ':') || !digits(&s, 2, &mi) || !literal(&s, ':') || !digits(&s, 2, &sec) ||
        h > 23 || mi > 59 || sec > 59)
        return false;
    if (*s == '.' && (s[1] < '0' || s[1] > '9'))
        return false;
    int ms = milliseconds(&s);
    if (!offset(&s, &east) || *s)
        return false;
    int64_t minutes = days_from_date(y, mo, d) * 1440 + h * 60 + mi - east;
    if (minutes < days_from_date(0, 1, 1) * 1440 || minutes >= days_from_date(10000, 1, 1) * 1440)
        return false; /* an offset led out of the years that can be written */
    *ret = (minutes * 60 + sec) * 1000 + ms;
    return true;
}

bool date_valid(const char *s)
{
    int y, m = 1, d;
    if (!digits(&s, 4, &y))
        return false;
    if (!*s)
        return true;
    if (!literal(&s, '-') || !digits(&s, 2, &m) || m < 1 || m > 12)
        return false;
    if (!*s)
        return true;
    return literal(&s, '-') && digits(&s, 2, &d) && d >= 1 && d <= days_in_month(y, m) && !*s;
}

/* Levenshtein's distance of words of at most 63 bytes; longer ones are far apart. */
static unsigned distance(const char *a, const char *b)
{
    unsigned row[64];
    size_t n = strlen(a), m = strlen(b);
    if (n > 63 || m > 63)
        return 64;
    for (size_t j = 0; j <= m; j++)
        row[j] = (unsigned)j;
    for (size_t i = 1; i <= n; i++) {
        unsigned diagonal = row[0];
        row[0] = (unsigned)i;
        for (size_t j = 1; j <= m; j++) {
            unsigned change = diagonal + (a[i - 1] != b[j - 1]);
            unsigned drop = (row[j] < row[j - 1] ? row[j] : row[j - 1]) + 1;
            diagonal = row[j];
            row[j] = change < drop ? change : drop;
        }
    }
    return row[m];
}

const char *text_nearest(const char *word, const char *const *words, size_t count)
{
    const char *nearest = NULL;
    unsigned least = strlen(word) > 3 ? 3 : 2; /* farther is no help */
    for (size_t i = 0; i < count; i++) {
        unsigned d = distance(word, words[i]);
        if (d < least) {
            least = d;
            nearest = words[i];
        }
    }
    return nearest;
}

void texts_once(cinema_texts *l)
{
    const char **items = (const char **)(uintptr_t)l->items;
    size_t n = 0;
    for (size_t i = 0; i < l->count; i++) {
        size_t k = 0;
        while (k < n && strcmp(items[k], items[i]))
            k++;
        if (k == n)
            items[n++] = items[i];
    }
    l->count = n;
}
