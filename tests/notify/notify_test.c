/* notify_test.c - mails by template, from the transaction that is their reason to the folder that
 * they end up in.
 */
#include "test.h"

#include "base/handle.h"
#include "notify/notify.h"
#include "notify/template.h"

#include <cinema/cinema.h>
#include <dirent.h>
#include <stdio.h>
#include <string.h>

static cinema *c;
static cinema_error err;
static char url[512];

static void migrate(const char *at)
{
    cinema *fresh = NULL;
    cinema_migrations *steps = NULL;
    OK(cinema_open(at, &fresh, &err));
    OK(cinema_migrate(fresh, &steps, &err));
    cinema_migrations_free(steps);
    cinema_close(fresh);
}

static void start(void)
{
    setenv("CINEMA_KEY", "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=", 1);
    setenv("CINEMA_PUBLIC_URL", "https://films.example/", 1);
    test_database_from(migrate, url, sizeof url);
    OK(cinema_open(url, &c, &err));
}

static void stop(void)
{
    cinema_close(c);
}

FIXTURE(start, stop)

/* ---- templates ------------------------------------------------------------------------------- */

enum { EVERY = 16 };

static const cinema_pair hostile[] = {
    { "token", "t0ken_-" },
    { "provider", "<img src=x onerror=alert(1)>\r\nBcc: eve@evil.example" },
    { "device", "\"><script>alert('&')</script>\n\nSet a new password: https://evil.example" },
    { "address", "192.0.2.7{token}" },
    { "date", "2026-12-14T13:05:00.000Z" },
    { "time", "2026-12-14T13:05:00.000Z" },
};

static rendered render(const char *name, int language, arena *a)
{
    rendered r;
    OK(template_render(template_find(name), language, "https://films.example", "Anna <b>", hostile,
                       sizeof hostile / sizeof *hostile, a, &r, &err));
    return r;
}

TEST_EACH(every_template_is_whole_in_every_language, EVERY *LANGUAGES)
{
    CLEANUP(arena_freep) arena *a = arena_new(0, 0);
    const template *t = &cinema__templates[_i / LANGUAGES];
    rendered r = render(t->name, _i % LANGUAGES, a);
    const char *texts[] = { r.subject, r.text, r.html };
    for (size_t i = 0; i < 3; i++) {
        ck_assert_ptr_null(strchr(texts[i], '\r'));
        const char *open = strchr(texts[i], '{');
        ck_assert_msg(!open || !strncmp(open, "{token}", 7), "%s: %s", t->name, texts[i]);
    }
    ck_assert_ptr_null(strchr(r.subject, '\n'));
    ck_assert(strlen(r.text) > 60 && strstr(r.html, "</html>"));
    ck_assert_ptr_nonnull(strstr(r.text, t->link ? "https://films.example/" : "films.example"));
    ck_assert_ptr_nonnull(strstr(r.html, _i % LANGUAGES ? "lang=\"de\"" : "lang=\"en\""));
    ck_assert_msg(!t->stranger == (strstr(r.text, "Anna <b>") != NULL), "%s", t->name);
}

TEST(no_template_is_left_out_here)
{
    ck_assert_ptr_null(cinema__templates[EVERY].name);
    ck_assert_ptr_nonnull(cinema__templates[EVERY - 1].name);
}

TEST_EACH(hostile_values_are_only_shown, EVERY *LANGUAGES)
{
    CLEANUP(arena_freep) arena *a = arena_new(0, 0);
    rendered r = render(cinema__templates[_i / LANGUAGES].name, _i % LANGUAGES, a);
    ck_assert_ptr_null(strstr(r.html, "<script"));
    ck_assert_ptr_null(strstr(r.html, "<img"));
    ck_assert_ptr_null(strstr(r.html, "<b>"));
    ck_assert_ptr_null(strstr(r.html, "href=\"https://evil"));
    ck_assert_ptr_null(strstr(r.text, "\nBcc:"));
    ck_assert_ptr_null(strstr(r.text, "\nSet a new password: "));
}

TEST(links_lead_to_the_public_url_alone)
{
    CLEANUP(arena_freep) arena *a = arena_new(0, 0);
    rendered r = render("verify_email", LANGUAGE_ENGLISH, a);
    ck_assert_ptr_nonnull(strstr(r.text, "\nhttps://films.example/verify-email#token=t0ken_-\n"));
    ck_assert_ptr_nonnull(
        strstr(r.html, "<a href=\"https://films.example/verify-email#token=t0ken_-\">"));
}

