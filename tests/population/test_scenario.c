/* Scenarios: their models' numbers by hand, exact uniqueness and gap, Dirichlet moments, and the same bits everywhere.
 */
#include "math/dirichlet.h"
#include "population/scenario.h"
#include "population/scenario_build.h"
#include "table_files.h"

#include <math.h>

enum { MAX_PARAMETERS = 16 };

/* A scenario's defaults with some values replaced: name, value, ..., NULL. */
static caucus_status make(caucus_population **p, const char *name, ...)
{
    const caucus_scenario *scenario = caucus_scenario_find(name);
    assert_non_null(scenario);
    double values[MAX_PARAMETERS];
    for (uint32_t i = 0; i < scenario->n_parameters; i++) {
        values[i] = scenario->parameters[i].fallback;
    }
    va_list settings;
    va_start(settings, name);
    for (const char *key; (key = va_arg(settings, const char *)) != NULL;) {
        uint32_t i = 0;
        while (i < scenario->n_parameters && strcmp(scenario->parameters[i].name, key) != 0) {
            i++;
        }
        assert_true(i < scenario->n_parameters);
        values[i] = va_arg(settings, double);
    }
    va_end(settings);
    *p = NULL;
    return scenario->make(values, p);
}

static uint32_t feature_of(const caucus_population *p, const char *name)
{
    for (uint32_t f = 0; f < p->n_features; f++) {
        if (strcmp(p->features[f].name, name) == 0) {
            return f;
        }
    }
    fail_msg("no feature %s", name);
    return 0;
}

/* Probability of feature = value and, unless NULL, other = its value. */
static double probability(const caucus_population *p, const char *feature, const char *value, const char *other,
                          const char *other_value)
{
    uint32_t f = feature_of(p, feature);
    uint32_t g = other != NULL ? feature_of(p, other) : 0;
    uint32_t v = value_of(&p->features[f], value);
    uint32_t w = other != NULL ? value_of(&p->features[g], other_value) : 0;
    uint64_t sum = 0;
    for (uint64_t cell = 0; cell < p->n_cells; cell++) {
        const uint32_t *x = p->codes + cell * p->n_features;
        for (uint32_t y = 0; y < p->n_labels && x[f] == v && (other == NULL || x[g] == w); y++) {
            sum += p->weights[cell * p->n_labels + y];
        }
    }
    return (double)sum / (double)p->total;
}

static double label_probability(const caucus_population *p, uint32_t label)
{
    uint64_t sum = 0;
    for (uint64_t cell = 0; cell < p->n_cells; cell++) {
        sum += p->weights[cell * p->n_labels + label];
    }
    return (double)sum / (double)p->total;
}

static void test_list(void **state)
{
    (void)state;
    size_t n = 0;
    for (; caucus_scenarios[n] != NULL; n++) {
        const caucus_scenario *s = caucus_scenarios[n];
        assert_ptr_equal(caucus_scenario_find(s->name), s);
        assert_true(s->n_parameters <= MAX_PARAMETERS);
        for (uint32_t i = 0; i < s->n_parameters; i++) {
            const caucus_parameter *p = &s->parameters[i];
            assert_true(p->low <= p->fallback && p->fallback <= p->high);
            assert_true(!p->integer || p->fallback == floor(p->fallback));
            assert_true(strlen(p->meaning) > 10);
        }
    }
    assert_int_equal(n, 2);
    assert_null(caucus_scenario_find("climat"));
    assert_null(caucus_scenario_find(""));
}

/* ---- climate -------------------------------------------------------------------------------------------------- */

static void test_climate_shape(void **state)
{
    (void)state;
    caucus_population *p;
    assert_int_equal(make(&p, "climate", NULL), CAUCUS_OK);
    assert_int_equal(p->n_features, 8);
    assert_int_equal(p->n_labels, 4);
    assert_int_equal(p->n_cells, 3 * 3 * 3 * 4 * 3 * 3 * 3 * 3); /* every combination is possible */
    assert_false(p->finite);
    assert_in_range(p->total, (UINT64_C(1) << 50) - p->n_cells, (UINT64_C(1) << 50) + p->n_cells);
    assert_values(&p->features[feature_of(p, "roof")], "dark_flat|dark_pitched|light|green");
    assert_values(&p->label, "cool_roof|flood_proofing|retrofit|tree_shade");
    for (uint32_t y = 0; y < 4; y++) {
        double share = label_probability(p, y);
        assert_true(share > 0.15 && share < 0.35);
    }
    caucus_population_free(p);
}

