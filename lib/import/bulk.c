/* bulk.c - many rows with one statement.
 */
#include "import/bulk.h"

#include <assert.h>
#include <stdio.h>

enum { TOGETHER_MAX = 4 << 20 }; /* bytes of JSON that are sent at once */

/* --- JSON --- */

/* How many bytes need no escape. */
static size_t plain(const char *s)
{
    size_t n = 0;
    while ((unsigned char)s[n] >= ' ' && s[n] != '"' && s[n] != '\\')
        n++;
    return n;
}

static void add_text(buffer *b, const char *s)
{
    buffer_byte(b, '"');
    for (size_t n;; s += n + 1) {
        n = plain(s);
        buffer_add(b, s, n);
        if (!s[n])
            break;
        buffer_format(b, (unsigned char)s[n] < ' ' ? "\\u%04x" : "\\%c", s[n]);
    }
    buffer_byte(b, '"');
}

static void add_value(buffer *b, const db_value *v)
{
    char text[UUID_TEXT];
    uuid u;
    switch (v->type) {
    case DB_INT:
        buffer_number(b, v->number);
        return;
    case DB_TEXT:
        add_text(b, v->text);
        return;
    case DB_UUID:
        memcpy(u.bytes, v->blob, sizeof u.bytes);
        uuid_text(&u, text);
        add_text(b, text);
        return;
    default:
        buffer_text(b, "null");
    }
}

/* --- writing --- */

void bulk_start(bulk *b, db_tx *tx, db_text text, const char *letters)
{
    db_sql engine;
    db_sql_for_tx(&engine, tx);
    *b = (bulk){ .tx = tx,
                 .text = text,
                 .letters = letters,
                 .together = engine.postgres,
                 .json = BUFFER(SIZE_MAX / 2) };
}

void bulk_done(bulk *b)
{
    buffer_done(&b->json);
}

static db_value next_value(char letter, va_list *args)
{
    db_value v = { .type = DB_INT, .declared = DB_INT };
    const int64_t *n;
    switch (letter) {
    case 't':
        v = (db_value){ .type = DB_TEXT, .declared = DB_TEXT, .text = va_arg(*args, const char *) };
        v.length = v.text ? (uint32_t)strlen(v.text) : 0;
        v.type = v.text ? DB_TEXT : DB_NULL;
        return v;
    case 'u':
        return (db_value){
            .type = DB_UUID, .declared = DB_UUID, .length = 16, .blob = va_arg(*args, const uuid *)
        };
    case 'I':
        n = va_arg(*args, const int64_t *);
        v.type = n ? DB_INT : DB_NULL;
        v.number = n ? *n : 0;
        return v;
    default:
        assert(letter == 'i');
        v.number = va_arg(*args, int64_t);
        return v;
    }
}

void bulk_values(db_sql *sql, const char *letters, va_list *args)
{
    for (; *letters; letters++)
        sql->values[sql->count++] = next_value(*letters, args);
}

static cinema_status send(bulk *b, cinema_error *err)
{
    db_sql sql;
    buffer_byte(&b->json, ']');
    if (b->json.failed)
        return fail_memory(err);
    db_sql_for_tx(&sql, b->tx);
    db_add(&sql, b->text, "t", b->json.bytes);
    cinema_status s = db_run(b->tx, &sql, NULL, NULL, err);
    b->json.length = 0;
    return s;
}

static cinema_status row_together(bulk *b, va_list *args, cinema_error *err)
{
    buffer_byte(&b->json, b->json.length ? ',' : '[');
    for (size_t i = 0; b->letters[i]; i++) {
        const char name[] = { i ? ',' : '{', '"', (char)('a' + i), '"', ':', '\0' };
        db_value v = next_value(b->letters[i], args);
        buffer_text(&b->json, name);
        add_value(&b->json, &v);
    }
    buffer_byte(&b->json, '}');
    return b->json.length < TOGETHER_MAX ? CINEMA_OK : send(b, err);
}

static cinema_status row_alone(bulk *b, va_list *args, cinema_error *err)
{
    db_sql sql;
    db_sql_for_tx(&sql, b->tx);
    db_add(&sql, b->text, "");
    bulk_values(&sql, b->letters, args);
    return db_run(b->tx, &sql, NULL, NULL, err);
}

cinema_status bulk_row(bulk *b, cinema_error *err, ...)
{
    va_list args;
    va_start(args, err);
    cinema_status s = b->together ? row_together(b, &args, err) : row_alone(b, &args, err);
    va_end(args);
    return s;
}

cinema_status bulk_end(bulk *b, cinema_error *err)
{
    return b->json.length ? send(b, err) : CINEMA_OK;
}

/* --- finding --- */

void bulk_keys_done(bulk_keys *k)
{
    buffer_done(&k->json);
}

void bulk_key(bulk_keys *k, const char *text)
{
    buffer_byte(&k->json, k->count++ ? ',' : '[');
    add_text(&k->json, text);
}

void bulk_number(bulk_keys *k, int64_t n)
{
    buffer_byte(&k->json, k->count++ ? ',' : '[');
    buffer_number(&k->json, n);
}

cinema_status bulk_find(bulk_keys *k, db_tx *tx, db_text text, arena *a, db_rows *rows,
                        cinema_error *err)
{
    db_sql sql;
    *rows = (db_rows){ 0 };
    if (!k->count)
        return CINEMA_OK;
    buffer_byte(&k->json, ']');
    if (k->json.failed)
        return fail_memory(err);
    db_sql_for_tx(&sql, tx);
    db_add(&sql, text, "t", k->json.bytes);
    return db_run(tx, &sql, a, rows, err);
}

/* --- ids --- */

void bulk_ids_done(bulk_ids *k)
{
    bulk_keys_done(&k->texts);
    buffer_done(&k->bytes);
}

void bulk_id(bulk_ids *k, const uuid *id)
{
    char text[UUID_TEXT];
    uuid_text(id, text);
    bulk_key(&k->texts, text);
    buffer_add(&k->bytes, id->bytes, sizeof id->bytes);
}

cinema_status bulk_find_ids(bulk_ids *k, db_tx *tx, db_text text, arena *a, db_rows *rows,
                            cinema_error *err)
{
    db_sql sql;
    *rows = (db_rows){ 0 };
    if (!k->texts.count)
        return CINEMA_OK;
    buffer_byte(&k->texts.json, ']');
    if (k->texts.json.failed || k->bytes.failed)
        return fail_memory(err);
    db_sql_for_tx(&sql, tx);
    if (sql.postgres)
        db_add(&sql, text, "t", k->texts.json.bytes);
    else
        db_add(&sql, text, "tx", k->texts.json.bytes, k->bytes.bytes, k->bytes.length);
    return db_run(tx, &sql, a, rows, err);
}
