/* auth_help.c - see auth_help.h.
 */
#include "auth/auth_help.h"

#include "onetime/onetime.h"

#include <ctype.h>
#include <dirent.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

cinema *c;
cinema_error err;
arena *a;
const char *answer;
static char url[600], mails[600];
int64_t wall;
void (*when_asked)(void);

/* Each moment once: mails are files in the order of their milliseconds, and tests ask for the last.
 */
static int64_t next_moment(void)
{
    static _Atomic int64_t last;
    int64_t now = clock_wall_ms(), before = atomic_load(&last), next;
    do
        next = now > before ? now : before + 1;
    while (!atomic_compare_exchange_weak(&last, &before, next));
    return next;
}

static int64_t clock_of_test(void *user)
{
    (void)user;
    if (when_asked && !cinema__transactions_open)
        when_asked();
    return wall ? wall : next_moment();
}

static void migrate(const char *database)
{
    cinema *m = NULL;
    cinema_migrations *done = NULL;
    OK(cinema_open(database, &m, &err));
    OK(cinema_migrate(m, &done, &err));
    cinema_migrations_free(done);
    cinema_close(m);
}

static void open_handle(void)
{
    OK(cinema_open(url, &c, &err));
    c->wall_ms = clock_of_test;
}

void auth_start(void)
{
    char place[700];
    test_database_from(migrate, url, sizeof url);
    test_folder(mails, sizeof mails);
    snprintf(place, sizeof place, "file:%s", mails);
    setenv("CINEMA_KEY", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", 1);
    setenv("CINEMA_MAIL_URL", place, 1);
    setenv("CINEMA_MAIL_FROM", "films@films.example", 1);
    setenv("CINEMA_PUBLIC_URL", "https://films.example", 1);
    setenv("CINEMA_OUTBOX", "inline", 1);
    setenv("CINEMA_DEADLINE_MS", "30000", 1);
    open_handle();
    ck_assert_ptr_nonnull(a = arena_new(0, 0));
}

void auth_stop(void)
{
    arena_free(a);
    cinema_close(c);
}

void reopen(void)
{
    cinema_close(c);
    open_handle();
}

/* ---- the JSON door, as clients see it -------------------------------------------------------- */

cinema_status call(const char *token, const char *name, const char *format, ...)
{
    char json[4000];
    char *text = NULL;
    va_list args;
    cinema_caller caller = { .token = token, .address = "192.0.2.1", .user_agent = "Test" };
    va_start(args, format);
    vsnprintf(json, sizeof json, format, args);
    va_end(args);
    cinema_status s = cinema_call(c, &caller, name, json, &text, &err);
    cinema_worker_counts counts;
    cinema_error e;
    void (*not_yet)(void) = when_asked;
    when_asked = NULL;
    cinema_worker_run(c, NULL, &counts, &e);
    when_asked = not_yet;
    answer = text ? arena_copy(a, text, strlen(text)) : "";
    cinema_text_free(text);
    return s;
}

const char *member(const char *name)
{
    char mark[100];
    snprintf(mark, sizeof mark, "\"%s\":\"", name);
    const char *at = strstr(answer, mark);
    ck_assert_msg(at, "no %s in %s", name, answer);
    at += strlen(mark);
    return arena_copy(a, at, strcspn(at, "\""));
}

int mail_count(void)
{
    int n = 0;
    DIR *d = opendir(mails);
    for (struct dirent *e; d && (e = readdir(d));)
        n += strstr(e->d_name, ".eml") != NULL;
    if (d)
        closedir(d);
    return n;
}

/* Soft line breaks of quoted-printable are taken out. */
static char *read_mail(const char *name)
{
    static char text[60000];
    char path[1000];
    snprintf(path, sizeof path, "%s/%s", mails, name);
    FILE *f = fopen(path, "re");
    ck_assert_ptr_nonnull(f);
    size_t n = 0;
    for (int ch; (ch = getc(f)) != EOF && n < sizeof text - 1;) {
        if (ch == '=') {
            int next = getc(f), after = getc(f);
            if (next == '\r' || next == '\n') {
                if (next == '\n')
                    ungetc(after, f);
                continue;
            }
            char hex[3] = { (char)next, (char)after, 0 };
            if (isxdigit(next) && isxdigit(after))
                ch = (int)strtol(hex, NULL, 16);
        }
        text[n++] = (char)ch;
    }
    fclose(f);
    text[n] = '\0';
    return text;
}

char *newest_mail_to(const char *address)
{
    char newest[300] = "", mark[200];
    DIR *d = opendir(mails);
    ck_assert_ptr_nonnull(d);
    snprintf(mark, sizeof mark, "<%s>", address);
    for (struct dirent *e; (e = readdir(d));)
        if (strstr(e->d_name, ".eml") && strcmp(e->d_name, newest) > 0 &&
            strstr(read_mail(e->d_name), mark))
            snprintf(newest, sizeof newest, "%s", e->d_name);
    closedir(d);
    ck_assert_msg(*newest, "there is no mail to %s", address);
    return read_mail(newest);
}

char *newest_mail(void)
{
    return newest_mail_to("films@films.example"); /* whom all are from */
}

const char *mailed_token_to(const char *address)
{
    const char *at = strstr(newest_mail_to(address), "token=");
    ck_assert_msg(at, "no link in the mail");
    return arena_copy(a, at + 6, ONETIME_TEXT - 1);
}

const char *mailed_token(void)
{
    return mailed_token_to("films@films.example");
}

void register_ann(void)
{
    OK(call(NULL, "auth.register",
            "{\"email\":\"" ANN "\",\"password\":\"" PASSWORD "\","
            "\"name\":\"Ann\"}"));
    ck_assert_str_eq(member("status"), "verification_sent");
}

void verified_ann(void)
{
    register_ann();
    OK(call(NULL, "auth.verify_email", "{\"token\":\"%s\"}", mailed_token()));
}

cinema_status login(const char *email, const char *password)
{
    return call(NULL, "auth.login", "{\"email\":\"%s\",\"password\":\"%s\"}", email, password);
}

const char *signed_in_ann(void)
{
    verified_ann();
    OK(login(ANN, PASSWORD));
    return member("access_token");
}

void refused(cinema_status got, cinema_status want, const char *reason)
{
    ck_assert_msg(got == want && !strcmp(err.reason, reason), "%d %s: %s", got, err.reason,
                  err.message);
}