/* Sums over the districts' tables, by hand; segregation moves the joint probability but not the margins. */
static void test_climate_margins(void **state)
{
    (void)state;
    const double heat_high = 0.20 * 0.15 + 0.25 * 0.55 + 0.35 * 0.15 + 0.20 * 0.45;
    const double flood_major = 0.20 * 0.45 + 0.25 * 0.10 + 0.35 * 0.05 + 0.20 * 0.15;
    const double both = 0.20 * 0.15 * 0.45 + 0.25 * 0.55 * 0.10 + 0.35 * 0.15 * 0.05 + 0.20 * 0.45 * 0.15;
    const double old = 0.20 * 0.25 + 0.25 * 0.65 + 0.35 * 0.10 + 0.20 * 0.10;
    const struct {
        double segregation;
        double joint;
    } cases[] = {{1, both}, {0, heat_high * flood_major}};
    for (int i = 0; i < 2; i++) {
        caucus_population *p;
        assert_int_equal(make(&p, "climate", "segregation", cases[i].segregation, NULL), CAUCUS_OK);
        assert_true(fabs(probability(p, "heat_exposure", "high", NULL, NULL) - heat_high) < 1e-10);
        assert_true(fabs(probability(p, "flood_zone", "major", NULL, NULL) - flood_major) < 1e-10);
        assert_true(fabs(probability(p, "heat_exposure", "high", "flood_zone", "major") - cases[i].joint) < 1e-10);
        assert_true(fabs(probability(p, "building_age", "before_1960", "energy_rating", "E_G") - old * 0.60) < 1e-10);
        assert_true(fabs(probability(p, "building_age", "before_1960", "roof", "green") - old * 0.05) < 1e-10);
        caucus_population_free(p);
    }
}

/* Without segregation the tilt acts on the city's distribution: odds of high to low heat grow by e^(2 * 0.5 * 3). */
static void test_climate_warming(void **state)
{
    (void)state;
    caucus_population *p;
    caucus_population *q;
    assert_int_equal(make(&p, "climate", "segregation", 0.0, "warming", 1.0, "sea_level", 0.0, NULL), CAUCUS_OK);
    assert_int_equal(make(&q, "climate", "segregation", 0.0, "warming", 4.0, "sea_level", 2.0, NULL), CAUCUS_OK);
    double heat_before =
        probability(p, "heat_exposure", "high", NULL, NULL) / probability(p, "heat_exposure", "low", NULL, NULL);
    double heat_after =
        probability(q, "heat_exposure", "high", NULL, NULL) / probability(q, "heat_exposure", "low", NULL, NULL);
    double flood_before =
        probability(p, "flood_zone", "major", NULL, NULL) / probability(p, "flood_zone", "none", NULL, NULL);
    double flood_after =
        probability(q, "flood_zone", "major", NULL, NULL) / probability(q, "flood_zone", "none", NULL, NULL);
    assert_true(fabs(heat_after / heat_before / exp(3.0) - 1) < 1e-8);
    assert_true(fabs(flood_after / flood_before / exp(4.0) - 1) < 1e-8);
    assert_true(label_probability(q, 1) > label_probability(p, 1));
    caucus_population_free(p);
    caucus_population_free(q);
}

