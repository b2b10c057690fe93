/* limit.h - how often somebody may do something, for other rooms and the HTTP door.
 * A limit is a name, count/window or off, and `who` is what it counts by: an account's key, an
 * address. Settings that end in _ADDRESS count by address, IPv6 by its /64, which is what one
 * customer has. Processes that share a Redis count together; while it is away each counts by
 * itself. Never inside a transaction: it may wait for Redis.
 */
#ifndef LIMIT_LIMIT_H
#define LIMIT_LIMIT_H

#include "call/op.h"

/* Counts one. LIMITED (reason limited), with err->retry_after_s when to come again: used up; what
 * is refused is not counted. `who` NULL, such as an address that is not known: not limited. */
cinema_status limit__take(cinema *c, const char *name, const char *who, cinema_error *err);
/* Gives one back that was taken before it was known to be in good order. */
void limit__forgive(cinema *c, const char *name, const char *who);

/* Counts a request over HTTP by its address; for cinema.limit. */
cinema_status limit__request(cinema *c, const op *o, const cinema_caller *caller,
                             limit_verdict *ret, cinema_error *err);

#endif
