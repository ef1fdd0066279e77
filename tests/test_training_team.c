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
    void *space;
} member;

static void *work(void *argument)
{
    const member *me = argument;
    threadIdx.x = me->rank;
    caucus_train(me->problem->training, me->trainees, N_TRAINEES, 0, 1, me->space);
    return NULL;
}

static void train_as_team(training_problem *problem, uint32_t n_threads, caucus_trainee *trainees, void *space)
{
    pthread_t threads[MOST_THREADS];
    member members[MOST_THREADS];
    blockDim.x = n_threads;
    assert_int_equal(pthread_barrier_init(&barrier, NULL, n_threads), 0);
    for (uint32_t i = 0; i < n_threads; i++) {
        members[i] = (member){i, problem, trainees, space};
        assert_int_equal(pthread_create(&threads[i], NULL, work, &members[i]), 0);
    }
    for (uint32_t i = 0; i < n_threads; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    }
    pthread_barrier_destroy(&barrier);
}

static void check_kind(uint32_t kind)
{
    training_problem problem;
    problem_open(&problem, kind, N_TRAINEES);
    problem_train(&problem); /* in packs: the library is built for the CPU */
    caucus_fit fit;
    const uint32_t n = problem.training->n_parameters;
    void *space = aligned_alloc(64, caucus_fit_place(problem.training, NULL, &fit));
    double *parameters = malloc(N_TRAINEES * n * sizeof *parameters);
    assert_true(space != NULL && parameters != NULL);
    const uint32_t sizes[] = {1, 2, MOST_THREADS};
    for (size_t s = 0; s < 3; s++) {
        caucus_trainee trainees[N_TRAINEES];
        for (uint32_t t = 0; t < N_TRAINEES; t++) {
            trainees[t] = problem.trainees[t];
            trainees[t].parameters = parameters + t * n;
        }
        problem_clear_labels(&problem);
        train_as_team(&problem, sizes[s], trainees, space);
        for (uint32_t t = 0; t < N_TRAINEES; t++) {
            problem_check_fit(&problem, t, &trainees[t]);
        }
    }
    free(parameters);
    free(space);
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
