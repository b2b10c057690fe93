/* config_test.c - settings: where they come from, what they may be. Mirrors lib/base/config.c
 * and setting.c.
 */
#include "base/config.h"
#include "test.h"

#include <stdio.h>

static cinema_error err;
static config *k;
static char folder[320];

static void start(void)
{
    test_folder(folder, sizeof folder);
    setenv("CINEMA_DATA_DIR", "data", 1);
    unsetenv("CINEMA_DEADLINE_MS");
}

static void stop(void)
{
    config_free(k);
    k = NULL;
}

FIXTURE(start, stop)

/* Reads with up to three options. */
static cinema_status read_with(const char *a, const char *b, const char *c)
{
    const char *settings[] = { a, b, c };
    cinema_options o = { settings, !!a + !!b + (size_t) !!c };
    stop();
    return config_read(&o, &k, &err);
}

static const char *file(const char *name, const char *content)
{
    static char paths[4][400];
    static int n;
    char *path = paths[n++ % 4];
    snprintf(path, sizeof *paths, "%s/%s", folder, name);
    FILE *f = fopen(path, "w");
    ck_assert(f && fputs(content, f) >= 0 && !fclose(f));
    return path;
}

static void is(const char *name, const char *value, const char *source)
{
    ck_assert_pstr_eq(config_text(k, name), value);
    ck_assert_str_eq(config_source(k, name), source);
}

TEST(without_anything_said_there_are_the_defaults)
{
    unsetenv("CINEMA_DATA_DIR");
    OK(read_with(NULL, NULL, NULL));
    is("CINEMA_DATA_DIR", "./cinema-data", "default");
    is("CINEMA_DATABASE_URL", "sqlite:./cinema-data/cinema.db", "default");
    is("CINEMA_LOG", "info", "default");
    is("CINEMA_METRICS_TOKEN", NULL, "");
    ck_assert_int_eq(config_number(k, "CINEMA_DEADLINE_MS"), 5000);
    ck_assert_ptr_null(config_text(k, "CINEMA_NO_SUCH"));
}

TEST(options_win_over_the_environment_that_over_the_file_and_that_over_defaults)
{
    setenv("CINEMA_CONFIG",
           file("cinema.conf", "# films\n\nCINEMA_LOG=error\n"
                               "CINEMA_LISTEN=[::1]:80\r\n"
                               "CINEMA_BODY_MAX=2048\nCINEMA_PID_FILE=a=b"),
           1);
    setenv("CINEMA_LOG", "debug", 1);
    setenv("CINEMA_LISTEN", "0.0.0.0:90", 1);
    OK(read_with("CINEMA_LOG=warning", NULL, NULL));
    is("CINEMA_LOG", "warning", "option");
    is("CINEMA_LISTEN", "0.0.0.0:90", "environment");
    is("CINEMA_BODY_MAX", "2048", "file");
    is("CINEMA_PID_FILE", "a=b", "file");
    is("CINEMA_DEADLINE_MS", "5000", "default");
    is("CINEMA_DATABASE_URL", "sqlite:data/cinema.db", "default");
}

TEST(of_two_options_the_first_wins_and_an_empty_one_says_nothing)
{
    setenv("CINEMA_LISTEN", "0.0.0.0:90", 1);
    OK(read_with("CINEMA_LOG=error", "CINEMA_LOG=debug", "CINEMA_LISTEN="));
    is("CINEMA_LOG", "error", "option");
    is("CINEMA_LISTEN", "0.0.0.0:90", "environment");
}

TEST(a_value_that_is_overruled_may_be_no_good)
{
    setenv("CINEMA_LOG", "loud", 1);
    setenv("CINEMA_METRICS_TOKEN_FILE", "/no/such/file", 1);
    OK(read_with("CINEMA_LOG=error", "CINEMA_METRICS_TOKEN=t", NULL));
    GIVES(CINEMA_INVALID, read_with("CINEMA_METRICS_TOKEN=t", NULL, NULL));
}

