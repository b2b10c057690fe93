/* shrink_test.c - mirrors lib/avatar/shrink.c: cinema-image as it is run.
 */
#include "avatar/shrink.h"

#include "avatar/images.h"
#include "base/clock.h"
#include "base/handle.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/wait.h>
#include <unistd.h>

static cinema *c;
static cinema_error err;
static char *made;
static size_t made_length;
static unsigned side;

static void start(void)
{
    const char *settings[] = { "CINEMA_DEADLINE_MS=60000" };
    OK(cinema_open_with(&(cinema_options){ settings, 1 }, &c, &err));
}

static void stop(void)
{
    free(made);
    cinema_close(c);
}
FIXTURE(start, stop)

static cinema_status shrink(const file *f)
{
    free(made);
    made = NULL;
    return shrink_image(c, f->bytes, f->length, &made, &made_length, &err);
}

static void no_child_is_left(void)
{
    ck_assert_int_eq(waitpid(-1, NULL, WNOHANG), -1);
}

TEST(an_image_comes_back_as_a_small_square)
{
    FILE_HERE f = make_jpeg(3000, 2000, 3, true);
    OK(shrink(&f));
    ck_assert_str_eq(colours_of(made, made_length, &side), "rgbw");
    ck_assert_uint_eq(side, 512);
    no_child_is_left();
}

TEST(damage_is_told_with_field_and_rule)
{
    FILE_HERE f = make_jpeg(300, 200, 3, false);
    f.length /= 2;
    GIVES(CINEMA_INVALID, shrink(&f));
    ck_assert_str_eq(err.field, "image");
    ck_assert_str_eq(err.reason, "image");
    ck_assert_ptr_null(made);
    no_child_is_left();
}

/* 49 million pixels, interlaced: the whole of it has to be kept. */
TEST(fifty_million_pixels_are_within_its_limits)
{
    FILE_HERE png = { 0 }, pixels = { 0 };
    png_begin(&png, 7000, 7000);
    png_zeros(&pixels, (size_t)7000 * (7000 * 3 + 1));
    png_chunk(&png, "IDAT", pixels.bytes, pixels.length);
    png_chunk(&png, "IEND", "", 0);
    cinema_status s = shrink(&png);
    ck_assert_msg(!s || !strcmp(err.reason, "costly"), "%s", err.message); /* a slow machine */
    no_child_is_left();
}

TEST(at_the_deadline_the_child_is_ended)
{
    FILE_HERE f = make_jpeg(300, 200, 3, false);
    int64_t before = call_deadline_set(clock_monotonic_ms() - 1);
    GIVES(CINEMA_TIMEOUT, shrink(&f));
    call_deadline_set(before);
    no_child_is_left();
}

static atomic_int wrong;

static void *shrink_one(void *arg)
{
    const file *f = arg;
    for (int i = 0; i < 3; i++) {
        char *own = NULL;
        size_t n;
        cinema_error why;
        wrong += shrink_image(c, f->bytes, f->length, &own, &n, &why) != CINEMA_OK;
        free(own);
    }
    return NULL;
}

TEST(many_threads_may_ask_at_once)
{
    FILE_HERE f = make_png(600, 600, 2, 8, false);
    pthread_t threads[6];
    for (size_t i = 0; i < 6; i++)
        ck_assert(!pthread_create(&threads[i], NULL, shrink_one, &f));
    for (size_t i = 0; i < 6; i++)
        pthread_join(threads[i], NULL);
    ck_assert_int_eq(wrong, 0);
    no_child_is_left();
}

TEST(a_program_that_ignores_its_children_gets_its_image_too)
{
    FILE_HERE f = make_png(600, 600, 6, 8, true);
    signal(SIGCHLD, SIG_IGN);
    OK(shrink(&f));
    ck_assert_str_eq(colours_of(made, made_length, &side), "rgb ");
    signal(SIGCHLD, SIG_DFL);
}

TEST(signals_that_are_blocked_here_are_not_there)
{
    FILE_HERE f = make_png(600, 600, 2, 8, false);
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, NULL);
    OK(shrink(&f));
    no_child_is_left();
}

TEST(closed_standard_descriptors_are_no_hindrance)
{
    FILE_HERE f = make_png(100, 100, 2, 8, false);
    int status;
    pid_t child = fork();
    if (!child) {
        cinema *own = NULL;
        close(0);
        close(1);
        bool good = !cinema_open(NULL, &own, &err) &&
                    !shrink_image(own, f.bytes, f.length, &made, &made_length, &err);
        free(made);
        cinema_close(own);
        test_leave(good ? 0 : 1);
    }
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert(WIFEXITED(status) && !WEXITSTATUS(status));
}
