/* memory_calls_torture.c - every exported function that can fail, while memory runs out.
 * A function in an exports.txt without a line here, or in memory_accounts_torture.c, fails the last
 * test but one. What the functions of a room do is tortured through the JSON door as well
 * (memory_ops_torture.c).
 */
#include "faults/torture.h"

#include "base/status.h"

#include <dirent.h>
#include <stdio.h>

FIXTURE(torture_start, torture_stop)

/* ---- titles ---------------------------------------------------------------------------------- */

static const int64_t year = 1999;
static const char *const genres[] = { "drama" };

#define TITLE                                                                                      \
    &(cinema_title_input)                                                                          \
    {                                                                                              \
        .title = torture_number, .year = &year, .genres = { genres, 1 }, .external_ids = {         \
            &(cinema_pair){ "imdb", torture_number },                                              \
            1                                                                                      \
        }                                                                                          \
    }
#define CHANGE                                                                                     \
    &(cinema_title_input)                                                                          \
    {                                                                                              \
        .overview = torture_number, .clear = "language"                                            \
    }

CALL(movie_create, cinema_movie, cinema_movie_free, cinema_movie_create(c, TITLE, &ret, &err))
CALL(movie_get, cinema_movie, cinema_movie_free, cinema_movie_get(c, "ran-1985", NULL, &ret, &err))
CALL(movie_update, cinema_movie, cinema_movie_free,
     cinema_movie_update(c, "ran-1985", CHANGE, &ret, &err))
CALL(movie_list, cinema_movie_page, cinema_movie_page_free,
     cinema_movie_list(c, &(cinema_movie_query){ .limit = 1, .total = true }, &ret, &err))
CALL(series_create, cinema_series, cinema_series_free, cinema_series_create(c, TITLE, &ret, &err))
CALL(series_get, cinema_series, cinema_series_free,
     cinema_series_get(c, "dekalog-1988", NULL, &ret, &err))
CALL(series_update, cinema_series, cinema_series_free,
     cinema_series_update(c, "dekalog-1988", CHANGE, &ret, &err))
CALL(series_list, cinema_series_page, cinema_series_page_free,
     cinema_series_list(c, NULL, &ret, &err))
CALL(search, cinema_title_page, cinema_search_page_free,
     cinema_search(c, &(cinema_search_query){ .q = "lord", .total = true }, &ret, &err))
CALL(role_list, cinema_role_page, cinema_role_page_free, cinema_role_list(c, NULL, &ret, &err))
CALL(role_get, cinema_role, cinema_role_free, cinema_role_get(c, "editor", NULL, &ret, &err))
CALL(role_set, cinema_role, cinema_role_free,
     cinema_role_set(c, "tortured",
                     &(cinema_role_input){ .description = torture_number,
                                           .permissions = { (const char *[]){ "audit.read" }, 1 } },
                     &ret, &err))
CALL(permission_list, cinema_permission_page, cinema_permission_page_free,
     cinema_permission_list(c, NULL, &ret, &err))
CALL(user_roles_set, cinema_user_roles, cinema_user_roles_free,
     cinema_user_roles_set(c, TORTURE_ACCOUNT,
                           &(cinema_user_roles_input){
                               { (const char *[]){ "viewer", "editor" }, 2 } },
                           &ret, &err))

static cinema_status role_remove(void)
{
    return cinema_role_remove(c, torture_made, NULL, &err);
}

CALL(audit_list, cinema_audit_page, cinema_audit_page_free,
     cinema_audit_list(c, &(cinema_audit_query){ .limit = 1 }, &ret, &err))

static cinema_status movie_remove(void)
{
    return cinema_movie_remove(c, torture_made, NULL, &err);
}

static cinema_status series_remove(void)
{
    return cinema_series_remove(c, torture_made, NULL, &err);
}

/* ---- genres, people, credits ----------------------------------------------------------------- */

CALL(genre_create, cinema_genre, cinema_genre_free,
     cinema_genre_create(c, &(cinema_genre_input){ .name = torture_number }, &ret, &err))
