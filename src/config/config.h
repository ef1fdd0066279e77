/* One configuration: a point of the sweep, read, checked and resolved to ids. */
#ifndef CAUCUS_CONFIG_CONFIG_H
#define CAUCUS_CONFIG_CONFIG_H

#include "population/population.h"

/* What members do with their own (x, y): docs/engine.md, "The model". */
typedef enum caucus_strategy {
    CAUCUS_FEATURE_LABEL,
    CAUCUS_FEATURE_ONLY,
    CAUCUS_FEATURE_ONLY_KEEP,
    CAUCUS_UNPLANT_NAIVE,
    CAUCUS_UNPLANT_ADAPTIVE,
    CAUCUS_ERASE,
    CAUCUS_N_STRATEGIES
} caucus_strategy;

typedef enum caucus_classifier {
    CAUCUS_HISTOGRAM,
    CAUCUS_WORST_CASE,
    CAUCUS_LOGISTIC, /* from here on: trained (learner below) */
    CAUCUS_NAIVE_BAYES,
    CAUCUS_MLP,
    CAUCUS_RIDGE, /* on rows only */
    CAUCUS_N_CLASSIFIERS
} caucus_classifier;

typedef enum caucus_slack { CAUCUS_CONTAMINATION, CAUCUS_TOTAL_VARIATION, CAUCUS_N_SLACKS } caucus_slack;

typedef enum caucus_family { CAUCUS_STAIRCASE, CAUCUS_BUDGET, CAUCUS_LINEAR, CAUCUS_N_FAMILIES } caucus_family;

typedef enum caucus_knowledge { /* least to most */
                                CAUCUS_TOTAL,
                                CAUCUS_LABELS,
                                CAUCUS_STRATEGIES,
                                CAUCUS_AGGREGATE,
                                CAUCUS_FULL,
                                CAUCUS_N_KNOWLEDGE
} caucus_knowledge;

typedef enum caucus_inequality {
    CAUCUS_POPULATION,
    CAUCUS_HOEFFDING,
    CAUCUS_HOEFFDING_CLIPPED,
    CAUCUS_BERNSTEIN,
    CAUCUS_KL,
    CAUCUS_CLOPPER_PEARSON,
    CAUCUS_HYPERGEOMETRIC, /* from here on: one exact step from sample to sample */
    CAUCUS_HYPERGEOMETRIC_JOINT,
    CAUCUS_N_INEQUALITIES
} caucus_inequality;

/* The spellings of experiment files and results, indexed by the enums above. */
extern const char *const caucus_strategy_names[CAUCUS_N_STRATEGIES];
extern const char *const caucus_classifier_names[CAUCUS_N_CLASSIFIERS];
extern const char *const caucus_slack_names[CAUCUS_N_SLACKS];
extern const char *const caucus_family_names[CAUCUS_N_FAMILIES];
extern const char *const caucus_knowledge_names[CAUCUS_N_KNOWLEDGE];
extern const char *const caucus_inequality_names[CAUCUS_N_INEQUALITIES];

typedef struct caucus_assignment { /* feature := value */
    uint32_t feature;
    uint32_t value;
} caucus_assignment;

typedef struct caucus_term { /* feature in {values} */
    uint32_t feature;
    uint32_t n_values;
    uint32_t *values;
} caucus_term;

/* Who may join: all terms hold. No term: everybody. */
typedef struct caucus_predicate {
    uint32_t n_terms;
    caucus_term *terms;
} caucus_predicate;

/* A change of a row's numbers, of people with real-valued features: x becomes factor x + offset, kept within low and
 * high. Numbers are those of the table, standardised where it is. */
typedef struct caucus_row_map {
    double *factor, *offset, *low, *high; /* [column], one allocation at factor */
} caucus_row_map;

/* The columns of a row that are to add up to at least low, and to less than below. */
typedef struct caucus_row_term {
    uint32_t n_columns;
    uint32_t *columns;
    double low, below;
} caucus_row_term;

/* What bounds assume of who joins: nobody more, or less, than `ratio` times as likely as the average person; or people
 * who match `of` so many times as likely as others. */
typedef struct caucus_membership {
    double ratio;    /* at least 1 */
    double affinity; /* 0: none is known */
    caucus_predicate of;
} caucus_membership;

typedef struct caucus_collective {
    char *name;
    uint64_t size; /* members */
    caucus_strategy strategy;
    uint32_t n_set;
    caucus_assignment *set; /* the transformation g: each feature at most once */
    uint32_t target;        /* label id; 0 and unused for erase */
    caucus_predicate members;
    double affinity;   /* people who match are this many times as likely to join as others; 0: only they may */
    double compliance; /* probability that a member acts at all */
    double miss;       /* probability that an acting member misses a set feature, which is then uniform */
    uint32_t n_outside;
    caucus_assignment *outside; /* feature_only: what members with another label set; none: a fixed cell is chosen */
    uint64_t estimators;        /* unplant_adaptive: members that only choose the labels */
    uint64_t pilot;             /* members that only fix how bounds share delta out; 0: none */
    caucus_membership membership;
    /* on rows, in place of set, outside and members: */
    caucus_row_map *map;
    caucus_row_map *outside_map;
    uint32_t n_row_terms; /* who may join: all hold */
    caucus_row_term *row_terms;
} caucus_collective;

