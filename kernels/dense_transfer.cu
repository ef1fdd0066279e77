/* What goes to and from a session on a device: numbers, people, and which trials are kept. */
#include "kernels/dense_transfer.h"

#include "config/config.h"

#include <string.h>

typedef caucus_dense_session session_of;
typedef caucus_dense_arguments arguments_of;

bool caucus_dense_is_single(const session_of *s)
{
    return s->precision != CAUCUS_IN_DOUBLE;
}

size_t caucus_dense_real_bytes(const session_of *s)
{
    return caucus_dense_is_single(s) ? sizeof(float) : sizeof(double);
}

void *caucus_dense_real_at(const session_of *s, void *base, size_t i)
{
    return (unsigned char *)base + i * caucus_dense_real_bytes(s);
}

arguments_of caucus_dense_arguments_for(size_t n, uint32_t width, const void *from, void *to)
{
    arguments_of a;
    memset(&a, 0, sizeof a);
    a.n = n;
    a.width = width;
    a.from = from;
    a.to = to;
    return a;
}

void caucus_dense_launched(session_of *s, const char *at)
{
    (void)caucus_dense_try(s, cudaGetLastError(), at);
}

static bool finish(session_of *s, const char *at)
{
    s->n_sent = 0;
    return caucus_dense_try(s, cudaStreamSynchronize(s->stream), at);
}

/* ---- to and from the host ---------------------------------------------------------------------------------------- */

void caucus_dense_send(session_of *s, const void *from, size_t bytes, void *d_to, const char *at)
{
    if (bytes > 0 && caucus_dense_try(s, cudaMemcpyAsync(d_to, from, bytes, cudaMemcpyHostToDevice, s->stream), at)) {
        (void)finish(s, at);
    }
}

void caucus_dense_fetch(session_of *s, const void *d_from, size_t bytes, void *to, const char *at)
{
    if (bytes > 0 && caucus_dense_try(s, cudaMemcpyAsync(to, d_from, bytes, cudaMemcpyDeviceToHost, s->stream), at)) {
        (void)finish(s, at);
    }
}

void caucus_dense_get(void *session, const double *vector, size_t n, double *numbers)
{
    session_of *s = (session_of *)session;
    if (caucus_dense_ready(s)) {
        caucus_dense_fetch(s, vector, n * sizeof *vector, numbers, "fetching numbers");
    }
}

void caucus_dense_put(void *session, const double *numbers, size_t n, double *vector)
{
    session_of *s = (session_of *)session;
    if (caucus_dense_ready(s)) {
        caucus_dense_send(s, numbers, n * sizeof *vector, vector, "sending numbers");
    }
}

void caucus_dense_clear(void *session, size_t n, double *vector)
{
    session_of *s = (session_of *)session;
    if (caucus_dense_ready(s)) {
        (void)caucus_dense_try(s, cudaMemsetAsync(vector, 0, n * sizeof *vector, s->stream), "clearing numbers");
    }
}

/* A row of the rings of factors and places that are on their way. */
static uint32_t next_sent(session_of *s)
{
    if (s->n_sent == CAUCUS_DENSE_SENT) {
        (void)finish(s, "sending factors");
    }
    return s->n_sent++;
}

const double *caucus_dense_send_factors(session_of *s, const double *factors, uint32_t width)
{
    const size_t at = (size_t)next_sent(s) * s->shape.batch;
    memcpy(s->pinned + at, factors, width * sizeof *factors);
    (void)caucus_dense_try(
        s,
        cudaMemcpyAsync(s->d_factors + at, s->pinned + at, width * sizeof *factors, cudaMemcpyHostToDevice, s->stream),
        "sending factors");
    return s->d_factors + at;
}

const uint32_t *caucus_dense_send_places(session_of *s, const uint32_t *places, uint32_t n)
{
    const size_t at = (size_t)next_sent(s) * s->shape.batch;
    memcpy(s->pinned_places + at, places, n * sizeof *places);
    (void)caucus_dense_try(
        s,
        cudaMemcpyAsync(s->d_places + at, s->pinned_places + at, n * sizeof *places, cudaMemcpyHostToDevice, s->stream),
        "sending places");
    return s->d_places + at;
}

/* ---- people ------------------------------------------------------------------------------------------------------ */

