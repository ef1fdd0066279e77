/* The device's form of training, with threads of the CPU as the team: the same bits as packs give, for teams of any
 * size. Under the thread sanitizer it also shows that no thread reads what another has still to write. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pthread.h>

typedef struct three {
    uint32_t x;
} three;

static _Thread_local three threadIdx;
static three blockDim;
static pthread_barrier_t barrier;

static inline void __syncthreads(void)
{
    pthread_barrier_wait(&barrier);
}

#ifndef CAUCUS_DEVICE_CODE
#define CAUCUS_DEVICE_CODE
#endif
#include "training_problem.h"

enum { MOST_THREADS = 5, N_TRAINEES = 6 };

typedef struct member {
    uint32_t rank;
    training_problem *problem;
    caucus_trainee *trainees;
    caucus_fit_memory memory;
} member;

static void *work(void *argument)
{
    member *me = argument;
    const caucus_training *training = me->problem->training;
    caucus_fit fit;
    threadIdx.x = me->rank;
    caucus_fit_lay_out(training, true, &me->memory, &fit);
    caucus_train_by(caucus_training_way(training), &fit, me->trainees, N_TRAINEES, 0, 1);
    return NULL;
}

/* With so many bytes near, and the rest of the workspace far. */
static void train_as_team(training_problem *problem, uint32_t n_threads, size_t near_bytes, caucus_trainee *trainees)
{
    const size_t space = caucus_training_team_space(problem->training);
    const caucus_fit_memory memory = {
        .near = near_bytes > 0 ? malloc(near_bytes) : NULL, .near_bytes = near_bytes, .far = malloc(space)};
    assert_true(memory.far != NULL && (near_bytes == 0 || memory.near != NULL));
    pthread_t threads[MOST_THREADS];
    member members[MOST_THREADS];
    blockDim.x = n_threads;
    assert_int_equal(pthread_barrier_init(&barrier, NULL, n_threads), 0);
    for (uint32_t i = 0; i < n_threads; i++) {
        members[i] = (member){i, problem, trainees, memory};
        assert_int_equal(pthread_create(&threads[i], NULL, work, &members[i]), 0);
    }
    for (uint32_t i = 0; i < n_threads; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    }
    assert_true(members[0].memory.near_used <= near_bytes);
    assert_true(members[0].memory.near_used + members[0].memory.far_used == space);
    assert_true((members[0].memory.near_used > 0) == (near_bytes > 0));
    free(memory.near);
    free(memory.far);
    pthread_barrier_destroy(&barrier);
}

static void check_kind(uint32_t kind)
{
    training_problem problem;
    problem_open(&problem, kind, N_TRAINEES);
    problem_train(&problem); /* in packs: the library is built for the CPU */
    const uint32_t n = problem.training->n_parameters;
    double *parameters = malloc(N_TRAINEES * n * sizeof *parameters);
    assert_non_null(parameters);
    const uint32_t sizes[] = {1, 2, MOST_THREADS};
    const size_t near[] = {0, 3000, caucus_training_team_space(problem.training)};
    for (size_t s = 0; s < 3; s++) {
        caucus_trainee trainees[N_TRAINEES];
        for (uint32_t t = 0; t < N_TRAINEES; t++) {
            trainees[t] = problem.trainees[t];
            trainees[t].parameters = parameters + t * n;
        }
        problem_clear_labels(&problem);
        train_as_team(&problem, sizes[s], near[s], trainees);
        for (uint32_t t = 0; t < N_TRAINEES; t++) {
            problem_check_fit(&problem, t, &trainees[t]);
        }
    }
    free(parameters);
    problem_close(&problem);
}

static void team_trains_logistic(void **state)
{
    (void)state;
    check_kind(PROBLEM_LOGISTIC);
    check_kind(PROBLEM_INTERACTIONS);
    check_kind(PROBLEM_FAR);
}

static void team_trains_naive_bayes(void **state)
{
    (void)state;
    check_kind(PROBLEM_NAIVE_BAYES);
}

static void team_trains_mlp(void **state)
{
    (void)state;
    check_kind(PROBLEM_MLP);
}

static void team_trains_privately(void **state)
{
    (void)state;
    check_kind(PROBLEM_PRIVATE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(team_trains_logistic),
        cmocka_unit_test(team_trains_naive_bayes),
        cmocka_unit_test(team_trains_mlp),
        cmocka_unit_test(team_trains_privately),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
