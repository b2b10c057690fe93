/* make_test.c - mirrors image/make.c and the decoders: what becomes of images of every kind. Here
 * the parts of cinema-image run in this process, under the sanitizers.
 */
#include "avatar/images.h"

static unsigned char *made;
static size_t made_length;
static unsigned side;

static void stop(void)
{
    free(made);
}
FIXTURE(NULL, stop)

static image_answer make_of(const file *f)
{
    free(made);
    made = NULL;
    return image_make(f->bytes, f->length, &made, &made_length);
}

static const char *colours(const file *f)
{
    ck_assert_int_eq(make_of(f), ANSWER_DONE);
    return colours_of(made, made_length, &side);
}

static bool holds(const void *bytes, size_t length, const char *text)
{
    return memmem(bytes, length, text, strlen(text)) != NULL;
}

/* ---- kinds ----------------------------------------------------------------------------------- */

TEST(jpegs_of_every_kind_are_taken)
{
    for (int progressive = 0; progressive < 2; progressive++) {
        FILE_HERE colour = make_jpeg(200, 200, 3, progressive);
        ck_assert_str_eq(colours(&colour), "rgbw");
        ck_assert_uint_eq(side, 200);
        FILE_HERE inks = make_jpeg(200, 200, 4, progressive);
        ck_assert_str_eq(colours(&inks), "rgbw");
        FILE_HERE grey = make_jpeg(200, 200, 1, progressive);
        ck_assert_int_eq(make_of(&grey), ANSWER_DONE);
        ck_assert_int_eq(colours(&grey)[3], 'w');
    }
}

static const struct kind {
    int colour, depth;
    const char *want;
} kinds[] = {
    { 2, 8, "rgbw" },  { 2, 16, "rgbw" }, { 6, 8, "rgb " },  { 6, 16, "rgb " }, { 3, 2, "rgbw" },
    { 3, 4, "rgbw" },  { 3, 8, "rgbw" },  { 0, 1, "w??w" },  { 0, 2, "w??w" },  { 0, 8, "w??w" },
    { 0, 16, "w??w" }, { 4, 8, "w?? " },  { 4, 16, "w?? " },
};

TEST_EACH(pngs_of_every_kind_are_taken, (int)(sizeof kinds / sizeof *kinds))
{
    for (int interlaced = 0; interlaced < 2; interlaced++) {
        FILE_HERE f = make_png(200, 200, kinds[_i].colour, kinds[_i].depth, interlaced);
        ck_assert_str_eq(colours(&f), kinds[_i].want);
    }
}

TEST(webps_of_every_kind_are_taken)
{
    for (int lossless = 0; lossless < 2; lossless++) {
        FILE_HERE plain = make_webp(200, 200, lossless, false);
        ck_assert_str_eq(colours(&plain), "rgbw");
        FILE_HERE clear = make_webp(200, 200, lossless, true);
        ck_assert_str_eq(colours(&clear), "rgb ");
    }
}

/* ---- size ------------------------------------------------------------------------------------ */

static const struct size {
    unsigned width, height, side;
} sizes[] = { { 1, 1, 1 },         { 2, 900, 2 },      { 511, 513, 511 },  { 512, 512, 512 },
              { 513, 513, 512 },   { 1500, 700, 512 }, { 700, 1500, 512 }, { 4100, 1030, 512 },
              { 2000, 2000, 512 }, { 3, 2, 2 } };

TEST_EACH(the_middle_square_is_kept_and_no_more_than_512, (int)(sizeof sizes / sizeof *sizes))
{
    file files[] = { make_jpeg(sizes[_i].width, sizes[_i].height, 3, false),
                     make_png(sizes[_i].width, sizes[_i].height, 2, 8, false),
                     make_webp(sizes[_i].width, sizes[_i].height, true, false) };
    for (size_t i = 0; i < 3; i++) {
        const char *got = colours(&files[i]);
        ck_assert_uint_eq(side, sizes[_i].side);
        if (side > 100)
            ck_assert_str_eq(got, "rgbw");
        file_done(&files[i]);
    }
}

