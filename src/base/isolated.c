#include "base/isolated.h"

#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* Bytes that are written or read at a time, and that a frame may have: the other side is not believed either. */
enum { BUFFER = 1 << 18, MOST_FRAME = 1 << 28 };

/* Descriptors of the process: requests, answers, messages of libraries, and the one file. */
enum { REQUESTS, ANSWERS, MESSAGES, N_DESCRIPTORS = 4 };

typedef struct buffer {
    char *bytes;
    size_t begin, end, capacity;
} buffer;

struct caucus_isolated {
    char *subject;
    caucus_isolated_limits limits;
    pid_t process; /* 0 in the process itself */
    int from, to;
    buffer in, out;
    size_t frame;           /* where the one that is put together begins in out */
    bool broken;            /* what is put cannot be sent any more */
    const char *next, *end; /* of the frame received last */
    bool overrun;
};

/* ---- the process ---- */

/* Sanitizers take terabytes of addresses for themselves. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
enum { SANITIZED = 1 };
#else
enum { SANITIZED = 0 };
#endif

static uint64_t address_space(void)
{
    unsigned long long pages = 0;
    char text[64]; /* the first number of the line */
    FILE *file = fopen("/proc/self/statm", "re");
    if (file != NULL) {
        if (fgets(text, sizeof text, file) != NULL) {
            pages = strtoull(text, NULL, 10);
        }
        fclose(file);
    }
    return pages * (uint64_t)sysconf(_SC_PAGESIZE);
}

static void limit(int resource, uint64_t most)
{
    struct rlimit now;
    if (getrlimit(resource, &now) == 0 && (now.rlim_max == RLIM_INFINITY || now.rlim_max > most)) {
        setrlimit(resource, &(struct rlimit){.rlim_cur = most, .rlim_max = most});
    }
}

/* Leave nothing open but the pipes, and room for one file. */
static bool confine(const caucus_isolated_limits *limits, int from, int to)
{
    for (int number = 1; number < NSIG; number++) {
        signal(number, SIG_DFL);
    }
    /* Those that a terminal sends to all: the caller stops, and ends this process then. */
    signal(SIGINT, SIG_IGN);
    signal(SIGHUP, SIG_IGN);
    signal(SIGTERM, SIG_IGN);
    /* Above the places that they go to, so that none is overwritten. */
    from = dup(from);
    to = dup(to);
    if (from <= MESSAGES || to <= MESSAGES || dup2(from, REQUESTS) < 0 || dup2(to, ANSWERS) < 0) {
        return false;
    }
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    close_range(MESSAGES + 1, ~0U, 0);
    limit(RLIMIT_NOFILE, N_DESCRIPTORS);
    limit(RLIMIT_CORE, 0);
    limit(RLIMIT_FSIZE, 0);
    limit(RLIMIT_CPU, limits->seconds);
    if (!SANITIZED) {
        limit(RLIMIT_AS, address_space() + limits->bytes);
    }
    return true;
}

_Noreturn static void live(caucus_isolated *self, int from, int to, void (*work)(void *data, caucus_isolated *pipe),
                           void *data)
{
    if (!confine(&self->limits, from, to)) {
        _exit(1);
    }
    self->process = 0;
    self->from = REQUESTS;
    self->to = ANSWERS;
    work(data, self);
    caucus_isolated_flush(self);
    _exit(0);
}

static void close_pair(const int pair[2])
{
    if (pair[0] >= 0) {
        close(pair[0]);
    }
    if (pair[1] >= 0) {
        close(pair[1]);
    }
}

caucus_isolated_limits caucus_isolated_limits_of(const char *path)
{
    static const uint64_t least_bytes = UINT64_C(1) << 30;
    static const uint64_t bytes_each = 64;
    static const uint64_t least_seconds = 60;
    static const uint64_t bytes_a_second = 1 << 20;
    struct stat facts;
    const uint64_t bytes = stat(path, &facts) == 0 ? (uint64_t)facts.st_size : 0;
    return (caucus_isolated_limits){.bytes = least_bytes + bytes_each * bytes,
                                    .seconds = least_seconds + bytes / bytes_a_second};
}

