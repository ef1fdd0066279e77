/* Errors: a status for the caller, a message for the person, kept for each thread. */
#ifndef CAUCUS_BASE_STATUS_H
#define CAUCUS_BASE_STATUS_H

#include "caucus.h"

/* Keep a message (printf style: what, where, what to do) as this thread's error and return status. */
caucus_status caucus_fail(caucus_status status, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Put context in front of this thread's message ("while doing X: ..."), keeping it. */
void caucus_error_prefix(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* CAUCUS_FAILED with a message that names what could not be had. */
caucus_status caucus_fail_memory(size_t bytes, const char *what);

/* Zeroed memory for count items of the given size, or CAUCUS_FAILED; count 0 gives a valid pointer. *out is a T**.
 * Large arrays prefer large pages. */
caucus_status caucus_alloc(size_t count, size_t size, const char *what, void *out);

/* Memory that is about to be used as a whole: in large pages where the system has them, since getting pages one by one
 * can cost more than all that is done with them. No effect on what is in it, nor on memory of less than some megabytes.
 */
void caucus_prefer_large_pages(void *memory, size_t bytes);

/* See that there are so many bytes now, or CAUCUS_FAILED: before calls of libraries that do not withstand a lack of
 * memory. */
caucus_status caucus_reserve(size_t bytes, const char *what);

#define TRY(call)                                                                                                      \
    do {                                                                                                               \
        caucus_status try_status_ = (call);                                                                            \
        if (try_status_ != CAUCUS_OK) {                                                                                \
            return try_status_;                                                                                        \
        }                                                                                                              \
    } while (0)

/* The same in a function that has `caucus_status status` and one exit label. */
#define TRY_GOTO(call, label)                                                                                          \
    do {                                                                                                               \
        status = (call);                                                                                               \
        if (status != CAUCUS_OK) {                                                                                     \
            goto label;                                                                                                \
        }                                                                                                              \
    } while (0)

#endif
