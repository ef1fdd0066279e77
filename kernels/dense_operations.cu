/* The operations of dense/operations.h on rows, on a device: products by cuBLAS, kernels between them. */
#include "kernels/dense_transfer.h"

#include "config/config.h"

typedef caucus_dense_session session_of;
typedef caucus_dense_arguments arguments_of;

/* c [m][n] = a [m][k] b [k][n], or with turned a' b of a [k][m], row by row, plus before times what c was: cuBLAS has
 * columns, and so sees each matrix turned. */
static void multiply(session_of *s, bool turned, int m, int n, int k, const void *a, const void *b, double before,
                     void *c, uint32_t precision, int b_stride, int c_stride)
{
    static const int computed[] = {CAUCUS_CUBLAS_IN_DOUBLE, CAUCUS_CUBLAS_IN_SINGLE, CAUCUS_CUBLAS_IN_TF32};
    const bool single = precision != CAUCUS_IN_DOUBLE;
    const int type = single ? CAUCUS_CUBLAS_FLOATS : CAUCUS_CUBLAS_DOUBLES;
    const double one = 1;
    const float few_one = 1;
    const float few_before = (float)before;
    const void *alpha = single ? (const void *)&few_one : (const void *)&one;
    const void *beta = single ? (const void *)&few_before : (const void *)&before;
    const int status = s->cublas->gemm(
        s->handle, CAUCUS_CUBLAS_PLAIN, turned ? CAUCUS_CUBLAS_TRANSPOSED : CAUCUS_CUBLAS_PLAIN, n, m, k, alpha, b,
        type, b_stride, a, type, turned ? m : k, beta, c, type, c_stride, computed[precision], CAUCUS_CUBLAS_ANY_WAY);
    if (status != 0 && s->fault.error == 0) {
        (void)caucus_cublas_fail(&s->fault, s->cublas, status, "multiplying");
    }
}

static void load(void *session, const double *weights, uint32_t width)
{
    session_of *s = (session_of *)session;
    caucus_dense_layer layers[CAUCUS_DENSE_LAYERS];
    const uint32_t n_layers = caucus_dense_layers(&s->shape, layers);
    size_t n = 0;
    for (uint32_t i = 0; i < n_layers; i++) {
        n += (size_t)layers[i].n_in * layers[i].n_out * width;
    }
    if (caucus_dense_ready(s)) {
        const arguments_of a = caucus_dense_arguments_for(n, 0, weights, s->d_weights);
        caucus_dense_narrow_launch(&a, caucus_dense_is_single(s), s->stream);
        caucus_dense_launched(s, "taking weights");
    }
}

/* The table on the device, sent when it is first met; NULL when that fails. */
static void *find_table(session_of *s, const caucus_dense_table *table)
{
    for (uint32_t i = 0; i < s->n_tables; i++) {
        if (s->tables[i] == table->numbers) {
            return s->d_tables[i];
        }
    }
    void *d_table = NULL;
    const size_t bytes = table->n_rows * table->n_columns * caucus_dense_real_bytes(s);
    if (s->n_tables == CAUCUS_DENSE_TABLES) {
        (void)caucus_dense_try(s, cudaErrorMemoryAllocation, "keeping more tables than a session has");
        return NULL;
    }
    if (!caucus_dense_grow(s, bytes, &d_table)) {
        return NULL;
    }
    caucus_dense_send(s, table->numbers, bytes, d_table, "sending rows");
    s->tables[s->n_tables] = table->numbers;
    s->d_tables[s->n_tables] = d_table;
    s->n_tables++;
    return s->fault.error == 0 ? d_table : NULL;
}

/* A layer's weights, and the first of them; layers beyond the first have theirs behind. */
static void *layer_weights(const session_of *s, uint32_t layer, uint32_t width, caucus_dense_layer *of)
{
    caucus_dense_layer layers[CAUCUS_DENSE_LAYERS];
    (void)caucus_dense_layers(&s->shape, layers);
    size_t first = 0;
    for (uint32_t i = 0; i < layer; i++) {
        first += (size_t)layers[i].n_in * layers[i].n_out * width;
    }
    *of = layers[layer];
    return caucus_dense_real_at(s, s->d_weights, first);
}

