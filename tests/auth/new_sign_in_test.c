/* new_sign_in_test.c - mirrors lib/auth/new_sign_in.c: who is told of a sign-in. Mails go into a
 * folder, and are looked for there by what is in them.
 */
#include "base/handle.h"
#include "test.h"

#include <cinema/cinema.h>

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ANN "ann@films.example"
#define PASSWORD "zither under Vienna"
#define LAPTOP "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
#define LAPTOP_LATER "Mozilla/5.0 (X11; Linux x86_64; rv:141.0.2) Gecko/20100101 Firefox/141.0.2"
#define PHONE "Mozilla/5.0 (Android 15; Mobile; rv:140.0) Gecko/140.0 Firefox/140.0"
#define HOME "192.0.2.1"
#define HOME_LATER "192.0.77.5" /* another address of the same provider */
#define HOTEL "203.0.113.9"

static cinema *c;
static cinema_error err;
static char url[600], mails[600];
static int64_t now = INT64_C(1796040000000);

static int64_t clock_of_test(void *user)
{
    (void)user;
    return now;
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

static void start(void)
{
    char place[700];
    test_database_from(migrate, url, sizeof url);
    test_folder(mails, sizeof mails);
    snprintf(place, sizeof place, "file:%s", mails);
    setenv("CINEMA_KEY", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", 1);
    setenv("CINEMA_MAIL_URL", place, 1);
    setenv("CINEMA_MAIL_FROM", "films@films.example", 1);
    setenv("CINEMA_PUBLIC_URL", "https://films.example", 1);
    setenv("CINEMA_DEADLINE_MS", "30000", 1);
    open_handle();
}

static void stop(void)
{
    cinema_close(c);
}

FIXTURE(start, stop)

static void add_ann(void)
{
    cinema_user *u = NULL;
    const cinema_user_input in = { .email = ANN, .name = "Ann", .password = PASSWORD };
    OK(cinema_user_create(c, &in, &u, &err));
    cinema_user_free(u);
}

static void sign_in(const char *agent, const char *address, const char *language)
{
    cinema_sign_in *in = NULL;
    cinema_worker_counts n;
    const cinema_login_input login = {
        .email = ANN,
        .password = PASSWORD,
        .client = { .address = address, .user_agent = agent, .language = language }
    };
    now += 60000;
    OK(cinema_auth_login(c, &login, &in, &err));
    cinema_sign_in_free(in);
    OK(cinema_worker_run(c, NULL, &n, &err));
}

static bool holds(const char *name, const char *text)
{
    static char bytes[60000];
    char path[1000];
    snprintf(path, sizeof path, "%s/%s", mails, name);
    FILE *f = fopen(path, "re");
    ck_assert_ptr_nonnull(f);
    bytes[fread(bytes, 1, sizeof bytes - 1, f)] = '\0';
    fclose(f);
    return strstr(bytes, text) != NULL;
}

/* How many mails have the text in them. */
static int told(const char *text)
{
    int n = 0;
    DIR *d = opendir(mails);
    for (struct dirent *e; d && (e = readdir(d));)
        n += strstr(e->d_name, ".eml") && holds(e->d_name, text);
    if (d)
        closedir(d);
    return n;
}

#define ENGLISH "Subject: New sign-in to your account"
#define GERMAN "Subject: Neue Anmeldung an Ihrem Konto"

TEST(a_sign_in_from_a_new_device_or_a_new_network_is_told_and_the_first_is_not)
{
    add_ann();
    sign_in(LAPTOP, HOME, NULL);
    sign_in(LAPTOP, HOME, NULL);
    ck_assert_int_eq(told(ENGLISH), 0);
    sign_in(PHONE, HOME, NULL);
    ck_assert_int_eq(told(ENGLISH), 1);
    ck_assert_int_eq(told("Android 15"), 1);
    sign_in(LAPTOP, HOTEL, "de-AT, en;q=0.5");
    ck_assert_int_eq(told(GERMAN), 1);
    ck_assert_int_eq(told("Adresse: " HOTEL), 1);
    sign_in(PHONE, HOTEL, NULL); /* both are known by now */
    ck_assert_int_eq(told(ENGLISH) + told(GERMAN), 2);
}

TEST(another_version_of_the_program_and_another_address_of_the_provider_are_nothing_new)
{
    add_ann();
    sign_in(LAPTOP, HOME, NULL);
    sign_in(LAPTOP_LATER, HOME_LATER, NULL);
    sign_in(LAPTOP, "2001:db8:1::7", NULL); /* the telephone company's other half */
    ck_assert_int_eq(told(ENGLISH), 1);
    sign_in(LAPTOP_LATER, "2001:db8:ffff::9", NULL);
    ck_assert_int_eq(told(ENGLISH), 1);
}

TEST(a_session_that_is_over_is_remembered)
{
    cinema_user *u = NULL;
    add_ann();
    sign_in(LAPTOP, HOME, NULL);
    OK(cinema_user_get(c, ANN, NULL, &u, &err));
    OK(cinema_session_end(c, u->id, NULL, &err));
    cinema_user_free(u);
    now += INT64_C(100) * 24 * 3600 * 1000;
    sign_in(LAPTOP, HOME, NULL);
    ck_assert_int_eq(told(ENGLISH), 0);
}

TEST(whoever_has_the_password_cannot_fill_the_letter_box)
{
    char agent[40];
    add_ann();
    sign_in(LAPTOP, HOME, NULL);
    for (int i = 0; i < 8; i++) {
        snprintf(agent, sizeof agent, "attacker %c", 'a' + i);
        sign_in(agent, HOME, NULL);
    }
    ck_assert_int_eq(told(ENGLISH), 5); /* CINEMA_LIMIT_MAIL_ACCOUNT */
    now += 3600 * 1000;
    sign_in("attacker z", HOME, NULL);
    ck_assert_int_eq(told(ENGLISH), 6);
}

TEST(no_mail_is_sent_where_nobody_says_who_asks)
{
    add_ann();
    sign_in(LAPTOP, HOME, NULL);
    sign_in(NULL, NULL, NULL);
    ck_assert_int_eq(told(ENGLISH), 0);
    sign_in("\xff\xfe", HOTEL, NULL); /* no text: it is shown as a question mark */
    ck_assert_int_eq(told("Device: ?"), 1);
}

TEST(it_can_be_turned_off)
{
    setenv("CINEMA_SIGN_IN_MAIL", "off", 1);
    cinema_close(c);
    open_handle();
    add_ann();
    sign_in(LAPTOP, HOME, NULL);
    sign_in(PHONE, HOTEL, NULL);
    ck_assert_int_eq(told(ENGLISH), 0);
}
