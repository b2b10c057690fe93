/* smtp_test.c - the SMTP driver against a server that refuses, waits, hangs up, or is not what it
 * says: tests/rig/smtp.sh.
 */
#include "port/mail_help.h"

#include "base/handle.h"

#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define err mail_err
static char to[64];

/* `who`: user and password, or "". `port` as mail_test_port. */
static void connect_as(const char *scheme, const char *who, int port, bool known)
{
    char url[700], certificate[400];
    mail_test_certificate(certificate, sizeof certificate);
    snprintf(url, sizeof url, "%s://%s%slocalhost:%d%s%s", scheme, who, *who ? "@" : "",
             mail_test_port(port), known ? "?sslrootcert=" : "", known ? certificate : "");
    mail_open_with(url);
}

static void start(void)
{
    mail_message m = mail_new("");
    snprintf(to, sizeof to, "%s@home.example", m.id);
    ck_assert_msg(mail_test_url() != NULL, "CINEMA_TEST_MAIL_URL is not set");
    mail_open_with(mail_test_url());
}

FIXTURE(start, mail_stop)

static cinema_status send_to(const char *address)
{
    mail_message m = mail_new(address);
    return mail_send(mail_c, &m, &err);
}

TEST(mail_goes_encrypted_and_signed_in)
{
    OK(send_to(to));
    ck_assert_str_eq(mail_read(to, "tls"), "True");
    ck_assert_str_eq(mail_read(to, "login"), "cinema");
}

TEST(tls_from_the_start_is_as_good)
{
    connect_as("smtps", "cinema:cinema%2Fpw", 1, true);
    OK(send_to(to));
    ck_assert_str_eq(mail_read(to, "tls"), "True");
}

TEST(a_refusal_for_good_is_one)
{
    GIVES(CINEMA_INVALID, send_to("bounce@home.example"));
    ck_assert_str_eq(err.reason, "mail_refused");
    ck_assert_ptr_nonnull(strstr(err.message, "550 5.1.1 no such mailbox"));
}

TEST(a_refusal_for_now_is_one)
{
    GIVES(CINEMA_UNAVAILABLE, send_to("later@home.example"));
    ck_assert_str_eq(err.reason, "mail_later");
    ck_assert_ptr_nonnull(strstr(err.message, "451 4.7.1"));
}

TEST(a_server_that_hangs_up_may_be_asked_again)
{
    GIVES(CINEMA_UNAVAILABLE, send_to("drop@home.example"));
    OK(send_to(to));
}

TEST(a_server_that_hangs_costs_no_more_than_the_deadline)
{
    call_deadline_set(clock_monotonic_ms() + 700);
    GIVES(CINEMA_TIMEOUT, send_to("slow@home.example"));
    call_deadline_set(0);
}

TEST(a_process_that_ends_leaves_a_server_that_hangs)
{
    atomic_store(&mail_c->worker_ends, clock_monotonic_ms() + 100);
    call_deadline_set(clock_monotonic_ms() + 30000); /* shorter than the server is slow */
    GIVES(CINEMA_UNAVAILABLE, send_to("slow@home.example"));
    call_deadline_set(0);
}

TEST(a_wrong_password_is_no_fault_of_the_mail)
{
    connect_as("smtp", "cinema:wrong", 0, true);
    GIVES(CINEMA_UNAVAILABLE, send_to(to));
    ck_assert_str_eq(err.reason, "mail_login");
    connect_as("smtp", "", 0, true);
    GIVES(CINEMA_UNAVAILABLE, send_to(to));
    ck_assert_str_eq(err.reason, "mail_login");
}

TEST(a_certificate_of_nobody_we_know_is_refused)
{
    connect_as("smtp", "cinema:cinema%2Fpw", 0, false);
    GIVES(CINEMA_UNAVAILABLE, send_to(to));
    ck_assert_str_eq(err.reason, "mail_tls");
    connect_as("smtps", "cinema:cinema%2Fpw", 1, false);
    GIVES(CINEMA_UNAVAILABLE, send_to(to));
    ck_assert_str_eq(err.reason, "mail_tls");
    ck_assert_int_eq(mail_count(to), 0);
}

TEST(a_server_without_tls_gets_neither_password_nor_mail)
{
    connect_as("smtp", "cinema:cinema%2Fpw", 2, true);
    GIVES(CINEMA_UNAVAILABLE, send_to(to));
    ck_assert_str_eq(err.reason, "mail_tls");
    ck_assert_int_eq(mail_count(to), 0);
}

TEST(on_this_machine_one_may_go_without)
{
    char url[200];
    snprintf(url, sizeof url, "smtp://cinema:cinema%%2Fpw@127.0.0.1:%d?tls=off", mail_test_port(2));
    mail_open_with(url);
    OK(send_to(to));
    ck_assert_str_eq(mail_read(to, "tls"), "False");
}

TEST(a_look_signs_in_and_sends_nothing)
{
    OK(mail_look(mail_c, &err));
    connect_as("smtps", "cinema:cinema%2Fpw", 1, true);
    OK(mail_look(mail_c, &err));
    connect_as("smtp", "cinema:wrong", 0, true);
    GIVES(CINEMA_UNAVAILABLE, mail_look(mail_c, &err));
    ck_assert_str_eq(err.reason, "mail_login");
    connect_as("smtp", "cinema:cinema%2Fpw", 2, true);
    GIVES(CINEMA_UNAVAILABLE, mail_look(mail_c, &err));
    ck_assert_str_eq(err.reason, "mail_tls");
}

TEST(nobody_there_is_told_at_once)
{
    char url[200];
    struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t size = sizeof a;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0); /* bound, not listening */
    ck_assert(!bind(fd, (struct sockaddr *)&a, size) &&
              !getsockname(fd, (struct sockaddr *)&a, &size));
    snprintf(url, sizeof url, "smtp://127.0.0.1:%d", ntohs(a.sin_port));
    mail_open_with(url);
    GIVES(CINEMA_UNAVAILABLE, send_to(to));
    close(fd);
}