CALL(genre_get, cinema_genre, cinema_genre_free, cinema_genre_get(c, "drama", NULL, &ret, &err))
CALL(genre_update, cinema_genre, cinema_genre_free,
     cinema_genre_update(c, torture_made, &(cinema_genre_input){ .slug = torture_number }, &ret,
                         &err))
CALL(genre_list, cinema_genre_page, cinema_genre_page_free,
     cinema_genre_list(c, &(cinema_genre_query){ .counts = true }, &ret, &err))
CALL(person_create, cinema_person, cinema_person_free,
     cinema_person_create(c, &(cinema_person_input){ .name = torture_number }, &ret, &err))
CALL(person_get, cinema_person, cinema_person_free,
     cinema_person_get(c, "akira-kurosawa", NULL, &ret, &err))
CALL(person_update, cinema_person, cinema_person_free,
     cinema_person_update(c, "akira-kurosawa",
                          &(cinema_person_input){ .biography = torture_number }, &ret, &err))
CALL(person_list, cinema_person_page, cinema_person_page_free,
     cinema_person_list(c, NULL, &ret, &err))
CALL(person_credits, cinema_person_credits, cinema_person_credits_free,
     cinema_person_credits_list(c, "akira-kurosawa", NULL, &ret, &err))
CALL(credits_get, cinema_credits, cinema_credits_free,
     cinema_credits_get(c, "ran-1985", NULL, &ret, &err))

static cinema_status genre_remove(void)
{
    return cinema_genre_remove(c, torture_made, NULL, &err);
}

static cinema_status person_remove(void)
{
    return cinema_person_remove(c, torture_made, NULL, &err);
}

static cinema_status credits_set(void)
{
    const cinema_cast_input one = { .person_id = "akira-kurosawa", .character = torture_number };
    const cinema_cast_input *items[] = { &one };
    cinema_credits_input in = { .cast = { items, 1 } };
    cinema_credits *ret = NULL;
    cinema_status s = cinema_credits_set(c, "ran-1985", &in, &ret, &err);
    torture_kept = !s != (ret != NULL);
    cinema_credits_free(ret);
    return s;
}

/* ---- the doors ------------------------------------------------------------------------------- */

static const cinema_caller trusted = { .system = true };

/* A failed call has a result too, or none where memory is out. */
static cinema_status call_run(void)
{
    cinema_result *r = NULL;
    const char *json = "{\"title_id\": \"ran-1985\"}";
    cinema_status s = cinema_call_run(c, &trusted, "movie.get", json, strlen(json), &r, &err);
    torture_kept = !s && !r;
    cinema_result_free(r);
    return s;
}

static cinema_status call(void)
{
    char *answer = NULL;
    cinema_status s = cinema_call(c, &trusted, "movie.list", NULL, &answer, &err);
    torture_kept = !s && !answer;
    cinema_text_free(answer);
    return s;
}

/* What is wrong with an input is told as such, as long as there is memory to tell it. */
static cinema_status refused_call(void)
{
    char *answer = NULL;
    cinema_status s =
        cinema_call(c, &trusted, "movie.create", "{\"title\": 5, \"yaer\": 1}", &answer, &err);
    torture_kept = s == CINEMA_OK;
    cinema_text_free(answer);
    return s == CINEMA_INVALID ? CINEMA_OK : s;
}

/* A response with 503 is the answer of one who has no memory. */
static cinema_status http(const char *method, const char *target, const char *body, int want)
{
    static const cinema_http_header headers[] = { { "Content-Type", "application/json" },
                                                  { "Accept", "*/*" } };
    cinema_http_request request = { .method = method,
                                    .target = target,
                                    .headers = headers,
                                    .header_count = 2,
                                    .body = body,
                                    .body_length = body ? strlen(body) : 0,
                                    .address = "127.0.0.1" };
    cinema_http_response *r = NULL;
    cinema_status s = cinema_http(c, &request, &r, &err);
    int status = r ? r->status : 0;
    bool no_memory = r && status == 503 && !strcmp(r->code, "no_memory");
    torture_kept = !s != (r != NULL) || (r && status != want && !no_memory);
    if (torture_kept)
        snprintf(err.message, sizeof err.message, "%d %s", status, r ? r->code : "");
    cinema_http_response_free(r);
    return s ? s : no_memory ? CINEMA_NO_MEMORY : CINEMA_OK;
}

