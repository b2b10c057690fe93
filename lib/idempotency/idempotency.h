/* idempotency.h - the Idempotency-Key of a request (draft-ietf-httpapi-idempotency-key-header): the
 * same key of the same caller to the same operation is carried out once, and answered alike.
 */
#ifndef IDEMPOTENCY_IDEMPOTENCY_H
#define IDEMPOTENCY_IDEMPOTENCY_H

#include "call/op.h"

/* Runs an IDEMPOTENT operation whose caller sent a key, or gives the answer of the first time. Key
 * and answer are written in the operation's own transaction: both are there or neither is. Failures
 * are not kept. CONFLICT idempotency_mismatch: the first time it had another body;
 * idempotency_in_progress: the first is still at work when this one's deadline comes. */
cinema_status idempotency__run(op_call *k);

#endif
