#include "math/portable_math.h"
#include "population/scenario_build.h"
#include "population/scenario_list.h"

/* A city assigns every building to a climate-adaptation programme. docs/populations.md has the model with its formulas;
 * the numbers are invented, of a plausible size, and chosen so that each programme gets a fifth to a third of the
 * buildings at the defaults. */

enum { DISTRICTS = 4, PROGRAMMES = 4, N_FEATURES = 8, HEATS = 3, FLOODS = 3, AGES = 3, ROOFS = 4, COOLINGS = 3 };
enum { ENERGIES = 3, TENURES = 3, INCOMES = 3 };
enum { HEAT, FLOOD, AGE, ROOF, COOLING, ENERGY, TENURE, INCOME };
enum { WARMING, SEA_LEVEL, SEGREGATION, EQUITY, DECISIVENESS, N_PARAMETERS };

static const caucus_parameter parameters[N_PARAMETERS] = {
    [WARMING] = {"warming", 2.0, 0.0, 5.0, false, "degrees Celsius of warming: shifts buildings to more heat exposure"},
    [SEA_LEVEL] = {"sea_level", 0.5, 0.0, 2.0, false, "metres of sea-level rise: shifts buildings to flood zones"},
    [SEGREGATION] = {"segregation", 0.7, 0.0, 1.0, false,
                     "how much exposure, age and income depend on the district: 0 not at all, 1 fully"},
    [EQUITY] = {"equity", 0.5, 0.0, 1.0, false, "weight of low incomes and tenants in the needs"},
    [DECISIVENESS] =
        {"decisiveness", 6.0, 0.0, 50.0, false,
         "how strongly the programme follows the needs: 0 is a lottery, 50 nearly always the largest need"},
};

#define NAMES(...) ((const char *const[]){__VA_ARGS__})

static const caucus_names names[N_FEATURES + 1] = {
    [HEAT] = {"heat_exposure", HEATS, NAMES("low", "medium", "high"), NULL},
    [FLOOD] = {"flood_zone", FLOODS, NAMES("none", "minor", "major"), NULL},
    [AGE] = {"building_age", AGES, NAMES("before_1960", "1960_to_1999", "since_2000"), NULL},
    [ROOF] = {"roof", ROOFS, NAMES("dark_flat", "dark_pitched", "light", "green"), NULL},
    [COOLING] = {"cooling", COOLINGS, NAMES("none", "window_unit", "central"), NULL},
    [ENERGY] = {"energy_rating", ENERGIES, NAMES("A_B", "C_D", "E_G"), NULL},
    [TENURE] = {"tenure", TENURES, NAMES("owner", "private_rent", "social_rent"), NULL},
    [INCOME] = {"income_band", INCOMES, NAMES("low", "middle", "high"), NULL},
    [N_FEATURES] = {"programme", PROGRAMMES, NAMES("cool_roof", "flood_proofing", "retrofit", "tree_shade"), NULL},
};

/* The district (waterfront, old town, suburb, estate) is not among the features: it is why they hang together. */
static const double district_share[DISTRICTS] = {0.20, 0.25, 0.35, 0.20};
static const double heat_by_district[DISTRICTS][HEATS] = {
    {0.50, 0.35, 0.15}, {0.10, 0.35, 0.55}, {0.45, 0.40, 0.15}, {0.15, 0.40, 0.45}};
static const double flood_by_district[DISTRICTS][FLOODS] = {
    {0.15, 0.40, 0.45}, {0.65, 0.25, 0.10}, {0.75, 0.20, 0.05}, {0.55, 0.30, 0.15}};
static const double age_by_district[DISTRICTS][AGES] = {
    {0.25, 0.30, 0.45}, {0.65, 0.25, 0.10}, {0.10, 0.55, 0.35}, {0.10, 0.75, 0.15}};
static const double income_by_district[DISTRICTS][INCOMES] = {
    {0.20, 0.35, 0.45}, {0.35, 0.40, 0.25}, {0.15, 0.50, 0.35}, {0.60, 0.32, 0.08}};
static const double roof_by_age[AGES][ROOFS] = {
    {0.20, 0.55, 0.20, 0.05}, {0.45, 0.25, 0.22, 0.08}, {0.25, 0.20, 0.35, 0.20}};
static const double energy_by_age[AGES][ENERGIES] = {{0.08, 0.32, 0.60}, {0.15, 0.50, 0.35}, {0.60, 0.33, 0.07}};
static const double cooling_by_income[INCOMES][COOLINGS] = {{0.65, 0.28, 0.07}, {0.40, 0.35, 0.25}, {0.15, 0.30, 0.55}};
static const double tenure_by_income[INCOMES][TENURES] = {{0.15, 0.40, 0.45}, {0.45, 0.45, 0.10}, {0.75, 0.24, 0.01}};

/* Values as numbers from 0 to 1, as the needs read them. */
static const double heat_level[HEATS] = {0.0, 0.5, 1.0};
static const double flood_level[FLOODS] = {0.0, 0.5, 1.0};
static const double oldness[AGES] = {1.0, 0.6, 0.1};
static const double darkness[ROOFS] = {1.0, 0.7, 0.2, 0.0};
static const double uncooled[COOLINGS] = {1.0, 0.5, 0.0};
static const double waste[ENERGIES] = {0.0, 0.5, 1.0};
static const double renting[TENURES] = {0.0, 0.6, 1.0};
static const double poverty[INCOMES] = {1.0, 0.4, 0.0};

