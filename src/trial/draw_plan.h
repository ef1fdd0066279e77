/* How a configuration's groups are drawn: chosen when it is compiled, the same for all its trials. Shared with devices.
 *
 * A group is n people over classes. Counts are drawn class by class, independently, so that no draw depends on another
 * one of the group; then the group is mended so that it has n people (docs/engine.md, "Groups"). */
#ifndef CAUCUS_TRIAL_DRAW_PLAN_H
#define CAUCUS_TRIAL_DRAW_PLAN_H

#include "math/draw_table.h"

/* How a group comes to have n people. */
typedef enum caucus_draw_form {
    CAUCUS_DRAW_BY_PEOPLE,  /* one by one */
    CAUCUS_DRAW_BY_MISSING, /* a little fewer by class; those who miss by smaller groups, in the end one by one */
    CAUCUS_DRAW_BY_REST     /* all classes but the largest, which take the rest with a probability */
} caucus_draw_form;

/* Counts of a class: Poisson by its table; without replacement Binomial(left, p), by its table where at least `low`
 * people are left, and by the level's ladder for the others. */
typedef struct caucus_draw_class {
    uint64_t low;
    uint32_t table; /* CAUCUS_NO_TABLE: nobody, or only the ladder */
    uint32_t unused;
} caucus_draw_class;

/* Counts of all classes, for `size` people or a little fewer. */
typedef struct caucus_draw_level {
    uint64_t size;
    uint64_t first_class; /* of the group's class laws */
    uint32_t ladder;      /* without replacement */
    uint32_t unused;
} caucus_draw_level;

/* Integers for the values first .. first + n - 1: logarithms to base 2 in units of 2^-52, or thresholds in 2^-64. */
enum { CAUCUS_WINDOW_BITS = 52 };

typedef struct caucus_draw_window {
    uint64_t first;
    uint64_t n;
    uint64_t offset; /* in logs */
} caucus_draw_window;

/* With which probability the rest takes j people of `left` (without replacement) or simply of all. */
typedef enum caucus_draw_accept {
    CAUCUS_ACCEPT_TABLE,  /* thresholds for j */
    CAUCUS_ACCEPT_WIDE,   /* a wide law of j */
    CAUCUS_ACCEPT_WINDOWS /* log2 of it: one number for left, one for j, one for left - j */
} caucus_draw_accept;

/* A step of a group by rest: some classes are drawn, and all larger ones together take what they leave, which is what
 * the next link draws from. */
typedef struct caucus_draw_link {
    uint32_t first; /* place in the group's order */
    uint32_t n;     /* classes that are drawn */
    uint32_t draw;  /* number of the first one's draw; acceptance is behind the last one's */
    uint32_t wide;  /* law of the rest */
    caucus_draw_accept accept;
    uint32_t unused;
    uint64_t people;                       /* of the rest, at the beginning */
    caucus_draw_window left, takes, stays; /* the second one also for CAUCUS_ACCEPT_TABLE */
} caucus_draw_link;

/* One group's draws: everything that they read, the same for all configurations that draw the same people alike. */
typedef struct caucus_group {
    caucus_draw_form form;
    uint32_t n_links; /* by rest */
    uint64_t size;    /* n */
    uint32_t n_classes;
    uint32_t stride;    /* draws of a class */
    bool urn;           /* without replacement */
    uint32_t choice;    /* table of classes, for people who are drawn one by one */
    uint32_t coarse;    /* table of how many people have coarse shares, which `choice` has then; CAUCUS_NO_TABLE: all */
    uint32_t remainder; /* table of classes for the others, by what coarse shares leave out */
    uint32_t n_ordered;
    uint64_t n_people;
    uint64_t *people;  /* [class] who may join at the beginning: people, or weights with replacement */
    uint32_t *order;   /* [n_ordered] by rest: classes with people, the smallest first; else 0 or unused */
    uint32_t n_levels; /* by missing: the whole group, then ever smaller ones; by rest: one */
    uint64_t n_class_laws, n_logs;
    caucus_draw_level *levels;  /* [n_levels] */
    caucus_draw_class *classes; /* [n_class_laws] of the levels, one after another */
    caucus_draw_link *links;    /* [n_links] */
    int64_t *logs;              /* [n_logs] of windows */
    caucus_tables tables;
} caucus_group;

/* Misses of a collective: its set features in turn. Feature i takes the people of every combination of the ones before
 * apart: first those who hand in the wanted value, then those with each other value. */
typedef struct caucus_draw_feature {
    uint32_t n_values;
    uint32_t wanted;
    uint32_t first_ladder; /* of n_values - 1, in caucus_noise.ladders */
    uint32_t unused;
} caucus_draw_feature;

/* What members draw who may not do as planned. */
typedef struct caucus_noise {
    uint32_t compliance;                     /* ladder */
    uint32_t n_features;                     /* 0: no misses */
    uint32_t compliance_digits, miss_digits; /* draws of a ladder */
    uint32_t n_ladders;
    caucus_draw_feature *features; /* [n_features] */
    uint32_t *ladders;             /* [n_ladders] of features: numbers of ladders */
    caucus_tables tables;
} caucus_noise;

/* Groups are numbered: 2 m the estimators of collective m, 2 m + 1 its other members, 2 M the people of no collective,
 * 2 M + 1 the test points. */
typedef struct caucus_draws {
    const caucus_group **groups; /* [2 M + 2] */
    caucus_noise *noise;         /* [M] */
} caucus_draws;

#endif
