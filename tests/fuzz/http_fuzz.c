/* http_fuzz.c - any request through cinema_http: method, target, headers and body of the input's
 * lines, `METHOD target`, `Name: value` ..., an empty line, the body.
 */
#include "fuzz/fuzz_help.h"

#include <string.h>

enum { HEADERS = 12 };

static void check(const cinema_http_response *r)
{
    HOLDS(r->status >= 200 && r->status <= 599 && r->status != 500 && r->header_count);
    for (size_t i = 0; i < r->header_count; i++)
        HOLDS(!strpbrk(r->headers[i].value, "\r\n"));
}

static void ask(char *text)
{
    cinema_http_header headers[HEADERS];
    cinema_http_request q = { .headers = headers, .address = "192.0.2.7" };
    cinema_http_response *r = NULL;
    char *rest = text, *line = fuzz_cut(&rest, "\n");
    q.method = fuzz_cut(&line, " ");
    q.target = line ? line : "";
    while (rest && (line = fuzz_cut(&rest, "\n")) && *line && q.header_count < HEADERS) {
        const char *name = fuzz_cut(&line, ": ");
        headers[q.header_count++] = (cinema_http_header){ name, line ? line : "" };
    }
    q.body = rest;
    q.body_length = rest ? strlen(rest) : 0;
    HOLDS(!cinema_http(fuzz_handle(), &q, &r, NULL));
    check(r);
    cinema_http_response_free(r);
    cinema_http_route_info info;
    cinema_http_route(fuzz_handle(), q.method, q.target, &info);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = fuzz_text(data, size);
    ask(text);
    free(text);
    return 0;
}
