/* postgres_error.c - what the server's codes mean: one table from SQLSTATE to outcome.
 * People are told what to do; statement, code and the server's own words go to the log.
 */
#include "port/db/postgres.h"

#include <stdio.h>

typedef struct meaning {
    const char *state; /* or what it begins with; the first that fits counts */
    cinema_status status;
    const char *reason;
    pg_trouble trouble;
    const char *message;
} meaning;

static const meaning meanings[] = {
    { "23505", CINEMA_CONFLICT, "unique", PG_FINAL, "there is one like it already" },
    { "23P01", CINEMA_CONFLICT, "unique", PG_FINAL, "there is one like it already" },
    { "23503", CINEMA_CONFLICT, "foreign_key", PG_FINAL,
      "what it belongs to is gone, or something still belongs to it" },
    { "40001", CINEMA_UNAVAILABLE, "serialization", PG_BUSY,
      "another change came between: try again" },
    { "40P01", CINEMA_UNAVAILABLE, "deadlock", PG_BUSY, "another change came between: try again" },
    { "57014", CINEMA_TIMEOUT, NULL, PG_FINAL, "the database took too long" },
    { "57P04", CINEMA_UNAVAILABLE, "no_database", PG_FINAL, "the database was removed" },
    { "57P", CINEMA_UNAVAILABLE, NULL, PG_LOST, "the database is starting or stopping: try again" },
    { "08", CINEMA_UNAVAILABLE, NULL, PG_LOST, "the connection to the database failed: try again" },
    { "25P03", CINEMA_UNAVAILABLE, NULL, PG_LOST, "the database ended a transaction that waited" },
    { "53100", CINEMA_UNAVAILABLE, "disk_full", PG_FINAL,
      "the database's disk is full: make room there" },
    { "53300", CINEMA_UNAVAILABLE, "too_many_connections", PG_LOST,
      "the database has no connection to spare: use its pooler's URL or raise its limit" },
    { "53", CINEMA_UNAVAILABLE, "server_memory", PG_FINAL, "the database is short of memory" },
    { "55P03", CINEMA_UNAVAILABLE, "busy", PG_FINAL, "somebody else is changing this: try again" },
    { "55006", CINEMA_UNAVAILABLE, "busy", PG_FINAL, "somebody else is using this: try again" },
    { "42P01", CINEMA_UNAVAILABLE, "not_migrated", PG_FINAL,
      "the database has no schema yet: run `cinema migrate`" },
    { "3F000", CINEMA_UNAVAILABLE, "not_migrated", PG_FINAL,
      "the database has no schema yet: run `cinema migrate`" },
    { "42501", CINEMA_UNAVAILABLE, "access_denied", PG_FINAL,
      "the user of CINEMA_DATABASE_URL lacks a right in the database: grant it" },
    { "28", CINEMA_UNAVAILABLE, "access_denied", PG_FINAL,
      "the database does not let us in: check user and password of CINEMA_DATABASE_URL" },
    { "3D000", CINEMA_UNAVAILABLE, "no_database", PG_FINAL,
      "there is no database of the name in CINEMA_DATABASE_URL: create it or correct the name" },
    { "25006", CINEMA_UNAVAILABLE, "read_only", PG_FINAL,
      "the database takes no changes: is CINEMA_DATABASE_URL that of a replica?" },
    { "22021", CINEMA_INVALID, "text", PG_FINAL, "a text holds a character that is not stored" },
    { "22P05", CINEMA_INVALID, "text", PG_FINAL, "a text holds a character that is not stored" },
    { "26000", CINEMA_UNAVAILABLE, "pooler_found", PG_POOLER,
      "there is a pooler before the database: try again" },
    { "42P05", CINEMA_UNAVAILABLE, "pooler_found", PG_POOLER,
      "there is a pooler before the database: try again" },
    { "58", CINEMA_UNAVAILABLE, NULL, PG_FINAL, "the database has trouble with its files" },
    { "", CINEMA_INTERNAL, NULL, PG_FINAL, "the database refused a statement; the log says why" },
};

/* Poolers use 08P01 for all they have to say, and libpq has no codes: told by their words. */
static const meaning words[] = {
    { "prepared statement", CINEMA_UNAVAILABLE, "pooler_found", PG_POOLER,
      "there is a pooler before the database: try again" },
    { "authentication failed", CINEMA_UNAVAILABLE, "access_denied", PG_FINAL,
      "the database does not let us in: check user and password of CINEMA_DATABASE_URL" },
    { "no password supplied", CINEMA_UNAVAILABLE, "access_denied", PG_FINAL,
      "the database wants a password: CINEMA_DATABASE_URL has none" },
    { "no such user", CINEMA_UNAVAILABLE, "access_denied", PG_FINAL,
      "the database does not let us in: check user and password of CINEMA_DATABASE_URL" },
    { "role \"", CINEMA_UNAVAILABLE, "access_denied", PG_FINAL,
      "the database does not let us in: check user and password of CINEMA_DATABASE_URL" },
    { "no such database", CINEMA_UNAVAILABLE, "no_database", PG_FINAL,
      "there is no database of the name in CINEMA_DATABASE_URL: create it or correct the name" },
    { "database \"", CINEMA_UNAVAILABLE, "no_database", PG_FINAL,
      "there is no database of the name in CINEMA_DATABASE_URL: create it or correct the name" },
    { "does not support SSL", CINEMA_UNAVAILABLE, "tls", PG_FINAL,
      "the database does not speak TLS: on a private network add sslmode=disable to its URL" },
    { "certificate", CINEMA_UNAVAILABLE, "tls", PG_FINAL,
      "the database's certificate proves nothing: give its CA as sslrootcert=FILE in the URL" },
    { "could not translate host name", CINEMA_UNAVAILABLE, NULL, PG_LOST,
      "the host in CINEMA_DATABASE_URL is not known: check its name, or the network" },
    { "out of memory", CINEMA_NO_MEMORY, NULL, PG_FINAL, "out of memory" },
    { "", CINEMA_UNAVAILABLE, NULL, PG_LOST, "the database does not answer: try again" },
};

