/* mail_fuzz.c - any address, name, subject, text: what is taken makes a message with the headers
 * that it should have and no others, and an envelope of one line.
 */
#include "fuzz/fuzz_help.h"

#include "port/mail/mail.h"

#include <string.h>

static const char *const headers[] = { "From: ",         "To: ",          "Subject: ",
                                       "Date: ",         "Message-ID: ",  "Auto-Submitted: ",
                                       "MIME-Version: ", "Content-Type: " };

/* Each once, in this order; a line that goes on begins with a space. */
static const char *check_headers(const char *p)
{
    size_t next = 0;
    for (const char *end; strncmp(p, "\r\n", 2); p = end + 2) {
        HOLDS((end = strstr(p, "\r\n")) && end - p < 998);
        HOLDS(!memchr(p, '\n', (size_t)(end - p)) && !memchr(p, '\r', (size_t)(end - p)));
        if (*p == ' ')
            continue;
        HOLDS(next < COUNT_OF(headers) && !strncmp(p, headers[next], strlen(headers[next])));
        next++;
    }
    HOLDS(next == COUNT_OF(headers));
    return p;
}

/* Seven bits and short lines, whatever the text; two parts. */
static void check_body(const char *p)
{
    int parts = 0;
    for (const char *end; *p; p = end + 2) {
        HOLDS((end = strstr(p, "\r\n")) && end - p <= 78);
        for (const char *c = p; c < end; c++)
            HOLDS(*c >= ' ' && *c < 0x7f);
        parts += !strncmp(p, "--=_fuzz", 8);
    }
    HOLDS(parts == 3); /* two beginnings, one end */
}

static void check_message(const mail_message *m)
{
    buffer b = BUFFER(1 << 20);
    cinema_error err;
    mail_person from = { "Films", "films@site.example" };
    if (mail_write(m, from, &b, &err))
        HOLDS(*err.field && *err.message);
    else
        check_body(check_headers(b.bytes) + 2);
    buffer_done(&b);
}

static void check_address(const char *address)
{
    char *ascii = NULL;
    cinema_error err;
    if (mail_check_address(address, "to", &err))
        return;
    HOLDS(!strpbrk(address, " \t\r\n<>,;:\"()[]\\") && strlen(address) <= 254);
    if (mail_ascii_address(address, &ascii, &err))
        return;
    for (const char *p = strrchr(ascii, '@'); *p; p++)
        HOLDS(*p > ' ' && *p < 0x7f);
    HOLDS(!mail_check_address(ascii, "to", &err));
    free(ascii);
}

static void check_settings(const char *text)
{
    char room[400];
    mail_person p;
    mail_url u;
    cinema_error err;
    if (!mail_read_person(text, room, sizeof room, &p, &err))
        HOLDS(!mail_check_address(p.address, NULL, &err) && !strpbrk(p.name, "\r\n"));
    if (mail_url_read(text, "data", &u, &err))
        return;
    HOLDS(u.folder || (u.host && u.port && !u.user == !u.password));
    mail_url_done(&u);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = fuzz_text(data, size), *p = text;
    const char *parts[4] = { "", "", "", "" };
    check_settings(text);
    for (size_t i = 0; i < COUNT_OF(parts) && p; i++)
        parts[i] = fuzz_cut(&p, "\x1e");
    check_address(parts[0]);
    check_message(&(mail_message){ .to = parts[0],
                                   .to_name = parts[1],
                                   .subject = parts[2],
                                   .text = parts[3],
                                   .html = parts[3],
                                   .id = "fuzz",
                                   .at = INT64_C(1780000000123) });
    free(text);
    return 0;
}
