/* postgres_url_test.c - mirrors lib/port/db/postgres_url.c and postgres_tls.c, which are part of a
 * module that shows one symbol only: so they are compiled in here. (Before test.h: Check has a
 * `fail` of its own.)
 */
#include "port/db/postgres_tls.c"
#include "port/db/postgres_url.c"

#undef fail
#include "test.h"

static cinema_error err;

/* ---- good ones ------------------------------------------------------------------------------- */

#define FULL "sslmode='verify-full'"

/* What must be in the settings, with `|` between, and what must not. */
typedef struct good {
    const char *url, *has, *not ;
    int names;
} good;

static const good goods[] = {
    /* Neon: pooled and not, as its console prints them */
    { "postgresql://neondb_owner:npg_s3cretPW@ep-cool-darkness-123456-pooler.eu-central-1.aws."
      "neon.tech/neondb?sslmode=require&channel_binding=require",
      "host='ep-cool-darkness-123456-pooler.eu-central-1.aws.neon.tech'|user='neondb_owner'|"
      "password='npg_s3cretPW'|dbname='neondb'|" FULL "|channel_binding='require'|port='5432'",
      "sslmode='require'", PG_NAMES_OFF },
    { "postgresql://neondb_owner:npg_s3cretPW@ep-cool-darkness-123456.eu-central-1.aws.neon.tech/"
      "neondb?sslmode=require",
      FULL "|sslrootcert='/", "sslmode='require'", PG_NAMES_ASK },
    { "postgres://u:p@ep-x-1.us-east-2.aws.neon.tech/neondb?sslmode=require&options=endpoint%3D"
      "ep-x-1",
      FULL "|options=''", "endpoint", PG_NAMES_ASK },
    { "postgres://u:p@ep-x-1-pooler.us-east-2.aws.neon.tech/neondb?pgbouncer=true&connect_timeout="
      "15&pool_timeout=15&sslmode=require",
      FULL "|connect_timeout='15'", "pgbouncer|pool_timeout", PG_NAMES_OFF },
    /* Supabase: transaction pooler, session pooler, direct, IPv6 literal, Prisma's */
    { "postgresql://postgres.abcdefghijklm:pa%24%24w0rd@aws-0-eu-central-1.pooler.supabase.com:6543"
      "/postgres",
      "user='postgres.abcdefghijklm'|password='pa$$w0rd'|port='6543'|" FULL, "%24", PG_NAMES_OFF },
    { "postgres://postgres.abcdefghijklm:pw@aws-0-eu-central-1.pooler.supabase.com:5432/postgres",
      "port='5432'|" FULL, "6543", PG_NAMES_OFF },
    { "postgresql://postgres:pw@db.abcdefghijklm.supabase.co:5432/postgres", FULL,
      "sslmode='disable'", PG_NAMES_ASK },
    { "postgresql://postgres:pw@[2a05:d018:135e:1601::1]:5432/postgres?sslmode=verify-full",
      "host='2a05:d018:135e:1601::1'|port='5432'|" FULL, "[", PG_NAMES_ASK },
    { "postgresql://postgres.abc:pw@aws-0-us-east-1.pooler.supabase.com:6543/postgres?pgbouncer="
      "true&connection_limit=1&schema=public&statement_cache_size=0",
      "dbname='postgres'|" FULL, "connection_limit|schema|statement_cache_size|public",
      PG_NAMES_OFF },
    { "postgresql://postgres:p@ss:w0rd@db.abc.supabase.co:5432/postgres",
      "password='p@ss:w0rd'|host='db.abc.supabase.co'", "host='ss", PG_NAMES_ASK },
    /* Vercel (Neon behind it) */
    { "postgres://default:AbC123@ep-a-b-123-pooler.us-east-1.postgres.vercel-storage.com:5432/"
      "verceldb?sslmode=require&supa=base-pooler.x",
      "dbname='verceldb'|" FULL, "supa", PG_NAMES_OFF },
    /* Railway: private network and public proxy */
    { "postgresql://postgres:pw@postgres.railway.internal:5432/railway?sslmode=disable",
      "sslmode='disable'|host='postgres.railway.internal'", "sslrootcert", PG_NAMES_ASK },
    { "postgresql://postgres:pw@roundhouse.proxy.rlwy.net:41234/railway?sslmode=no-verify",
      "sslmode='require'|port='41234'", "sslrootcert|no-verify", PG_NAMES_ASK },
    /* Heroku */
    { "postgres://uabc:pdef@ec2-52-1-2-3.compute-1.amazonaws.com:5432/d1a2b3", FULL,
      "sslmode='disable'", PG_NAMES_ASK },
    { "postgres://uabc:pdef@ec2-52-1-2-3.compute-1.amazonaws.com:5432/d1a2b3?sslmode=no-verify",
      "sslmode='require'", "verify", PG_NAMES_ASK },
    { "postgres://uabc:pdef@ec2-52-1-2-3.compute-1.amazonaws.com:5432/d1a2b3?ssl=true", FULL,
      " ssl=", PG_NAMES_ASK },
    /* Citus / Azure, DigitalOcean, Render, Fly, Crunchy, Aiven, RDS, Cloud SQL, PlanetScale */
    { "postgres://citus:pw@c-cluster.abcdef123.postgres.cosmos.azure.com:5432/"
      "citus?sslmode=require",
      FULL "|user='citus'", "sslmode='require'", PG_NAMES_ASK },
    { "postgres://citus:pw@c-cluster.abcdef123.postgres.cosmos.azure.com:6432/"
      "citus?sslmode=require",
      "port='6432'", "sslmode='require'", PG_NAMES_OFF },
    { "postgresql://doadmin:AVNS_x@db-postgresql-fra1-1-do-user-1-0.b.db.ondigitalocean.com:25060/"
      "defaultdb?sslmode=require",
      "port='25060'|" FULL, "sslmode='require'", PG_NAMES_ASK },
    { "postgresql://user:pw@dpg-abc123-a.frankfurt-postgres.render.com/films", "port='5432'|" FULL,
      "sslmode='disable'", PG_NAMES_ASK },
    { "postgres://postgres:pw@my-app-db.flycast:5432/my_app?sslmode=disable", "sslmode='disable'",
      "verify", PG_NAMES_ASK },
    { "postgres://app:pw@mydb.123456789012.eu-west-1.rds.amazonaws.com:5432/app?sslrootcert=/etc/"
      "hostname&sslmode=verify-ca",
      "sslmode='verify-ca'|sslrootcert='/etc/hostname'", "verify-full", PG_NAMES_ASK },
    { "postgres://app:pw@mydb.eu-west-1.rds.amazonaws.com/app?sslmode=verify-ca", FULL, "verify-ca",
      PG_NAMES_ASK },
    { "postgres://app:pw@pg.example.com/app?sslrootcert=system&sslmode=verify-full",
      FULL "|sslrootcert='/", "'system'", PG_NAMES_ASK },
    { "postgres://a:b@horizon.psdb.cloud:6432/postgres?sslnegotiation=direct&sslmode=verify-full",
      FULL, "sslnegotiation", PG_NAMES_OFF },
    { "postgresql://u:p@db.example.com/app?sslmode=prefer", FULL, "prefer", PG_NAMES_ASK },
    { "postgresql://u:p@db.example.com/app?sslmode=disable&sslmode=require", FULL,
      "sslmode='disable'", PG_NAMES_ASK },
    { "postgresql://u:p@10.1.2.3/app?sslmode=disable", "sslmode='disable'", "verify",
      PG_NAMES_ASK },
    { "postgresql://u:p@172.20.0.9/app", FULL, "sslmode='disable'", PG_NAMES_ASK },
    { "postgresql://u:p@db:5432/app?sslmode=disable", "host='db'", "verify", PG_NAMES_ASK },
    { "postgresql://u:p@[fd12::7]/app?ssl=false", "host='fd12::7'|sslmode='disable'", "verify",
      PG_NAMES_ASK },
    /* local ones */
    { "postgresql://cinema:cinema-pw@127.0.0.1:5432/cinema", "sslmode='disable'", "verify",
      PG_NAMES_ASK },
    { "postgres://localhost/films", "host='localhost'|dbname='films'|sslmode='disable'",
      "user=", PG_NAMES_ASK },
    { "POSTGRES://u@[::1]:6000/films?sslmode=require", "host='::1'|port='6000'|sslmode='require'",
      "verify", PG_NAMES_ASK },
    { "postgres:///films", "host=''|dbname='films'|sslmode='disable'", "verify", PG_NAMES_ASK },
    { "postgres://", "host=''", "dbname", PG_NAMES_ASK },
    { "postgres://%2Fvar%2Frun%2Fpostgresql/films", "host='/var/run/postgresql'", "verify",
      PG_NAMES_ASK },
    { "postgres://me@/films?host=/tmp&port=5433", "host='/tmp'|port='5433'|user='me'", "verify",
      PG_NAMES_ASK },
    { "postgres://me:@localhost:/films", "user='me'|password=''|port='5432'", "verify",
      PG_NAMES_ASK },
    { "postgres://o%27brien:a%5Cb%3A%40%2F@localhost/f%C3%A9vrier",
      "user='o\\'brien'|password='a\\\\b:@/'|dbname='f\303\251vrier'", "%", PG_NAMES_ASK },
    { "postgres://u:p@localhost/f?application_name=films&keepalives_idle=7&target_session_attrs="
      "read-write",
      "application_name='films'|keepalives_idle='7'|target_session_attrs='read-write'",
      "libcinema|keepalives_idle='60'", PG_NAMES_ASK },
    { "postgres://u:p@localhost/f?prepared=true", "client_encoding='UTF8'|gssencmode='disable'",
      "prepared", PG_NAMES_ON },
    { "postgres://u:p@localhost:6432/f?prepared=off&", "application_name='libcinema'", "prepared",
      PG_NAMES_OFF },
    { "postgres://u:p@localhost:6432/f?prepared=on", "port='6432'", "prepared", PG_NAMES_ON },
};

