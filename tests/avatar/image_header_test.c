/* image_header_test.c - mirrors lib/avatar/image_header.c: what images say of themselves, and lies.
 */
#include "avatar/image_header.h"

#include "avatar/images.h"

static image_header h;

static image_verdict read_it(const file *f)
{
    /* Its own block of memory, so that a byte read behind the end is seen. */
    unsigned char *exact = malloc(f->length ? f->length : 1);
    memcpy(exact, f->bytes, f->length);
    memset(&h, 0, sizeof h);
    image_verdict v = image_header_read(exact, f->length, &h);
    free(exact);
    return v;
}

static void is(const file *f, image_type type, uint32_t width, uint32_t height)
{
    ck_assert_int_eq(read_it(f), IMAGE_GOOD);
    ck_assert_int_eq(h.type, type);
    ck_assert_uint_eq(h.width, width);
    ck_assert_uint_eq(h.height, height);
    ck_assert_uint_eq(h.frames, 1);
}

TEST(jpegs_are_known)
{
    for (int components = 1; components <= 4; components++) {
        if (components == 2)
            continue;
        FILE_HERE f = make_jpeg(31, 17, components, false);
        is(&f, IMAGE_JPEG, 31, 17);
        FILE_HERE progressive = make_jpeg(33, 65, components, true);
        is(&progressive, IMAGE_JPEG, 33, 65);
    }
}

TEST(pngs_are_known)
{
    static const struct kind {
        int colour, depth;
    } kinds[] = { { 0, 1 }, { 0, 8 }, { 0, 16 }, { 2, 8 }, { 2, 16 },
                  { 3, 2 }, { 3, 8 }, { 4, 8 },  { 6, 16 } };
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        FILE_HERE f = make_png(40, 30, kinds[i].colour, kinds[i].depth, i & 1);
        is(&f, IMAGE_PNG, 40, 30);
    }
}

TEST(webps_are_known)
{
    FILE_HERE lossy = make_webp(40, 30, false, false);
    is(&lossy, IMAGE_WEBP, 40, 30);
    FILE_HERE extended = make_webp(41, 30, false, true);
    ck_assert(!memcmp(extended.bytes + 12, "VP8X", 4));
    is(&extended, IMAGE_WEBP, 41, 30);
    FILE_HERE lossless = make_webp(42, 30, true, true);
    is(&lossless, IMAGE_WEBP, 42, 30);
}

TEST(an_image_that_ends_early_has_no_size)
{
    file files[] = { make_jpeg(31, 17, 3, true), make_png(40, 30, 2, 8, false),
                     make_webp(41, 30, false, true) };
    static const size_t heads[] = { 300, 60, 60 };
    for (size_t i = 0; i < 3; i++) {
        for (size_t n = 12; n < files[i].length && n < heads[i]; n++) {
            FILE_HERE cut = file_copy(&files[i], n);
            image_verdict v = read_it(&cut);
            ck_assert_msg(v == IMAGE_DAMAGED || (i == 0 && n > 150), "%zu: %zu", i, n);
        }
        file_done(&files[i]);
    }
}

TEST(what_is_something_else_is_told_apart)
{
    static const char *const others[] = {
        "",         "GIF89a\1\0\1\0\0\0\0\0;", "<svg xmlns=''/>", "%PDF-1",
        "\xff\xd8", "RIFF\4\0\0\0WAVE",        "\x89PNG"
    };
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        file f = { (unsigned char *)(uintptr_t)others[i], strlen(others[i]) };
        ck_assert_int_eq(read_it(&f), IMAGE_OTHER);
    }
}

TEST(a_size_of_zero_is_damage_and_a_huge_one_is_told)
{
    FILE_HERE none = { 0 };
    png_begin(&none, 0, 100);
    png_chunk(&none, "IDAT", "", 0);
    ck_assert_int_eq(read_it(&none), IMAGE_DAMAGED);
    FILE_HERE huge = { 0 };
    png_begin(&huge, 50000, 50000);
    png_chunk(&huge, "IDAT", "", 0);
    is(&huge, IMAGE_PNG, 50000, 50000);
    FILE_HERE beyond = { 0 };
    png_begin(&beyond, 0x80000000U, 1);
    png_chunk(&beyond, "IDAT", "", 0);
    ck_assert_int_eq(read_it(&beyond), IMAGE_DAMAGED);
}

