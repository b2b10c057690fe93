/* setup_token_test.c - the token of an installation without accounts. Mirrors
 * lib/auth/setup_token.c; what it lets its bearer do: tests/call/call_test.c.
 */
#include "admin/admin_help.h"

#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

FIXTURE(admin_start, admin_stop)

static const char *path(void)
{
    static char text[4096];
    OK(cinema_setup_token_path(c, text, sizeof text, &err));
    return text;
}

static void content(char token[100])
{
    FILE *f = fopen(path(), "r");
    ck_assert(f && fgets(token, 100, f));
    fclose(f);
}

static size_t files(const char *folder)
{
    size_t n = 0;
    DIR *dir = opendir(folder);
    ck_assert_ptr_nonnull(dir);
    for (struct dirent *e; (e = readdir(dir));)
        n += !strncmp(e->d_name, "setup-token", 11);
    closedir(dir);
    return n;
}

TEST(the_token_is_made_once_for_its_owner_alone)
{
    char first[100], second[100];
    struct stat st;
    content(first);
    content(second);
    ck_assert_str_eq(first, second);
    ck_assert_uint_eq(strlen(first), 43); /* 32 bytes */
    ck_assert(!stat(path(), &st) && S_ISREG(st.st_mode));
    ck_assert_int_eq(st.st_mode & 0777, 0600);
    ck_assert_uint_eq(files(cinema_setting(c, "CINEMA_DATA_DIR")), 1);
}

TEST(a_file_that_is_there_is_kept_and_its_token_is_the_good_one)
{
    char file[600], *answer = NULL;
    cinema_caller who = { .token = "a-token-of-my-own-that-is-long-enough-1" };
    snprintf(file, sizeof file, "%s/setup-token", cinema_setting(c, "CINEMA_DATA_DIR"));
    FILE *f = fopen(file, "w");
    ck_assert(f && fprintf(f, "%s\r\n", who.token) > 0 && !fclose(f));
    ck_assert_str_eq(path(), file);
    admin_migrate();
    OK(cinema_call(c, &who, "movie.create", "{\"title\": \"Ran\"}", &answer, &err));
    cinema_text_free(answer);
    ck_assert(!truncate(file, 20)); /* too short to be safe */
    who.token = "a-token-of-my-own-th";
    GIVES(CINEMA_UNAUTHENTICATED, cinema_call(c, &who, "movie.list", NULL, &answer, &err));
    cinema_text_free(answer);
}

TEST(the_data_folder_is_made_for_its_owner_alone)
{
    char folder[600];
    struct stat st;
    snprintf(folder, sizeof folder, "%s/new", cinema_setting(c, "CINEMA_DATA_DIR"));
    setenv("CINEMA_DATA_DIR", folder, 1);
    admin_stop();
    OK(cinema_open(url, &c, &err));
    path();
    ck_assert(!stat(folder, &st));
    ck_assert_int_eq(st.st_mode & 0777, 0700);
}

TEST(a_path_that_has_no_room_is_refused)
{
    char small[8] = "1234567";
    GIVES(CINEMA_INVALID, cinema_setup_token_path(c, small, sizeof small, &err));
    ck_assert_str_eq(err.field, "CINEMA_DATA_DIR");
}

/* ---- several at once ------------------------------------------------------------------------- */

static void *ask(void *e)
{
    char text[4096];
    cinema_setup_token_path(c, text, sizeof text, e);
    return NULL;
}

TEST(threads_that_ask_at_once_get_one_token)
{
    pthread_t threads[8];
    cinema_error errors[8] = { { 0 } };
    for (int i = 0; i < 8; i++)
        ck_assert(!pthread_create(&threads[i], NULL, ask, &errors[i]));
    for (int i = 0; i < 8; i++) {
        pthread_join(threads[i], NULL);
        ck_assert_msg(!errors[i].status, "%s", errors[i].message);
    }
    ck_assert_uint_eq(files(cinema_setting(c, "CINEMA_DATA_DIR")), 1);
}

static int ask_and_tell(int pipe_end)
{
    char token[100] = "", text[4096];
    cinema *own = NULL;
    int fd;
    if (cinema_open(url, &own, &err) || cinema_setup_token_path(own, text, sizeof text, &err) ||
        (fd = open(text, O_RDONLY)) < 0 || read(fd, token, sizeof token) != 43)
        return 1;
    cinema_close(own);
    return write(pipe_end, token, 43) == 43 ? 0 : 2;
}

TEST(processes_that_ask_at_once_get_one_token)
{
    enum { PROCESSES = 8 };
    char tokens[PROCESSES][43];
    int ends[2];
    ck_assert(!pipe(ends));
    for (int i = 0; i < PROCESSES; i++)
        if (!fork())
            test_leave(ask_and_tell(ends[1]));
    for (int i = 0, status; i < PROCESSES; i++)
        ck_assert(wait(&status) > 0 && !status);
    ck_assert_int_eq(read(ends[0], tokens, sizeof tokens), sizeof tokens);
    for (int i = 1; i < PROCESSES; i++)
        ck_assert_int_eq(memcmp(tokens[0], tokens[i], 43), 0);
    ck_assert_uint_eq(files(cinema_setting(c, "CINEMA_DATA_DIR")), 1);
}

/* ---- folders that take no file --------------------------------------------------------------- */

/* As root every folder can be written, so another user tries. */
static int ask_as_nobody(void)
{
    char text[4096];
    if (!getuid() && (setgid(65534) || setuid(65534)))
        return 2;
    if (cinema_open(url, &c, &err))
        return 3;
    return cinema_setup_token_path(c, text, sizeof text, &err) == CINEMA_UNAVAILABLE &&
                   !strcmp(err.reason, "data_folder") && !strcmp(err.field, "CINEMA_DATA_DIR")
               ? 7
               : 4;
}

static void cannot_be_made_in(const char *folder)
{
    int status = 0;
    setenv("CINEMA_DATA_DIR", folder, 1);
    pid_t pid = fork();
    if (!pid)
        test_leave(ask_as_nobody());
    ck_assert_int_eq(waitpid(pid, &status, 0), pid);
    ck_assert_int_eq(WEXITSTATUS(status), 7);
}

TEST(a_folder_that_cannot_be_written_is_named)
{
    char folder[320], inside[400];
    test_folder(folder, sizeof folder);
    ck_assert(!chmod(folder, 0555));
    cannot_be_made_in(folder);
    snprintf(inside, sizeof inside, "%s/inside", folder);
    cannot_be_made_in(inside);
    snprintf(inside, sizeof inside, "%s/deep/inside", folder);
    cannot_be_made_in(inside);
    ck_assert_uint_eq(files(folder), 0);
}

TEST(a_data_folder_that_is_a_file_is_named)
{
    char folder[320], file[400];
    test_folder(folder, sizeof folder);
    snprintf(file, sizeof file, "%s/file", folder);
    ck_assert(!close(creat(file, 0644)));
    cannot_be_made_in(file);
}
