#include "solve/search.h"

#include "compile/compile.h"
#include "trial/bounds.h"

#include <math.h>
#include <stdlib.h>

/* What is known of one size. */
typedef struct point {
    uint64_t size;
    bool ran;                   /* the trials, so everything is known */
    caucus_estimate *estimates; /* [quantity] */
    bool *known;                /* [quantity] */
    bool *used;                 /* [quantity] some search looked at it */
} point;

typedef struct search {
    caucus_evaluator *evaluator;
    const caucus_search_setting *setting;
    size_t n_points, capacity;
    point *points; /* in the order of their making */
} search;

typedef enum limit { UPPER, VALUE, LOWER, N_LIMITS } limit;

static void point_free(point *p)
{
    free(p->used);
    free(p->known);
    free(p->estimates);
}

static caucus_status point_alloc(uint32_t n_quantities, point *p)
{
    TRY(caucus_alloc(n_quantities, sizeof *p->estimates, "estimates", &p->estimates));
    TRY(caucus_alloc(n_quantities, sizeof *p->known, "estimates", &p->known));
    return caucus_alloc(n_quantities, sizeof *p->used, "estimates", &p->used);
}

static caucus_status add_point(search *s, uint64_t size, point **added)
{
    if (s->n_points == s->capacity) {
        size_t capacity = s->capacity > 0 ? 2 * s->capacity : 64;
        point *points = realloc(s->points, capacity * sizeof *points);
        if (points == NULL) {
            return caucus_fail_memory(capacity * sizeof *points, "a search");
        }
        s->points = points;
        s->capacity = capacity;
    }
    point made = {.size = size};
    caucus_status status = point_alloc(s->evaluator->n_quantities, &made);
    if (status != CAUCUS_OK) {
        point_free(&made);
        return status;
    }
    s->points[s->n_points] = made;
    *added = &s->points[s->n_points++];
    return CAUCUS_OK;
}

/* A size costs its compilation when only bounds are asked for that no data enter, and all its trials otherwise. */
static caucus_status evaluate(search *s, uint32_t quantity, point *p)
{
    caucus_evaluator *evaluator = s->evaluator;
    const uint32_t collective = s->setting->collective;
    caucus_compiled *compiled = NULL;
    caucus_status status = caucus_evaluator_compile(evaluator, s->setting->config, collective, p->size, &compiled);
    if (status == CAUCUS_OK) {
        caucus_evaluator_fixed(evaluator, compiled, collective, p->estimates, p->known);
        if (!p->known[quantity]) {
            status = caucus_evaluator_run(evaluator, compiled, collective, p->estimates);
            p->ran = true;
            caucus_evaluator_fixed(evaluator, compiled, collective, p->estimates, p->known);
        }
    }
    if (status != CAUCUS_OK && status != CAUCUS_STOPPED) {
        caucus_error_prefix("configuration %llu with %llu members: ", (unsigned long long)s->setting->config,
                            (unsigned long long)p->size);
    }
    caucus_compiled_free(compiled);
    return status;
}

static caucus_status look_up(search *s, uint32_t quantity, uint64_t size, caucus_estimate *estimate)
{
    point *p = NULL;
    for (size_t i = 0; i < s->n_points && p == NULL; i++) {
        p = s->points[i].size == size ? &s->points[i] : NULL;
    }
    if (p == NULL) {
        TRY(add_point(s, size, &p));
    }
    if (!p->ran && !p->known[quantity]) {
        TRY(evaluate(s, quantity, p));
    }
    p->used[quantity] = true;
    *estimate = p->estimates[quantity];
    return CAUCUS_OK;
}

/* Bounds are rounded to float32 when a trial stores them, down or from above up, so the target is too: a bound that
 * reaches it in exact arithmetic is not missed. NaN reaches nothing. */
static caucus_status reaches(search *s, uint32_t quantity, limit which, uint64_t size, bool *yes)
{
    caucus_estimate estimate;
    TRY(look_up(s, quantity, size, &estimate));
    const uint32_t n_methods = s->evaluator->plan->layout.n_methods;
    const double wanted = s->setting->target;
    const double target = quantity == 0          ? wanted
                          : quantity > n_methods ? (double)caucus_round_up(wanted)
                                                 : (double)caucus_round_down(wanted);
    double values[N_LIMITS] = {estimate.high, estimate.value, estimate.low};
    *yes = values[which] >= target;
    return CAUCUS_OK;
}

/* The size between two in the logarithm, strictly between where there is one. */
static uint64_t middle(uint64_t low, uint64_t high)
{
    uint64_t size = (uint64_t)sqrt((double)low * (double)high);
    size = size > low ? size : low + 1;
    return size < high ? size : high - 1;
}