TEST(an_animated_png_has_frames)
{
    FILE_HERE f = { 0 };
    png_begin(&f, 10, 10);
    png_chunk(&f, "acTL", "\0\0\0\x07\0\0\0\0", 8);
    png_chunk(&f, "IDAT", "", 0);
    ck_assert_int_eq(read_it(&f), IMAGE_GOOD);
    ck_assert_uint_eq(h.frames, 7);
    FILE_HERE wrong = { 0 };
    png_begin(&wrong, 10, 10);
    png_chunk(&wrong, "acTL", "\0\0\0\0\0\0\0\0", 8);
    png_chunk(&wrong, "IDAT", "", 0);
    ck_assert_int_eq(read_it(&wrong), IMAGE_DAMAGED);
}

/* A canvas of 16 x 16 that says, or does not say, that it moves. */
static void make_moving(file *f, bool told, unsigned frames)
{
    unsigned char head[30] = "RIFF\0\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0\x0f\0\0\x0f\0\0";
    head[20] = told ? 2 : 0;
    file_add(f, head, sizeof head);
    for (unsigned i = 0; i < frames; i++)
        file_add(f, "ANMF\4\0\0\0abcd", 12);
    f->bytes[4] = (unsigned char)(f->length - 8);
}

TEST(an_animated_webp_has_frames)
{
    FILE_HERE three = { 0 };
    make_moving(&three, true, 3);
    ck_assert_int_eq(read_it(&three), IMAGE_GOOD);
    ck_assert_uint_eq(h.frames, 3);
    FILE_HERE untold = { 0 };
    make_moving(&untold, false, 2);
    ck_assert_int_eq(read_it(&untold), IMAGE_GOOD);
    ck_assert_uint_eq(h.frames, 2);
    FILE_HERE none = { 0 };
    make_moving(&none, false, 0);
    ck_assert_int_eq(read_it(&none), IMAGE_DAMAGED);
}

TEST(a_canvas_that_lies_about_its_image_is_damage)
{
    FILE_HERE f = make_webp(41, 30, false, true);
    f.bytes[24]++;
    ck_assert_int_eq(read_it(&f), IMAGE_DAMAGED);
    FILE_HERE longer = make_webp(41, 30, false, false);
    longer.bytes[4]++;
    longer.bytes[5]++;
    ck_assert_int_eq(read_it(&longer), IMAGE_DAMAGED);
}

TEST(any_byte_may_be_another)
{
    file files[] = { make_jpeg(31, 17, 3, true), make_png(40, 30, 2, 8, false),
                     make_webp(41, 30, false, true), make_webp(41, 30, true, true) };
    for (size_t i = 0; i < 4; i++) {
        for (size_t at = 0; at < files[i].length && at < 700; at++)
            for (unsigned value = 0; value < 256; value += 15) {
                unsigned char was = files[i].bytes[at];
                files[i].bytes[at] = (unsigned char)value;
                if (read_it(&files[i]) == IMAGE_GOOD)
                    ck_assert(h.width && h.height && h.frames);
                files[i].bytes[at] = was;
            }
        file_done(&files[i]);
    }
}

static const struct shared {
    const char *name;
    image_verdict verdict;
    uint32_t width;
} shared[] = {
    { "seeds/ok.jpg", IMAGE_GOOD, 32 },
    { "seeds/ok.png", IMAGE_GOOD, 32 },
    { "seeds/ok.webp", IMAGE_GOOD, 32 },
    { "seeds/ok.gif", IMAGE_OTHER, 0 },
    { "seeds/ok.mp4", IMAGE_OTHER, 0 },
    { "malformed/png_60000x60000.png", IMAGE_GOOD, 60000 },
    { "malformed/png_zero_dim.png", IMAGE_DAMAGED, 0 },
    { "malformed/jpg_65535.jpg", IMAGE_GOOD, 65535 },
    { "malformed/cut3of4_webp.webp", IMAGE_DAMAGED, 0 },
    { "malformed/svg_laughs.svg", IMAGE_OTHER, 0 },
    { "malformed/svg_xxe.svg", IMAGE_OTHER, 0 },
    { "malformed/concat_list.mp4", IMAGE_OTHER, 0 },
};

TEST(the_shared_files_are_judged)
{
    for (size_t i = 0; i < sizeof shared / sizeof *shared; i++) {
        FILE_HERE f = shared_image(shared[i].name);
        if (!f.bytes)
            SKIP("no ../shared/vectors/media");
        ck_assert_msg(read_it(&f) == shared[i].verdict, "%s", shared[i].name);
        if (shared[i].width)
            ck_assert_uint_eq(h.width, shared[i].width);
    }
}