void pg_log(const pg_pool *p, cinema_log_level level, const char *format, ...)
{
    char line[1024];
    va_list args;
    if (!p->log)
        return;
    va_start(args, format);
    vsnprintf(line, sizeof line, format, args);
    va_end(args);
    p->log(p->user, level, line);
}

static const meaning *by_state(const char *state)
{
    const meaning *m = meanings;
    while (strncmp(m->state, state, strlen(m->state)) != 0)
        m++;
    return m;
}

static const meaning *by_words(const char *text)
{
    const meaning *m = words;
    while (!strstr(text, m->state))
        m++;
    return m;
}

static cinema_log_level level_of(const meaning *m)
{
    if (m->status == CINEMA_INTERNAL)
        return CINEMA_LOG_ERROR;
    if (m->status == CINEMA_UNAVAILABLE && m->trouble != PG_BUSY)
        return CINEMA_LOG_WARNING;
    return m->status == CINEMA_TIMEOUT ? CINEMA_LOG_INFO : CINEMA_LOG_DEBUG;
}

static cinema_status give(pg_link *l, const meaning *m, cinema_error *err)
{
    l->trouble = m->trouble == PG_LOST && l->worked ? PG_STALE : m->trouble;
    if (m->trouble == PG_POOLER)
        atomic_store(&l->pool->names, PG_NAMES_OFF);
    return fail(err, m->status, m->reason, NULL, "%s", m->message);
}

/* Only the server itself names the place in its source. With 08P01 it means our statement. */
static bool is_servers(const PGresult *r)
{
    return PQresultErrorField(r, PG_DIAG_SOURCE_FUNCTION) != NULL;
}

/* The function in the server, because its messages are translated. */
static bool is_old_plan(const PGresult *r, const char *state)
{
    const char *function = PQresultErrorField(r, PG_DIAG_SOURCE_FUNCTION);
    return !strcmp(state, "0A000") && function && !strcmp(function, "RevalidateCachedQuery");
}

cinema_status pg_error_of_result(pg_link *l, const PGresult *r, const db_statement *s,
                                 cinema_error *err)
{
    const char *state = PQresultErrorField(r, PG_DIAG_SQLSTATE);
    const char *text = PQresultErrorField(r, PG_DIAG_MESSAGE_PRIMARY);
    if (!state) /* libpq's own */
        return pg_error_of_loss(l, err);
    text = text ? text : "";
    if (is_old_plan(r, state)) {
        l->forget = true;
        l->trouble = PG_PLAN;
        return fail(err, CINEMA_UNAVAILABLE, "plan_changed", NULL,
                    "the database's tables have just changed: try again");
    }
    const meaning *m = by_state(state);
    if (!strcmp(state, "08P01"))
        m = is_servers(r) ? by_state("") : by_words(text);
    pg_log(l->pool, level_of(m), "postgres: %s: %s%s%.200s", state, text, s ? " in: " : "",
           s ? s->text : "");
    return give(l, m, err);
}

cinema_status pg_error_of_loss(pg_link *l, cinema_error *err)
{
    const char *text = l->pg ? PQerrorMessage(l->pg) : "";
    const meaning *m = by_words(text);
    pg_log(l->pool, level_of(m), "postgres: connection lost: %s", text);
    return give(l, m, err);
}

/* A failed connection has no result; the code stands in the verbose text: "FATAL:  28P01: ...". */
static bool state_in(const char *text, char state[6])
{
    for (const char *p = text; (p = strstr(p, ":  ")); p++)
        if (strspn(p + 3, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ") == 5 && p[8] == ':') {
            memcpy(state, p + 3, 5);
            state[5] = '\0';
            return true;
        }
    return false;
}

cinema_status pg_error_of_connect(pg_link *l, cinema_error *err)
{
    const char *text = PQerrorMessage(l->pg);
    char state[6];
    const meaning *m = by_words(text);
    if (state_in(text, state) && strcmp(state, "08P01") != 0)
        m = by_state(state);
    pg_log(l->pool, CINEMA_LOG_WARNING, "postgres: no connection: %s", text);
    if (m->status == CINEMA_INTERNAL) /* of a provider's proxy */
        return fail(err, CINEMA_UNAVAILABLE, NULL, NULL,
                    "the database refused a connection; the log says why");
    return give(l, m, err);
}

cinema_status pg_error_timeout(pg_link *l, cinema_error *err)
{
    l->trouble = PG_FINAL;
    return fail(err, CINEMA_TIMEOUT, NULL, NULL, "the database did not answer in time");
}