static cinema_status http_get(void)
{
    return http("GET", "/v1/movies/ran-1985", NULL, 200);
}

static cinema_status http_head(void)
{
    return http("HEAD", "/v1/movies?genre=drama&total=true", NULL, 200);
}

static cinema_status http_post(void)
{
    return http("POST", "/v1/movies", "{\"title\": \"Ran\"}", 401);
}

static cinema_status http_nothing(void)
{
    return http("GET", "/nothing?here=%20", NULL, 404);
}

static cinema_status http_options(void)
{
    return http("OPTIONS", "/v1/movies", NULL, 204);
}

static cinema_status http_avatar(void)
{
    return http("GET", "/v1/avatars/0123456789abcdef0123456789abcdef", NULL, 404);
}

static cinema_status http_metrics(void)
{
    return http("GET", "/metrics", NULL, 200);
}

CALL(http_problem, cinema_http_response, cinema_http_response_free,
     cinema_http_problem(c, 431, "headers_too_large", "fewer, please", NULL, &ret, &err))

/* ---- opening, looking after ------------------------------------------------------------------ */

static char fresh[600];

static void name_fresh(const char *ending)
{
    const char *folder = cinema_setting(c, "CINEMA_DATA_DIR");
    snprintf(fresh, sizeof fresh, "sqlite:%s/fresh%s%s", folder, torture_number, ending);
}

CALL(open_, cinema, cinema_close, cinema_open("sqlite:some/where.db", &ret, &err))
CALL(open_with, cinema, cinema_close, cinema_open_with(NULL, &ret, &err))
CALL(schema_status, cinema_migrations, cinema_migrations_free, cinema_schema_status(c, &ret, &err))
CALL(doctor, cinema_findings, cinema_findings_free, cinema_doctor(c, &ret, &err))

/* A database that is made in the call. What was begun before is gone on with. */
static cinema_status migrate(void)
{
    cinema *other = NULL;
    cinema_migrations *ret = NULL;
    name_fresh(".db");
    cinema_status s = cinema_open(fresh, &other, &err);
    s = s ? s : cinema_migrate(other, &ret, &err);
    torture_kept = !s != (ret != NULL) || (!s && ret->pending);
    cinema_migrations_free(ret);
    cinema_close(other);
    return s;
}

static cinema_status setup_token(void)
{
    char path[600];
    cinema_status s = cinema_setup_token_path(c, path, sizeof path, &err);
    if (!s)
        remove(path);
    return s;
}

typedef struct source {
    char text[1000];
    size_t length, at;
} source;

static int64_t read_some(void *bytes, size_t room, void *user)
{
    source *from = user;
    size_t n = from->length - from->at < room ? from->length - from->at : room;
    memcpy(bytes, from->text + from->at, n);
    from->at += n;
    return (int64_t)n;
}

static cinema_status import(void)
{
    source from = { .at = 0 };
    cinema_import_input in = { .read = read_some, .user = &from };
    cinema_import_counts counts = { 0 };
    from.length = (size_t)snprintf(
        from.text, sizeof from.text,
        "{\"kind\":\"movie\",\"title\":\"Import %s\",\"year\":1949,\"genres\":[\"Drama\","
        "\"Number %s\"],\"cast\":[{\"name\":\"Somebody %s\"}]}\n"
        "{\"kind\":\"series\",\"title\":\"Series %s\",\"external_ids\":{\"imdb\":\"i%s\"}}\n",
        torture_number, torture_number, torture_number, torture_number, torture_number);
    cinema_status s = cinema_import(c, &in, &counts, &err);
    torture_done = s && counts.created == 2;
    torture_kept = !s && counts.created + counts.updated + counts.unchanged != 2;
    if (s || torture_kept)
        snprintf(err.message, sizeof err.message, "%d created, %d refused, %d lines",
                 (int)counts.created, (int)counts.refused, (int)counts.lines);
    return s;
}

