/* redis_url_test.c - mirrors lib/port/kv/redis_url.c, which is part of a module that shows one
 * symbol only: so it is compiled in here.
 */
#include "port/kv/redis_url.c"

#undef fail
#include "test.h"

#include <stdio.h>

static cinema_error err;

static const struct {
    const char *url, *want; /* tls user password host port database prefix */
} goods[] = {
    { "redis://localhost", "0 - - localhost 6379 0 cinema:" },
    { "redis://", "0 - - localhost 6379 0 cinema:" },
    { "REDISS://h", "1 - - h 6379 0 cinema:" },
    { "redis://127.0.0.1:6380/3", "0 - - 127.0.0.1 6380 3 cinema:" },
    { "redis://[::1]:7/", "0 - - ::1 7 0 cinema:" },
    { "redis://:secret@h", "0 - secret h 6379 0 cinema:" },
    /* Upstash, Heroku, Redis Cloud, Render, as their consoles print them */
    { "rediss://default:AVNS_x1y2@eu1-apt-crow-12345.upstash.io:6379",
      "1 default AVNS_x1y2 eu1-apt-crow-12345.upstash.io 6379 0 cinema:" },
    { "rediss://:p4b@ec2-1-2-3-4.compute-1.amazonaws.com:21190",
      "1 - p4b ec2-1-2-3-4.compute-1.amazonaws.com 21190 0 cinema:" },
    { "redis://default:Ab%23c%2F@redis-123.c1.eu-west-1-3.ec2.cloud.redislabs.com:16789",
      "0 default Ab#c/ redis-123.c1.eu-west-1-3.ec2.cloud.redislabs.com 16789 0 cinema:" },
    { "redis://red-abc123:6379", "0 - - red-abc123 6379 0 cinema:" },
    { "redis://u:a@b:c@h/1", "0 u a@b:c h 6379 1 cinema:" },
    { "redis://h?db=7&prefix=stage%3A&protocol=3&family=0", "0 - - h 6379 7 stage:" },
    { "redis://h/2?prefix=", "0 - - h 6379 2 " },
};

TEST_EACH(urls_of_consoles_are_read, (int)COUNT_OF(goods))
{
    redis_url u;
    char got[512];
    OK(redis_url_read(goods[_i].url, &u, &err));
    snprintf(got, sizeof got, "%d %s %s %s %s %d %s", u.tls, u.user ? u.user : "-",
             u.password ? u.password : "-", u.host, u.port, u.database, u.prefix);
    ck_assert_str_eq(got, goods[_i].want);
    redis_url_done(&u);
}

static const struct {
    const char *url, *says;
} bads[] = {
    { "redis:localhost", "does not begin" },
    { "http://localhost", "does not begin" },
    { "redis://h:0", "port" },
    { "redis://h:65536", "port" },
    { "redis://h:SECRETx", "port" },
    { "redis://u:SECRET/x@h", "%2F" },
    { "redis://u:SEC%RET@h", "%25" },
    { "redis://u:SECRET%00@h", "%25" },
    { "redis://user@h", "without a password" },
    { "redis://h/films", "no number" },
    { "redis://h/-1", "no number" },
    { "redis://h/99999999999", "no number" },
    { "redis://a,b", "several hosts" },
    { "redis://u:SECRET @h", "space" },
    { "redis://h?SECRET", "without a value" },
    { "rediss://h?sslrootcert=/nowhere/SECRET.pem", "sslrootcert" },
};

TEST_EACH(other_urls_are_refused_without_being_repeated, (int)COUNT_OF(bads))
{
    redis_url u;
    GIVES(CINEMA_INVALID, redis_url_read(bads[_i].url, &u, &err));
    ck_assert_msg(strstr(err.message, bads[_i].says) != NULL, "%s", err.message);
    ck_assert_ptr_null(strstr(err.message, "SEC"));
}
