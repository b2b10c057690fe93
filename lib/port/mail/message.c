/* message.c - a mail as bytes (RFC 5322, 2045-2047): two bodies side by side, both
 * quoted-printable, so that lines are short and seven bits wide whatever is in them.
 */
#include "base/unicode.h"
#include "port/mail/mail.h"

#include <sodium.h>
#include <stdio.h>
#include <time.h>

enum { LINE_MAX_QP = 75, WORD_BYTES = 39 };

/* ---- headers --------------------------------------------------------------------------------- */

static bool is_ascii(const char *s)
{
    while (*s && (unsigned char)*s < 0x80)
        s++;
    return !*s;
}

/* =?UTF-8?B?...?= as often as is needed (RFC 2047: 75 characters each), cut between characters. */
static void add_encoded(buffer *b, const char *s)
{
    char word[sodium_base64_ENCODED_LEN(WORD_BYTES, sodium_base64_VARIANT_ORIGINAL)];
    for (const char *separator = ""; *s; separator = "\r\n ") {
        size_t n = strnlen(s, WORD_BYTES);
        while (((unsigned char)s[n] & 0xc0) == 0x80)
            n--;
        sodium_bin2base64(word, sizeof word, (const unsigned char *)s, n,
                          sodium_base64_VARIANT_ORIGINAL);
        buffer_format(b, "%s=?UTF-8?B?%s?=", separator, word);
        s += n;
    }
}

/* Plain text as it is, unless it is long or could be read as encoded. */
static void add_subject(buffer *b, const char *s)
{
    buffer_text(b, "Subject: ");
    if (is_ascii(s) && strlen(s) <= 65 && !strstr(s, "=?"))
        buffer_text(b, s);
    else
        add_encoded(b, s);
    buffer_text(b, "\r\n");
}

static void add_person(buffer *b, const char *header, mail_person p)
{
    static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 -'";
    const char *name = p.name ? p.name : "";
    buffer_format(b, "%s: ", header);
    if (name[strspn(name, plain)] || strlen(name) > 60)
        add_encoded(b, name);
    else
        buffer_text(b, name);
    buffer_format(b, "%s<%s>\r\n", *name ? "\r\n " : "", p.address);
}

/* Names of days and months are English whatever the locale. */
static void add_date(buffer *b, int64_t ms)
{
    static const char days[] = "SunMonTueWedThuFriSat",
                      months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    time_t seconds = (time_t)(ms / 1000);
    struct tm t;
    gmtime_r(&seconds, &t);
    buffer_format(b, "Date: %.3s, %02d %.3s %d %02d:%02d:%02d +0000\r\n", days + 3 * t.tm_wday,
                  t.tm_mday, months + 3 * t.tm_mon, t.tm_year + 1900, t.tm_hour, t.tm_min,
                  t.tm_sec);
}

void mail_message_id(const mail_message *m, mail_person from, char *text, size_t size)
{
    snprintf(text, size, "%s%s", m->id, strrchr(from.address, '@'));
}

static void add_headers(buffer *b, const mail_message *m, mail_person from)
{
    char id[512];
    mail_message_id(m, from, id, sizeof id);
    add_person(b, "From", from);
    add_person(b, "To", (mail_person){ m->to_name, m->to });
    add_subject(b, m->subject);
    add_date(b, m->at);
    buffer_format(b,
                  "Message-ID: <%s>\r\n"
                  "Auto-Submitted: auto-generated\r\n"
                  "MIME-Version: 1.0\r\n",
                  id);
}

/* ---- bodies ---------------------------------------------------------------------------------- */

/* RFC 2045, 6.7: soft ends before column 77, none of them inside an =XX; a space that ends a line
 * is written as one that cannot be lost. */
static void add_quoted(buffer *b, const char *s)
{
    size_t column = 0;
    for (; *s; s++) {
        unsigned char c = (unsigned char)*s;
        if (c == '\n') {
            buffer_text(b, "\r\n");
            column = 0;
            continue;
        }
        bool last = s[1] == '\n' || !s[1];
        bool plain = (c > ' ' && c < 0x7f && c != '=') || (c == ' ' && !last);
        size_t n = plain ? 1 : 3;
        if (column + n > LINE_MAX_QP) {
            buffer_text(b, "=\r\n");
            column = 0;
        }
        if (plain)
            buffer_byte(b, (char)c);
        else
            buffer_format(b, "=%02X", c);
        column += n;
    }
    if (column)
        buffer_text(b, "\r\n");
}

static void add_part(buffer *b, const char *type, const char *body)
{
    buffer_format(b,
                  "Content-Type: text/%s; charset=utf-8\r\n"
                  "Content-Transfer-Encoding: quoted-printable\r\n\r\n",
                  type);
    add_quoted(b, body);
}

/* Nothing quoted-printable has `=_` in it. The line end before a boundary belongs to that. */
static void add_bodies(buffer *b, const mail_message *m)
{
    if (!m->html) {
        add_part(b, "plain", m->text);
        return;
    }
    buffer_format(b, "Content-Type: multipart/alternative; boundary=\"=_%s\"\r\n\r\n--=_%s\r\n",
                  m->id, m->id);
    add_part(b, "plain", m->text);
    buffer_format(b, "\r\n--=_%s\r\n", m->id);
    add_part(b, "html", m->html);
    buffer_format(b, "\r\n--=_%s--\r\n", m->id);
}

/* It ends up in headers, in the name of a file and between two parts. */
static bool id_fits(const char *id)
{
    size_t n = strlen(id);
    return n && n <= 60 &&
           strspn(id, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-") == n;
}

static cinema_status check(const mail_message *m, cinema_error *err)
{
    cinema_status s = mail_check_address(m->to, "to", err);
    if (s || (s = mail_check_line(m->to_name ? m->to_name : "", "to_name", err)) ||
        (s = mail_check_line(m->subject, "subject", err)))
        return s;
    if (!id_fits(m->id))
        return fail(err, CINEMA_INVALID, "mail_invalid", "id", "must be letters and digits");
    if (!utf8_valid(m->text, strlen(m->text)) || (m->html && !utf8_valid(m->html, strlen(m->html))))
        return fail(err, CINEMA_INVALID, "mail_invalid", "text", "must be UTF-8");
    return CINEMA_OK;
}

cinema_status mail_write(const mail_message *m, mail_person from, buffer *b, cinema_error *err)
{
    cinema_status s = check(m, err);
    if (s)
        return s;
    add_headers(b, m, from);
    add_bodies(b, m);
    if (b->failed == CINEMA_TOO_LARGE)
        return fail(err, CINEMA_INVALID, "mail_invalid", "text", "is too long for a mail");
    return b->failed ? fail_memory(err) : CINEMA_OK;
}