/* Whether one, or each, of the words with `|` between is in the text. */
static const char *missing(const char *text, const char *words, bool want)
{
    static char word[200];
    for (size_t n; *words; words += n + (words[n] == '|')) {
        n = strcspn(words, "|");
        snprintf(word, sizeof word, "%.*s", (int)n, words);
        if ((strstr(text, word) != NULL) != want)
            return word;
    }
    return NULL;
}

TEST_EACH(urls_of_consoles_are_read, COUNT_OF(goods))
{
    const good *g = &goods[_i];
    CLEANUP(pg_url_done) pg_url u = { 0 };
    OK(pg_url_read(g->url, &u, &err));
    const char *word = missing(u.settings, g->has, true);
    ck_assert_msg(!word, "%s: no %s in %s", g->url, word, u.settings);
    word = missing(u.settings, g->not, false);
    ck_assert_msg(!word, "%s: %s in %s", g->url, word, u.settings);
    ck_assert_msg(u.names == g->names, "%s: names %d", g->url, u.names);
}

/* ---- bad ones -------------------------------------------------------------------------------- */

/* The password is `hunter2` or has it in it. */
static const char *const bads[] = {
    "",
    "postgres",
    "postgres:/u:hunter2@h/db",
    "postgresql:u:hunter2@h/db",
    "postgresql+psycopg2://u:hunter2@h/db",
    "mysql://u:hunter2@h/db",
    "sqlite:/tmp/x.db",
    "postgres://u:hunter2@a.example.com,b.example.com/db",
    "postgres://u:hunter2@a.example.com:5432,b.example.com:5433/db",
    "postgres://u:hunter2@/db?host=a.example.com,b.example.com",
    "postgres://u:hunter2@h:port/db",
    "postgres://u:hunter2@h:0/db",
    "postgres://u:hunter2@h:65536/db",
    "postgres://u:hunter2@h:+5432/db",
    "postgres://u:hunter2@h/db?port=5432x",
    "postgres://u:hunter2%@h/db",
    "postgres://u:hunter2%4@h/db",
    "postgres://u:hunter2%zz@h/db",
    "postgres://u:hunter2%00@h/db",
    "postgres://u:hunter2@h/db%0A",
    "postgres://u:hunter2/x@h/db",
    "postgres://u:12/hunter2@h/db",
    "postgres://u:12?hunter2@h/db",
    "postgres://u:hunter2 @h/db",
    "postgres://u:hunter2@h/db\n",
    "postgres://u:hunter2@[::1/db",
    "postgres://u:hunter2@[]/db",
    "postgres://u:hunter2@[::1]x/db",
    "postgres://u:[YOUR-PASSWORD]@db.abc.supabase.co:5432/postgres",
    "postgres://u:hunter2@db.example.com/db?sslmode=disable",
    "postgres://u:hunter2@52.1.2.3/db?sslmode=disable",
    "postgres://u:hunter2@[2a05::1]/db?ssl=0",
    "postgres://u:hunter2@h/db?sslmode=hunter2",
    "postgres://u:hunter2@h/db?sslrootcert=/nonexistent/hunter2.crt",
    "postgres://u:hunter2@h/db?connect_timeout=hunter2",
    "postgres://u:hunter2@h/db?sslmode",
    "postgres://u:hunter2@h/db/more",
};