/* Memory of the session that grows; what it had is freed when the session is closed. */
bool caucus_dense_grow(session_of *s, size_t bytes, void **d_memory)
{
    double *made = NULL;
    caucus_cuda_fault fault;
    memset(&fault, 0, sizeof fault);
    if (caucus_dense_on_device.vectors(s, (bytes + 7) / 8, &made, &fault) != 0) {
        s->fault = fault;
        return false;
    }
    *d_memory = made;
    return true;
}

static bool make_room(session_of *s, const caucus_dense_people *people)
{
    const size_t batch = s->shape.batch;
    if (people->n_rows > s->most_rows) {
        s->most_rows = people->n_rows;
        if (!caucus_dense_grow(s, people->n_rows * batch * caucus_dense_real_bytes(s), &s->d_people) ||
            !caucus_dense_grow(s, people->n_rows * sizeof(uint32_t), (void **)&s->d_row_labels)) {
            return false;
        }
    }
    if (people->n_groups > s->most_groups) {
        s->most_groups = people->n_groups;
        return caucus_dense_grow(s, people->n_groups * batch * sizeof(uint32_t), (void **)&s->d_varying);
    }
    return true;
}

/* People as numbers in the precision of products, a stage at a time. */
static void send_people(session_of *s, const uint32_t *people, size_t n, void *d_to)
{
    const size_t most = s->stage_bytes / sizeof *people;
    for (size_t first = 0; first < n && s->fault.error == 0; first += most) {
        const size_t here = n - first < most ? n - first : most;
        caucus_dense_send(s, people + first, here * sizeof *people, s->d_stage, "sending people");
        const arguments_of a = caucus_dense_arguments_for(here, 0, s->d_stage, caucus_dense_real_at(s, d_to, first));
        caucus_dense_count_launch(&a, caucus_dense_is_single(s), s->stream);
        caucus_dense_launched(s, "turning people into numbers");
    }
}

void caucus_dense_take(void *session, const caucus_dense_people *people, uint32_t width)
{
    session_of *s = (session_of *)session;
    if (!caucus_dense_ready(s) || !make_room(s, people)) {
        return;
    }
    s->n_rows = people->n_rows;
    s->n_groups = people->n_groups;
    send_people(s, people->people, people->n_rows * width, s->d_people);
    caucus_dense_send(s, people->labels, people->n_rows * sizeof(uint32_t), s->d_row_labels, "sending labels");
    caucus_dense_send(s, people->varying, (size_t)people->n_groups * width * sizeof(uint32_t), s->d_varying,
                      "sending labels");
}

/* The host's people were never changed. */
void caucus_dense_leave(void *session)
{
    (void)session;
}

/* Rows stage by stage: what has been read lies before what is written. */
static void keep_values(session_of *s, size_t n, uint32_t width, const uint32_t *d_kept, uint32_t n_kept,
                        uint32_t bytes, void *d_array)
{
    const size_t most = s->stage_bytes / ((size_t)n_kept * bytes);
    unsigned char *array = (unsigned char *)d_array;
    for (size_t first = 0; first < n; first += most) {
        const size_t here = n - first < most ? n - first : most;
        arguments_of a = caucus_dense_arguments_for(here, width, array + first * width * bytes, s->d_stage);
        a.other = n_kept;
        a.places = d_kept;
        caucus_dense_keep_launch(&a, bytes, s->stream);
        const arguments_of back =
            caucus_dense_arguments_for(here * n_kept, 0, s->d_stage, array + first * n_kept * bytes);
        caucus_dense_copy_launch(&back, bytes, s->stream);
    }
    caucus_dense_launched(s, "moving trials together");
}

void caucus_dense_keep_people(void *session, uint32_t width, const uint32_t *kept, uint32_t n_kept)
{
    session_of *s = (session_of *)session;
    if (caucus_dense_ready(s)) {
        const uint32_t *d_kept = caucus_dense_send_places(s, kept, n_kept);
        keep_values(s, s->n_rows, width, d_kept, n_kept, (uint32_t)caucus_dense_real_bytes(s), s->d_people);
        keep_values(s, s->n_groups, width, d_kept, n_kept, sizeof(uint32_t), s->d_varying);
    }
}

void caucus_dense_keep(void *session, size_t n, uint32_t width, const uint32_t *kept, uint32_t n_kept, double *vector)
{
    session_of *s = (session_of *)session;
    if (caucus_dense_ready(s)) {
        keep_values(s, n, width, caucus_dense_send_places(s, kept, n_kept), n_kept, sizeof(double), vector);
    }
}
