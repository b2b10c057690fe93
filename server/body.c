/* body.c - a request's body: counted bytes, or chunks whose framing llhttp reads. */
#include "net.h"

#include <string.h>

/* Framing (sizes, extensions, trailers) may cost this much, beside eight times the content. */
enum { FRAMING_MAX = 32 * 1024 };

static int on_head_end(llhttp_t *parser)
{
    parser->upgrade = 0; /* we never do; the body stays a body */
    return HPE_PAUSED;
}

static const net_refusal *too_large(void)
{
    return NET_REFUSE(413, "too_large", "The body is larger than this operation takes.");
}

static const net_refusal *no_room(void)
{
    return NET_REFUSE(503, "overloaded", "The server holds too many bodies. Try again soon.");
}

static const net_refusal *append(net_request *r, const char *bytes, size_t length)
{
    if (length > r->body_max - r->body_length)
        return too_large();
    if (r->pipe) {
        net_pipe_put(r->pipe, bytes, length);
        r->body_length += length;
        return NULL;
    }
    if (!net_body_room(r, r->body_length + length))
        return no_room();
    memcpy(r->body + r->body_length, bytes, length);
    r->body_length += length;
    return NULL;
}

static int on_content(llhttp_t *parser, const char *bytes, size_t length)
{
    net_request *r = parser->data;
    r->refusal = append(r, bytes, length);
    return r->refusal ? -1 : 0;
}

static int on_end(llhttp_t *parser)
{
    net_request *r = parser->data;
    r->body_done = true;
    return HPE_PAUSED;
}

void net_body_settings(llhttp_settings_t *settings)
{
    llhttp_settings_init(settings);
    settings->on_headers_complete = on_head_end;
    settings->on_body = on_content;
    settings->on_message_complete = on_end;
}

static size_t take_chunks(net_request *r, const char *bytes, size_t length, const net_refusal **why)
{
    llhttp_resume(&r->parser);
    llhttp_errno_t error = llhttp_execute(&r->parser, bytes, length);
    size_t used = length;
    if (r->body_done)
        used = (size_t)(llhttp_get_error_pos(&r->parser) - bytes);
    else if (r->refusal)
        *why = r->refusal;
    else if (error)
        *why = NET_REFUSE(400, "malformed", "The body's chunks are not well-formed.");
    r->wire += used;
    if (!*why && r->wire > 8 * r->body_length + FRAMING_MAX)
        *why = NET_REFUSE(400, "malformed", "The body's chunks are mostly framing.");
    return used;
}

size_t net_body_take(net_request *r, char *bytes, size_t length, const net_refusal **why)
{
    if (!length)
        return 0;
    if (r->chunked)
        return take_chunks(r, bytes, length, why);
    size_t missing = r->content_length - r->body_length;
    if (length > missing)
        length = missing;
    if (!r->pipe && !r->body_length && length == missing) { /* all of it: it can stay where it is */
        r->body = bytes;
        r->body_length = length;
    } else {
        *why = append(r, bytes, length);
    }
    r->body_done = r->body_length == r->content_length;
    return length;
}
