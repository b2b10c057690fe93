/* avatar_ops.c - avatars seen from outside: bytes in, bytes out.
 */
#include "avatar/avatar.h"

#include "base/buffer.h"
#include "call/op.h"

#include <cinema/avatar.h>

enum { PIECE = 64 * 1024, BODY_MAX = 5 << 20 };

static const field fields[] = {
    { OUT(cinema_avatar, avatar_url, TEXT), .present = true, .web = true,
      .help = "another with each image, so that it may be kept for ever" },
    { OUT(cinema_avatar, length, NUMBER), .present = true, .help = "bytes" },
};
static const field_table table = ANSWER("avatar", fields, cinema_avatar);

static cinema_status read_body(op_call *k, buffer *b)
{
    size_t got = 1;
    cinema_status s = CINEMA_OK;
    while (!s && got) {
        if (!buffer_reserve(b, PIECE))
            return fail_memory(k->err);
        if (!(s = op_read(k, b->bytes + b->length, PIECE, &got)))
            b->length += got;
    }
    return s;
}

static cinema_status set(op_call *k)
{
    CLEANUP(buffer_done) buffer b = BUFFER(BODY_MAX + 2 * PIECE);
    cinema_avatar *a = NULL;
    cinema_status s;
    if ((s = read_body(k, &b)))
        return s;
    const cinema_avatar_input in = { b.bytes, b.length };
    s = cinema_avatar_set(k->cinema, k->who.account_id, &in, &a, k->err);
    return s ? s : op_give(k, a);
}

static cinema_status remove_(op_call *k)
{
    return cinema_avatar_remove(k->cinema, k->who.account_id, k->err);
}

static void done(void *reader)
{
    blob_close(reader);
}

static int64_t read_some(void *bytes, size_t room, void *reader)
{
    const blob_reader *r = reader;
    return r->stream.read(bytes, room, r->stream.user);
}

static cinema_status get(op_call *k)
{
    blob_reader *r = NULL;
    cinema_status s = avatar__get(k->cinema, op_text(k, "avatar_id"), &r, k->err);
    if (s)
        return s;
    return op_give_stream(k, (cinema_stream){ .read = read_some, .user = r }, (int64_t)r->length,
                          done);
}

/* clang-format off */
extern const op cinema__avatar_ops[];
const op cinema__avatar_ops[] = {
    { .name = "avatar.set", .method = "PUT", .path = "/v1/me/avatar", .success = 200,
      .permission = SIGNED_IN, .nature = STREAM, .output = &table, .function = set,
      .summary = "Take an image as one's avatar",
      .outcomes = "invalid:required invalid:type invalid:image invalid:pixels invalid:frames "
          "invalid:costly too_large not_found unsupported unavailable:busy",
      .body_max = BODY_MAX, .accepts = "image/jpeg image/png image/webp" },
    { .name = "avatar.remove", .method = "DELETE", .path = "/v1/me/avatar", .success = 204,
      .permission = SIGNED_IN, .nature = WRITE, .function = remove_,
      .summary = "Have no avatar any more", .outcomes = "not_found" },
    { .name = "avatar.get", .method = "GET", .path = "/v1/avatars/{avatar_id}", .success = 200,
      .permission = ANYONE, .nature = STREAM, .function = get, .summary = "The image of an avatar",
      .outcomes = "not_found", .content_type = "image/webp",
      .cache = "public, max-age=31536000, immutable" },
    { 0 },
};
/* clang-format on */
