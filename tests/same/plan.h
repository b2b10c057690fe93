/* plan.h - how PostgreSQL carries out a statement.
 */
#ifndef TEST_SAME_PLAN_H
#define TEST_SAME_PLAN_H

#include "same/engine.h"
#include "same/seen.h"

/* Whether the generic plan of a statement reads all of a table that grows; then it is printed. */
bool plan_reads_too_much(engine *e, const seen *x);

#endif
