/* The time: to measure by, and as files write it. */
#ifndef CAUCUS_BASE_CLOCK_H
#define CAUCUS_BASE_CLOCK_H

enum { CAUCUS_CLOCK_BYTES = 24 }; /* of a stamp, with the NUL */

/* Seconds since some moment before this process began; never set back. */
double caucus_clock_seconds(void);

/* Seconds that this thread has computed: what others do on the machine at the same time does not enter. */
double caucus_clock_thread_seconds(void);

/* Now, as ISO 8601 in UTC: 2026-01-31T12:00:00Z. Returns stamp. */
const char *caucus_clock_stamp(char stamp[CAUCUS_CLOCK_BYTES]);

#endif