TEST(any_setting_may_lie_in_a_file_of_its_own)
{
    char option[400];
    setenv("CINEMA_METRICS_TOKEN_FILE", file("token", "s3cret\nsecond line\n"), 1);
    snprintf(option, sizeof option, "CINEMA_LOG_FILE=%s", file("log", "debug"));
    OK(read_with(option, NULL, NULL));
    is("CINEMA_METRICS_TOKEN", "s3cret", "environment");
    is("CINEMA_LOG", "debug", "option");
    setenv("CINEMA_METRICS_TOKEN", "direct", 1); /* wins over its file */
    OK(read_with(NULL, NULL, NULL));
    is("CINEMA_METRICS_TOKEN", "direct", "environment");
}

TEST(an_empty_file_says_nothing)
{
    setenv("CINEMA_METRICS_TOKEN_FILE", file("token", ""), 1);
    OK(read_with(NULL, NULL, NULL));
    is("CINEMA_METRICS_TOKEN", NULL, "");
}

TEST(database_url_is_a_fallback_as_consoles_set_it)
{
    setenv("DATABASE_URL", "postgres://u:p@h/d", 1);
    OK(read_with(NULL, NULL, NULL));
    is("CINEMA_DATABASE_URL", "postgres://u:p@h/d", "environment");
    setenv("CINEMA_DATABASE_URL", "sqlite:here.db", 1);
    OK(read_with(NULL, NULL, NULL));
    is("CINEMA_DATABASE_URL", "sqlite:here.db", "environment");
    OK(read_with("CINEMA_DATABASE_URL=sqlite:there.db", NULL, NULL));
    is("CINEMA_DATABASE_URL", "sqlite:there.db", "option");
}

TEST(redis_url_is_a_fallback_too)
{
    OK(read_with(NULL, NULL, NULL));
    is("CINEMA_REDIS_URL", NULL, "");
    setenv("REDIS_URL", "rediss://default:pw@h:6379", 1);
    OK(read_with(NULL, NULL, NULL));
    is("CINEMA_REDIS_URL", "rediss://default:pw@h:6379", "environment");
    OK(read_with("CINEMA_REDIS_URL=redis://there", NULL, NULL));
    is("CINEMA_REDIS_URL", "redis://there", "option");
}

static const char *const bad[] = {
    "CINEMA_DEADLINE_MS=0",
    "CINEMA_DEADLINE_MS=600001",
    "CINEMA_DEADLINE_MS=-1",
    "CINEMA_DEADLINE_MS=5s",
    "CINEMA_DEADLINE_MS=off",
    "CINEMA_BODY_MAX=1023",
    "CINEMA_BODY_MAX= 2048",
    "CINEMA_LOG=loud",
    "CINEMA_LOG=info debug",
    "CINEMA_LISTEN=8080",
    "CINEMA_LISTEN=:8080",
    "CINEMA_LISTEN=host:",
    "CINEMA_LISTEN=host:65536",
    "CINEMA_LISTEN=host:-1",
    "CINEMA_LISTEN=host:http",
    "CINEMA_LIMIT_CONNECTIONS_ADDRESS=0",
    "CINEMA_LIMIT_CONNECTIONS_ADDRESS=OFF",
    "CINEMA_LIMIT_SIGN_IN_ACCOUNT=20",
    "CINEMA_LIMIT_SIGN_IN_ACCOUNT=20/",
    "CINEMA_LIMIT_SIGN_IN_ACCOUNT=20/m",
    "CINEMA_LIMIT_SIGN_IN_ACCOUNT=/15m",
    "CINEMA_LIMIT_SIGN_IN_ACCOUNT=20/15",
    "CINEMA_LIMIT_SIGN_IN_ACCOUNT=20/15w",
    "CINEMA_LIMIT_SIGN_IN_ACCOUNT=0/15m",
    "CINEMA_LIMIT_SIGN_IN_ACCOUNT=20/0m",
    "CINEMA_LIMIT_SIGN_IN_ACCOUNT=-1/15m",
    "CINEMA_LIMIT_SIGN_IN_ACCOUNT=20/1 5m",
    "CINEMA_LIMIT_SIGN_IN_ACCOUNT=1000001/15m",
    "CINEMA_LIMIT_SIGN_IN_ACCOUNT=20/100001m",
    "CINEMA_LIMIT_SIGN_IN_ACCOUNT=20/18446744073709551617m",
    "CINEMA_CONFIG=/no/such/file",
    "CINEMA_LOG_FILE=/no/such/file",
    "CINEMA_CONFIG=/", /* can be opened, but not read */
    "CINEMA_LOG_FILE=/",
    "CINEMA_DEADLINE_MS=99999999999999999999",
    "CINEMA_PUBLIC_URL=films.example",
    "CINEMA_PUBLIC_URL=ftp://films.example",
    "CINEMA_PUBLIC_URL=https://",
    "CINEMA_PUBLIC_URL=https:///path",
    "CINEMA_PUBLIC_URL=HTTPS://films.example",
    "CINEMA_PUBLIC_URL=https://.example",
    "CINEMA_PUBLIC_URL=https://[",
    "CINEMA_PUBLIC_URL=https://films.example:80a",
    "CINEMA_PUBLIC_URL=https://films.example:99999",
    "CINEMA_PUBLIC_URL=https://films.example/a;b",
    "CINEMA_PUBLIC_URL=https://films.example/?a=b",
    "CINEMA_PUBLIC_URL=https://films.example/#top",
    "CINEMA_PUBLIC_URL=https://ann@films.example",
    "CINEMA_PUBLIC_URL=https://films.example/a b",
    "CINEMA_PUBLIC_URL=https://films.example/\"",
    "CINEMA_PUBLIC_URL=https://f\xC3\xBClme.example",
};