TEST_EACH(bad_urls_are_invalid_and_keep_their_password, COUNT_OF(bads))
{
    pg_url u = { .names = 77 };
    ck_assert_msg(pg_url_read(bads[_i], &u, &err) == CINEMA_INVALID, "%s", bads[_i]);
    ck_assert_int_eq(err.status, CINEMA_INVALID);
    ck_assert_int_eq(u.names, 77); /* untouched */
    ck_assert_ptr_null(u.settings);
    ck_assert_msg(!strstr(err.message, "hunter") && !strstr(err.field, "hunter"), "%s",
                  err.message);
    ck_assert_uint_gt(strlen(err.message), 20);
    ck_assert_uint_lt(strlen(err.message), sizeof err.message - 1); /* not cut */
}

/* ---- the rest -------------------------------------------------------------------------------- */

TEST(a_url_too_long_is_invalid)
{
    char url[20000] = "postgres://u:p@localhost/";
    memset(url + strlen(url), 'x', sizeof url - strlen(url) - 1);
    pg_url u = { 0 };
    GIVES(CINEMA_INVALID, pg_url_read(url, &u, &err));
    ck_assert_ptr_null(u.settings);
}

TEST(the_same_place_is_the_same_server)
{
    CLEANUP(pg_url_done) pg_url a = { 0 }, b = { 0 }, other = { 0 };
    OK(pg_url_read("postgres://u:p@db.example.com/x", &a, &err));
    OK(pg_url_read("postgresql://v:q@db.example.com:5432/y?sslmode=require", &b, &err));
    OK(pg_url_read("postgres://u:p@db.example.com:6543/x", &other, &err));
    ck_assert_str_eq(a.place, b.place);
    ck_assert_str_ne(a.place, other.place);
}

TEST(only_no_verify_is_unverified)
{
    CLEANUP(pg_url_done) pg_url a = { 0 }, b = { 0 };
    OK(pg_url_read("postgres://u:p@db.example.com/x?sslmode=no-verify", &a, &err));
    OK(pg_url_read("postgres://u:p@db.example.com/x?sslmode=require", &b, &err));
    ck_assert(a.unverified);
    ck_assert(!b.unverified);
}

TEST(connect_timeout_is_in_seconds)
{
    CLEANUP(pg_url_done) pg_url a = { 0 };
    OK(pg_url_read("postgres://u:p@localhost/x?connect_timeout=15", &a, &err));
    ck_assert_int_eq(a.connect_timeout_ms, 15000);
}
