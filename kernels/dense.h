/* Sessions of training on rows on a device (dense/operations.h): what they hold, and the launches of their kernels. */
#ifndef CAUCUS_KERNELS_DENSE_H
#define CAUCUS_KERNELS_DENSE_H

#include "kernels/cublas.h"
#include "kernels/module.h"

#include <cuda_runtime_api.h>

enum {
    CAUCUS_DENSE_TABLES = 2,      /* tables of rows that a session keeps: those of training and of the test */
    CAUCUS_DENSE_PIECES = 64,     /* allocations of a session, all in all */
    CAUCUS_DENSE_SENT = 64,       /* rows of factors on their way */
    CAUCUS_DENSE_CHUNK = 32,      /* numbers of a vector that a thread adds up */
    CAUCUS_DENSE_STAGE = 8 << 20, /* bytes that are moved or turned at a time */
    CAUCUS_DENSE_WORKSPACE = 32 << 20
};

typedef struct caucus_dense_session {
    int device;
    uint32_t precision; /* caucus_products */
    caucus_dense_shape shape;
    cudaStream_t stream;
    const caucus_cublas *cublas;
    caucus_cublas_handle handle;
    caucus_cuda_fault fault; /* the first one; error 0: none */

    void *pieces[CAUCUS_DENSE_PIECES]; /* on the device */
    uint32_t n_pieces;
    const void *tables[CAUCUS_DENSE_TABLES]; /* of the host, by address */
    void *d_tables[CAUCUS_DENSE_TABLES];
    uint32_t n_tables;

    /* In the precision of products: double, or single. */
    void *d_weights;   /* of each layer [input][unit][width] */
    void *d_hidden;    /* [row][hidden][width] */
    void *d_above;     /* [row][above][width] */
    void *d_scores;    /* [row][output][width] */
    void *d_slopes;    /* [column][unit][width] of a tile, in single precision */
    void *d_people;    /* [row][width] */
    size_t most_rows;  /* that people have room for */
    size_t n_rows;     /* of the people */
    uint32_t n_groups; /* of rows whose labels vary */
    uint32_t most_groups;
    uint32_t *d_row_labels; /* [row] */
    uint32_t *d_varying;    /* [group][width] */

    uint32_t *d_best; /* [tile][batch] */
    double *d_parts;  /* [chunk][batch] */
    size_t most_chunks;
    double *d_factors;       /* [sent][batch] */
    uint32_t *d_places;      /* [sent][batch] */
    double *pinned;          /* [sent][batch] of factors, then [batch] of results */
    uint32_t *pinned_places; /* [sent][batch] */
    uint32_t n_sent;
    void *d_stage; /* CAUCUS_DENSE_STAGE bytes, or a row if that is more */
    size_t stage_bytes;
    void *d_workspace; /* of cuBLAS */
} caucus_dense_session;

/* One struct for all kernels; each uses some of it. */
typedef struct caucus_dense_arguments {
    size_t n;       /* rows of a tile, or numbers of a vector for each trial */
    uint32_t width; /* trials at work */
    uint32_t n_in, n_out;
    uint32_t other; /* trials of another array, or numbers of a chunk */
    double penalty, share;
    const void *from;
    const void *by;
    const double *factors;
    const uint32_t *places;
    const uint32_t *labels;
    const uint32_t *varying;
    void *to;
    void *too;
} caucus_dense_arguments;

#ifdef __cplusplus
extern "C" {
#endif

/* Launches; where two precisions are, `single` chooses. What went wrong is in cudaGetLastError(). */

/* to [n] (real) = from [n] (double, or uint32_t); to [n] (double) += from [n] (real). */
void caucus_dense_narrow_launch(const caucus_dense_arguments *arguments, bool single, cudaStream_t stream);
void caucus_dense_count_launch(const caucus_dense_arguments *arguments, bool single, cudaStream_t stream);
void caucus_dense_widen_launch(const caucus_dense_arguments *arguments, bool single, bool add, cudaStream_t stream);

/* Scores `to` [n][n_out][width] become slopes, by people `from` [n][width], labels [n] and varying. */
void caucus_dense_softmax_launch(const caucus_dense_arguments *arguments, bool single, cudaStream_t stream);
void caucus_dense_squares_launch(const caucus_dense_arguments *arguments, bool single, cudaStream_t stream);

/* Units `to` [n][n_out][width] = tanh of themselves; = from [n][n_in][width] and the constant by weights `by`
 * [n_in + 1][n_out][width], with share != 0 through tanh. */
void caucus_dense_squash_launch(const caucus_dense_arguments *arguments, bool single, cudaStream_t stream);
void caucus_dense_ascend_launch(const caucus_dense_arguments *arguments, bool single, cudaStream_t stream);

/* too [n_in + 1][n_out][width] += what slopes from [n][n_out][width] mean for the weights above units
 * `to` [n][n_in][width]; then the slopes of these units, in their place, by the weights `by`. */
void caucus_dense_descend_launch(const caucus_dense_arguments *arguments, bool single, cudaStream_t stream);

/* to [n][width] = the label of the best of the scores from [n][n_out][width]; share != 0: of squares. */
void caucus_dense_best_launch(const caucus_dense_arguments *arguments, bool single, cudaStream_t stream);

/* Trials places [other] of from [n][width] go to `to` [n][other]; bytes: of a value, 4 or 8. */
void caucus_dense_keep_launch(const caucus_dense_arguments *arguments, uint32_t bytes, cudaStream_t stream);
/* to [n] = from [n], values of so many bytes. */
void caucus_dense_copy_launch(const caucus_dense_arguments *arguments, uint32_t bytes, cudaStream_t stream);

/* Of vectors (double), as dense/operations.h has them: from and by are x and y, `to` what is written. */
void caucus_dense_dots_launch(const caucus_dense_arguments *arguments, bool largest, cudaStream_t stream);
void caucus_dense_add_launch(const caucus_dense_arguments *arguments, cudaStream_t stream);
void caucus_dense_scale_launch(const caucus_dense_arguments *arguments, cudaStream_t stream);
void caucus_dense_spread_launch(const caucus_dense_arguments *arguments, cudaStream_t stream);
void caucus_dense_move_launch(const caucus_dense_arguments *arguments, cudaStream_t stream);
void caucus_dense_scatter_launch(const caucus_dense_arguments *arguments, cudaStream_t stream);
void caucus_dense_penalise_launch(const caucus_dense_arguments *arguments, cudaStream_t stream);

/* The functions of a session that compute (kernels/dense_operations.cu); the rest is in kernels/dense.cu. */
extern const caucus_operations caucus_dense_operations;

void caucus_dense_close_session(void *session);

/* What they share: turn to the device and say whether nothing has gone wrong yet; keep an error, if it is one. */
bool caucus_dense_ready(caucus_dense_session *session);
bool caucus_dense_try(caucus_dense_session *session, cudaError_t error, const char *at);

#ifdef __cplusplus
}
#endif

extern const caucus_cuda_dense caucus_dense_on_device;

#endif