TEST_EACH(a_bad_value_names_its_setting, COUNT_OF(bad))
{
    size_t n = strcspn(bad[_i], "=");
    if (n > 5 && !memcmp(bad[_i] + n - 5, "_FILE", 5))
        n -= 5;
    GIVES(CINEMA_INVALID, read_with(bad[_i], NULL, NULL));
    ck_assert_str_eq(err.reason, "bad_setting");
    ck_assert_uint_eq(strlen(err.field), n);
    ck_assert_int_eq(strncmp(err.field, bad[_i], n), 0);
    ck_assert_ptr_nonnull(strstr(err.message, err.field));
    ck_assert_ptr_null(k);
}

/* Each access token names it twice, and has to be one that is read. */
TEST(a_public_address_has_a_thousand_bytes_at_most)
{
    char option[1020] = "CINEMA_PUBLIC_URL=https://films.example/";
    size_t n = strlen(option);
    memset(option + n, 'a', 18 + 1000 - n);
    OK(read_with(option, NULL, NULL));
    option[18 + 1000] = 'a';
    GIVES(CINEMA_INVALID, read_with(option, NULL, NULL));
    ck_assert_str_eq(err.field, "CINEMA_PUBLIC_URL");
}

TEST(a_limit_may_be_off)
{
    OK(read_with("CINEMA_LIMIT_CONNECTIONS_ADDRESS=off", NULL, NULL));
    ck_assert_int_eq(config_number(k, "CINEMA_LIMIT_CONNECTIONS_ADDRESS"), -1);
}

TEST(a_rate_is_so_many_in_a_time)
{
    int64_t count, window_ms;
    OK(read_with("CINEMA_LIMIT_SIGN_IN_ACCOUNT=1000000/100000d", NULL, NULL));
    ck_assert(config_rate(k, "CINEMA_LIMIT_SIGN_IN_ACCOUNT", &count, &window_ms));
    ck_assert_int_eq(count, 1000000);
    ck_assert_int_eq(window_ms, 100000 * INT64_C(86400000));
    OK(read_with("CINEMA_LIMIT_SIGN_IN_ACCOUNT=off", NULL, NULL));
    ck_assert(!config_rate(k, "CINEMA_LIMIT_SIGN_IN_ACCOUNT", &count, &window_ms));
}

static const char *const unknown[] = {
    "CINEMA_COLOUR=red",
    "CINEMA_COLOUR_FILE=/etc/passwd",
    "CINEMA_LO=info",
    "CINEMA_LOGS=info",
    "cinema_log=info",
    "CINEMA_LOG",
    "=info",
    "_FILE=x",
    "DATABASE_URL=sqlite:x",
    "",
};

TEST_EACH(an_unknown_option_is_refused_by_name, COUNT_OF(unknown))
{
    GIVES(CINEMA_INVALID, read_with(unknown[_i], NULL, NULL));
    ck_assert_str_eq(err.reason, "unknown_setting");
    ck_assert_uint_eq(strlen(err.field), strcspn(unknown[_i], "="));
}

