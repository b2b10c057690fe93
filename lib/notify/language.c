/* language.c - which of our languages somebody reads.
 */
#include "notify/template.h"

#include <strings.h>

static const char *const tags[LANGUAGES] = { "en", "de" };

const char *language_tag(int language)
{
    return tags[language];
}

/* "de" of "de-AT;q=0.9". */
static int known(const char *tag, size_t n)
{
    for (int i = 0; i < LANGUAGES; i++)
        if (strlen(tags[i]) == n && !strncasecmp(tags[i], tag, n))
            return i;
    return -1;
}

/* Clients list what they like best first, so that weights need not be read. */
int language_of(const char *locale)
{
    for (const char *p = locale ? locale : ""; *p; p += *p == ',') {
        p += strspn(p, " ");
        size_t n = strcspn(p, ",-_; "), whole = strcspn(p, ",");
        int language = known(p, n);
        if (language >= 0)
            return language;
        p += whole;
    }
    return LANGUAGE_ENGLISH;
}
