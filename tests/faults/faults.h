/* faults.h - calls of the C library that fail on purpose.
 * What is linked with cinema_faults (preload/faults.c), or started with it in LD_PRELOAD, allocates
 * and does its input and output through it. Nothing fails until it is asked for, and then only on
 * the thread that asked.
 */
#ifndef FAULTS_H
#define FAULTS_H

enum { /* calls, to be joined */
       FAULTS_OPEN = 1,
       FAULTS_READ = 2,
       FAULTS_WRITE = 4,
       FAULTS_SYNC = 8,
       FAULTS_TRUNCATE = 16,
       FAULTS_MAP = 32
};

/* In place of an errno: reads and writes do half of what they were asked for. */
enum { FAULTS_SHORT = -1 };

#define FAULTS_API __attribute__((visibility("default")))

/* From now on the `first`th allocation fails, from 1, and those after it until `count` have. */
FAULTS_API void faults_memory(long first, long count);
/* The same with calls that touch files. */
FAULTS_API void faults_disk(unsigned calls, int error, long first, long count);
/* Nothing fails any more. How many have since the last time, and how many were asked for. */
FAULTS_API long faults_end(long *asked);

/* Blocks of memory that the process holds. */
FAULTS_API long faults_blocks(void);

#endif
