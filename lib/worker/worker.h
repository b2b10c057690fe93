/* worker.h - work for later: what open.c needs of it.
 */
#ifndef WORKER_WORKER_H
#define WORKER_WORKER_H

#include "base/handle.h"

/* Does what this thread has just added to the outbox, as far as the time of its call goes. What
 * fails is tried again by somebody else. */
void worker__inline(cinema *c);

#endif
