/* What a collective can guarantee before it acts, and what would raise that most. */
#ifndef CAUCUS_ADVICE_ADVICE_H
#define CAUCUS_ADVICE_ADVICE_H

#include "advice/counts.h"
#include "bound/explain.h"
#include "config/cells.h"
#include "config/method.h"
#include "experiment/experiment.h"

/* What the collective has: its own members, what the experiment says of the others, what they have published. */
typedef struct caucus_advice_inputs {
    caucus_experiment *experiment;
    caucus_config *config;
    uint64_t index; /* of the configuration */
    uint32_t self;
    caucus_cells cells;    /* the population's, then those of members who are nowhere in it, then signal cells */
    caucus_counts counts;  /* over these cells; the others' own counts are unknown, and empty */
    uint64_t *published;   /* [cell][label] what the others hand in together; NULL: not known */
    uint64_t n_published;  /* everywhere */
    uint64_t n_unlabelled; /* members without a label, left out */
} caucus_advice_inputs;

/* The experiment must outlive them. collective NULL: the first. On failure there is nothing to close. */
caucus_status caucus_advice_inputs_open(caucus_experiment *experiment, const caucus_advice_options *options,
                                        caucus_advice_inputs *inputs);
void caucus_advice_inputs_close(caucus_advice_inputs *inputs);

/* Whether a level of knowledge can be reckoned with from these inputs. */
bool caucus_advice_allows(const caucus_advice_inputs *inputs, caucus_knowledge knowledge);

/* The largest of some bounds. */
typedef struct caucus_advice_best {
    bool exists; /* false: there is none, and the rest is meaningless */
    double bound;
    caucus_method method;
} caucus_advice_best;

typedef struct caucus_advice_growth {
    double factor;
    uint64_t members;
    caucus_advice_best best; /* exists not: more members than the platform has room for */
} caucus_advice_growth;

enum { CAUCUS_N_GROWTHS = 3 };

/* How many members would guarantee a goal, were they the same people several times over. */
typedef struct caucus_advice_goal {
    double goal;
    uint64_t room;           /* the most members that the platform has room for */
    bool reached;            /* by that many, if not before */
    uint64_t members;        /* the fewest found that reach it, within one in a hundred; room when they do not */
    caucus_advice_best best; /* with that many members */
} caucus_advice_goal;

/* How unlike everybody else the members may be (docs/bounds.md, "Members who are no sample"). */
typedef struct caucus_advice_sensitivity {
    double goal;  /* the goal where the guarantee reaches it, else 0: that anything is sure */
    double ratio; /* the largest found, within one in a hundred, at which the best guarantee is above (0) or at the
                     goal; 0: not even at that which is assumed */
} caucus_advice_sensitivity;

typedef struct caucus_advice {
    const caucus_advice_inputs *inputs;
    const char *members; /* file */
    const char *others;  /* file, or NULL */
    uint32_t n_methods;
    caucus_method methods[CAUCUS_MOST_METHODS];
    double bounds[CAUCUS_MOST_METHODS];
    double uppers[CAUCUS_MOST_METHODS]; /* from above; NaN: there is none */
    caucus_advice_best best;            /* of finite data, where any such bound is asked for */
    caucus_advice_best by_knowledge[CAUCUS_N_KNOWLEDGE];
    caucus_advice_growth growths[CAUCUS_N_GROWTHS];
    caucus_advice_goal goal; /* by the best method at each size */
    caucus_advice_sensitivity sensitivity;
    caucus_advice_best *by_target; /* [label]; NULL for erase */
    uint32_t n_signal_cells;
    uint32_t *signal_cells;        /* [n_signal_cells] cells */
    uint64_t *landing;             /* [n_signal_cells] members whose success is judged there */
    caucus_cell_account *accounts; /* [n_signal_cells] by the best method; NULL when that has no margins (linear) */
} caucus_advice;

caucus_status caucus_advice_open(const caucus_advice_inputs *inputs, const caucus_advice_options *options,
                                 caucus_advice *advice);
void caucus_advice_close(caucus_advice *advice);

/* The bounds of all methods were there so many members, in the same shares; at most as many as there is room for. */
caucus_status caucus_advice_bounds_at(const caucus_advice *advice, uint64_t members, double *bounds);
uint64_t caucus_advice_room(const caucus_advice_inputs *inputs);

/* Which methods can be computed from the inputs, and their bounds; the rest of advice stays empty. */
caucus_status caucus_advice_start(const caucus_advice_inputs *inputs, const caucus_advice_options *options,
                                  caucus_advice *advice);

/* The best bound of finite data, as caucus_advice.best. */
caucus_advice_best caucus_advice_best_of(const caucus_advice *advice, const double *bounds);

/* Search the number of members that reaches a goal (goal.c), by one method, or by the best where method is n_methods.
 */
caucus_status caucus_advice_find_goal(const caucus_advice *advice, double goal, uint32_t method,
                                      caucus_advice_goal *found);

/* Whether a method's bound is a guarantee from finite data. */
bool caucus_advice_guarantees(caucus_method method);

/* The page for people (advice/print_page.c), and the same for programs (advice/print_records.c). */
caucus_status caucus_advice_page(const caucus_advice *advice, FILE *to);
void caucus_advice_csv(const caucus_advice *advice, FILE *to);
void caucus_advice_json(const caucus_advice *advice, FILE *to);

#endif
