/* redis_script.c - steps as commands, replies as results; the scripts that make a step atomic.
 * Scripts answer one text, never a table: see redis_link_reply.
 */
#include "port/kv/redis.h"

#include <openssl/evp.h>
#include <stdio.h>

enum { DELETE_IF, COUNT, LIMIT };

static const char *const scripts[REDIS_SCRIPTS] = {
    [DELETE_IF] = "if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end\n"
                  "return redis.call('DEL', KEYS[1])",
    /* What is added, time to live. Doubles are exact up to 2^53. */
    [COUNT] = "local v, add, n = redis.call('GET', KEYS[1]), tonumber(ARGV[1]), 0\n"
              "if v then\n"
              "  if v ~= '0' and not string.match(v, '^-?[1-9]%d*$') then\n"
              "    return redis.error_reply('KVKIND counter')\n"
              "  end\n"
              "  n = tonumber(v)\n"
              "end\n"
              "local most = 9007199254740992\n"
              "if n > most or n < -most or (add > 0 and n > most - add) or\n"
              "   (add < 0 and n < -most - add) then\n"
              "  return redis.error_reply('KVBOUNDS')\n"
              "end\n"
              "redis.call('INCRBY', KEYS[1], ARGV[1])\n"
              "if not v then redis.call('PEXPIRE', KEYS[1], ARGV[2]) end\n"
              "return string.format('%.0f', n + add)",
    /* How many, window in microseconds, cost; as memory.c does it. */
    [LIMIT] = "local t, v = redis.call('TIME'), redis.call('GET', KEYS[1])\n"
              "local now, used = t[1] * 1000000 + t[2], 0\n"
              "if v then\n"
              "  local at = string.match(v, '^L(%d+)$')\n"
              "  if not at then return redis.error_reply('KVKIND limit') end\n"
              "  used = math.max(0, at - now)\n"
              "end\n"
              "local cost, each = tonumber(ARGV[3]), math.floor(ARGV[2] / ARGV[1])\n"
              "local whole, after = each * ARGV[1], used + each * (cost == 0 and 1 or cost)\n"
              "local hit, retry = 1, 0\n"
              "if cost < 0 and after <= 0 then\n"
              "  used = 0\n"
              "  redis.call('DEL', KEYS[1])\n"
              "elseif cost >= 0 and after > whole then\n"
              "  hit, retry = 0, math.ceil((after - whole) / 1000)\n"
              "elseif cost ~= 0 then\n"
              "  used = after\n"
              "  redis.call('SET', KEYS[1], string.format('L%.0f', now + used),\n"
              "             'PX', string.format('%.0f', math.ceil(used / 1000)))\n"
              "end\n"
              "return string.format('%d %.0f %.0f %.0f', hit,\n"
              "  math.max(0, math.floor((whole - used) / each)), retry, math.ceil(used / 1000))",
};

void redis_script_names(char names[REDIS_SCRIPTS][REDIS_SHA + 1])
{
    for (int i = 0; i < REDIS_SCRIPTS; i++) {
        unsigned char sum[EVP_MAX_MD_SIZE] = { 0 };
        EVP_Digest(scripts[i], strlen(scripts[i]), sum, NULL, EVP_sha1(), NULL);
        for (int n = 0; n < REDIS_SHA / 2; n++)
            snprintf(names[i] + 2 * n, 3, "%02x", sum[n]);
    }
}

/* ---- commands -------------------------------------------------------------------------------- */

void redis_put(buffer *b, int argc, const char **argv, const size_t *lengths)
{
    char *text = NULL;
    int n = redisFormatCommandArgv(&text, argc, argv, lengths);
    if (n > 0)
        buffer_add(b, text, (size_t)n);
    else if (!b->failed)
        b->failed = CINEMA_NO_MEMORY;
    if (n > 0)
        explicit_bzero(text, (size_t)n); /* a password may be in it */
    free(text);
}

/* A command under way. */
typedef struct words {
    const char *argv[10];
    size_t lengths[10];
    char numbers[3][24];
    int count, number_count;
} words;

static void bytes(words *w, const void *s, size_t n)
{
    w->argv[w->count] = n ? s : "";
    w->lengths[w->count++] = n;
}

static void word(words *w, const char *s)
{
    bytes(w, s, strlen(s));
}

static void number(words *w, int64_t n)
{
    char *text = w->numbers[w->number_count++];
    snprintf(text, sizeof w->numbers[0], "%lld", (long long)n);
    word(w, text);
}

static void call(words *w, const redis *r, int script, bool whole, const char *key)
{
    word(w, whole ? "EVAL" : "EVALSHA");
    word(w, whole ? scripts[script] : r->scripts[script]);
    word(w, "1");
    word(w, key);
}

static void call_numbers(words *w, const redis *r, const kv_step *step, bool whole, const char *key)
{
    call(w, r, step->verb == KV_COUNT ? COUNT : LIMIT, whole, key);
    number(w, step->number);
    number(w, step->verb == KV_COUNT ? step->ttl_ms : step->ttl_ms * 1000);
    if (step->verb == KV_LIMIT)
        number(w, step->cost);
}

