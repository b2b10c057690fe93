/* mail_url_test.c - CINEMA_MAIL_URL and CINEMA_MAIL_FROM: what they may be.
 */
#include "port/mail/mail.h"
#include "test.h"

#include <string.h>

static cinema_error err;

TEST(a_url_is_taken_apart)
{
    mail_url u;
    OK(mail_url_read("smtps://anna%40site.example:p%2Fw%3A@mail.site.example", "data", &u, &err));
    ck_assert_int_eq(u.tls, MAIL_TLS);
    ck_assert_str_eq(u.user, "anna@site.example");
    ck_assert_str_eq(u.password, "p/w:");
    ck_assert_str_eq(u.host, "mail.site.example");
    ck_assert_str_eq(u.port, "465");
    mail_url_done(&u);
    OK(mail_url_read("SMTP://mail.site.example", "data", &u, &err));
    ck_assert_int_eq(u.tls, MAIL_STARTTLS);
    ck_assert_str_eq(u.port, "587");
    ck_assert_ptr_null(u.user);
    mail_url_done(&u);
    OK(mail_url_read("smtp://[::1]:25?tls=off", "data", &u, &err));
    ck_assert_int_eq(u.tls, MAIL_CLEAR);
    mail_url_done(&u);
    OK(mail_url_read(NULL, "data", &u, &err));
    ck_assert_str_eq(u.folder, "data/mail");
    mail_url_done(&u);
    OK(mail_url_read("file:///var/mail", "data", &u, &err));
    ck_assert_str_eq(u.folder, "/var/mail");
    mail_url_done(&u);
}

static const char *const bad[] = {
    "file:",
    "http://hunter2",
    "smtp://",
    "smtp://anna@site.example",
    "smtp://:hunter2@site.example",
    "smtp://a:hunter2@site.example/path",
    "smtp://a:hunter2@site.example:0",
    "smtp://a:hunter2@site.example:66000",
    "smtp://a:hunter2@site.example?tls=off", /* strangers are on the way */
    "smtp://a:hunter2@203.0.113.7?tls=off",
    "smtp://a:hunter2@3405803783?tls=off",               /* the same in one number */
    "smtp://a:hunter2@site.example%2F.internal?tls=off", /* libcurl would end the host there */
    "smtp://a:hunter2@%2Ftmp?tls=off",
    "smtp://a:hunter2@[localhost]?tls=off",
    "smtps://a:hunter2@localhost?tls=off",
    "smtp://a:hunter2@site.example?tls=maybe",
    "smtp://a:hunter2@site.example?verify=no",
    "smtp://a:hunter2@site.example?sslrootcert=/hunter2/nowhere",
    "smtp://a:hunter2%zz@site.example",
    "smtp://a:hunter2\r\n@site.example",
};

TEST_EACH(a_bad_url_is_refused_without_repeating_it, (int)(sizeof bad / sizeof *bad))
{
    mail_url u = { 0 };
    GIVES(CINEMA_INVALID, mail_url_read(bad[_i], "data", &u, &err));
    ck_assert_str_eq(err.field, "CINEMA_MAIL_URL");
    ck_assert_ptr_null(strstr(err.message, "hunter2"));
    ck_assert_ptr_null(u.host);
}

TEST(a_bad_setting_is_told_at_opening)
{
    const char *settings[] = { "CINEMA_MAIL_URL=smtp://site.example?tls=off" };
    const char *senders[] = { "CINEMA_MAIL_FROM=Films" };
    cinema_options url = { settings, 1 }, from = { senders, 1 };
    cinema *c = NULL;
    GIVES(CINEMA_INVALID, cinema_open_with(&url, &c, &err));
    ck_assert_str_eq(err.field, "CINEMA_MAIL_URL");
    GIVES(CINEMA_INVALID, cinema_open_with(&from, &c, &err));
    ck_assert_str_eq(err.field, "CINEMA_MAIL_FROM");
}

TEST(a_sender_is_a_name_and_an_address)
{
    char room[200];
    mail_person p;
    OK(mail_read_person("\"Films & more\" <films@site.example>", room, sizeof room, &p, &err));
    ck_assert_str_eq(p.name, "Films & more");
    ck_assert_str_eq(p.address, "films@site.example");
    OK(mail_read_person(" films@site.example ", room, sizeof room, &p, &err));
    ck_assert_str_eq(p.name, "");
    GIVES(CINEMA_INVALID, mail_read_person("Films <films@site.example> x", room, 200, &p, &err));
    GIVES(CINEMA_INVALID, mail_read_person("Films <films@site.example", room, 200, &p, &err));
    GIVES(CINEMA_INVALID, mail_read_person("F\r\n <films@site.example>", room, 200, &p, &err));
}

TEST(without_a_sender_it_is_the_public_name)
{
    const char *settings[] = { "CINEMA_PUBLIC_URL=https://films.example:8443/app" };
    cinema_options options = { settings, 1 };
    cinema *c = NULL;
    OK(cinema_open_with(&options, &c, &err));
    ck_assert_str_eq(mail_sender(c), "no-reply@films.example");
    cinema_close(c);
    OK(cinema_open_with(NULL, &c, &err));
    ck_assert_str_eq(mail_sender(c), "no-reply@localhost");
    cinema_close(c);
}
