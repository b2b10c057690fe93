/* doctor_test.c - mirrors lib/admin/doctor.c: findings, and secrets that are none of them.
 */
#include "admin/admin_help.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

static cinema_findings *found;

static void stop(void)
{
    cinema_findings_free(found);
    admin_stop();
}
FIXTURE(admin_start, stop)

static void check_up(void)
{
    cinema_findings_free(found);
    found = NULL;
    OK(cinema_doctor(c, &found, &err));
}

/* The last finding about a subject: of a setting the first one only says what it is. */
static const cinema_finding *about(const char *subject)
{
    const cinema_finding *f = NULL;
    for (size_t i = 0; i < found->count; i++)
        if (!strcmp(found->items[i]->subject, subject))
            f = found->items[i];
    ck_assert_msg(f != NULL, "nothing about %s", subject);
    return f;
}

static void open_with(const char *a, const char *b)
{
    const char *settings[] = { a, b };
    const cinema_options options = { .settings = settings, .setting_count = b ? 2 : 1 };
    cinema_close(c);
    c = NULL;
    OK(cinema_open_with(&options, &c, &err));
}

TEST(a_migrated_installation_is_well)
{
    chmod(getenv("CINEMA_DATA_DIR"), 0700);
    admin_migrate();
    check_up();
    ck_assert_uint_eq(found->errors, 0);
    ck_assert_uint_eq(found->warnings, 0);
    ck_assert_str_eq(about("schema")->severity, "ok");
    ck_assert_str_eq(about("database")->severity, "ok");
    for (size_t i = 0; i < found->count; i++)
        ck_assert_str_eq(found->items[i]->mend, "");
}

TEST(a_missing_schema_is_found_with_its_mend)
{
    json_decref(admin_call("health.ready", CINEMA_OK)); /* makes the file */
    check_up();
    ck_assert_str_eq(about("schema")->severity, "error");
    ck_assert(strstr(about("schema")->mend, "cinema migrate"));
    ck_assert_uint_ge(found->errors, 1);
}

TEST(a_missing_file_is_found_and_not_made)
{
    struct stat st;
    if (test_on_postgres())
        SKIP("PostgreSQL has no file");
    check_up();
    ck_assert_str_eq(about("database")->severity, "warning");
    ck_assert_int_ne(stat(strchr(url, '/'), &st), 0);
}

TEST(a_folder_open_to_others_is_found)
{
    check_up();
    ck_assert_str_eq(about("data folder")->severity, "warning");
    chmod(getenv("CINEMA_DATA_DIR"), 0777);
    check_up();
    ck_assert_str_eq(about("data folder")->severity, "error");
    chmod(getenv("CINEMA_DATA_DIR"), 0700);
    check_up();
    ck_assert_str_eq(about("data folder")->severity, "ok");
    open_with("CINEMA_DATA_DIR=/dev/null", NULL);
    check_up();
    ck_assert_str_eq(about("data folder")->severity, "error");
}

TEST(an_open_address_without_https_is_found)
{
    check_up();
    ck_assert_str_eq(about("CINEMA_LISTEN")->severity, "ok");
    open_with("CINEMA_LISTEN=0.0.0.0:80", NULL);
    check_up();
    ck_assert_str_eq(about("CINEMA_LISTEN")->severity, "warning");
    open_with("CINEMA_LISTEN=0.0.0.0:80", "CINEMA_PUBLIC_URL=https://films.example");
    check_up();
    ck_assert_str_eq(about("CINEMA_LISTEN")->severity, "ok");
}

static const char *const urls[] = {
    "postgres://anna:s3cret@127.0.0.1:1/films",
    "postgres://anna:s3cret@127.0.0.1:1/films?sslmode=disable&password=s3cret",
    "postgres://127.0.0.1:1/films?user=anna&password=s3cret",
    "postgres://anna:p%40s3cret@127.0.0.1:1/films",
};

TEST_EACH(secrets_are_not_told, sizeof urls / sizeof *urls)
{
    char setting[200];
    const cinema_options options = { .settings = (const char *const[]){ setting },
                                     .setting_count = 1 };
    snprintf(setting, sizeof setting, "CINEMA_DATABASE_DIRECT_URL=%s", urls[_i]);
    cinema_close(c);
    c = NULL;
    OK(cinema_open_with(&options, &c, &err));
    check_up();
    const char *detail = about("CINEMA_DATABASE_DIRECT_URL")->detail;
    ck_assert_ptr_null(strstr(detail, "s3cret"));
    ck_assert(strstr(detail, "127.0.0.1:1/films") && strstr(detail, "given by the program"));
    open_with("CINEMA_METRICS_TOKEN=s3cret", NULL);
    check_up();
    ck_assert_str_eq(about("CINEMA_METRICS_TOKEN")->severity, "warning"); /* it is short */
    for (size_t i = 0; i < found->count; i++)
        ck_assert_ptr_null(strstr(found->items[i]->detail, "s3cret"));
}
