/* limit.c - how often somebody may do something (docs/decisions/0005).
 */
#include "limit/limit.h"

#include "base/address.h"
#include "port/kv/kv.h"

#include <assert.h>
#include <sodium.h>

#define REQUESTS "CINEMA_LIMIT_REQUESTS_ADDRESS"
#define BEGINNING "CINEMA_LIMIT_"

enum { NET6 = 8, SUM = 16 };

/* One limit on one who. */
typedef struct rule {
    char key[KV_KEY_MAX];
    int64_t count, window_ms;
} rule;

static bool by_address(const char *name)
{
    static const char end[] = "_ADDRESS";
    size_t n = strlen(name), m = sizeof end - 1;
    return n > m && !memcmp(name + n - m, end, m);
}

/* What is counted by may be long or private: the store gets its hash. */
static void hash(const char *name, const char *who, unsigned char sum[SUM])
{
    address a;
    if (by_address(name) && address_parse(who, strlen(who), &a))
        crypto_generichash(sum, SUM, a.bytes, address_is_ipv4(&a) ? sizeof a.bytes : NET6, NULL, 0);
    else
        crypto_generichash(sum, SUM, (const unsigned char *)who, strlen(who), NULL, 0);
}

/* "limit:REQUESTS_ADDRESS:" and the hash in hex. */
static void write_key(const char *name, const unsigned char sum[SUM], char key[KV_KEY_MAX])
{
    static const char begin[] = "limit:";
    size_t n = strlen(name), at = sizeof begin - 1;
    assert(at + n + 1 + 2 * SUM < KV_KEY_MAX);
    memcpy(key, begin, at);
    memcpy(key + at, name, n);
    at += n;
    key[at++] = ':';
    sodium_bin2hex(key + at, KV_KEY_MAX - at, sum, SUM);
}

/* false: there is no limit. */
static bool rule_of(cinema *c, const char *name, const char *who, rule *r)
{
    unsigned char sum[SUM];
    assert(!strncmp(name, BEGINNING, sizeof BEGINNING - 1));
    if (!who || !config_rate(c->config, name, &r->count, &r->window_ms))
        return false;
    hash(name, who, sum);
    write_key(name + sizeof BEGINNING - 1, sum, r->key);
    return true;
}

static int64_t seconds(int64_t ms)
{
    return (ms + 999) / 1000;
}

static cinema_status refuse(int64_t wait_s, cinema_error *err)
{
    fail(err, CINEMA_LIMITED, NULL, NULL, "too often: try again in %lld second%s",
         (long long)wait_s, wait_s == 1 ? "" : "s");
    if (err)
        err->retry_after_s = (int32_t)(wait_s < INT32_MAX ? wait_s : INT32_MAX);
    return CINEMA_LIMITED;
}

static cinema_status count(cinema *c, const char *name, const char *who, int64_t cost,
                           cinema_error *err)
{
    rule r;
    if (!rule_of(c, name, who, &r))
        return CINEMA_OK;
    kv_step step = kv_limit(r.key, r.count, r.window_ms, cost);
    cinema_status s = kv_run_or_local(c, &step, 1, err);
    return s || step.hit ? s : refuse(seconds(step.retry_ms), err);
}

cinema_status limit__take(cinema *c, const char *name, const char *who, cinema_error *err)
{
    return count(c, name, who, 1, err);
}

void limit__forgive(cinema *c, const char *name, const char *who)
{
    cinema_error ignored;
    count(c, name, who, -1, &ignored);
}

cinema_status limit__request(cinema *c, const op *o, const cinema_caller *caller,
                             limit_verdict *ret, cinema_error *err)
{
    rule r;
    if (o->flags & UNLIMITED || !rule_of(c, REQUESTS, caller->address, &r))
        return CINEMA_OK;
    kv_step step = kv_limit(r.key, r.count, r.window_ms, 1);
    cinema_status s = kv_run_or_local(c, &step, 1, err);
    if (s)
        return s;
    *ret = (limit_verdict){ .policy = "requests",
                            .quota = r.count,
                            .window_s = r.window_ms / 1000,
                            .remaining = step.left,
                            .reset_s = seconds(step.hit ? step.reset_ms : step.retry_ms),
                            .refused = !step.hit };
    return CINEMA_OK;
}