static cinema_status take_bytes(const void *bytes, size_t length, void *user)
{
    *(size_t *)user += bytes ? length : 0;
    return CINEMA_OK;
}

static cinema_status export_(void)
{
    size_t taken = 0;
    cinema_export_input in = { .write = take_bytes, .user = &taken };
    cinema_export_counts counts = { 0 };
    cinema_status s = cinema_export(c, &in, &counts, &err);
    torture_kept = (size_t)counts.bytes != taken || (!s && counts.lines < 5);
    return s;
}

static cinema_status worker_run(void)
{
    cinema_worker_counts n = { 1, 1, 1 };
    cinema_status s = cinema_worker_run(c, NULL, &n, &err);
    torture_kept = n.done || n.failed || n.dead;
    return s;
}

static cinema_status worker_wait(void)
{
    return cinema_worker_wait(c, 0, &err);
}

CALL(dead_letter_list, cinema_dead_letter_page, cinema_dead_letter_page_free,
     cinema_dead_letter_list(c, &(cinema_dead_letter_query){ .limit = 1 }, &ret, &err))

static cinema_status dead_letter_retry(void)
{
    return cinema_dead_letter_retry(c, torture_made, &err);
}

static cinema_status dead_letter_retry_all(void)
{
    int64_t count = -1;
    cinema_status s = cinema_dead_letter_retry_all(c, &count, &err);
    torture_kept = !s != (count >= 0);
    return s;
}

/* ---- all of them ----------------------------------------------------------------------------- */

static const torture_line lines[] = {
    { FUNCTION("cinema_open", open_) },
    { FUNCTION("cinema_open_with_sized", open_with) },
    { FUNCTION("cinema_migrate", migrate) },
    { FUNCTION("cinema_schema_status", schema_status) },
    { FUNCTION("cinema_doctor", doctor) },
    { FUNCTION("cinema_setup_token_path", setup_token) },
    { FUNCTION("cinema_import_sized", import) },
    { FUNCTION("cinema_export_sized", export_) },
    { FUNCTION("cinema_worker_run_sized", worker_run) },
    { FUNCTION("cinema_worker_wait", worker_wait) },
    { FUNCTION("cinema_dead_letter_list_sized", dead_letter_list), BEFORE(torture_dead_letter) },
    { FUNCTION("cinema_dead_letter_retry", dead_letter_retry), BEFORE(torture_dead_letter) },
    { FUNCTION("cinema_dead_letter_retry_all", dead_letter_retry_all),
      BEFORE(torture_dead_letter) },
    { FUNCTION("cinema_call_run_sized", call_run) },
    { FUNCTION("cinema_result_emit", call) },
    { FUNCTION("cinema_call_sized", call) },
    { FUNCTION("cinema_call_sized", refused_call) },
    { FUNCTION("cinema_http_sized", http_get) },
    { FUNCTION("cinema_http_sized", http_head) },
    { FUNCTION("cinema_http_sized", http_post) },
    { FUNCTION("cinema_http_sized", http_nothing) },
    { FUNCTION("cinema_http_sized", http_options) },
    { FUNCTION("cinema_http_sized", http_avatar) },
    { FUNCTION("cinema_http_sized", http_metrics) },
    { FUNCTION("cinema_http_problem", http_problem) },
    { FUNCTION("cinema_movie_create_sized", movie_create) },
    { FUNCTION("cinema_movie_get_sized", movie_get) },
    { FUNCTION("cinema_movie_update_sized", movie_update) },
    { FUNCTION("cinema_movie_list_sized", movie_list) },
    { FUNCTION("cinema_movie_remove_sized", movie_remove),
      FIRST("movie.create", "{\"title\": \"#\"}") },
    { FUNCTION("cinema_series_create_sized", series_create) },
    { FUNCTION("cinema_series_get_sized", series_get) },
    { FUNCTION("cinema_series_update_sized", series_update) },
    { FUNCTION("cinema_series_list_sized", series_list) },
    { FUNCTION("cinema_series_remove_sized", series_remove),
      FIRST("series.create", "{\"title\": \"#\"}") },
    { FUNCTION("cinema_genre_create_sized", genre_create) },
    { FUNCTION("cinema_genre_get_sized", genre_get) },
    { FUNCTION("cinema_genre_update_sized", genre_update),
      FIRST("genre.create", "{\"name\": \"A #\"}") },
    { FUNCTION("cinema_genre_list_sized", genre_list) },
    { FUNCTION("cinema_genre_remove_sized", genre_remove),
      FIRST("genre.create", "{\"name\": \"#\"}") },
    { FUNCTION("cinema_person_create_sized", person_create) },
    { FUNCTION("cinema_person_get_sized", person_get) },
    { FUNCTION("cinema_person_update_sized", person_update) },
    { FUNCTION("cinema_person_list_sized", person_list) },
    { FUNCTION("cinema_person_remove_sized", person_remove),
      FIRST("person.create", "{\"name\": \"#\"}") },
    { FUNCTION("cinema_person_credits_list_sized", person_credits) },
    { FUNCTION("cinema_credits_get_sized", credits_get) },
    { FUNCTION("cinema_credits_set_sized", credits_set) },
    { FUNCTION("cinema_search_sized", search) },
    { FUNCTION("cinema_audit_list_sized", audit_list) },
    { FUNCTION("cinema_role_list_sized", role_list) },
    { FUNCTION("cinema_role_get_sized", role_get) },
    { FUNCTION("cinema_role_set_sized", role_set) },
    { FUNCTION("cinema_role_remove_sized", role_remove),
      FIRST("role.set", "{\"role\": \"role-#\", \"permissions\": []}") },
    { FUNCTION("cinema_permission_list_sized", permission_list) },
    { FUNCTION("cinema_user_roles_set_sized", user_roles_set) },
};

