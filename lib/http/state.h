/* state.h - what the HTTP door keeps on the handle: its counters, whom it trusts.
 */
#ifndef HTTP_STATE_H
#define HTTP_STATE_H

struct config;

struct http_state *http_state_new(const struct config *settings); /* NULL: no memory */
void http_state_free(struct http_state *h);                       /* takes NULL */

#endif
