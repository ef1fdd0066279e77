/* Work on what strangers made, in a process of its own: it has little memory, little time, two pipes and the one file
 * that it opens, and when it dies the caller lives. Frames of bytes go both ways. */
#ifndef CAUCUS_BASE_ISOLATED_H
#define CAUCUS_BASE_ISOLATED_H

#include "base/status.h"

typedef struct caucus_isolated caucus_isolated;

typedef struct caucus_isolated_limits {
    uint64_t bytes;   /* of memory, beyond what the process has at its start */
    uint64_t seconds; /* of processor time */
} caucus_isolated_limits;

/* What reading a file may take: memory beside a multiple of its bytes, time beside that of a slow disk. */
caucus_isolated_limits caucus_isolated_limits_of(const char *path);

/* Start a process that calls work(data, pipe) and ends. subject names what it works on, for messages. */
caucus_status caucus_isolated_start(const char *subject, const caucus_isolated_limits *limits,
                                    void (*work)(void *data, caucus_isolated *pipe), void *data,
                                    caucus_isolated **isolated);

/* End the process, whatever it does. */
void caucus_isolated_stop(caucus_isolated *isolated);

/* Append to the frame that is being put together; send it. Failures show when an answer is read. */
void caucus_isolated_put(caucus_isolated *isolated, const void *bytes, size_t n);
void caucus_isolated_put_text(caucus_isolated *isolated, const char *text, size_t length);
void caucus_isolated_send(caucus_isolated *isolated);
void caucus_isolated_flush(caucus_isolated *isolated);

/* The next frame from the other side, valid until the next call. What it holds is taken piece by piece; once more is
 * taken than there is, all pieces are zero or empty and caucus_isolated_overrun says so. CAUCUS_INVALID, with how it
 * ended, when the process is gone. */
caucus_status caucus_isolated_receive(caucus_isolated *isolated);
void caucus_isolated_take(caucus_isolated *isolated, void *bytes, size_t n);
const char *caucus_isolated_take_text(caucus_isolated *isolated, size_t *length); /* not NUL-terminated */
bool caucus_isolated_overrun(const caucus_isolated *isolated);

/* Append this thread's failure to the frame; fail as the frame received last says. */
void caucus_isolated_put_failure(caucus_isolated *isolated, caucus_status status);
caucus_status caucus_isolated_take_failure(caucus_isolated *isolated);

/* CAUCUS_INVALID: the process sends what it never would by itself. */
caucus_status caucus_isolated_fail_nonsense(const caucus_isolated *isolated);

#endif
