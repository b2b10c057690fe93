/* mail_test.c - conformance of mail drivers: one is right when it passes. Run on a folder, and on
 * the server of CINEMA_TEST_MAIL_URL.
 */
#include "port/mail_help.h"

#include <stdio.h>
#include <string.h>

static char to[64]; /* an address of this test alone: the server is shared */

static void start(void)
{
    mail_message m = mail_new("");
    snprintf(to, sizeof to, "%s@home.example", m.id);
    mail_open_with(mail_test_url());
}

FIXTURE(start, mail_stop)

#define err mail_err
static void send(const mail_message *m)
{
    OK(mail_send(mail_c, m, &err));
}

TEST(a_message_arrives_as_it_was_written)
{
    mail_message m = mail_new(to);
    m.text = "Good evening\n\nRan is on tonight.\n";
    m.html = "<p>Good evening</p>\n<p>Ran is on tonight.</p>\n";
    send(&m);
    ck_assert_str_eq(mail_read(to, "subject"), "Your password was changed");
    ck_assert_str_eq(mail_read(to, "from"), "Filme für alle <films@site.example>");
    ck_assert(!strncmp(mail_read(to, "to"), "Anna Müller <", 14));
    ck_assert_str_eq(mail_read(to, "date"), "Thu, 28 May 2026 20:26:40 +0000");
    ck_assert_str_eq(mail_read(to, "type"), "multipart/alternative");
    ck_assert_str_eq(mail_read(to, "text"), "Good evening\n\nRan is on tonight.\n");
    ck_assert_str_eq(mail_read(to, "html"), "<p>Good evening</p>\n<p>Ran is on tonight.</p>\n");
}

TEST(a_message_without_html_is_plain)
{
    mail_message m = mail_new(to);
    m.html = NULL;
    send(&m);
    ck_assert_str_eq(mail_read(to, "type"), "text/plain");
    ck_assert_str_eq(mail_read(to, "text"), "Hello\n");
}

static const char *const bodies[] = {
    ".\n..\n.hidden\nFrom here\n",
    "ends in spaces  \nand\ttabs\t\n=3D =\n",
    "日本語のテキスト 🎬 grün\n",
    "--=_t1\nContent-Type: text/html\n\n<b>no part</b>\n",
    "a b c d e f g h i j k l m n o p q r s t u v w x y z a b c d e f g h i j k l m n o p q r s t u "
    "v w "
    "x y z https://site.example/verify-email#token="
    "abcdefghijklmnopqrstuvwxyz0123456789abcdefghijklmnopqrstuvwxyz0123456789\n",
};

TEST_EACH(any_text_comes_through, (int)(sizeof bodies / sizeof *bodies))
{
    mail_message m = mail_new(to);
    m.text = bodies[_i];
    send(&m);
    ck_assert_str_eq(mail_read(to, "text"), bodies[_i]);
    for (const char *line = mail_raw(to), *end; (end = strstr(line, "\r\n")); line = end + 2)
        ck_assert_msg(end - line <= 78, "%.*s", (int)(end - line), line);
}

static const char *const subjects[] = {
    "Bestätigen Sie Ihre E-Mail-Adresse",
    "=?utf-8?q?not_encoded?=",
    "パスワードが変更されましたパスワードが変更されましたパスワードが変更されました",
    "x: y; \"quoted\" <b>, (c)",
    "a subject that is so long that no line of a message can hold it, for it goes on and on and on "
    "until it ends",
};

TEST_EACH(any_subject_comes_through, (int)(sizeof subjects / sizeof *subjects))
{
    mail_message m = mail_new(to);
    m.subject = subjects[_i];
    m.to_name = subjects[_i];
    send(&m);
    ck_assert_str_eq(mail_read(to, "subject"), subjects[_i]);
    ck_assert_ptr_nonnull(strstr(mail_raw(to), "\r\nAuto-Submitted: auto-generated\r\n"));
}

static const char *const lines[] = { "a\r\nBcc: eve@evil.example",
                                     "a\nBcc: eve@evil.example",
                                     "a\rb",
                                     "a\xc2\x85"
                                     "b",
                                     "a\x01",
                                     "a\xff" };

TEST_EACH(nothing_becomes_a_header_of_its_own, (int)(sizeof lines / sizeof *lines))
{
    mail_message m = mail_new(to);
    m.subject = lines[_i];
    GIVES(CINEMA_INVALID, mail_send(mail_c, &m, &err));
    ck_assert_str_eq(err.field, "subject");
    m = mail_new(to);
    m.to_name = lines[_i];
    GIVES(CINEMA_INVALID, mail_send(mail_c, &m, &err));
    ck_assert_str_eq(err.field, "to_name");
    m = mail_new(lines[_i]);
    GIVES(CINEMA_INVALID, mail_send(mail_c, &m, &err));
    ck_assert_str_eq(err.field, "to");
    m = mail_new(to);
    m.id = lines[_i];
    GIVES(CINEMA_INVALID, mail_send(mail_c, &m, &err));
    ck_assert_int_eq(mail_count(to), 0);
}

static const char *const bad[] = {
    "",
    "anna",
    "@site.example",
    "anna@",
    "a b@site.example",
    "a@b@c",
    "a..b@c.d",
    ".a@c.d",
    "a.@c.d",
    "\"a\"@c.d",
    "a@[::1]",
    "a@-c.d",
    "a@c-.d",
    "a@c..d",
    "a@c.d.",
    "<a@c.d>",
    "a@c.d,e@f.g",
    "a@c_d.e",
    "a@c.d>\r\nRCPT TO:<e@f.g",
    "a@c.d SIZE=1",
    "a@c/d",
};

TEST_EACH(what_is_no_address_is_refused, (int)(sizeof bad / sizeof *bad))
{
    mail_message m = mail_new(bad[_i]);
    GIVES(CINEMA_INVALID, mail_send(mail_c, &m, &err));
    ck_assert_str_eq(err.reason, "mail_invalid");
    ck_assert_str_eq(err.field, "to");
}

TEST(a_domain_of_any_script_is_written_in_ascii)
{
    char address[100] = "", ascii[100];
    mail_message m = mail_new(address);
    snprintf(address, sizeof address, "%s@bücher.example", m.id);
    snprintf(ascii, sizeof ascii, "%s@xn--bcher-kva.example", m.id);
    send(&m);
    ck_assert_int_eq(mail_count(ascii), 1);
}

TEST(a_message_that_is_sent_again_can_be_told)
{
    char id[200];
    mail_message m = mail_new(to);
    send(&m);
    snprintf(id, sizeof id, "<%s@site.example>", m.id);
    ck_assert_str_eq(mail_read(to, "id"), id);
    send(&m);
    if (mail_test_url())
        ck_assert_int_eq(mail_count(to), 2); /* a server takes both */
    else
        ck_assert_int_eq(mail_count(to), 1);
}

TEST(a_message_is_no_book)
{
    static char text[300 * 1024];
    mail_message m = mail_new(to);
    memset(text, 'x', sizeof text - 1);
    m.text = text;
    GIVES(CINEMA_INVALID, mail_send(mail_c, &m, &err));
    ck_assert_str_eq(err.field, "text");
}