static void set(words *w, const kv_step *step, const char *key)
{
    word(w, "SET");
    word(w, key);
    bytes(w, step->value, step->length);
    word(w, "PX");
    number(w, step->ttl_ms);
    if (step->verb == KV_SET_NEW)
        word(w, "NX");
}

void redis_command(const redis *r, const kv_step *step, bool whole, buffer *b)
{
    char key[2 * KV_KEY_MAX + 1];
    words w = { .count = 0 };
    snprintf(key, sizeof key, "%s%s", r->url.prefix, step->key);
    switch (step->verb) {
    case KV_GET:
    case KV_TAKE:
    case KV_DELETE:
        word(&w, step->verb == KV_GET ? "GET" : step->verb == KV_TAKE ? "GETDEL" : "DEL");
        word(&w, key);
        break;
    case KV_SET:
    case KV_SET_NEW:
        set(&w, step, key);
        break;
    case KV_DELETE_IF:
        call(&w, r, DELETE_IF, whole, key);
        bytes(&w, step->value, step->length);
        break;
    case KV_COUNT:
    case KV_LIMIT:
        call_numbers(&w, r, step, whole, key);
        break;
    }
    redis_put(b, w.count, w.argv, w.lengths);
}

/* ---- answers --------------------------------------------------------------------------------- */

static bool begins(const redisReply *r, const char *word)
{
    return !strncmp(r->str, word, strlen(word));
}

bool redis_unknown_script(const redisReply *r)
{
    return r->type == REDIS_REPLY_ERROR && begins(r, "NOSCRIPT");
}

static bool begins_with_any(const redisReply *r, const char *const *any)
{
    for (; *any; any++)
        if (begins(r, *any))
            return true;
    return false;
}

cinema_status redis_refusal(const redisReply *r, bool *leave, cinema_error *err)
{
    static const char *const others[] = { "READONLY", "LOADING",     "MASTERDOWN",     "NOAUTH",
                                          "MISCONF",  "CLUSTERDOWN", "ERR max number", NULL };
    static const char *const ours[] = { "OOM", "BUSY", "TRYAGAIN", "NOPERM", "NOREPLICAS", NULL };
    if (strstr(r->str, "KVKIND") || strstr(r->str, "KVBOUNDS") || strstr(r->str, "WRONGTYPE"))
        return fail(err, CINEMA_INVALID, "kv_kind", NULL,
                    "key-value port: what is there is no counter, no limit, or overflows");
    *leave = begins_with_any(r, others);
    if (*leave || begins_with_any(r, ours) || strstr(r->str, "can't run this command"))
        return fail(err, CINEMA_UNAVAILABLE, NULL, NULL, "Redis refuses: %.100s", r->str);
    return fail(err, CINEMA_INTERNAL, NULL, NULL, "Redis: %.100s", r->str);
}

static cinema_status give(kv_step *step, const redisReply *r, cinema_error *err)
{
    step->hit = true;
    step->length = r->len;
    if (step->length > step->room)
        return fail(err, CINEMA_TOO_LARGE, "kv_room", NULL,
                    "key-value port: a value of %zu bytes, room for %zu", step->length, step->room);
    if (step->length)
        memcpy(step->to, r->str, step->length);
    return CINEMA_OK;
}

/* Whole numbers with spaces between. */
static bool read_numbers(const redisReply *r, int64_t *to, int count)
{
    const char *at = r->str;
    for (int i = 0; i < count; i++) {
        char *end;
        to[i] = strtoll(at, &end, 10);
        if (end == at || *end != (i + 1 < count ? ' ' : '\0'))
            return false;
        at = end + 1;
    }
    return true;
}

static bool take_limit(kv_step *step, const redisReply *r)
{
    int64_t n[4];
    if (r->type != REDIS_REPLY_STRING || !read_numbers(r, n, 4))
        return false;
    step->hit = n[0] == 1;
    step->left = n[1];
    step->retry_ms = n[2];
    step->reset_ms = n[3];
    return true;
}

/* Whether the reply is one to this step; not for GET and TAKE. */
static bool take(kv_step *step, const redisReply *r)
{
    switch (step->verb) {
    case KV_SET:
    case KV_SET_NEW:
        step->hit = r->type == REDIS_REPLY_STATUS;
        return step->hit || (step->verb == KV_SET_NEW && r->type == REDIS_REPLY_NIL);
    case KV_DELETE:
    case KV_DELETE_IF:
        step->hit = r->type == REDIS_REPLY_INTEGER && r->integer == 1;
        return r->type == REDIS_REPLY_INTEGER;
    case KV_COUNT:
        step->hit = true;
        return r->type == REDIS_REPLY_STRING && read_numbers(r, &step->number, 1);
    case KV_LIMIT:
        return take_limit(step, r);
    case KV_GET:
    case KV_TAKE:
        break;
    }
    return r->type == REDIS_REPLY_NIL;
}

cinema_status redis_answer(kv_step *step, const redisReply *r, bool *garbage, cinema_error *err)
{
    step->hit = false;
    if (r->type == REDIS_REPLY_ERROR)
        return redis_refusal(r, garbage, err);
    if ((step->verb == KV_GET || step->verb == KV_TAKE) && r->type == REDIS_REPLY_STRING)
        return give(step, r, err);
    *garbage = !take(step, r);
    return *garbage ? redis_lost(err, "it answers what was not asked") : CINEMA_OK;
}