/* Log odds of two programmes are decisiveness times the difference of their needs, computed here by hand. */
static void test_climate_labels(void **state)
{
    (void)state;
    const char *hot[] = {"high", "major", "before_1960", "dark_flat", "none", "E_G", "social_rent", "low"};
    const char *mild[] = {"medium", "none", "since_2000", "light", "window_unit", "C_D", "owner", "middle"};
    caucus_population *p;
    assert_int_equal(make(&p, "climate", "decisiveness", 3.0, "equity", 0.5, NULL), CAUCUS_OK);
    const double hot_needs[] = {0.08 + 0.95 + 0.25 + 0.15, 0.95 + 0.15 + 0.075, 0.50 + 0.25 + 0.0 + 0.10,
                                0.22 + 0.0 + 0.0 + 0.25 * 1.5 * 0.5};
    const double mild_needs[] = {0.08 + 0.95 * 0.5 * 0.2 + 0.25 * 0.5 * 0.5 + 0.30 * 0.5 * 0.2, 0.0,
                                 0.25 + 0.25 * 0.5 * 0.1 + 0.05 + 0.20 * 0.5 * 0.2, 0.22 + 0.35 * 0.5 * 0.8 + 0.12};
    for (uint32_t y = 1; y < 4; y++) {
        double odds = (double)weight_of(p, hot, p->label.values[y]) / (double)weight_of(p, hot, "cool_roof");
        assert_true(fabs(log(odds) - 3.0 * (hot_needs[y] - hot_needs[0])) < 1e-6);
        odds = (double)weight_of(p, mild, p->label.values[y]) / (double)weight_of(p, mild, "cool_roof");
        assert_true(fabs(log(odds) - 3.0 * (mild_needs[y] - mild_needs[0])) < 1e-6);
    }
    caucus_population_free(p);
    assert_int_equal(make(&p, "climate", "decisiveness", 0.0, NULL), CAUCUS_OK);
    for (uint64_t cell = 0; cell < p->n_cells; cell++) {
        const uint64_t *w = p->weights + 4 * cell;
        assert_true(llabs((long long)(w[0] - w[3])) <= 1 && llabs((long long)(w[1] - w[2])) <= 1);
    }
    caucus_population_free(p);
}

static void test_climate_limits(void **state)
{
    (void)state;
    const caucus_scenario *scenario = caucus_scenario_find("climate");
    for (uint32_t i = 0; i < scenario->n_parameters; i++) {
        for (int end = 0; end < 2; end++) {
            const caucus_parameter *parameter = &scenario->parameters[i];
            caucus_population *p;
            assert_int_equal(make(&p, "climate", parameter->name, end == 0 ? parameter->low : parameter->high, NULL),
                             CAUCUS_OK);
            assert_int_equal(p->n_cells, 8748);
            caucus_population_free(p);
        }
    }
}

/* ---- dirichlet ------------------------------------------------------------------------------------------------ */

/* The largest lead over y0 at a signal cell as a share of the cell's weight, and the weight of all signal cells. */
static double worst_gap(const caucus_population *p, uint64_t *signal_weight, uint64_t *least_weight)
{
    double worst = -2;
    *signal_weight = 0;
    *least_weight = UINT64_MAX;
    for (uint64_t cell = 0; cell < p->n_cells; cell++) {
        if (p->codes[cell * 2] != 1) {
            continue;
        }
        const uint64_t *w = p->weights + cell * p->n_labels;
        uint64_t total = w[0];
        uint64_t best = 0;
        for (uint32_t y = 1; y < p->n_labels; y++) {
            total += w[y];
            best = w[y] > best ? w[y] : best;
        }
        *signal_weight += total;
        *least_weight = total < *least_weight ? total : *least_weight;
        double gap = ((double)best - (double)w[0]) / (double)total;
        worst = gap > worst ? gap : worst;
    }
    return worst;
}

static void test_dirichlet_exact(void **state)
{
    (void)state;
    const double gaps[] = {-1, -0.3, 0, 0.2, 0.75, 1};
    const double uniquenesses[] = {0.001, 0.02, 1.0 / 3.0, 1};
    const double concentrations[] = {0.05, 1, 50};
    for (size_t i = 0; i < 6 * 4 * 3 * 3; i++) {
        double gap = gaps[i % 6];
        double uniqueness = uniquenesses[i / 6 % 4];
        double labels = (const double[]){2, 3, 7}[i / 72];
        caucus_population *p;
        assert_int_equal(make(&p, "dirichlet", "gap", gap, "uniqueness", uniqueness, "concentration",
                              concentrations[i / 24 % 3], "labels", labels, "seed", (double)i, "cell_concentration",
                              0.5, NULL),
                         CAUCUS_OK);
        assert_int_equal(p->total, UINT64_C(1) << 50);
        assert_int_equal(p->n_cells, uniqueness == 1 ? 50 : 100);
        assert_int_equal(p->n_labels, (uint32_t)labels);
        assert_false(p->finite);
        uint64_t signal_weight;
        uint64_t least_weight;
        double worst = worst_gap(p, &signal_weight, &least_weight);
        assert_int_equal(signal_weight, (uint64_t)llround(uniqueness * 0x1p50));
        assert_true(worst <= gap + 1e-15);
        assert_true(worst >= gap - 3.0 / (double)least_weight - 1e-15); /* rounding to integers */
        caucus_population_free(p);
    }
}