enum { LEVELS = 3 }; /* every feature that depends on the district has three */

typedef struct model {
    double heat[DISTRICTS][LEVELS];
    double flood[DISTRICTS][LEVELS];
    double age[DISTRICTS][LEVELS];
    double income[DISTRICTS][LEVELS];
    double equity;
    double decisiveness;
} model;

/* p(level | district): the table's, drawn towards the city's mean by 1 - segregation, then tilted by exp(tilt level).
 */
static void prepare(const double table[DISTRICTS][LEVELS], double segregation, double tilt,
                    double result[DISTRICTS][LEVELS])
{
    for (int d = 0; d < DISTRICTS; d++) {
        double sum = 0;
        for (int v = 0; v < LEVELS; v++) {
            double mean = 0;
            for (int e = 0; e < DISTRICTS; e++) {
                mean += district_share[e] * table[e][v];
            }
            result[d][v] = (segregation * table[d][v] + (1 - segregation) * mean) * caucus_exp(tilt * v);
            sum += result[d][v];
        }
        for (int v = 0; v < LEVELS; v++) {
            result[d][v] /= sum;
        }
    }
}

static double probability(const model *m, const uint32_t *x)
{
    double sum = 0;
    for (int d = 0; d < DISTRICTS; d++) {
        sum += district_share[d] * m->heat[d][x[HEAT]] * m->flood[d][x[FLOOD]] * m->age[d][x[AGE]] *
               m->income[d][x[INCOME]];
    }
    return sum * roof_by_age[x[AGE]][x[ROOF]] * energy_by_age[x[AGE]][x[ENERGY]] *
           cooling_by_income[x[INCOME]][x[COOLING]] * tenure_by_income[x[INCOME]][x[TENURE]];
}

static void find_needs(const model *m, const uint32_t *x, double needs[PROGRAMMES])
{
    double heat = heat_level[x[HEAT]];
    double flood = flood_level[x[FLOOD]];
    double old = oldness[x[AGE]];
    double dark = darkness[x[ROOF]];
    double hot_inside = uncooled[x[COOLING]];
    double wasteful = waste[x[ENERGY]];
    double poor = m->equity * poverty[x[INCOME]];
    double tenant = m->equity * renting[x[TENURE]];
    needs[0] = 0.08 + 0.95 * heat * dark + 0.25 * heat * hot_inside + 0.30 * heat * poor;
    needs[1] = 0.95 * flood + 0.15 * flood * old + 0.15 * flood * poor;
    needs[2] = 0.50 * wasteful + 0.25 * wasteful * old + 0.10 * (1 - hot_inside) + 0.20 * wasteful * poor;
    needs[3] = 0.22 + 0.35 * heat * (1 - dark) + 0.12 * (1 - flood) + 0.25 * (0.5 + heat) * tenant;
}

/* Multinomial logit: p(y|x) proportional to exp(decisiveness need_y(x)). */
static void choose(const model *m, const uint32_t *x, double chances[PROGRAMMES])
{
    double needs[PROGRAMMES];
    find_needs(m, x, needs);
    double sum = 0;
    for (int y = 0; y < PROGRAMMES; y++) {
        chances[y] = caucus_exp(m->decisiveness * needs[y]);
        sum += chances[y];
    }
    for (int y = 0; y < PROGRAMMES; y++) {
        chances[y] /= sum;
    }
}

static void fill(const model *m, caucus_population *population)
{
    uint32_t x[N_FEATURES] = {0};
    for (uint64_t cell = 0; cell < population->n_cells; cell++) {
        double weight = probability(m, x) * (double)CAUCUS_SCENARIO_TOTAL + 0.5;
        double chances[PROGRAMMES];
        choose(m, x, chances);
        caucus_scenario_split(weight < 1 ? 1 : (uint64_t)weight, chances, PROGRAMMES,
                              population->weights + cell * PROGRAMMES);
        for (uint32_t f = 0; f < N_FEATURES; f++) {
            population->codes[cell * N_FEATURES + f] = x[f];
        }
        for (uint32_t f = N_FEATURES; f > 0 && ++x[f - 1] == names[f - 1].n_values; f--) { /* the last one fastest */
            x[f - 1] = 0;
        }
    }
}

static caucus_status make(const double *values, caucus_population **population)
{
    model m = {.equity = values[EQUITY], .decisiveness = values[DECISIVENESS]};
    prepare(heat_by_district, values[SEGREGATION], 0.5 * (values[WARMING] - 2.0), m.heat);
    prepare(flood_by_district, values[SEGREGATION], values[SEA_LEVEL] - 0.5, m.flood);
    prepare(age_by_district, values[SEGREGATION], 0, m.age);
    prepare(income_by_district, values[SEGREGATION], 0, m.income);
    uint64_t n_cells = 1;
    for (uint32_t f = 0; f < N_FEATURES; f++) {
        n_cells *= names[f].n_values;
    }
    caucus_population *made = NULL;
    TRY(caucus_scenario_build(names, N_FEATURES, n_cells, "scenario climate", &made));
    fill(&m, made);
    caucus_status status = caucus_population_finish(made);
    if (status != CAUCUS_OK) {
        caucus_population_free(made);
        return status;
    }
    *population = made;
    return CAUCUS_OK;
}

const caucus_scenario caucus_scenario_climate = {"climate", N_PARAMETERS, parameters, make};