/* A password in the wrong place must not come out in the message. */
static const char *const misplaced[] = {
    "postgresql://cinema:hunter2@db/films",
    "postgresql://cinema:hunter2@db/films?sslmode=require",
    "hunter2/+=",
    " CINEMA_LOG=hunter2",
    "caf\xc3\xa9=hunter2",
};

TEST_EACH(what_is_no_name_is_refused_without_repeating_it, COUNT_OF(misplaced))
{
    GIVES(CINEMA_INVALID, read_with(misplaced[_i], NULL, NULL));
    ck_assert_str_eq(err.reason, "unknown_setting");
    ck_assert_str_eq(err.field, "");
    ck_assert_ptr_null(strstr(err.message, "hunter2"));
    setenv("CINEMA_CONFIG", file("cinema.conf", misplaced[_i]), 1);
    GIVES(CINEMA_INVALID, read_with(NULL, NULL, NULL));
    ck_assert_ptr_null(strstr(err.message, "hunter2"));
}

TEST(an_unknown_line_of_the_file_is_refused_too)
{
    setenv("CINEMA_CONFIG", file("cinema.conf", "CINEMA_LOGG=info\n"), 1);
    GIVES(CINEMA_INVALID, read_with(NULL, NULL, NULL));
    ck_assert_str_eq(err.field, "CINEMA_LOGG");
}

TEST(what_is_too_long_is_refused_and_never_cut)
{
    static char option[10000], line[9000];
    memset(line, 'x', sizeof line - 1);
    snprintf(option, sizeof option, "CINEMA_PID_FILE=%s", line);
    GIVES(CINEMA_INVALID, read_with(option, NULL, NULL));
    ck_assert_str_eq(err.field, "CINEMA_PID_FILE");

    setenv("CINEMA_METRICS_TOKEN_FILE", file("token", line), 1);
    GIVES(CINEMA_INVALID, read_with(NULL, NULL, NULL));
    ck_assert_str_eq(err.field, "CINEMA_METRICS_TOKEN");
    unsetenv("CINEMA_METRICS_TOKEN_FILE");

    setenv("CINEMA_CONFIG", file("cinema.conf", option), 1);
    GIVES(CINEMA_INVALID, read_with(NULL, NULL, NULL));
    unsetenv("CINEMA_CONFIG");

    line[8191] = '\0'; /* the longest */
    snprintf(option, sizeof option, "CINEMA_METRICS_TOKEN_FILE=%s", file("token", line));
    OK(read_with(option, NULL, NULL));
    is("CINEMA_METRICS_TOKEN", line, "option");

    snprintf(option, sizeof option, "CINEMA_DATA_DIR=%s", line);
    GIVES(CINEMA_INVALID, read_with(option, NULL, NULL));
    ck_assert_str_eq(err.field, "CINEMA_DATA_DIR");
}

TEST(what_is_secret_is_marked_so_and_messages_do_not_show_values)
{
    for (const setting *s = cinema__settings; s->name; s++) {
        bool sensitive = (strstr(s->name, "TOKEN") && !strstr(s->name, "_URL")) ||
                         strstr(s->name, "DATABASE") || strstr(s->name, "SECRET") ||
                         strstr(s->name, "KEY");
        ck_assert_msg(!sensitive || s->secret, "%s", s->name);
        ck_assert_ptr_nonnull(s->help);
    }
    GIVES(CINEMA_INVALID, read_with("CINEMA_LOG=hush-hush", NULL, NULL));
    ck_assert_ptr_null(strstr(err.message, "hush"));
    GIVES(CINEMA_INVALID, read_with("CINEMA_PASWORD=hush-hush", NULL, NULL));
    ck_assert_ptr_null(strstr(err.message, "hush"));
}

/* ---- families -------------------------------------------------------------------------------- */

