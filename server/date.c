/* date.c - the time as headers and log lines write it, put into words once a second. */
#include "net.h"

#include <stdio.h>
#include <time.h>

static void spell(net_clock *k, time_t second)
{
    static const char days[][4] = { "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat" };
    static const char months[][4] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
    struct tm t;
    if (!gmtime_r(&second, &t))
        return;
    unsigned day = (unsigned)t.tm_mday % 100, year = (unsigned)(t.tm_year + 1900) % 10000;
    unsigned hour = (unsigned)t.tm_hour % 100, minute = (unsigned)t.tm_min % 100;
    unsigned sec = (unsigned)t.tm_sec % 100;
    snprintf(k->http, sizeof k->http, "%s, %02u %s %04u %02u:%02u:%02u GMT", days[t.tm_wday % 7],
             day, months[t.tm_mon % 12], year, hour, minute, sec);
    snprintf(k->iso, sizeof k->iso, "%04u-%02u-%02uT%02u:%02u:%02u", year,
             (unsigned)(t.tm_mon + 1) % 100, day, hour, minute, sec);
}

void net_clock_look(net_clock *k)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME_COARSE, &now);
    k->ms = (unsigned)(now.tv_nsec / 1000000) % 1000;
    if (now.tv_sec == k->second)
        return;
    k->second = now.tv_sec;
    spell(k, now.tv_sec);
}
