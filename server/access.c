/* access.c - the access log: one JSON line a request, gathered per loop and written together. What
 * the reader of stderr does not take in time is dropped and counted, never waited for.
 */
#include "net.h"

#include <string.h>

enum { PATH_SHOWN = 512, TEXT_SHOWN = 128, METHOD_SHOWN = 32, FLUSH_MS = 200 };
/* The longest line: every byte of its texts escaped, and what stands around them. */
enum { LINE_BYTES = (PATH_SHOWN + 4 * TEXT_SHOWN + METHOD_SHOWN + NET_ADDRESS) * 6 + 400 };

typedef struct line {
    char *at;
} line;

static void put(line *to, const char *text, size_t length)
{
    memcpy(to->at, text, length);
    to->at += length;
}
#define PUT(to, literal) put(to, literal, sizeof literal - 1)

static void put_number(line *to, uint64_t n)
{
    char digits[20];
    size_t i = sizeof digits;
    do
        digits[--i] = (char)('0' + n % 10);
    while (n /= 10);
    put(to, digits + i, sizeof digits - i);
}

/* Six bytes for one. Bytes beyond ASCII are shown as they are, not as the text they may be. */
static void put_escaped(line *to, unsigned char ch)
{
    static const char hex[] = "0123456789abcdef";
    PUT(to, "\\u00");
    *to->at++ = hex[ch >> 4];
    *to->at++ = hex[ch & 15];
}

static void put_text(line *to, const char *text, size_t max)
{
    for (size_t i = 0; i < max && text[i]; i++) {
        unsigned char ch = (unsigned char)text[i];
        if (ch < 0x20 || ch == '"' || ch == '\\' || ch >= 0x7f)
            put_escaped(to, ch);
        else
            *to->at++ = (char)ch;
    }
}

/* The path alone: a query may hold what is nobody's business. */
static void put_path(line *to, const char *target)
{
    size_t n = strcspn(target, "?#");
    put_text(to, target, n < PATH_SHOWN ? n : PATH_SHOWN);
}

static void put_time(line *to, net_clock *clock)
{
    net_clock_look(clock);
    PUT(to, "{\"time\":\"");
    put(to, clock->iso, 19);
    *to->at++ = '.';
    *to->at++ = (char)('0' + clock->ms / 100);
    *to->at++ = (char)('0' + clock->ms / 10 % 10);
    *to->at++ = (char)('0' + clock->ms % 10);
    PUT(to, "Z\"");
}

static void put_dropped(line *to, net_loop *l)
{
    put_time(to, &l->clock);
    PUT(to, ",\"dropped\":");
    put_number(to, l->log_dropped);
    PUT(to, "}\n");
    l->log_dropped = 0;
}

static void put_request(line *to, const net_request *r)
{
    PUT(to, ",\"method\":\"");
    put_text(to, r ? r->method : "", METHOD_SHOWN);
    PUT(to, "\",\"path\":\"");
    put_path(to, r ? r->target : "");
    PUT(to, "\"");
}

static void put_response(line *to, const cinema_http_response *response)
{
    PUT(to, ",\"operation\":\"");
    put_text(to, response && response->operation ? response->operation : "", TEXT_SHOWN);
    PUT(to, "\",\"request_id\":\"");
    put_text(to, response && response->request_id ? response->request_id : "", TEXT_SHOWN);
    PUT(to, "\",\"code\":\"");
    put_text(to, response && response->code ? response->code : "", TEXT_SHOWN);
    PUT(to, "\"");
    if (!response || !*response->trace_id)
        return;
    PUT(to, ",\"trace_id\":\"");
    put_text(to, response->trace_id, TEXT_SHOWN);
    PUT(to, "\"");
}

static void on_flush(uv_timer_t *timer)
{
    net_access_flush(timer->data, 0);
}

/* Room for one more line; false: the reader is too far behind. */
static bool room(net_loop *l)
{
    if (NET_BUFFER - l->log_used < 2 * LINE_BYTES)
        net_access_flush(l, 0);
    if (NET_BUFFER - l->log_used >= 2 * LINE_BYTES)
        return true;
    l->log_dropped++;
    return false;
}

static bool wanted(const net_loop *l, int status)
{
    cinema_log_level least = status >= 500 ? CINEMA_LOG_WARNING : CINEMA_LOG_INFO;
    return atomic_load_explicit(&l->server->log, memory_order_relaxed) >= (int)least;
}

void net_access_line(net_loop *l, const net_conn *k, const cinema_http_response *response,
                     size_t bytes)
{
    const net_request *r = k->request;
    int status = response ? response->status : 503;
    if (!wanted(l, status) || !room(l))
        return;
    line to = { l->log + l->log_used };
    if (l->log_dropped)
        put_dropped(&to, l);
    put_time(&to, &l->clock);
    put_request(&to, r);
    PUT(&to, ",\"status\":");
    put_number(&to, (uint64_t)status);
    PUT(&to, ",\"bytes\":");
    put_number(&to, bytes);
    PUT(&to, ",\"us\":");
    put_number(&to, r ? (uv_hrtime() - r->started_ns) / 1000 : 0);
    put_response(&to, response);
    PUT(&to, ",\"address\":\"");
    put_text(&to, response && *response->address ? response->address : k->address, NET_ADDRESS);
    PUT(&to, "\"}\n");
    if (!l->log_used && !uv_is_closing((uv_handle_t *)&l->log_flush))
        uv_timer_start(&l->log_flush, on_flush, FLUSH_MS, 0);
    l->log_used = (size_t)(to.at - l->log);
}

void net_access_flush(net_loop *l, int wait_ms)
{
    size_t done = net_sink_write(&l->server->sink, l->log, l->log_used, wait_ms);
    l->log_used -= done;
    memmove(l->log, l->log + done, l->log_used);
    if (l->log_used && !wait_ms)
        uv_timer_start(&l->log_flush, on_flush, FLUSH_MS, 0);
}
