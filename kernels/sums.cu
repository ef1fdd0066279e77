/* Summaries only: what trials yield is added to the words of their configuration.
 *
 * A thread takes one column of the output (a series, a collective's success, a bound) over a chunk of trials and adds
 * it up by itself; only what it then has goes to the words that all threads share. Neighbouring threads take the same
 * column of other chunks, so that they do the same. Bins of histograms go there in runs of equal ones. */
#include "kernels/lanes.h"
#include "trial/sums.h"

enum { CHUNK = 128, BLOCK = 128, MOST_HEAD = CAUCUS_BOUND_BINS };

static_assert((int)CAUCUS_SUCCESS_BINS <= (int)MOST_HEAD && (int)CAUCUS_TOGETHER_WORDS <= (int)MOST_HEAD &&
                  (int)CAUCUS_SQUARES_WORDS <= (int)MOST_HEAD,
              "the words before a histogram fit");

/* Columns in order: the series, squares of global success, success, bounds, bounds on global and on joint success, and
 * the same bounds from above. */
static __host__ __device__ uint32_t n_columns(const caucus_shape *shape)
{
    return CAUCUS_SUMS_SINGLES + 1 + shape->n_collectives +
           (shape->upper ? 2 : 1) * (shape->n_collectives + 2) * shape->n_methods;
}

struct run {
    uint64_t *bins;
    uint32_t bin; /* of the last trials */
    uint32_t n;
};

static __device__ void add(uint64_t *word, uint64_t amount)
{
    if (amount != 0) {
        atomicAdd((unsigned long long *)word, (unsigned long long)amount);
    }
}

static __device__ void count(struct run *run, uint32_t bin)
{
    if (bin != run->bin) {
        if (run->n > 0 && run->bin != CAUCUS_NO_BIN) {
            add(&run->bins[run->bin], run->n);
        }
        run->bin = bin;
        run->n = 0;
    }
    run->n++;
}

/* Add column c of rows first .. end - 1. */
static __device__ void add_column(const caucus_trials_arguments *arguments, uint32_t c, uint32_t first, uint32_t end)
{
    const caucus_shape *shape = &arguments->shape;
    const caucus_compiled *compiled = arguments->d_order->compiled;
    const uint32_t test = compiled->config->test;
    const uint32_t n_bounds = shape->n_collectives * shape->n_methods;
    const uint32_t success = CAUCUS_SUMS_SINGLES + 1;
    const uint32_t bounds = success + shape->n_collectives;
    const uint32_t together = bounds + n_bounds;
    const uint32_t uppers = together + 2 * shape->n_methods;
    const uint32_t together_upper = uppers + n_bounds;
    const bool above = c >= together_upper;
    const uint32_t m = c < bounds   ? c - success /* where it is of a collective */
                       : c < uppers ? (c - bounds) / shape->n_methods
                                    : (c - uppers) / shape->n_methods;
    if (c >= success && !above && (c < together || c >= uppers) && m >= compiled->n_collectives) {
        return;
    }
    /* where it is of all collectives together */
    const uint32_t goal = c - (above ? together_upper : together);
    const uint32_t method = shape->n_methods > 0 ? goal % shape->n_methods : 0;
    const bool joint = goal >= shape->n_methods;
    size_t at = c < CAUCUS_SUMS_SINGLES ? caucus_sums_single((int)c)
                : c < success           ? (size_t)CAUCUS_SUMS_SQUARES
                : c < bounds            ? caucus_sums_success(m)
                : c < together          ? caucus_sums_bound(shape, c - bounds)
                : c < uppers            ? caucus_sums_together(shape, joint, method)
                : c < together_upper    ? caucus_sums_upper(shape, c - uppers)
                                        : caucus_sums_together_upper(shape, joint, method);
    uint64_t head[MOST_HEAD];
    for (uint32_t i = 0; i < MOST_HEAD; i++) {
        head[i] = 0;
    }
    struct run run = {arguments->d_sums + at +
                          (c < bounds ? (uint32_t)CAUCUS_SUCCESS_BINS : (uint32_t)CAUCUS_BOUND_BINS),
                      CAUCUS_NO_BIN, 0};
    for (uint32_t row = first; row < end; row++) {
        const caucus_row result = caucus_block_row(&arguments->d_rows, &arguments->shape, row);
        if (c < CAUCUS_SUMS_SINGLES) {
            caucus_single_add(head, &result, (int)c, test);
        } else if (c < success) {
            caucus_squares_add(head, *result.global_success);
        } else if (c < bounds) {
            count(&run, caucus_success_add(head, result.success_count[m], test));
        } else if (c < together) {
            count(&run, caucus_bound_add(head, result.lower_bound[c - bounds], result.success_count[m], test));
        } else if (c >= uppers && !above) {
            caucus_upper_add(head, result.upper_bound[c - uppers], result.success_count[m], test);
        } else {
            const float *values = joint ? (above ? result.joint_upper : result.joint_bound)
                                        : (above ? result.global_upper : result.global_bound);
            caucus_together_add(head, above, values[method],
                                joint ? caucus_row_joint_success(&result, test) : *result.global_success);
        }
    }
    count(&run, CAUCUS_NO_BIN);
    for (uint32_t i = 0; i < MOST_HEAD; i++) {
        if (head[i] != 0) {
            add(&arguments->d_sums[at + i], head[i]);
        }
    }
    if (c == 0) {
        add(&arguments->d_sums[CAUCUS_SUMS_TRIALS], end - first);
    }
}

static __global__ void __launch_bounds__(BLOCK, 2)
    sums_kernel(const __grid_constant__ caucus_trials_arguments arguments)
{
    const caucus_trials_order *order = arguments.d_order;
    const uint32_t n_chunks = (order->n_trials + CHUNK - 1) / CHUNK;
    const uint64_t n = (uint64_t)n_chunks * n_columns(&arguments.shape);
    const uint64_t n_threads = (uint64_t)gridDim.x * BLOCK;
    for (uint64_t i = (uint64_t)blockIdx.x * BLOCK + threadIdx.x; i < n; i += n_threads) {
        const uint32_t first = (uint32_t)(i % n_chunks) * CHUNK;
        const uint32_t end = order->n_trials - first < CHUNK ? order->n_trials : first + CHUNK;
        add_column(&arguments, (uint32_t)(i / n_chunks), order->first_row + first, order->first_row + end);
    }
}

int caucus_sums_launch(const caucus_trials_arguments *arguments, cudaStream_t stream)
{
    enum { MOST_BLOCKS = 1 << 16 };
    const uint64_t n = (uint64_t)arguments->n_lane_groups * CAUCUS_LANE_GROUP / CHUNK * n_columns(&arguments->shape);
    const uint64_t n_blocks = (n + BLOCK - 1) / BLOCK;
    CAUCUS_LAUNCH(sums_kernel, (unsigned)(n_blocks < MOST_BLOCKS ? n_blocks : (uint64_t)MOST_BLOCKS), BLOCK, 0, stream,
                  *arguments);
    return cudaGetLastError();
}