typedef struct caucus_method {
    caucus_family family;
    caucus_knowledge knowledge;
    caucus_inequality inequality;
} caucus_method;

typedef struct caucus_bounds {
    double delta;   /* failure probability */
    double epsilon; /* suboptimality that the collectives assume of the platform */
    bool measured;  /* they take what is measured in each trial instead */
    caucus_slack slack;
    bool noisy;        /* they reckon with members who may not act as planned: */
    double compliance; /* at least so likely a member acts */
    double miss;       /* at most so likely it misses a set feature */
    bool upper;        /* reckon from above as well */
    uint32_t n_methods;
    caucus_method *methods; /* [method], the same in every configuration of an experiment */
} caucus_bounds;

/* Noise of a private step is drawn at the step's number, of which random numbers have 16 bits. */
enum { CAUCUS_MOST_PRIVATE_STEPS = 65535 };

/* In what products over rows are multiplied and added up. */
typedef enum caucus_products {
    CAUCUS_IN_DOUBLE,
    CAUCUS_IN_SINGLE,
    CAUCUS_IN_TF32, /* of CUDA devices: factors of 10 bits, sums of single precision */
    CAUCUS_N_PRODUCTS
} caucus_products;

extern const char *const caucus_products_names[CAUCUS_N_PRODUCTS];

/* How a trained classifier learns. What it does not use is ignored. */
typedef struct caucus_learner {
    caucus_classifier kind; /* CAUCUS_LOGISTIC and later */
    double penalty;         /* logistic, mlp: lambda of lambda/2 |W|^2, constants not penalised; the loss is a sum */
    bool interactions;      /* logistic: columns for pairs of values too */
    double tolerance;       /* logistic, mlp: the gradient's largest component at the end, as a share of the weights */
    uint32_t steps;         /* logistic, mlp: evaluations of loss and gradient at most */
    double smoothing;       /* naive_bayes */
    uint32_t hidden;        /* mlp: units */
    uint32_t hidden_above;  /* mlp on rows: units of a second layer above them; 0: none */
    uint64_t seed;          /* mlp: of the first weights, the same in every trial */
    bool expected_start;    /* mlp: training begins at what it makes of the expected counts, not at these */
    bool is_private;        /* logistic: by noisy gradients; tolerance and steps above are not used */
    double epsilon;         /* privacy that it keeps, neighbours differing in one person */
    double delta;
    double clip;     /* norm that a person's gradient is shortened to; 0: the most that it can have */
    double rate;     /* of a step along the mean gradient; 0: one over the most that the loss can bend */
    double momentum; /* share of the last move that the next begins with: 0 up to, but without, 1 */
    uint32_t private_steps;
    caucus_products precision; /* on rows */
    uint32_t batch;            /* on rows: trials that are trained together; 0: what suits the products */
} caucus_learner;

static inline bool caucus_classifier_is_trained(caucus_classifier classifier)
{
    return classifier >= CAUCUS_LOGISTIC;
}

/* The defaults of a classifier. */
caucus_learner caucus_learner_default(caucus_classifier kind);

/* Which random numbers a configuration has: experiment/sweep_key.c makes it of the seed and the place in the sweep. */
typedef struct caucus_random_key {
    uint64_t seed;
    uint32_t config;
} caucus_random_key;

typedef struct caucus_config {
    caucus_random_key key;
    uint64_t n_trials; /* that are likely to be run, 0: many. Only how tables are looked up depends on it */
    const caucus_population *population; /* owned by the experiment */
    bool without_replacement;
    bool individuals; /* draw person by person instead of by counts: slow, the check on it */
    uint64_t consumers;
    uint32_t test;
    double held_out;  /* on rows: about this share of the rows is kept for the test, 1: those of a file of its own;
                          0: test people are drawn */
    bool others_only; /* on rows: test people are those whose label is no collective's target */
    caucus_classifier classifier;
    double classifier_epsilon; /* worst_case: the suboptimality it uses up */
    uint32_t victim;           /* worst_case: the collective that it hurts */
    caucus_learner learner;    /* classifiers that are trained */
    uint32_t n_collectives;
    caucus_collective *collectives;
    bool equal_weights; /* global success weighs collectives by 1/M instead of by size */
    bool accuracy;      /* also count clean accuracy, which needs every cell */
    bool accuracy_cost; /* and what the collectives cost of it; only with accuracy */
    caucus_bounds bounds;
} caucus_config;

void caucus_config_free(caucus_config *config);

#endif
