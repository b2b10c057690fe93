/* unicode_fuzz.c - the keys of any text: they are UTF-8, their own keys, within their length, and
 * texts that differ in nothing but form have the same.
 */
#include "fuzz/fuzz_help.h"

#include "base/unicode.h"

#include <string.h>

enum { KEY_MAX = 1000 };

typedef cinema_status key_fn(const char *s, char **ret);

static void check_key(key_fn *make, const char *text, const char *nfc, size_t max)
{
    char *key = NULL, *again = NULL, *composed = NULL;
    HOLDS(!make(text, &key) && utf8_valid(key, strlen(key)) && strlen(key) <= max);
    HOLDS(!make(key, &again) && !strcmp(again, key));
    HOLDS(!make(nfc, &composed) && !strcmp(composed, key));
    free(key);
    free(again);
    free(composed);
}

static void check(const char *text, size_t size)
{
    char *nfc = NULL, *again = NULL;
    size_t n = strlen(text);
    cinema_status s = unicode_nfc(text, size, &nfc);
    HOLDS(utf8_length(text, size) <= size);
    HOLDS((s == CINEMA_OK) == (n == size && utf8_valid(text, size)));
    if (s)
        return;
    HOLDS(utf8_valid(nfc, strlen(nfc)));
    HOLDS(!unicode_nfc(nfc, strlen(nfc), &again) && !strcmp(nfc, again));
    check_key(unicode_sort_key, text, nfc, KEY_MAX);
    check_key(unicode_fold, text, nfc, SIZE_MAX);
    free(nfc);
    free(again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = fuzz_text(data, size);
    check(text, size);
    free(text);
    return 0;
}