TEST(a_setting_of_a_family_has_a_name_of_its_own)
{
    setting row;
    setenv("CINEMA_OAUTH_GITHUB_CLIENT_ID", "of the environment", 1);
    setenv("CINEMA_OAUTH_GITLAB_CLIENT_SECRET_FILE", file("secret", "hush\n"), 1);
    OK(read_with("CINEMA_OAUTH_OKTA2_ISSUER=https://okta.example", NULL, NULL));
    is("CINEMA_OAUTH_GITHUB_CLIENT_ID", "of the environment", "environment");
    is("CINEMA_OAUTH_GITLAB_CLIENT_SECRET", "hush", "environment");
    is("CINEMA_OAUTH_OKTA2_ISSUER", "https://okta.example", "option");
    is("CINEMA_OAUTH_OKTA2_CLIENT_ID", NULL, "");
    ck_assert(config_named(k, 0, &row) && config_named(k, 2, &row) && !config_named(k, 3, &row));
    ck_assert(config_named(k, 0, &row));
    ck_assert_str_eq(row.name, "CINEMA_OAUTH_OKTA2_ISSUER");
}

TEST(the_first_to_set_one_of_a_family_wins)
{
    setenv("CINEMA_OAUTH_GITHUB_CLIENT_ID", "of the environment", 1);
    setenv(
        "CINEMA_CONFIG",
        file("cinema.conf", "CINEMA_OAUTH_GITHUB_CLIENT_ID=b\nCINEMA_OAUTH_GOOGLE_CLIENT_ID=c\n"),
        1);
    OK(read_with("CINEMA_OAUTH_GITHUB_CLIENT_ID=a", NULL, NULL));
    is("CINEMA_OAUTH_GITHUB_CLIENT_ID", "a", "option");
    is("CINEMA_OAUTH_GOOGLE_CLIENT_ID", "c", "file");
    OK(config_reload(k, &err));
    is("CINEMA_OAUTH_GITHUB_CLIENT_ID", "a", "option");
}

TEST(a_name_that_is_of_no_family_is_unknown)
{
    static const char *const wrong[] = {
        "CINEMA_OAUTH__CLIENT_ID=x",    "CINEMA_OAUTH_CLIENT_ID=x",
        "CINEMA_OAUTH_git_CLIENT_ID=x", "CINEMA_OAUTH_GIT_HUB_CLIENT_ID=x",
        "CINEMA_OAUTH_GITHUB_CLIENT=x", "CINEMA_OAUTH_ABCDEFGHIJKLMNOPQRSTU_CLIENT_ID=x"
    };
    for (size_t i = 0; i < COUNT_OF(wrong); i++) {
        GIVES(CINEMA_INVALID, read_with(wrong[i], NULL, NULL));
        ck_assert_str_eq(err.reason, "unknown_setting");
    }
}

/* ---- read again -------------------------------------------------------------------------------
 */

TEST(settings_that_may_change_are_read_again)
{
    setenv("CINEMA_CONFIG", file("cinema.conf", "CINEMA_LOG=error\nCINEMA_BODY_MAX=2048\n"), 1);
    OK(read_with("CINEMA_METRICS_TOKEN=mine", NULL, NULL));
    const char *before = config_text(k, "CINEMA_LOG");
    file("cinema.conf", "CINEMA_LOG=debug\nCINEMA_BODY_MAX=4096\nCINEMA_METRICS_TOKEN=theirs\n"
                        "CINEMA_CORS_ORIGINS=https://a.example\n");
    OK(config_reload(k, &err));
    is("CINEMA_LOG", "debug", "file");
    is("CINEMA_CORS_ORIGINS", "https://a.example", "file");
    is("CINEMA_METRICS_TOKEN", "mine", "option"); /* options win as they did at first */
    is("CINEMA_BODY_MAX", "2048", "file");        /* not one of those */
    ck_assert_str_eq(before, "error");            /* who has read it may go on doing so */
    for (int i = 0; i < 100; i++) {
        file("cinema.conf", i % 2 ? "CINEMA_LOG=info\n" : "");
        OK(config_reload(k, &err));
    }
    is("CINEMA_LOG", "info", "file");
    is("CINEMA_CORS_ORIGINS", NULL, "");
}

TEST(what_is_no_good_when_read_again_changes_nothing)
{
    setenv("CINEMA_CONFIG", file("cinema.conf", "CINEMA_LOG=error\n"), 1);
    OK(read_with(NULL, NULL, NULL));
    file("cinema.conf", "CINEMA_LOG=debug\nCINEMA_CORS_ORIGINS=nonsense\n");
    GIVES(CINEMA_INVALID, config_reload(k, &err));
    ck_assert_str_eq(err.field, "CINEMA_CORS_ORIGINS");
    is("CINEMA_LOG", "error", "file");
}
