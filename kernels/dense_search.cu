/* The operations of dense/operations.h on vectors of the search, on a device. */
#include "kernels/dense_transfer.h"

#include <string.h>

typedef caucus_dense_session session_of;
typedef caucus_dense_arguments arguments_of;

static void reduce(session_of *s, const double *x, const double *y, size_t n, uint32_t width, bool largest,
                   double *products)
{
    double *pinned = s->pinned + (size_t)CAUCUS_DENSE_SENT * s->shape.batch;
    memset(products, 0, width * sizeof *products); /* should it fail: then all seems done */
    if (!caucus_dense_ready(s)) {
        return;
    }
    double *d_results = s->d_parts + s->most_chunks * s->shape.batch;
    arguments_of a = caucus_dense_arguments_for(n, width, x, d_results);
    a.by = y;
    a.too = s->d_parts;
    caucus_dense_dots_launch(&a, largest, s->stream);
    caucus_dense_launched(s, "adding up");
    caucus_dense_fetch(s, d_results, width * sizeof *products, pinned, "fetching sums");
    if (s->fault.error == 0) {
        memcpy(products, pinned, width * sizeof *products);
    }
}

void caucus_dense_vectors_dots(void *session, const double *x, const double *y, size_t n, uint32_t width,
                               double *products)
{
    reduce((session_of *)session, x, y, n, width, false, products);
}

void caucus_dense_vectors_largest(void *session, const double *x, size_t n, uint32_t width, double *values)
{
    reduce((session_of *)session, x, x, n, width, true, values);
}

void caucus_dense_vectors_add(void *session, const double *factors, const double *x, const double *y, size_t n,
                              uint32_t width, double *z)
{
    session_of *s = (session_of *)session;
    if (caucus_dense_ready(s)) {
        arguments_of a = caucus_dense_arguments_for(n, width, x, z);
        a.by = y;
        a.factors = caucus_dense_send_factors(s, factors, width);
        caucus_dense_add_launch(&a, s->stream);
        caucus_dense_launched(s, "adding vectors");
    }
}

void caucus_dense_vectors_scale(void *session, const double *factors, const double *x, size_t n, uint32_t width,
                                double *y)
{
    session_of *s = (session_of *)session;
    if (caucus_dense_ready(s)) {
        arguments_of a = caucus_dense_arguments_for(n, width, x, y);
        a.factors = caucus_dense_send_factors(s, factors, width);
        caucus_dense_scale_launch(&a, s->stream);
        caucus_dense_launched(s, "scaling vectors");
    }
}

void caucus_dense_vectors_spread(void *session, const double *one, size_t n, uint32_t width, double *x)
{
    session_of *s = (session_of *)session;
    if (caucus_dense_ready(s)) {
        const arguments_of a = caucus_dense_arguments_for(n, width, one, x);
        caucus_dense_spread_launch(&a, s->stream);
        caucus_dense_launched(s, "taking the start");
    }
}

void caucus_dense_vectors_move(void *session, const double *taken, const double *to, size_t n, uint32_t width,
                               double *from, double *moved)
{
    session_of *s = (session_of *)session;
    if (caucus_dense_ready(s)) {
        arguments_of a = caucus_dense_arguments_for(n, width, to, from);
        a.too = moved;
        a.factors = caucus_dense_send_factors(s, taken, width);
        caucus_dense_move_launch(&a, s->stream);
        caucus_dense_launched(s, "taking steps");
    }
}

void caucus_dense_vectors_scatter(void *session, const uint32_t *places, const double *x, size_t n, uint32_t width,
                                  uint32_t batch, double *y)
{
    session_of *s = (session_of *)session;
    if (caucus_dense_ready(s)) {
        arguments_of a = caucus_dense_arguments_for(n, width, x, y);
        a.other = batch;
        a.places = caucus_dense_send_places(s, places, width);
        caucus_dense_scatter_launch(&a, s->stream);
        caucus_dense_launched(s, "keeping what has converged");
    }
}

void caucus_dense_vectors_penalise(void *session, const double *weights, size_t n, uint32_t n_outputs, uint32_t width,
                                   double penalty, double share, double *gradient)
{
    session_of *s = (session_of *)session;
    if (n > 0 && caucus_dense_ready(s)) {
        arguments_of a = caucus_dense_arguments_for(n, width, weights, gradient);
        a.n_out = n_outputs;
        a.penalty = penalty;
        a.share = share;
        caucus_dense_penalise_launch(&a, s->stream);
        caucus_dense_launched(s, "penalising weights");
    }
}