static void test_dirichlet_ends(void **state)
{
    (void)state;
    caucus_population *p;
    assert_int_equal(make(&p, "dirichlet", "uniqueness", 0.0, NULL), CAUCUS_OK);
    assert_int_equal(p->n_cells, 50);
    assert_values(&p->features[0], "no|yes"); /* nobody has the signal, but a collective may plant it */
    caucus_population_free(p);
    assert_int_equal(make(&p, "dirichlet", "cells", 2.0, "labels", 2.0, NULL), CAUCUS_OK);
    assert_int_equal(p->n_cells, 2);
    assert_values(&p->features[1], "g0");
    assert_values(&p->label, "y0|y1");
    caucus_population_free(p);
    assert_int_equal(make(&p, "dirichlet", "cells", 20000.0, "labels", 20.0, "cell_concentration", 0.01, NULL),
                     CAUCUS_OK);
    assert_int_equal(p->n_cells, 20000);
    caucus_population_free(p);
    assert_int_equal(make(&p, "dirichlet", "cells", 7.0, NULL), CAUCUS_INVALID);
    assert_message("7 cells cannot be halved");
    assert_int_equal(make(&p, "dirichlet", "uniqueness", 1e-9, NULL), CAUCUS_INVALID);
    assert_message("uniqueness 1e-09 leaves too little for 50 cells; use 0, 1, or 4.65661e-08 to 1");
    assert_int_equal(make(&p, "dirichlet", "uniqueness", 1 - 1e-9, NULL), CAUCUS_INVALID);
    assert_message("leaves too little for 50 cells");
    assert_null(p);
}

static void test_dirichlet_seeds(void **state)
{
    (void)state;
    caucus_population *p;
    caucus_population *q;
    caucus_population *r;
    assert_int_equal(make(&p, "dirichlet", "seed", 5.0, NULL), CAUCUS_OK);
    assert_int_equal(make(&q, "dirichlet", "seed", 5.0, NULL), CAUCUS_OK);
    assert_int_equal(make(&r, "dirichlet", "seed", 5.0 + 0x1p32, NULL), CAUCUS_OK); /* the high half counts as well */
    assert_int_equal(p->checksum, q->checksum);
    assert_int_not_equal(p->checksum, r->checksum);
    caucus_population_free(p);
    caucus_population_free(q);
    caucus_population_free(r);
}

/* E share^k of a symmetric Dirichlet: the product of (a + i) / (n a + i) for i < k. */
static double moment(double a, double n, int k)
{
    double m = 1;
    for (int i = 0; i < k; i++) {
        m *= (a + i) / (n * a + i);
    }
    return m;
}

/* Means of share and share^2 over independent draws lie within 5 standard errors, which follow from share^4. */
static void test_dirichlet_moments(void **state)
{
    (void)state;
    enum { DRAWS = 20000, N = 4 };
    const double concentrations[] = {0.02, 0.3, 1, 2.5, 40};
    for (size_t c = 0; c < 5; c++) {
        double a = concentrations[c];
        double sums[3] = {0};
        for (uint32_t i = 0; i < DRAWS; i++) {
            double shares[N];
            caucus_dirichlet_draw(11, 3, i, a, N, shares);
            double total = shares[0] + shares[1] + shares[2] + shares[3];
            assert_true(fabs(total - 1) < 1e-12);
            sums[0] += shares[0];
            sums[1] += shares[2] * shares[2];
            sums[2] += shares[1] * shares[3];
        }
        double cross = a / (N * (N * a + 1));
        double cross_square = moment(a, N, 2) * a * (a + 1) / ((N * a + 2) * (N * a + 3)); /* E (s1 s3)^2 */
        double means[3] = {1.0 / N, moment(a, N, 2), cross};
        double variances[3] = {moment(a, N, 2) - 1.0 / N / N, moment(a, N, 4) - means[1] * means[1],
                               cross_square - cross * cross};
        for (int k = 0; k < 3; k++) {
            assert_true(fabs(sums[k] / DRAWS - means[k]) < 5 * sqrt(variances[k] / DRAWS));
        }
    }
}