static caucus_status start(caucus_isolated *self, void (*work)(void *data, caucus_isolated *pipe), void *data)
{
    int requests[2] = {-1, -1};
    int answers[2] = {-1, -1};
    if (pipe2(requests, O_CLOEXEC) < 0 || pipe2(answers, O_CLOEXEC) < 0) {
        close_pair(requests);
        return caucus_fail(CAUCUS_FAILED, "%s: cannot make a pipe: %s", self->subject, strerror(errno));
    }
    fflush(NULL); /* or both would print what waits */
    self->process = fork();
    if (self->process == 0) {
        live(self, requests[0], answers[1], work, data);
    }
    if (self->process < 0) {
        caucus_status status =
            caucus_fail(CAUCUS_FAILED, "%s: cannot start a process: %s", self->subject, strerror(errno));
        close_pair(requests);
        close_pair(answers);
        return status;
    }
    close(requests[0]);
    close(answers[1]);
    self->to = requests[1];
    self->from = answers[0];
    return CAUCUS_OK;
}

caucus_status caucus_isolated_start(const char *subject, const caucus_isolated_limits *limits,
                                    void (*work)(void *data, caucus_isolated *pipe), void *data,
                                    caucus_isolated **isolated)
{
    caucus_status status = CAUCUS_OK;
    caucus_isolated *made = NULL;
    TRY(caucus_alloc(1, sizeof *made, "a process", &made));
    made->limits = *limits;
    made->from = -1;
    made->to = -1;
    made->process = -1;
    made->subject = caucus_text_copy(subject);
    if (made->subject == NULL) {
        TRY_GOTO(caucus_fail_memory(strlen(subject), "a process"), failed);
    }
    made->in.capacity = made->out.capacity = BUFFER;
    TRY_GOTO(caucus_alloc(BUFFER, 1, "a pipe", &made->in.bytes), failed);
    TRY_GOTO(caucus_alloc(BUFFER, 1, "a pipe", &made->out.bytes), failed);
    TRY_GOTO(start(made, work, data), failed);
    *isolated = made;
    return CAUCUS_OK;
failed:
    caucus_isolated_stop(made);
    return status;
}

static pid_t bury(caucus_isolated *self, int *ended)
{
    pid_t buried = 0;
    do {
        buried = waitpid(self->process, ended, 0);
    } while (buried < 0 && errno == EINTR);
    self->process = -1;
    return buried;
}

/* The other end is closed: how did it end? */
static caucus_status fail_ended(caucus_isolated *self)
{
    int ended = 0;
    if (self->process <= 0) {
        return caucus_fail(CAUCUS_INVALID, "%s: the process that reads it is gone", self->subject);
    }
    const pid_t buried = bury(self, &ended);
    if (buried > 0 && WIFSIGNALED(ended) && (WTERMSIG(ended) == SIGXCPU || WTERMSIG(ended) == SIGKILL)) {
        return caucus_fail(CAUCUS_INVALID,
                           "%s: reading it takes more than %llu s of processor time, or was ended from outside",
                           self->subject, (unsigned long long)self->limits.seconds);
    }
    return caucus_fail(CAUCUS_INVALID,
                       "%s: the process that reads it crashed (%s): the file is damaged, or made to do harm; fetch it "
                       "again, or write it again with a current program",
                       self->subject, buried > 0 && WIFSIGNALED(ended) ? strsignal(WTERMSIG(ended)) : "it ended early");
}

void caucus_isolated_stop(caucus_isolated *isolated)
{
    if (isolated == NULL) {
        return;
    }
    if (isolated->from >= 0) {
        close(isolated->from);
    }
    if (isolated->to >= 0) {
        close(isolated->to);
    }
    if (isolated->process > 0) {
        int ended = 0;
        kill(isolated->process, SIGKILL);
        bury(isolated, &ended);
    }
    free(isolated->in.bytes);
    free(isolated->out.bytes);
    free(isolated->subject);
    free(isolated);
}

/* ---- frames: their length in 4 bytes, then they ---- */

static bool grow(buffer *one, size_t n)
{
    if (n <= one->capacity) {
        return true;
    }
    const size_t capacity = 2 * n;
    char *bytes = realloc(one->bytes, capacity);
    if (bytes == NULL) {
        return false;
    }
    one->bytes = bytes;
    one->capacity = capacity;
    return true;
}

void caucus_isolated_put(caucus_isolated *isolated, const void *bytes, size_t n)
{
    buffer *out = &isolated->out;
    if (out->end == isolated->frame) { /* the first piece: leave room for the length */
        isolated->broken |= !grow(out, out->end + sizeof(uint32_t));
        out->end += isolated->broken ? 0 : sizeof(uint32_t);
    }
    if (isolated->broken || n > MOST_FRAME || !grow(out, out->end + n)) {
        isolated->broken = true;
        return;
    }
    memcpy(out->bytes + out->end, bytes, n);
    out->end += n;
}