TEST(smaller_is_the_mean_of_what_it_covers)
{
    square s = { 0 };
    unsigned char row[1024 * 4];
    ck_assert_int_eq(square_start(&s, 1024, 1024), ANSWER_DONE);
    ck_assert_uint_eq(s.side, 512);
    for (unsigned y = 0; y < 1024; y++) {
        for (unsigned x = 0; x < 1024; x++)
            memcpy(row + (size_t)x * 4, (x ^ y) & 1 ? "\xff\x80\x00\xff" : "\x00\x80\x00\xff", 4);
        square_row(&s, row);
    }
    ck_assert(square_complete(&s));
    for (size_t i = 0; i < (size_t)512 * 512 * 4; i += 4)
        ck_assert(s.pixels[i] == 128 && s.pixels[i + 1] == 128 && s.pixels[i + 3] == 255);
    square_done(&s);
}

TEST(what_is_clear_gives_no_colour)
{
    square s = { 0 };
    unsigned char row[1030 * 4];
    ck_assert_int_eq(square_start(&s, 1030, 1030), ANSWER_DONE);
    for (unsigned y = 0; y < 1030; y++) {
        for (unsigned x = 0; x < 1030; x++)
            memcpy(row + (size_t)x * 4, x & 1 ? "\xff\x00\x00\xff" : "\x00\xff\x00\x00", 4);
        square_row(&s, row);
    }
    for (size_t i = 0; i < (size_t)512 * 512 * 4; i += 4)
        ck_assert(s.pixels[i] == 255 && s.pixels[i + 1] == 0 && s.pixels[i + 3] > 100 &&
                  s.pixels[i + 3] < 155);
    square_done(&s);
}

/* ---- metadata -------------------------------------------------------------------------------- */

static const char *const turned[] = { "rgbw", "rgbw", "grwb", "wbgr", "bwrg",
                                      "rbgw", "brwg", "wgbr", "gwrb", "rgbw" };

TEST_EACH(an_image_is_turned_the_right_way_up, 10)
{
    FILE_HERE f = make_jpeg(200, 200, 3, false);
    add_exif(&f, (unsigned)_i);
    ck_assert_str_eq(colours(&f), turned[_i]);
}

TEST(nothing_of_the_metadata_is_left)
{
    FILE_HERE f = make_jpeg(300, 300, 3, false);
    add_exif(&f, 6);
    file_insert(&f, 2, "\xff\xfe\0\x10secret comment", 18);
    ck_assert(holds(f.bytes, f.length, "GPS 48.2082") && holds(f.bytes, f.length, "secret"));
    ck_assert_str_eq(colours(&f), "brwg");
    ck_assert(!holds(made, made_length, "GPS") && !holds(made, made_length, "secret"));
    ck_assert(!holds(made, made_length, "Exif") && !holds(made, made_length, "EXIF"));
    ck_assert(!holds(made, made_length, "ICCP") && !holds(made, made_length, "XMP "));
}

TEST(a_colour_profile_is_no_hindrance)
{
    FILE_HERE png = { 0 }, jpeg = make_jpeg(100, 100, 3, false);
    png_begin(&png, 10, 10);
    FILE_HERE packed = { 0 };
    file_add(&packed, "profile\0", 9);
    png_zeros(&packed, 3000);
    png_chunk(&png, "iCCP", packed.bytes, packed.length);
    FILE_HERE pixels = { 0 };
    png_zeros(&pixels, 10 * 31);
    png_chunk(&png, "IDAT", pixels.bytes, pixels.length);
    png_chunk(&png, "IEND", "", 0);
    ck_assert_int_eq(make_of(&png), ANSWER_DONE);
    file_insert(&jpeg, 2, "\xff\xe2\0\x16ICC_PROFILE\0\1\1junk", 22);
    ck_assert_int_eq(jpeg.bytes[5], 0x16);
    jpeg.bytes[5] = 20;
    ck_assert_str_eq(colours(&jpeg), "rgbw");
}

TEST(exif_that_lies_turns_nothing)
{
    for (size_t at = 12; at < 60; at++)
        for (unsigned value = 0; value < 256; value += 51) {
            FILE_HERE f = make_jpeg(8, 8, 3, false);
            add_exif(&f, 6);
            f.bytes[at] = (unsigned char)value;
            unsigned o = exif_orientation(f.bytes, f.length);
            ck_assert(o >= 1 && o <= 8);
        }
}

/* ---- bad ones -------------------------------------------------------------------------------- */

