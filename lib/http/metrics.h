/* metrics.h - counters in Prometheus' text format 0.0.4.
 */
#ifndef HTTP_METRICS_H
#define HTTP_METRICS_H

#include "base/buffer.h"
#include "http/counters.h"

void metrics_write(struct http_state *h, buffer *b);
/* What the system says about this process; what it does not say is left out. */
void metrics_process(buffer *b);

#endif