void caucus_isolated_put_text(caucus_isolated *isolated, const char *text, size_t length)
{
    const uint64_t n = length;
    caucus_isolated_put(isolated, &n, sizeof n);
    caucus_isolated_put(isolated, text, length);
}

void caucus_isolated_flush(caucus_isolated *isolated)
{
    buffer *out = &isolated->out;
    for (size_t done = 0; done < isolated->frame && !isolated->broken;) {
        ssize_t written = write(isolated->to, out->bytes + done, isolated->frame - done);
        if (written < 0 && errno != EINTR) {
            isolated->broken = true;
        }
        done += written > 0 ? (size_t)written : 0;
    }
    out->end = 0;
    isolated->frame = 0;
}

void caucus_isolated_send(caucus_isolated *isolated)
{
    buffer *out = &isolated->out;
    if (isolated->broken) {
        return;
    }
    const uint32_t length = (uint32_t)(out->end - isolated->frame - sizeof length);
    memcpy(out->bytes + isolated->frame, &length, sizeof length);
    isolated->frame = out->end;
    if (isolated->frame >= BUFFER / 2) {
        caucus_isolated_flush(isolated);
    }
}

/* Have n bytes in the buffer, one behind another. */
static caucus_status fill(caucus_isolated *self, size_t n)
{
    buffer *in = &self->in;
    if (in->end - in->begin >= n) {
        return CAUCUS_OK;
    }
    memmove(in->bytes, in->bytes + in->begin, in->end - in->begin);
    in->end -= in->begin;
    in->begin = 0;
    if (!grow(in, n)) {
        return caucus_fail_memory(n, "a pipe");
    }
    while (in->end < n) {
        ssize_t got = read(self->from, in->bytes + in->end, in->capacity - in->end);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got <= 0) {
            return fail_ended(self);
        }
        in->end += (size_t)got;
    }
    return CAUCUS_OK;
}

caucus_status caucus_isolated_receive(caucus_isolated *isolated)
{
    uint32_t length = 0;
    TRY(fill(isolated, sizeof length));
    memcpy(&length, isolated->in.bytes + isolated->in.begin, sizeof length);
    if (length > MOST_FRAME) {
        return caucus_isolated_fail_nonsense(isolated);
    }
    TRY(fill(isolated, sizeof length + length));
    isolated->next = isolated->in.bytes + isolated->in.begin + sizeof length;
    isolated->end = isolated->next + length;
    isolated->in.begin += sizeof length + length;
    isolated->overrun = false;
    return CAUCUS_OK;
}

void caucus_isolated_take(caucus_isolated *isolated, void *bytes, size_t n)
{
    isolated->overrun |= (size_t)(isolated->end - isolated->next) < n;
    if (isolated->overrun) {
        memset(bytes, 0, n);
        return;
    }
    memcpy(bytes, isolated->next, n);
    isolated->next += n;
}

const char *caucus_isolated_take_text(caucus_isolated *isolated, size_t *length)
{
    uint64_t n = 0;
    caucus_isolated_take(isolated, &n, sizeof n);
    isolated->overrun |= n > (uint64_t)(isolated->end - isolated->next);
    *length = isolated->overrun ? 0 : (size_t)n;
    const char *text = isolated->next;
    isolated->next += *length;
    return text;
}

bool caucus_isolated_overrun(const caucus_isolated *isolated)
{
    return isolated->overrun;
}

void caucus_isolated_put_failure(caucus_isolated *isolated, caucus_status status)
{
    const uint8_t byte = (uint8_t)status;
    caucus_isolated_put(isolated, &byte, sizeof byte);
    caucus_isolated_put_text(isolated, caucus_error_message(), strlen(caucus_error_message()));
}

caucus_status caucus_isolated_take_failure(caucus_isolated *isolated)
{
    uint8_t byte = 0;
    size_t length = 0;
    caucus_isolated_take(isolated, &byte, sizeof byte);
    const char *text = caucus_isolated_take_text(isolated, &length);
    return caucus_fail(byte == CAUCUS_INVALID ? CAUCUS_INVALID : CAUCUS_FAILED, "%.*s", (int)length, text);
}

caucus_status caucus_isolated_fail_nonsense(const caucus_isolated *isolated)
{
    return caucus_fail(CAUCUS_INVALID, "%s: the process that reads it sends nonsense: the file is made to do harm",
                       isolated->subject);
}
