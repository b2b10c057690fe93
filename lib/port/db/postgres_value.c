/* postgres_value.c - parameters and rows in the server's binary form: big-endian numbers, text and
 * bytes as they are. Types are told and checked by their fixed numbers in pg_type.
 */
#include "port/db/postgres.h"

#include <endian.h>

enum {
    BOOL = 16,
    BYTEA = 17,
    CHAR = 18,
    NAME = 19,
    INT8 = 20,
    INT2 = 21,
    INT4 = 23,
    TEXT = 25,
    OID = 26,
    JSON = 114,
    FLOAT4 = 700,
    FLOAT8 = 701,
    UNKNOWN = 705,
    BPCHAR = 1042,
    VARCHAR = 1043,
    VOID = 2278,
    UUID = 2950
};

static Oid type_of(uint8_t declared)
{
    static const Oid types[] = { [DB_INT] = INT8,  [DB_REAL] = FLOAT8, [DB_TEXT] = TEXT,
                                 [DB_UUID] = UUID, [DB_BLOB] = BYTEA,  [DB_BOOL] = BOOL };
    return declared < COUNT_OF(types) ? types[declared] : 0; /* 0: the server finds out */
}

static void fill_one(pg_values *to, size_t i, const db_value *v)
{
    to->types[i] = type_of(v->declared);
    to->formats[i] = 1;
    to->values[i] = (const char *)&to->numbers[i];
    to->lengths[i] = 8;
    switch (v->type) {
    case DB_INT:
    case DB_REAL: /* the bits of a double swap like those of a number */
        to->numbers[i] = htobe64((uint64_t)v->number);
        return;
    case DB_BOOL:
        to->bools[i] = v->number != 0;
        to->values[i] = (const char *)&to->bools[i];
        to->lengths[i] = 1;
        return;
    case DB_TEXT:
    case DB_BLOB:
        to->values[i] = v->length ? v->text : "";
        to->lengths[i] = (int)v->length;
        return;
    case DB_UUID:
        to->values[i] = v->blob;
        to->lengths[i] = 16;
        return;
    default:
        to->values[i] = NULL;
    }
}

void pg_values_fill(pg_values *v, const db_statement *s)
{
    for (size_t i = 0; i < s->count; i++)
        fill_one(v, i, &s->values[i]);
}

static int64_t number_of(const char *bytes, int length)
{
    uint64_t n = 0;
    for (int i = 0; i < length; i++)
        n = n << 8 | (unsigned char)bytes[i];
    return length == 2 ? (int16_t)n : length == 4 ? (int32_t)n : (int64_t)n;
}

static double real_of(const char *bytes, int length)
{
    uint64_t wide = (uint64_t)number_of(bytes, length);
    uint32_t narrow = (uint32_t)wide;
    float f;
    double d;
    memcpy(&f, &narrow, sizeof f);
    memcpy(&d, &wide, sizeof d);
    return length == 4 ? (double)f : d;
}

static bool bytes_into(db_value *v, db_type type, const char *bytes, int length, arena *a)
{
    v->type = (uint8_t)type;
    v->length = (uint32_t)length;
    v->text = arena_copy(a, bytes, (size_t)length); /* blobs get a NUL too: nobody minds */
    return v->text != NULL;
}

typedef enum read_result { READ, NO_ROOM, STRANGE } read_result;

static read_result read_cell(Oid type, const char *bytes, int length, arena *a, db_value *v)
{
    switch (type) {
    case BOOL:
    case INT2:
    case INT4:
    case INT8:
        v->type = DB_INT;
        v->number = length == 1 ? *bytes != 0 : number_of(bytes, length);
        return READ;
    case OID:
        v->type = DB_INT;
        v->number = (uint32_t)number_of(bytes, length);
        return READ;
    case FLOAT4:
    case FLOAT8:
        v->type = DB_REAL;
        v->real = real_of(bytes, length);
        return READ;
    case TEXT:
    case VARCHAR:
    case BPCHAR:
    case NAME:
    case CHAR:
    case JSON:
    case UNKNOWN:
        return bytes_into(v, DB_TEXT, bytes, length, a) ? READ : NO_ROOM;
    case UUID:
        return bytes_into(v, DB_UUID, bytes, length, a) ? READ : NO_ROOM;
    case BYTEA: /* as from SQLite, where 16 bytes are a uuid */
        return bytes_into(v, length == 16 ? DB_UUID : DB_BLOB, bytes, length, a) ? READ : NO_ROOM;
    case VOID: /* of pg_advisory_xact_lock and the like */
        return READ;
    default:
        return STRANGE;
    }
}

static cinema_status strange(pg_link *l, const PGresult *r, int column, cinema_error *err)
{
    pg_log(l->pool, CINEMA_LOG_ERROR,
           "postgres: column \"%s\" has type %u, which is not read: CAST it in the statement",
           PQfname(r, column), PQftype(r, column));
    return fail(err, CINEMA_INTERNAL, NULL, NULL,
                "the database answered with a type that is not read; the log says which");
}

static cinema_status read_row(pg_link *l, const PGresult *r, int i, arena *a, db_row *row,
                              cinema_error *err)
{
    int columns = PQnfields(r);
    for (int k = 0; k < columns; k++) {
        db_value *v = &row->cells[k];
        if (PQgetisnull(r, i, k))
            continue;
        switch (read_cell(PQftype(r, k), PQgetvalue(r, i, k), PQgetlength(r, i, k), a, v)) {
        case READ:
            break;
        case NO_ROOM:
            return fail_memory(err);
        case STRANGE:
            return strange(l, r, k, err);
        }
    }
    return CINEMA_OK;
}

/* "INSERT 0 3", "UPDATE 3"; what SELECT counts was not changed. */
static int64_t changed_of(PGresult *r)
{
    const char *tag = PQcmdStatus(r);
    return *tag == 'I' || *tag == 'U' || *tag == 'D' || *tag == 'M'
               ? strtoll(PQcmdTuples(r), NULL, 10)
               : 0;
}

cinema_status pg_rows_read(pg_link *l, const PGresult *r, arena *a, db_rows *rows,
                           cinema_error *err)
{
    int count = PQntuples(r), columns = PQnfields(r);
    db_row **end = &rows->first;
    cinema_status s = CINEMA_OK;

    *rows = (db_rows){ .columns = (size_t)columns, .changed = changed_of((PGresult *)r) };
    for (int i = 0; !s && i < count; i++) {
        db_row *row = arena_alloc(a, sizeof *row + (size_t)columns * sizeof *row->cells);
        if (!row)
            return fail_memory(err);
        s = read_row(l, r, i, a, row, err);
        *end = row;
        end = &row->next;
        rows->count++;
    }
    return s;
}
