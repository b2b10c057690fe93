/* state.h - what the HTTP door keeps on the handle: its counters.
 */
#ifndef HTTP_STATE_H
#define HTTP_STATE_H

struct http_state *http_state_new(void);    /* NULL: no memory */
void http_state_free(struct http_state *h); /* takes NULL */

#endif