TEST(an_image_cut_short_is_damaged)
{
    file files[] = { make_jpeg(300, 300, 3, false),    make_jpeg(300, 300, 3, true),
                     make_png(300, 300, 2, 8, false),  make_png(300, 300, 2, 8, true),
                     make_webp(300, 300, false, true), make_webp(300, 300, true, false) };
    for (size_t i = 0; i < 6; i++) {
        for (size_t n = 0; n + 3 < files[i].length; n += files[i].length / 16 + 1) {
            FILE_HERE cut = file_copy(&files[i], n);
            ck_assert_msg(make_of(&cut) == ANSWER_DAMAGED, "file %zu, %zu bytes", i, n);
        }
        file_done(&files[i]);
    }
}

TEST(a_size_that_nobody_can_hold_is_refused_before_any_memory)
{
    FILE_HERE png = { 0 };
    png_begin(&png, 50000, 50000);
    png_chunk(&png, "IDAT", "\x78\x9c", 2);
    ck_assert_int_eq(make_of(&png), ANSWER_DAMAGED);
    FILE_HERE jpeg = make_jpeg(16, 16, 3, false);
    for (size_t at = 2; at + 9 < jpeg.length; at++)
        if (jpeg.bytes[at] == 0xFF && jpeg.bytes[at + 1] == 0xC0) {
            memset(jpeg.bytes + at + 5, 0xFF, 4);
            break;
        }
    ck_assert_int_eq(make_of(&jpeg), ANSWER_DAMAGED);
}

TEST(more_pixels_than_were_told_are_not_unpacked)
{
    FILE_HERE png = { 0 }, pixels = { 0 };
    png_begin(&png, 10, 10);
    png_zeros(&pixels, 200 << 20); /* a bomb of 200 KB */
    png_chunk(&png, "IDAT", pixels.bytes, pixels.length);
    png_chunk(&png, "IEND", "", 0);
    ck_assert(make_of(&png) == ANSWER_DONE || make_of(&png) == ANSWER_DAMAGED);
}

TEST(text_that_swells_is_passed_over)
{
    FILE_HERE png = { 0 }, text = { 0 }, pixels = { 0 };
    png_begin(&png, 10, 10);
    file_add(&text, "Comment\0\0", 9);
    png_zeros(&text, 500 << 20);
    png_chunk(&png, "zTXt", text.bytes, text.length);
    png_zeros(&pixels, 10 * 31);
    png_chunk(&png, "IDAT", pixels.bytes, pixels.length);
    png_chunk(&png, "IEND", "", 0);
    ck_assert_int_eq(make_of(&png), ANSWER_DONE);
}

TEST(an_animation_is_not_decoded)
{
    FILE_HERE f = make_webp(41, 30, false, true);
    f.bytes[20] |= 2;
    ck_assert_int_eq(make_of(&f), ANSWER_DAMAGED);
}

TEST(the_shared_files_are_decoded_or_refused)
{
    static const struct one {
        const char *name;
        image_answer want;
    } files[] = { { "seeds/ok.jpg", ANSWER_DONE },
                  { "seeds/ok.png", ANSWER_DONE },
                  { "seeds/ok.webp", ANSWER_DONE },
                  { "seeds/ok.gif", ANSWER_DAMAGED },
                  { "malformed/cut1of4_jpg.jpg", ANSWER_DAMAGED },
                  { "malformed/cut3of4_png.png", ANSWER_DAMAGED },
                  { "malformed/cut3of4_webp.webp", ANSWER_DAMAGED },
                  { "malformed/jpg_65535.jpg", ANSWER_DAMAGED },
                  { "malformed/png_60000x60000.png", ANSWER_DAMAGED },
                  { "malformed/png_bad_crc.png", ANSWER_DAMAGED },
                  { "malformed/png_max_dim.png", ANSWER_DAMAGED },
                  { "malformed/png_zero_dim.png", ANSWER_DAMAGED },
                  { "malformed/svg_xxe.svg", ANSWER_DAMAGED } };
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        FILE_HERE f = shared_image(files[i].name);
        if (!f.bytes)
            SKIP("no ../shared/vectors/media");
        ck_assert_msg(make_of(&f) == files[i].want, "%s", files[i].name);
    }
}