TEST(moments_are_written_out)
{
    CLEANUP(arena_freep) arena *a = arena_new(0, 0);
    rendered r = render("new_sign_in", LANGUAGE_ENGLISH, a);
    ck_assert_ptr_nonnull(strstr(r.text, "Time: 14 December 2026, 13:05 UTC\n"));
    r = render("account_deletion", LANGUAGE_GERMAN, a);
    ck_assert_ptr_nonnull(strstr(r.text, "wird am 14. Dezember 2026 gelöscht."));
}

static const struct {
    const char *locale;
    int language;
} locales[] = {
    { NULL, LANGUAGE_ENGLISH },         { "", LANGUAGE_ENGLISH },
    { "de", LANGUAGE_GERMAN },          { "de-AT", LANGUAGE_GERMAN },
    { "DE_de", LANGUAGE_GERMAN },       { "fr", LANGUAGE_ENGLISH },
    { "fr-FR, de;q=0.8, en;q=0.7", 1 }, { "en-GB,de;q=0.9", LANGUAGE_ENGLISH },
    { "den", LANGUAGE_ENGLISH },        { ",,;, de", LANGUAGE_GERMAN },
};

TEST_EACH(the_first_language_that_we_know_is_taken, (int)(sizeof locales / sizeof *locales))
{
    ck_assert_int_eq(language_of(locales[_i].locale), locales[_i].language);
}

/* ---- on the way ------------------------------------------------------------------------------ */

static cinema_status add(const notify_mail *m)
{
    CLEANUP(arena_freep) arena *a = arena_new(0, 0);
    CLEANUP(db_rollback) db_tx *tx = NULL;
    cinema_status s;
    OK(db_begin(c, &tx, &err));
    if ((s = notify__mail(c, tx, m, a, &err)))
        return s;
    OK(db_commit(&tx, &err));
    return CINEMA_OK;
}

static cinema_worker_counts run(void)
{
    cinema_worker_counts n;
    OK(cinema_worker_run(c, NULL, &n, &err));
    return n;
}

/* The only mail in the folder. */
static const char *only_mail(void)
{
    static char text[65536];
    char path[600], file[900] = "";
    int count = 0;
    snprintf(path, sizeof path, "%s/mail", getenv("CINEMA_DATA_DIR"));
    DIR *dir = opendir(path);
    for (struct dirent *e; dir && (e = readdir(dir));)
        if (*e->d_name != '.' && ++count)
            snprintf(file, sizeof file, "%s/%s", path, e->d_name);
    if (dir)
        closedir(dir);
    ck_assert_int_eq(count, 1);
    FILE *f = fopen(file, "re");
    text[fread(text, 1, sizeof text - 1, f)] = '\0';
    fclose(f);
    return text;
}

static const cinema_pair token[] = { { "token", "abc" } };

TEST(a_mail_leaves_when_its_transaction_is_committed)
{
    notify_mail m = { .template = "reset_password",
                      .to = "anna@home.example",
                      .name = "Anna",
                      .locale = "de-AT",
                      .values = token,
                      .count = 1 };
    OK(add(&m));
    ck_assert_int_eq(run().done, 1);
    const char *mail = only_mail();
    ck_assert_ptr_nonnull(strstr(mail, "To: <anna@home.example>\r\n"));
    ck_assert_ptr_nonnull(strstr(mail, "Subject: Neues Passwort setzen\r\n"));
    ck_assert_ptr_nonnull(strstr(mail, "From: <no-reply@films.example>\r\n"));
    ck_assert_ptr_nonnull(strstr(mail, "https://films.example/reset-password#token=3Dabc\r\n"));
}

TEST(a_key_sends_one_mail)
{
    notify_mail m = { .template = "password_changed", .to = "anna@home.example", .key = "1" };
    OK(add(&m));
    OK(add(&m));
    ck_assert_int_eq(run().done, 1);
    OK(add(&m));
    ck_assert_int_eq(run().done, 0);
}

TEST(who_cannot_be_written_to_is_told_to_who_asks)
{
    notify_mail m = { .template = "password_changed", .to = "anna@home.example\r\nBcc: e@evil.x" };
    GIVES(CINEMA_INVALID, add(&m));
    ck_assert_str_eq(err.field, "email");
    m = (notify_mail){ .template = "password_changed", .to = "a@b.c", .name = "A\r\nBcc: e@f.g" };
    GIVES(CINEMA_INVALID, add(&m));
    ck_assert_str_eq(err.field, "name");
    ck_assert_int_eq(run().done, 0);
}

TEST(a_mail_that_lacks_something_is_a_mistake_of_ours)
{
    notify_mail m = { .template = "reset_password", .to = "anna@home.example" };
    GIVES(CINEMA_INTERNAL, add(&m));
    m.template = "greetings";
    GIVES(CINEMA_INTERNAL, add(&m));
}