enum { LINES = sizeof lines / sizeof *lines };

TEST_EACH(a_call_without_memory_fails_whole_and_works_again, LINES)
{
    torture_call(&lines[_i]);
}

/* ---- completeness ---------------------------------------------------------------------------- */

static bool cannot_fail(const char *name)
{
    static const char *const names[] = { "cinema_status_describe", "cinema_close",
                                         "cinema_set_log",         "cinema_setting",
                                         "cinema_version",         "cinema_http_route",
                                         "cinema_http_gauge_add",  "cinema_worker_stop",
                                         "cinema_http_is_proxy" };
    size_t n = strlen(name);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (!strcmp(names[i], name))
            return true;
    return n > 5 && !strcmp(name + n - 5, "_free");
}

static void look_for(const char *name)
{
    size_t i = 0;
    while (i < LINES && strcmp(lines[i].call, name))
        i++;
    ck_assert_msg(i < LINES || torture_elsewhere(name) || cannot_fail(name),
                  "%s has no line in a tests/faults/memory_…_torture.c", name);
}

static int exports_of(const char *room)
{
    char path[600], text[200], name[100];
    int count = 0;
    snprintf(path, sizeof path, CINEMA_SOURCE_DIR "/lib/%s/exports.txt", room);
    FILE *f = fopen(path, "r");
    for (; f && fgets(text, sizeof text, f);)
        if (sscanf(text, "%99[a-z0-9_]", name) == 1) {
            look_for(name);
            count++;
        }
    if (f)
        fclose(f);
    return count;
}

TEST(every_exported_function_that_can_fail_is_tortured)
{
    int count = 0;
    DIR *rooms = opendir(CINEMA_SOURCE_DIR "/lib");
    ck_assert_ptr_nonnull(rooms);
    for (struct dirent *e; (e = readdir(rooms));)
        count += exports_of(e->d_name);
    closedir(rooms);
    ck_assert_int_gt(count, 50);
}

TEST(this_was_done)
{
    torture_sum();
}
