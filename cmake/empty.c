/* empty.c - keeps an object library from being empty. */
typedef int cinema_empty;
