/* rig.h - a service of a test's own: a start script of tests/rig, which ends with the test, however
 * that ends.
 */
#ifndef TEST_SUPPORT_RIG_H
#define TEST_SUPPORT_RIG_H

#include <stdbool.h>
#include <sys/types.h>

typedef struct rig {
    pid_t script, server; /* server: as PID= says */
    char url[512];
    char file[512]; /* as FILE= says: something of it that the test reads */
    char why[256];  /* where it cannot be had: for SKIP */
    int port;
} rig;

/* Runs tests/rig/<script> with `settings` ("MODE=tls PORT=1") in its environment and waits until it
 * has said its URL. False: it cannot be had here, r->why says why. */
bool rig_begin(rig *r, const char *script, const char *settings);
void rig_end(rig *r);

#endif