/* Units of a layer beyond the first, for n rows. */
static void ascend(session_of *s, uint32_t layer, uint32_t n, uint32_t width, const void *below, bool squashed,
                   void *to)
{
    caucus_dense_layer of;
    arguments_of a = caucus_dense_arguments_for(n, width, below, to);
    a.by = layer_weights(s, layer, width, &of);
    a.n_in = of.n_in - 1;
    a.n_out = of.n_out;
    a.share = squashed ? 1 : 0;
    caucus_dense_ascend_launch(&a, caucus_dense_is_single(s), s->stream);
}

static void scores(void *session, const caucus_dense_table *table, size_t first, uint32_t n, uint32_t width)
{
    session_of *s = (session_of *)session;
    const caucus_dense_shape *shape = &s->shape;
    void *rows = caucus_dense_ready(s) ? find_table(s, table) : NULL;
    if (rows == NULL) {
        return;
    }
    const uint32_t units = caucus_dense_units(shape);
    void *to = shape->n_hidden > 0 ? s->d_hidden : s->d_scores;
    multiply(s, false, (int)n, (int)(units * width), (int)shape->n_columns,
             caucus_dense_real_at(s, rows, first * shape->n_columns), s->d_weights, 0, to, s->precision,
             (int)(units * width), (int)(units * width));
    if (shape->n_hidden > 0) {
        arguments_of a = caucus_dense_arguments_for(n, width, NULL, s->d_hidden);
        a.n_out = shape->n_hidden;
        caucus_dense_squash_launch(&a, caucus_dense_is_single(s), s->stream);
        if (shape->n_above > 0) {
            ascend(s, 1, n, width, s->d_hidden, true, s->d_above);
            ascend(s, 2, n, width, s->d_above, false, s->d_scores);
        } else {
            ascend(s, 1, n, width, s->d_hidden, false, s->d_scores);
        }
    }
    caucus_dense_launched(s, "computing scores");
}

static arguments_of slopes_of(session_of *s, size_t first, uint32_t n, uint32_t width)
{
    arguments_of a =
        caucus_dense_arguments_for(n, width, caucus_dense_real_at(s, s->d_people, first * width), s->d_scores);
    a.n_out = s->shape.n_outputs;
    a.labels = s->d_row_labels + first;
    a.varying = s->d_varying;
    return a;
}

static void softmax(void *session, size_t first, uint32_t n, uint32_t width)
{
    session_of *s = (session_of *)session;
    if (caucus_dense_ready(s)) {
        const arguments_of a = slopes_of(s, first, n, width);
        caucus_dense_softmax_launch(&a, caucus_dense_is_single(s), s->stream);
        caucus_dense_launched(s, "computing slopes");
    }
}

static void squares(void *session, size_t first, uint32_t n, uint32_t width)
{
    session_of *s = (session_of *)session;
    if (caucus_dense_ready(s)) {
        const arguments_of a = slopes_of(s, first, n, width);
        caucus_dense_squares_launch(&a, caucus_dense_is_single(s), s->stream);
        caucus_dense_launched(s, "computing slopes");
    }
}

/* From the slopes of a layer's units: those of its weights, added up, and of the units below, in their place. */
static void descend(session_of *s, uint32_t layer, uint32_t n, uint32_t width, const void *slopes, void *below,
                    double *gradient)
{
    caucus_dense_layer of;
    arguments_of a = caucus_dense_arguments_for(n, width, slopes, below);
    a.by = layer_weights(s, layer, width, &of);
    a.n_in = of.n_in - 1;
    a.n_out = of.n_out;
    a.too = gradient + ((unsigned char *)(void *)a.by - (unsigned char *)s->d_weights) / caucus_dense_real_bytes(s);
    caucus_dense_descend_launch(&a, caucus_dense_is_single(s), s->stream);
}

