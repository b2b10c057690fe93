/* template.h - mails as they are written, and made into text and HTML.
 */
#ifndef NOTIFY_TEMPLATE_H
#define NOTIFY_TEMPLATE_H

#include "base/arena.h"

enum { LANGUAGE_ENGLISH, LANGUAGE_GERMAN, LANGUAGES };

typedef struct template_text {
    const char *subject, *body; /* paragraphs, empty lines between them */
} template_text;

/* {name} stands for a value, {site} for the host of CINEMA_PUBLIC_URL, {link} (a paragraph of its
 * own) for the link. */
typedef struct template
{
    const char *name;
    const char *link;   /* path below CINEMA_PUBLIC_URL; the token follows. NULL: none */
    const char *values; /* the values it needs, spaces between */
    /* Anybody may have this sent to anybody, so that it must not carry words of the sender's own:
     * it does not greet by name. */
    bool stranger;
    template_text texts[LANGUAGES];
}
template;

extern const template cinema__templates[]; /* ends in a NULL name */
const template *template_find(const char *name);

/* The first language of a list of tags that there are texts in; English when none is. */
int language_of(const char *locale);
/* "de" */
const char *language_tag(int language);

typedef struct rendered {
    const char *subject, *text, *html;
} rendered;

/* Fills a template; `public_url` without a slash at its end, `name` NULL: greets nobody by name.
 * Control characters in values are spaces, long ones are cut. NO_MEMORY. */
cinema_status template_render(const template *t, int language, const char *public_url,
                              const char *name, const cinema_pair *values, size_t count, arena *a,
                              rendered *ret, cinema_error *err);

#endif
