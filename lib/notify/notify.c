/* notify.c - mails as work of the outbox: written down now, made and sent by a worker.
 */
#include "notify/notify.h"

#include "base/handle.h"
#include "base/text.h"
#include "notify/template.h"
#include "port/mail/mail.h"

#include <jansson.h>
#include <sodium.h>
#include <stdio.h>

enum { VALUES_MAX = 8 };

/* ---- writing it down ------------------------------------------------------------------------- */

static bool has(const notify_mail *m, const char *name, size_t n)
{
    for (size_t i = 0; i < m->count; i++)
        if (strlen(m->values[i].name) == n && !memcmp(m->values[i].name, name, n))
            return m->values[i].value != NULL;
    return false;
}

static cinema_status mistake(const char *which, cinema_error *err)
{
    return fail(err, CINEMA_INTERNAL, NULL, NULL, "the mail `%s` is not as its template", which);
}

static cinema_status check(const notify_mail *m, cinema_error *err)
{
    const template *t = template_find(m->template);
    cinema_status s = t && m->count <= VALUES_MAX ? CINEMA_OK : mistake(m->template, err);
    if (s || (s = mail_check_address(m->to, "email", err)) ||
        (s = mail_check_line(m->name ? m->name : "", "name", err)))
        return s;
    for (const char *word = t->values; *word;) {
        size_t n = strcspn(word, " ");
        if (!has(m, word, n))
            return mistake(m->template, err);
        word += n + strspn(word + n, " ");
    }
    return CINEMA_OK;
}

static char *payload(const notify_mail *m)
{
    json_t *values = json_object();
    for (size_t i = 0; i < m->count; i++) {
        char line[1000];
        text_copy(line, sizeof line, m->values[i].value ? m->values[i].value : "");
        json_object_set_new(values, m->values[i].name, json_string(line));
    }
    json_t *all =
        json_pack("{s:s, s:s, s:s*, s:s, s:o}", "template", m->template, "to", m->to, "name",
                  m->name, "language", language_tag(language_of(m->locale)), "values", values);
    char *text = all ? json_dumps(all, JSON_COMPACT) : NULL;
    json_decref(all);
    return text;
}

cinema_status notify__mail(cinema *c, db_tx *tx, const notify_mail *m, arena *a, cinema_error *err)
{
    cinema_status s = check(m, err);
    if (s)
        return s;
    char *text = payload(m);
    if (!text)
        return fail_memory(err);
    s = outbox__add(c, tx, NOTIFY_MAIL, m->key, text, a, err);
    sodium_memzero(text, strlen(text)); /* it may hold a token */
    free(text);
    return s;
}

/* ---- sending it ------------------------------------------------------------------------------ */

/* Of kind and key: two attempts at one mail have one id. */
static void message_id(const outbox_job *job, char id[2 * 16 + 1])
{
    unsigned char sum[16];
    crypto_generichash_state state;
    crypto_generichash_init(&state, NULL, 0, sizeof sum);
    crypto_generichash_update(&state, (const unsigned char *)job->kind, strlen(job->kind) + 1);
    crypto_generichash_update(&state, (const unsigned char *)job->key, strlen(job->key));
    crypto_generichash_final(&state, sum, sizeof sum);
    sodium_bin2hex(id, 2 * sizeof sum + 1, sum, sizeof sum);
}

static const char *text_of(const json_t *o, const char *name)
{
    return json_string_value(json_object_get(o, name));
}

static size_t values_of(json_t *o, cinema_pair values[VALUES_MAX])
{
    const char *name;
    json_t *value;
    size_t n = 0;
    json_object_foreach(json_object_get(o, "values"), name,
                        value) if (n < VALUES_MAX && json_is_string(value)) values[n++] =
        (cinema_pair){ name, json_string_value(value) };
    return n;
}

static cinema_status send(cinema *c, json_t *o, const outbox_job *job, arena *a, cinema_error *err)
{
    char id[2 * 16 + 1];
    cinema_pair values[VALUES_MAX];
    rendered r;
    const char *name = text_of(o, "name"), *template_name = text_of(o, "template");
    const template *t = template_name ? template_find(template_name) : NULL;
    if (!t || !text_of(o, "to"))
        return fail(err, CINEMA_UNSUPPORTED, NULL, NULL, "this libcinema does not know that mail");
    message_id(job, id);
    const char *url = config_public_url(c->config);
    cinema_status s = template_render(t, language_of(text_of(o, "language")), url, name, values,
                                      values_of(o, values), a, &r, err);
    if (s)
        return s;
    mail_message m = { .to = text_of(o, "to"),
                       .to_name = t->stranger ? NULL : name,
                       .subject = r.subject,
                       .text = r.text,
                       .html = r.html,
                       .id = id,
                       .at = job->created_at };
    return mail_send(c, &m, err);
}

cinema_status notify__deliver(cinema *c, const outbox_job *job, arena *a, cinema_error *err)
{
    json_t *o = json_loads(job->payload, 0, NULL);
    if (!o)
        return fail_memory(err); /* it is ours, and was whole when it was sealed */
    cinema_status s = send(c, o, job, a, err);
    json_decref(o);
    return s;
}
