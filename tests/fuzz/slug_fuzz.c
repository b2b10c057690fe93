/* slug_fuzz.c - a slug of any text: only what a URL holds unescaped, within its length, its own
 * slug; and what names a title is never empty and never looks like an id.
 */
#include "fuzz/fuzz_help.h"

#include "base/unicode.h"
#include "base/uuid.h"
#include "catalog/catalog.h"

#include <string.h>

static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789-";

static void check_form(const char *s, size_t max)
{
    size_t n = strlen(s);
    HOLDS(n <= max && strspn(s, letters) == n && !strstr(s, "--"));
    HOLDS(!n || (*s != '-' && s[n - 1] != '-'));
}

static void check_slug(const char *text, size_t max)
{
    char *slug = NULL, *again = NULL;
    if (unicode_slug(text, max, &slug)) {
        HOLDS(!utf8_valid(text, strlen(text)));
        return;
    }
    check_form(slug, max);
    HOLDS(!unicode_slug(slug, max, &again) && !strcmp(slug, again));
    free(slug);
    free(again);
}

static void check_title(const char *text, int64_t year, int attempt)
{
    char slug[SLUG_MAX + 1];
    title_name name;
    if (slug_make(text, year, "title", attempt, slug))
        return;
    check_form(slug, SLUG_MAX);
    HOLDS(*slug && title_name_parse(slug, &name) && name.how == BY_SLUG);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 3)
        return 0;
    char *text = fuzz_text(data + 3, size - 3);
    check_slug(text, 1 + data[0] % 100);
    check_title(text, data[1] ? 1888 + data[1] : CINEMA_ABSENT, 1 + data[2]);
    free(text);
    return 0;
}