/* Two shares of concentration 1 are uniform, three have a first share of distribution 1 - (1 - s)^2: chi-square. */
static void test_dirichlet_distribution(void **state)
{
    (void)state;
    enum { DRAWS = 40000, BINS = 20 };
    for (uint64_t n = 2; n <= 3; n++) {
        double counts[BINS] = {0};
        for (uint32_t i = 0; i < DRAWS; i++) {
            double shares[3];
            caucus_dirichlet_draw(2, 1, i, 1.0, n, shares);
            double u = n == 2 ? shares[0] : 1 - (1 - shares[0]) * (1 - shares[0]);
            int bin = (int)(u * BINS);
            counts[bin < BINS ? bin : BINS - 1]++;
        }
        double chi_square = 0;
        for (int b = 0; b < BINS; b++) {
            double expected = (double)DRAWS / BINS;
            chi_square += (counts[b] - expected) * (counts[b] - expected) / expected;
        }
        assert_true(fabs(chi_square - (BINS - 1)) < 5 * sqrt(2.0 * (BINS - 1)));
    }
}

/* The population's labels away from the signal are such draws, too. */
static void test_dirichlet_population_moments(void **state)
{
    (void)state;
    enum { GROUPS = 5000, LABELS = 3 };
    const double a = 0.7;
    caucus_population *p;
    assert_int_equal(make(&p, "dirichlet", "cells", 2.0 * GROUPS, "labels", (double)LABELS, "concentration", a, NULL),
                     CAUCUS_OK);
    double sum = 0;
    double squares = 0;
    double mass = 0;
    for (uint64_t cell = 0; cell < GROUPS; cell++) {
        const uint64_t *w = p->weights + cell * LABELS;
        double share = (double)w[1] / (double)(w[0] + w[1] + w[2]);
        assert_int_equal(p->codes[2 * cell], 0);
        sum += share;
        squares += share * share;
        double relative = (double)(w[0] + w[1] + w[2]) / (0.98 * 0x1p50) * GROUPS;
        mass += (relative - 1) * (relative - 1);
    }
    double second = moment(a, LABELS, 2);
    assert_true(fabs(sum / GROUPS - 1.0 / LABELS) < 5 * sqrt((second - 1.0 / LABELS / LABELS) / GROUPS));
    assert_true(fabs(squares / GROUPS - second) < 5 * sqrt((moment(a, LABELS, 4) - second * second) / GROUPS));
    /* Masses are gamma(10) / 10 for many groups, less 1/1024 of the spread: variance 1/10, and the variance of the
     * squared deviation is (3 + 6/10) / 100 - 1/100. */
    double shrink = (1 - 1.0 / 1024) * (1 - 1.0 / 1024);
    assert_true(fabs(mass / GROUPS - shrink / 10) < 5 * sqrt(0.026 / GROUPS));
    caucus_population_free(p);
}

/* ---- the same bits everywhere --------------------------------------------------------------------------------- */

static void test_split(void **state)
{
    (void)state;
    const double shares[] = {0.1, 0.0, 0.2, 0.3, 0.4, 0.0};
    uint64_t parts[6];
    caucus_scenario_split(7, shares, 6, parts);
    uint64_t sum = 0;
    for (int i = 0; i < 6; i++) {
        assert_true(fabs((double)parts[i] - 7 * shares[i]) <= 1);
        sum += parts[i];
    }
    assert_int_equal(sum, 7);
    caucus_scenario_split(0, shares, 6, parts);
    assert_int_equal(parts[0] + parts[1] + parts[2] + parts[3] + parts[4] + parts[5], 0);
}

/* Known answers: a change of a model, of the random numbers or of the arithmetic must be a decision, since results of
 * old and new versions could no longer be joined. */
static void test_checksums(void **state)
{
    (void)state;
    caucus_population *p;
    assert_int_equal(make(&p, "climate", NULL), CAUCUS_OK);
    assert_int_equal(p->checksum, 0x6f22af75);
    caucus_population_free(p);
    assert_int_equal(make(&p, "dirichlet", NULL), CAUCUS_OK);
    assert_int_equal(p->checksum, 0xf64dc6d1);
    caucus_population_free(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_list),
        cmocka_unit_test(test_climate_shape),
        cmocka_unit_test(test_climate_margins),
        cmocka_unit_test(test_climate_warming),
        cmocka_unit_test(test_climate_labels),
        cmocka_unit_test(test_climate_limits),
        cmocka_unit_test(test_dirichlet_exact),
        cmocka_unit_test(test_dirichlet_ends),
        cmocka_unit_test(test_dirichlet_seeds),
        cmocka_unit_test(test_dirichlet_moments),
        cmocka_unit_test(test_dirichlet_distribution),
        cmocka_unit_test(test_dirichlet_population_moments),
        cmocka_unit_test(test_split),
        cmocka_unit_test(test_checksums),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
