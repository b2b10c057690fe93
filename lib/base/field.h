/* field.h - field tables: each field of a record said once.
 * One table joins the C struct, the row and JSON: rows are read, inputs checked, answers written
 * and the OpenAPI schema made by it. Columns of a SELECT come in the order of the table's fields
 * that have one.
 */
#ifndef BASE_FIELD_H
#define BASE_FIELD_H

#include "base/arena.h"

#include <cinema/call.h>

/* In C: record, input. In JSON. */
typedef enum field_type {
    FIELD_TEXT,    /* const char *, const char *. A string */
    FIELD_UUID,    /* the same, of a uuid column */
    FIELD_DATE,    /* the same: YYYY[-MM[-DD]] */
    FIELD_NUMBER,  /* int64_t, const int64_t *. An integer */
    FIELD_TIME,    /* int64_t ms, const int64_t *. RFC 3339 */
    FIELD_REAL,    /* double, const double *. A number */
    FIELD_BOOL,    /* bool, const bool *. true or false */
    FIELD_FLAG,    /* - , bool: of queries. true or false */
    FIELD_LIMIT,   /* - , unsigned: of queries. An integer */
    FIELD_TEXTS,   /* cinema_texts, cinema_texts. A list of strings */
    FIELD_WORDS,   /* the same, in one column with spaces between */
    FIELD_PAIRS,   /* cinema_pairs, cinema_pairs. An object of strings */
    FIELD_RECORD,  /* const T *, -. An object */
    FIELD_RECORDS, /* struct { const T *const *items; size_t count; }, the same. A list of objects
                    */
    FIELD_CLEAR,   /* - , const char *: names of fields to empty. In JSON a null at each of them */
} field_type;

enum { FIELD_NONE = 0xFFFF };

typedef struct field_table field_table;

typedef struct field {
    const char *name;
    uint8_t type;
    uint16_t out, in; /* offsets in record and input struct; FIELD_NONE: not there */
    bool needed;      /* to create */
    bool create_only, update_only;
    bool lasting;     /* never empty, though a creation need not give it */
    bool lines;       /* the text may have line breaks and tabs */
    bool web;         /* the text is an address: http://… or https://… */
    bool zero_absent; /* 0 in the record stands for "not known": null in JSON */
    bool no_column;   /* filled by hand, not from a row */
    bool present;     /* in every record: an answer never has null there */
    bool optional;    /* left out of JSON while NULL or CINEMA_ABSENT, instead of null */
    int64_t min, max; /* characters of text, value of numbers, items of lists; max 0: see field.c */
    int64_t item_max; /* characters of each item */
    const char *one_of;    /* words that the text may be */
    const char *initial;   /* what a record gets when the input leaves the field alone */
    const char *help;      /* for the OpenAPI document */
    const char *pattern;   /* likewise: what the room itself checks */
    const field_table *of; /* of RECORD and RECORDS */
} field;

struct field_table {
    const char *name; /* "movie" */
    const field *fields;
    size_t count;
    size_t record_size, input_size;
};

/* A field of the record only, of the input (or query) only, of both. */
#define OUT(record_t, member, kind)                                                                \
    .name = #member, .type = FIELD_##kind, .out = offsetof(record_t, member), .in = FIELD_NONE
#define IN(input_t, member, kind)                                                                  \
    .name = #member, .type = FIELD_##kind, .out = FIELD_NONE, .in = offsetof(input_t, member)
#define BOTH(record_t, member, kind)                                                               \
    .name = #member, .type = FIELD_##kind, .out = offsetof(record_t, member),                      \
    .in = offsetof(record_t##_input, member)
/* The table of fields[] of a record that has an input; of one that has none; of an input alone. */
#define RECORD(title, list, record_t)                                                              \
    {                                                                                              \
        title, list, COUNT_OF(list), sizeof(record_t), sizeof(record_t##_input)                    \
    }
#define ANSWER(title, list, record_t)                                                              \
    {                                                                                              \
        title, list, COUNT_OF(list), sizeof(record_t), 0                                           \
    }
#define QUERY(title, list, input_t)                                                                \
    {                                                                                              \
        title, list, COUNT_OF(list), 0, sizeof(input_t)                                            \
    }

/* ---- faults: everything wrong with an input, not just the first --------------------------------
 */

typedef struct fault {
    char field[64], rule[24], message[168];
} fault;

enum { FAULTS_MAX = 50 };
typedef struct faults {
    size_t count; /* may pass FAULTS_MAX: the rest is only counted */
    fault items[FAULTS_MAX];
} faults;

__attribute__((format(printf, 4, 5))) void fault_add(faults *f, const char *field, const char *rule,
                                                     const char *format, ...);
/* INVALID with the first fault in `err`, or OK when there is none. */
cinema_status faults_status(const faults *f, cinema_error *err);

/* ---- checking ---------------------------------------------------------------------------------
 */

typedef enum field_mode { MODE_CREATE, MODE_UPDATE, MODE_QUERY } field_mode;

/* Checks an input struct by its table and brings text into NFC (in `a`). CREATE also fills in
 * `initial` values. Without `list` the first fault decides; with it all are gathered there and the
 * answer is OK or NO_MEMORY. */
cinema_status fields_check(const field_table *t, field_mode mode, void *input, arena *a,
                           faults *list, cinema_error *err);

/* STALE unless a record is still at the revision that the caller wants; NULL wants none. */
cinema_status revision_check(const int64_t *wanted, int64_t now, cinema_error *err);

/* Whether `clear`, names with commas between, holds this field. */
bool field_cleared(const char *clear, const char *name);

/* Sets what the input sets and clears what it clears in a record; text is copied into `a`. Only
 * update_only fields (the revision to match) are left out. NO_MEMORY. */
cinema_status fields_merge(const field_table *t, const void *input, void *record, arena *a);
/* A new record knows nothing yet: its numbers and times become CINEMA_ABSENT. */
void fields_clear_record(const field_table *t, void *record);

/* ---- answers ----------------------------------------------------------------------------------
 */

cinema_status fields_emit(const field_table *t, const void *record, const cinema_emitter *e);

const field *field_find(const field_table *t, const char *name);

#endif
