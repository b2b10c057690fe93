/* cursor.c - where a page ended: sort key and row number, tied to the list and signed.
 * The secret is the installation's, from the database, so that every process reads every cursor.
 */
#include "call/cursor.h"

#include "base/base64url.h"
#include "cursor.sql.h"

#include <sodium.h>

enum { MAC = 16, KEY_MAX = 1200, HEAD = MAC + 1 + 8 };

struct cursor_key {
    unsigned char bytes[crypto_generichash_KEYBYTES];
};

void cursor_key_free(struct cursor_key *k)
{
    if (k)
        sodium_memzero(k, sizeof *k);
    free(k);
}

static cinema_status read_secret(cinema *c, struct cursor_key *k, cinema_error *err)
{
    db_sql sql;
    db_rows rows;
    CLEANUP(arena_freep) arena *a = arena_new(0, 0);
    if (!a)
        return fail_memory(err);
    db_sql_for(&sql, c);
    db_add(&sql, SQL_installation_read, "");
    cinema_status s = db_read(c, &sql, a, &rows, err);
    if (s)
        return s;
    const db_value *secret = rows.first ? rows.first->cells : NULL;
    if (!secret || secret->type != DB_BLOB)
        return fail(err, CINEMA_INTERNAL, NULL, NULL, "the database lacks its installation row");
    static const char purpose[] = "libcinema list cursors"; /* the secret has other uses to come */
    crypto_generichash(k->bytes, sizeof k->bytes, (const unsigned char *)purpose, sizeof purpose,
                       secret->blob, secret->length);
    return CINEMA_OK;
}

/* Read once; of two threads that come first, one keeps its copy. */
static cinema_status key_of(cinema *c, const struct cursor_key **ret, cinema_error *err)
{
    pthread_mutex_lock(&c->lock);
    struct cursor_key *k = c->cursors;
    pthread_mutex_unlock(&c->lock);
    if (!k) {
        cinema_status s;
        if (!(k = malloc(sizeof *k)))
            return fail_memory(err);
        if ((s = read_secret(c, k, err))) {
            cursor_key_free(k);
            return s;
        }
        pthread_mutex_lock(&c->lock);
        if (c->cursors) {
            cursor_key_free(k);
            k = c->cursors;
        }
        c->cursors = k;
        pthread_mutex_unlock(&c->lock);
    }
    *ret = k;
    return CINEMA_OK;
}

static void put_number(unsigned char *to, uint64_t n)
{
    for (int i = 0; i < 8; i++)
        to[i] = (unsigned char)(n >> (56 - 8 * i));
}

static uint64_t get_number(const unsigned char *from)
{
    uint64_t n = 0;
    for (int i = 0; i < 8; i++)
        n = n << 8 | from[i];
    return n;
}

static void sign(const struct cursor_key *k, uint64_t filters, const unsigned char *bytes, size_t n,
                 unsigned char mac[MAC])
{
    crypto_generichash_state state;
    unsigned char tie[8];
    put_number(tie, filters);
    crypto_generichash_init(&state, k->bytes, sizeof k->bytes, MAC);
    crypto_generichash_update(&state, tie, sizeof tie);
    crypto_generichash_update(&state, bytes, n);
    crypto_generichash_final(&state, mac, MAC);
}

/* mac · type · nr · key: 8 bytes of a number, or the text. */
cinema_status cursor_write(cinema *c, uint64_t filters, const db_value *key, int64_t nr, arena *a,
                           const char **ret, cinema_error *err)
{
    unsigned char bytes[HEAD + KEY_MAX];
    const struct cursor_key *k;
    bool text = key->type == DB_TEXT;
    size_t n = text ? key->length : 8;
    cinema_status s = key_of(c, &k, err);
    if (s)
        return s;
    if (n > KEY_MAX)
        return fail(err, CINEMA_INTERNAL, NULL, NULL, "a sort key is too long for a cursor");
    bytes[MAC] = key->type;
    put_number(bytes + MAC + 1, (uint64_t)nr);
    if (text)
        memcpy(bytes + HEAD, key->text, n);
    else
        put_number(bytes + HEAD, (uint64_t)key->number);
    sign(k, filters, bytes + MAC, HEAD - MAC + n, bytes);
    char *out = arena_text(a, BASE64URL_ROOM(HEAD + n));
    if (!out)
        return fail_memory(err);
    base64url_write(bytes, HEAD + n, out);
    *ret = out;
    return CINEMA_OK;
}

static cinema_status no_cursor(cinema_error *err)
{
    return fail(err, CINEMA_INVALID, "cursor", "after",
                "after: is not a cursor of this list with these filters");
}

cinema_status cursor_read(cinema *c, uint64_t filters, const char *text, arena *a, db_value *key,
                          int64_t *nr, cinema_error *err)
{
    unsigned char bytes[HEAD + KEY_MAX], mac[MAC];
    const struct cursor_key *k;
    size_t n = 0;
    cinema_status s = key_of(c, &k, err);
    if (s)
        return s;
    if (!base64url_read(text, strlen(text), bytes, sizeof bytes, &n) || n < HEAD)
        return no_cursor(err);
    sign(k, filters, bytes + MAC, n - MAC, mac);
    if (sodium_memcmp(mac, bytes, MAC))
        return no_cursor(err);
    *key = (db_value){ .type = bytes[MAC], .declared = bytes[MAC] };
    *nr = (int64_t)get_number(bytes + MAC + 1);
    if (key->type != DB_TEXT && n == HEAD + 8) {
        key->number = (int64_t)get_number(bytes + HEAD);
        return CINEMA_OK;
    }
    key->length = (uint32_t)(n - HEAD);
    key->text = arena_copy(a, (const char *)bytes + HEAD, n - HEAD);
    return key->text ? CINEMA_OK : fail_memory(err);
}