/* From the smallest size up: high is the first that reaches, low the one tried before; low = most: none does. */
static caucus_status bracket_upwards(search *s, uint32_t quantity, limit which, uint64_t *low, uint64_t *high)
{
    const uint64_t most = s->setting->most;
    bool yes = false;
    *low = s->setting->least - 1; /* is no size */
    *high = s->setting->least;
    TRY(reaches(s, quantity, which, *high, &yes));
    while (!yes) {
        *low = *high;
        if (*high == most) {
            return CAUCUS_OK;
        }
        *high = *high > most / 2 ? most : 2 * *high;
        TRY(reaches(s, quantity, which, *high, &yes));
    }
    return CAUCUS_OK;
}

/* From the largest size down: low is the first that does not reach. Few members know too little to say what is out of
 * reach, so that bounds from above rise again where sizes are small. */
static caucus_status bracket_downwards(search *s, uint32_t quantity, limit which, uint64_t *low, uint64_t *high)
{
    const uint64_t least = s->setting->least;
    bool yes = false;
    *high = s->setting->most;
    *low = *high;
    TRY(reaches(s, quantity, which, *low, &yes));
    while (yes) {
        *high = *low;
        *low = *low / 2 < least ? least - 1 : *low / 2;
        if (*low < least) {
            return CAUCUS_OK;
        }
        TRY(reaches(s, quantity, which, *low, &yes));
    }
    return CAUCUS_OK;
}

/* NaN when not even the largest size reaches. */
static caucus_status find(search *s, uint32_t quantity, limit which, double *found)
{
    uint64_t low = 0; /* does not reach, or is no size */
    uint64_t high = 0;
    bool yes = false;
    TRY((quantity > s->evaluator->plan->layout.n_methods ? bracket_downwards : bracket_upwards)(s, quantity, which,
                                                                                                &low, &high));
    if (low == s->setting->most) {
        *found = NAN;
        return CAUCUS_OK;
    }
    while (high - low > 1) {
        uint64_t between = middle(low, high);
        TRY(reaches(s, quantity, which, between, &yes));
        *(yes ? &high : &low) = between;
    }
    *found = (double)high;
    return CAUCUS_OK;
}

static caucus_status find_mass(search *s, uint32_t quantity, caucus_critical_mass *mass)
{
    const caucus_search_setting *setting = s->setting;
    caucus_estimate at = caucus_estimate_exact(NAN);
    caucus_estimate below = caucus_estimate_exact(NAN);
    TRY(find(s, quantity, VALUE, &mass->size));
    TRY(find(s, quantity, UPPER, &mass->low));
    TRY(find(s, quantity, LOWER, &mass->high));
    TRY(look_up(s, quantity, isnan(mass->size) ? setting->most : (uint64_t)mass->size, &at));
    if (mass->size > (double)setting->least) {
        TRY(look_up(s, quantity, (uint64_t)mass->size - 1, &below));
    }
    mass->value = at.value;
    mass->value_below = below.value;
    return CAUCUS_OK;
}

static void count_points(const search *s, uint32_t quantity, caucus_critical_mass *mass)
{
    for (size_t i = 0; i < s->n_points; i++) {
        const point *p = &s->points[i];
        mass->evaluations += p->used[quantity];
        /* known by itself: no data enter; NaN there: the method does not apply */
        mass->trials = p->used[quantity] && !p->known[quantity] ? s->evaluator->estimator.n_trials : mass->trials;
    }
}

caucus_status caucus_search_config(caucus_evaluator *evaluator, const caucus_search_setting *setting,
                                   caucus_critical_mass *masses)
{
    caucus_status status = CAUCUS_OK;
    search s = {.evaluator = evaluator, .setting = setting};
    evaluator->converged = NAN; /* fmin takes the other number */
    for (uint32_t q = 0; q < evaluator->n_quantities; q++) {
        caucus_critical_mass *mass = &masses[q];
        mass->size = mass->low = mass->high = mass->value = mass->value_below = NAN;
        mass->largest = setting->most >= setting->least ? setting->most : 0;
        if (setting->most < setting->least) {
            continue;
        }
        TRY_GOTO(find_mass(&s, q, mass), done);
        count_points(&s, q, mass);
    }
    for (uint32_t q = 0; q < evaluator->n_quantities; q++) {
        masses[q].converged = evaluator->converged;
    }
done:
    for (size_t i = 0; i < s.n_points; i++) {
        point_free(&s.points[i]);
    }
    free(s.points);
    return status;
}
