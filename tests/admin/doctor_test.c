/* doctor_test.c - mirrors lib/admin/doctor.c: findings, and secrets that are none of them.
 */
#include "admin/admin_help.h"

#include "port/db/db.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static cinema_findings *found;

static void stop(void)
{
    cinema_findings_free(found);
    admin_stop();
}
FIXTURE(admin_start, stop)

/* Whatever is wrong comes with what mends it, and nothing else does. */
static void check_up(void)
{
    cinema_findings_free(found);
    found = NULL;
    OK(cinema_doctor(c, &found, &err));
    for (size_t i = 0; i < found->count; i++)
        ck_assert_int_eq(!strcmp(found->items[i]->severity, "ok"), !*found->items[i]->mend);
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

TEST(a_redis_that_is_away_is_found)
{
    const char *setting = "CINEMA_REDIS_URL=redis://:hush@127.0.0.1:1/0";
    const cinema_options options = { .settings = &setting, .setting_count = 1 };
    cinema_close(c);
    c = NULL;
    if (cinema_open_with(&options, &c, &err) == CINEMA_UNSUPPORTED)
        SKIP("there is no module cinema-redis.so");
    check_up();
    ck_assert_str_eq(about("redis")->severity, "error");
    ck_assert_ptr_null(strstr(about("redis")->detail, "hush"));
    ck_assert_ptr_null(strstr(about("CINEMA_REDIS_URL")->detail, "hush"));
}

static void open_for_mail(const char *a, const char *b, const char *d)
{
    const char *settings[] = { a, b, d };
    const cinema_options options = { .settings = settings, .setting_count = d ? 3 : b ? 2 : 1 };
    cinema_close(c);
    c = NULL;
    OK(cinema_open_with(&options, &c, &err));
    check_up();
}

TEST(mail_that_reaches_nobody_is_found)
{
    check_up();
    ck_assert_str_eq(about("CINEMA_MAIL_URL")->severity, "ok"); /* while it is tried out */
    ck_assert_str_eq(about("mail")->severity, "ok");
    open_for_mail("CINEMA_PUBLIC_URL=https://films.example", NULL, NULL);
    ck_assert_str_eq(about("CINEMA_MAIL_URL")->severity, "warning");
    open_for_mail("CINEMA_MAIL_URL=file:/dev/null/mail", NULL, NULL);
    ck_assert_str_eq(about("mail")->severity, "error");
}

TEST(a_mail_server_that_is_away_is_found)
{
    open_for_mail("CINEMA_MAIL_URL=smtp://anna:hush@127.0.0.1:1?tls=off", NULL, NULL);
    ck_assert_str_eq(about("mail")->severity, "error");
    ck_assert_str_eq(about("CINEMA_MAIL_URL")->severity, "warning");
    ck_assert_str_eq(about("CINEMA_MAIL_FROM")->severity, "warning");
    ck_assert_str_eq(about("CINEMA_PUBLIC_URL")->severity, "warning");
    for (size_t i = 0; i < found->count; i++)
        ck_assert_ptr_null(strstr(found->items[i]->detail, "hush"));
    open_for_mail("CINEMA_MAIL_URL=smtps://127.0.0.1:1", "CINEMA_MAIL_FROM=films@films.example",
                  "CINEMA_PUBLIC_URL=https://films.example");
    ck_assert_str_eq(about("CINEMA_MAIL_URL")->severity, "ok");
    ck_assert_str_eq(about("CINEMA_MAIL_FROM")->severity, "ok");
    ck_assert_str_eq(about("CINEMA_PUBLIC_URL")->severity, "ok");
}

static void run_sql(const char *text)
{
    db_sql sql;
    db_tx *tx = NULL;
    OK(db_begin(c, &tx, &err));
    db_sql_for_tx(&sql, tx);
    db_add(&sql, (db_text){ "test", text, text }, "");
    OK(db_run(tx, &sql, NULL, NULL, &err));
    OK(db_commit(&tx, &err));
}

TEST(work_that_nobody_does_is_found)
{
    admin_migrate();
    run_sql(
        "INSERT INTO outbox (kind, key, status, payload, created_at, due_at, attempts, ended_at)"
        " VALUES ('mail', 'a', 'dead', 'x', 1, 1, 12, 1)");
    check_up();
    ck_assert_str_eq(about("outbox")->severity, "warning");
    ck_assert(strstr(about("outbox")->detail, "1 jobs were given up"));
    run_sql("UPDATE outbox SET status = 'waiting', ended_at = NULL");
    check_up();
    ck_assert(strstr(about("outbox")->detail, "1 jobs wait, the oldest for "));
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

/* --- each finding with its mend --- */

static void is_found(const char *subject, const char *severity, const char *detail,
                     const char *mend)
{
    const cinema_finding *f = about(subject);
    ck_assert_str_eq(f->severity, severity);
    ck_assert_msg(strstr(f->detail, detail), "%s", f->detail);
    ck_assert_msg(strstr(f->mend, mend), "%s", f->mend);
}

/* Does what a mend says: "run: chmod 700 '...'". */
static void follow(const char *mend)
{
    int status;
    pid_t child = fork();
    if (child == 0) {
        execl("/bin/sh", "sh", "-c", mend + strlen("run: "), (char *)NULL);
        _exit(127);
    }
    ck_assert(waitpid(child, &status, 0) == child && !status);
}

/* Following the mend of a folder makes the finding go away. */
TEST(the_mend_of_an_open_folder_is_a_command_that_mends_it)
{
    const char *folder = getenv("CINEMA_DATA_DIR");
    chmod(folder, 0777);
    check_up();
    is_found("data folder", "error", "others on this machine can write", "run: chmod 700 '");
    follow(about("data folder")->mend);
    check_up();
    ck_assert_str_eq(about("data folder")->severity, "ok");
}

TEST(a_token_that_others_can_read_is_found)
{
    char path[4096], detail[64];
    admin_migrate();
    OK(cinema_setup_token_path(c, path, sizeof path, &err));
    check_up();
    ck_assert_str_eq(about("setup-token")->severity, "ok");
    chmod(path, 0640);
    check_up();
    snprintf(detail, sizeof detail, "(%04o)", 0640);
    is_found("setup-token", "error", detail, "run: rm '");
    follow(about("setup-token")->mend);
    OK(cinema_setup_token_path(c, path, sizeof path, &err));
    check_up();
    ck_assert_str_eq(about("setup-token")->severity, "ok");
}

TEST_EACH(a_folder_that_is_of_no_use_is_found, 2)
{
    char folder[600], inner[700], setting[720];
    test_folder(folder, sizeof folder);
    snprintf(inner, sizeof inner, "%s/inner", folder);
    if (getuid() != 0)
        SKIP("only root can become somebody else");
    ck_assert(!mkdir(inner, 0755));
    chmod(folder, _i ? 0755 : 0700);
    snprintf(setting, sizeof setting, "CINEMA_DATA_DIR=%s", inner);
    open_with(setting, NULL);
    ck_assert(!setresuid(65534, 65534, 65534));
    check_up();
    is_found("data folder", "error", _i ? "cannot be written" : "cannot be looked at",
             "give it to the user that the server runs as");
}

TEST(a_folder_that_is_a_file_is_found)
{
    open_with("CINEMA_DATA_DIR=/dev/null", NULL);
    check_up();
    is_found("data folder", "error", "is no folder", "set CINEMA_DATA_DIR to a folder");
}

TEST(the_folder_of_blobs_is_looked_at)
{
    char folder[600], setting[720];
    test_folder(folder, sizeof folder);
    snprintf(setting, sizeof setting, "CINEMA_BLOB_URL=file:%s", folder);
    open_with(setting, NULL);
    check_up();
    is_found("blobs", "warning", "look into", "run: chmod 700 '");
    follow(about("blobs")->mend);
    check_up();
    ck_assert_str_eq(about("blobs")->severity, "ok");
    ck_assert_ptr_nonnull(strstr(about("CINEMA_BLOB_URL")->detail, folder));
    open_with("CINEMA_BLOB_URL=file:/dev/null", NULL);
    check_up();
    is_found("blobs", "error", "is no folder", "set CINEMA_BLOB_URL to a folder");
}

TEST(a_database_that_does_not_answer_is_found)
{
    open_with("CINEMA_DATABASE_URL=postgres://anna@127.0.0.1:1/films", "CINEMA_DEADLINE_MS=1000");
    check_up();
    is_found("database", "error", "", "start it, and check CINEMA_DATABASE_URL");
}

TEST(a_file_that_is_no_database_is_found)
{
    char folder[600], setting[700];
    test_folder(folder, sizeof folder);
    snprintf(setting, sizeof setting, "CINEMA_DATABASE_URL=sqlite:%s/films.db", folder);
    int fd = open(strchr(setting, ':') + 1, O_WRONLY | O_CREAT, 0600);
    for (int i = 0; i < 100; i++)
        ck_assert_int_eq(write(fd, "this is a text, not a database\n", 31), 31);
    close(fd);
    open_with(setting, NULL);
    check_up();
    is_found("database", "error", "", "check CINEMA_DATABASE_URL");
}

static void change_schema(const char *statement)
{
    db_tx *tx = NULL;
    admin_migrate();
    OK(db_begin(c, &tx, &err));
    OK(db_script(tx, statement, &err));
    OK(db_commit(&tx, &err));
}

TEST(a_schema_of_a_newer_library_is_found)
{
    change_schema("INSERT INTO cinema_schema (version, name, checksum, applied_at) VALUES (9999, "
                  "'of tomorrow', 'x', 0)");
    check_up();
    is_found("schema", "error", "", "install a libcinema at least as new");
}

TEST(a_schema_that_was_changed_is_found)
{
    change_schema("UPDATE cinema_schema SET checksum = 'x' WHERE version = 1");
    check_up();
    is_found("schema", "error", "", "restore a backup");
}

TEST(limits_that_are_off_are_found)
{
    open_with("CINEMA_LIMIT_SIGN_IN_ACCOUNT=off", "CINEMA_LIMIT_CONNECTIONS_ADDRESS=off");
    check_up();
    ck_assert_str_eq(about("CINEMA_LIMIT_SIGN_IN_ACCOUNT")->severity, "warning");
    ck_assert_str_eq(about("CINEMA_LIMIT_CONNECTIONS_ADDRESS")->severity, "warning");
    ck_assert_str_eq(about("CINEMA_LIMIT_REQUESTS_ADDRESS")->severity, "ok");
}

TEST(a_proxy_that_nobody_trusts_is_found_and_so_is_trust_in_everybody)
{
    static const char *const everybody[] = { "CINEMA_TRUSTED_PROXIES=10.0.0.1 0.0.0.0/0",
                                             "CINEMA_TRUSTED_PROXIES=::/0" };
    open_with("CINEMA_PUBLIC_URL=https://films.example", NULL);
    check_up();
    ck_assert_str_eq(about("CINEMA_TRUSTED_PROXIES")->severity, "warning");
    open_with("CINEMA_PUBLIC_URL=https://films.example", "CINEMA_TRUSTED_PROXIES=127.0.0.1");
    check_up();
    ck_assert_str_eq(about("CINEMA_TRUSTED_PROXIES")->severity, "ok");
    for (int i = 0; i < 2; i++) {
        open_with(everybody[i], NULL);
        check_up();
        ck_assert_str_eq(about("CINEMA_TRUSTED_PROXIES")->severity, "warning");
    }
}