static void gather(void *session, const caucus_dense_table *table, size_t first, uint32_t n, uint32_t width,
                   double *gradient)
{
    session_of *s = (session_of *)session;
    const caucus_dense_shape *shape = &s->shape;
    void *rows = caucus_dense_ready(s) ? find_table(s, table) : NULL;
    if (rows == NULL) {
        return;
    }
    if (shape->n_above > 0) {
        descend(s, 2, n, width, s->d_scores, s->d_above, gradient);
        descend(s, 1, n, width, s->d_above, s->d_hidden, gradient);
    } else if (shape->n_hidden > 0) {
        descend(s, 1, n, width, s->d_scores, s->d_hidden, gradient);
    }
    const uint32_t units = caucus_dense_units(shape);
    const int wide = (int)(units * width);
    const void *slopes = shape->n_hidden > 0 ? s->d_hidden : s->d_scores;
    const void *from = caucus_dense_real_at(s, rows, first * shape->n_columns);
    if (caucus_dense_is_single(s)) {
        multiply(s, true, (int)shape->n_columns, wide, (int)n, from, slopes, 0, s->d_slopes, s->precision, wide, wide);
        const arguments_of a = caucus_dense_arguments_for((size_t)shape->n_columns * wide, 0, s->d_slopes, gradient);
        caucus_dense_widen_launch(&a, true, true, s->stream);
    } else {
        multiply(s, true, (int)shape->n_columns, wide, (int)n, from, slopes, 1, gradient, s->precision, wide, wide);
    }
    caucus_dense_launched(s, "computing a gradient");
}

/* Scores in double, a stage at a time. */
static void read(void *session, uint32_t n, uint32_t width, double *to)
{
    session_of *s = (session_of *)session;
    const size_t all = (size_t)n * s->shape.n_outputs * width;
    const size_t most = s->stage_bytes / sizeof(double);
    for (size_t first = 0; caucus_dense_ready(s) && first < all; first += most) {
        const size_t here = all - first < most ? all - first : most;
        const arguments_of a =
            caucus_dense_arguments_for(here, 0, caucus_dense_real_at(s, s->d_scores, first), s->d_stage);
        caucus_dense_widen_launch(&a, caucus_dense_is_single(s), false, s->stream);
        caucus_dense_launched(s, "reading scores");
        caucus_dense_fetch(s, s->d_stage, here * sizeof(double), to + first, "fetching scores");
    }
}

static void best(void *session, uint32_t n, uint32_t width, bool by_squares, uint32_t *labels)
{
    session_of *s = (session_of *)session;
    if (caucus_dense_ready(s)) {
        arguments_of a = caucus_dense_arguments_for(n, width, s->d_scores, s->d_best);
        a.n_out = s->shape.n_outputs;
        a.share = by_squares ? 1 : 0;
        caucus_dense_best_launch(&a, caucus_dense_is_single(s), s->stream);
        caucus_dense_launched(s, "choosing labels");
        caucus_dense_fetch(s, s->d_best, (size_t)n * width * sizeof *labels, labels, "fetching labels");
    }
}

static void apply(void *session, const double *matrix, uint32_t n, const double *x, size_t stride, uint32_t width,
                  double *y)
{
    session_of *s = (session_of *)session;
    if (caucus_dense_ready(s)) {
        multiply(s, false, (int)n, (int)width, (int)n, matrix, x, 0, y, CAUCUS_IN_DOUBLE, (int)stride, (int)stride);
    }
}

const caucus_operations caucus_dense_operations = {NULL,
                                                   NULL,
                                                   caucus_dense_close_session,
                                                   NULL,
                                                   NULL,
                                                   NULL,
                                                   caucus_dense_get,
                                                   caucus_dense_put,
                                                   caucus_dense_clear,
                                                   caucus_dense_take,
                                                   caucus_dense_leave,
                                                   caucus_dense_keep_people,
                                                   caucus_dense_keep,
                                                   load,
                                                   scores,
                                                   softmax,
                                                   squares,
                                                   gather,
                                                   read,
                                                   best,
                                                   caucus_dense_vectors_dots,
                                                   caucus_dense_vectors_largest,
                                                   caucus_dense_vectors_add,
                                                   caucus_dense_vectors_scale,
                                                   caucus_dense_vectors_spread,
                                                   caucus_dense_vectors_move,
                                                   caucus_dense_vectors_scatter,
                                                   caucus_dense_vectors_penalise,
                                                   apply};
