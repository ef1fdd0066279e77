/* How a group is drawn. The choice depends on the group alone, so that a trial's numbers do not depend on how many
 * trials there are or where they run. */
#include "compile/group_plan.h"

#include "compile/coarse_shares.h"
#include "compile/draw_windows.h"
#include "compile/table_maker.h"

#include <math.h> /* sqrt, floor and ldexp only: correctly rounded everywhere */
#include <stdlib.h>
#include <string.h>

enum { MOST_LINKS = 2 };

typedef struct planner {
    const caucus_group_request *request;
    caucus_group *group;
    caucus_table_maker *maker;
    uint32_t n_used; /* classes with people */
    double largest;  /* people of the largest class */
    double *behind;  /* [place in the group's order] people of the classes from there on; NULL: not by rest */
    uint32_t n_links;
    uint32_t last; /* class that by rest takes what all others leave and needs no table; UINT32_MAX otherwise */
    uint32_t starts[MOST_LINKS + 1]; /* places where the links of the form by rest begin; then that of the last rest */
    double links_cost;               /* of all of them */
    double total;                    /* people who may join */
    double left;                     /* of them, not yet drawn */
    double bulk;                     /* people whom the first level of the form by missing draws */
    const uint64_t *shares;          /* [class] by which a level with replacement draws: people, or coarse ones */
    uint64_t *coarse;                /* [class] people, cut to their leading bits; NULL: none are */
    uint64_t n_coarse;               /* of all classes together */
    double *before;                  /* [class] expected to be drawn before a level */
} planner;

/* How many standard deviations the first level of the form by missing stays below the group's size. More would leave
 * more people to be drawn one by one; fewer, more groups that are too large and drawn anew. */
static const double BELOW = 1.5;

/* A class and its people, to be put in order. */
typedef struct ordered {
    uint64_t people;
    uint32_t number;
} ordered;

static int by_people(const void *a, const void *b)
{
    const ordered *x = a;
    const ordered *y = b;
    const int by_size = (x->people > y->people) - (x->people < y->people);
    return by_size != 0 ? by_size : (x->number > y->number) - (x->number < y->number);
}

static void count_people(planner *p)
{
    const caucus_group_request *request = p->request;
    uint64_t people = 0;
    uint64_t largest = 0;
    for (uint32_t c = 0; c < request->n_classes; c++) {
        p->n_used += request->people[c] > 0 ? 1 : 0;
        people += request->people[c];
        largest = request->people[c] > largest ? request->people[c] : largest;
    }
    p->group->n_people = people;
    p->largest = (double)largest;
    p->total = (double)people;
    p->left = p->total - (request->urn ? request->sum_taken : 0.0);
}

/* List the classes with people, the smallest first. */
static caucus_status put_in_order(planner *p)
{
    const caucus_group_request *request = p->request;
    caucus_group *group = p->group;
    uint32_t n = 0;
    ordered *classes = NULL;
    caucus_status status = CAUCUS_OK;
    TRY_GOTO(caucus_alloc(request->n_classes, sizeof *classes, "classes", &classes), done);
    TRY_GOTO(caucus_alloc(request->n_classes, sizeof *group->order, "classes", &group->order), done);
    TRY_GOTO(caucus_alloc(request->n_classes, sizeof *p->behind, "classes", &p->behind), done);
    for (uint32_t c = 0; c < request->n_classes; c++) {
        if (request->people[c] > 0) {
            classes[n++] = (ordered){request->people[c], c};
        }
    }
    qsort(classes, n, sizeof *classes, by_people);
    group->n_ordered = n;
    uint64_t people = 0;
    for (uint32_t i = n; i-- > 0;) {
        group->order[i] = classes[i].number;
        people += classes[i].people;
        p->behind[i] = (double)people;
    }
done:
    free(classes);
    return status;
}

/* BELOW standard deviations of the sum under the size; where it is not known how many are left, under that of their
 * number too. */
static double bulk_of(const planner *p)
{
    const caucus_group_request *request = p->request;
    const double size = (double)request->size;
    const double share = request->urn ? size / p->left : 0.0;
    if (request->urn && request->exact && size >= p->left) {
        return p->left; /* everybody */
    }
    const double spread = share < 1.0 ? sqrt(size * (1.0 - share)) : 0.0;
    const double doubt = request->urn && !request->exact ? 2.0 * share * sqrt(request->sum_taken) + 2.0 : 0.0;
    const double bulk = size - BELOW * spread - doubt;
    return bulk > 0.0 ? bulk : 0.0;
}

/* Costs in draws by table. Where others have drawn before from the same people a count takes several of them; and
 * without replacement a person a block of her own. */
static double count_cost(const planner *p)
{
    return p->request->urn && p->request->sum_taken > 0.0 ? 4.0 : 1.0;
}

static double people_cost(const planner *p, double n)
{
    return (p->request->urn ? 4.0 : 1.5) * n;
}

/* A link that draws the classes from place `from` on and leaves those from `to` on to its rest: a share of about
 * sqrt(rest / all) of its attempts stands. Judging an attempt costs about as much as four draws. */
static double link_cost(const planner *p, uint32_t from, uint32_t to)
{
    return (count_cost(p) * (double)(to - from) + 4.0) / sqrt(p->behind[to] / p->behind[from]);
}

static const double LEAST_SHARE = 0.86;    /* of the people */
static const double LEAST_STANDING = 0.25; /* of attempts, where as many come as are expected */

/* Whether the rest from place `from` on may be drawn from by a link of its own. Its people differ by trial, and the
 * further they are from what its link expects, the fewer of that one's attempts stand: at z standard deviations of
 * theirs, about exp(-z^2 (1 - share) / 2) times as many as usual. With these limits fewer than one in 2^64 trials need
 * more attempts than the counter has, by far (docs/engine.md, "Groups"; tests/math/test_links.py computes how many). */
static bool may_link(const planner *p, uint32_t from)
{
    const double share = p->behind[from] / p->total;
    const double stand = sqrt(p->largest / p->behind[from]);
    return share >= LEAST_SHARE && (double)p->request->size * share >= 400.0 && stand >= LEAST_STANDING;
}

/* The least that links may cost, whatever the order of classes: two of them, each with no attempt in vain; or, where
 * the largest class is too small for two, one. */
static double least_links_cost(const planner *p)
{
    const double all = count_cost(p) * ((double)p->n_used - 1.0) + 4.0;
    const double share = p->largest / p->total;
    if (p->n_used <= 1) {
        return 0.0;
    }
    return share >= LEAST_SHARE * LEAST_STANDING * LEAST_STANDING ? all : all / sqrt(share);
}

/* Choose between one link and two, by their cost. */
static void choose_links(planner *p)
{
    const uint32_t last = p->n_used - 1;
    p->n_links = last > 0 ? 1 : 0;
    p->starts[0] = 0;
    p->starts[p->n_links] = last;
    p->links_cost = last > 0 ? link_cost(p, 0, last) : 0.0;
    for (uint32_t from = last; from-- > 1;) {
        const double cost = link_cost(p, 0, from) + link_cost(p, from, last);
        if (may_link(p, from) && cost < p->links_cost) {
            p->n_links = 2;
            p->starts[1] = from;
            p->starts[2] = last;
            p->links_cost = cost;
        }
    }
}

/* A level of groups of this size is cheaper than people one by one. */
static bool level_pays(const planner *p, double size)
{
    return size > (double)p->n_used;
}

static double missing_cost(const planner *p)
{
    const double counts = count_cost(p) * (double)p->n_used;
    double cost = 1.1 * counts;
    double missing = (double)p->request->size - p->bulk;
    for (int j = 15; j > 0; j--) {
        const double size = ldexp(1.0, CAUCUS_LADDER_BITS * j);
        if (missing >= size && level_pays(p, size)) {
            cost += missing / size * counts;
            missing = 0.5 * size;
        }
    }
    return cost + people_cost(p, missing);
}

/* Without replacement the rest needs to know exactly how many are taken. */
static bool rest_is_known(const planner *p)
{
    return !p->request->urn || p->n_used <= 1 || (p->request->exact && (double)p->request->size < p->left);
}

/* And windows that fit into caches. */
static bool windows_fit(const planner *p)
{
    const caucus_group_request *request = p->request;
    bool fit = true;
    for (uint32_t i = 1; request->sum_taken > 0.0 && i <= p->n_links; i++) {
        fit = fit && caucus_draw_windows_fit(p->group->n_people, (uint64_t)p->behind[p->starts[i]],
                                             (uint64_t)request->sum_taken, request->size);
    }
    return fit;
}

/* The cost of the form by rest; HUGE_VAL where it is impossible or no cheaper than `cheapest`, which may be known
 * without putting the classes in order. */
static caucus_status cost_by_rest(planner *p, double cheapest, double *cost)
{
    *cost = HUGE_VAL;
    if (!rest_is_known(p) || least_links_cost(p) >= cheapest) {
        return CAUCUS_OK;
    }
    TRY(put_in_order(p));
    choose_links(p);
    *cost = windows_fit(p) ? p->links_cost : HUGE_VAL;
    return CAUCUS_OK;
}

static caucus_status choose_form(planner *p, caucus_draw_form *form)
{
    const double never = HUGE_VAL;
    double cost[] = {people_cost(p, (double)p->request->size), p->bulk > 0.0 ? missing_cost(p) : never, never};
    const double cheapest = cost[0] < cost[1] ? cost[0] : cost[1];
    TRY(cost_by_rest(p, p->request->form == CAUCUS_ANY_FORM ? cheapest : never, &cost[CAUCUS_DRAW_BY_REST]));
    *form = CAUCUS_DRAW_BY_PEOPLE;
    for (int i = 0; p->request->form == CAUCUS_ANY_FORM && i <= CAUCUS_DRAW_BY_REST; i++) {
        *form = cost[i] < cost[*form] ? (caucus_draw_form)i : *form;
    }
    if (p->request->form != CAUCUS_ANY_FORM) {
        *form = (caucus_draw_form)p->request->form;
        if (cost[*form] == never) {
            return caucus_fail(CAUCUS_INVALID, "this group cannot be drawn in form %d", p->request->form);
        }
    }
    return CAUCUS_OK;
}

/* The fewest people of a class that are sure to be left, but for about 2^-64. */
static uint64_t surely_left(uint64_t people, double taken)
{
    const double most = taken + 10.0 * sqrt(taken) + 64.0;
    return taken == 0.0 ? people : most >= (double)people ? 0 : people - (uint64_t)most;
}

/* People beyond the ones that are surely left: hardly ever more than this, for which a ladder then takes more steps. */
static uint64_t likely_beyond(uint64_t people, uint64_t low, double taken)
{
    const double most = 2.0 * (10.0 * sqrt(taken) + 64.0);
    const uint64_t beyond = people - low;
    return low == 0 || most >= (double)beyond ? beyond : (uint64_t)most;
}

/* Without replacement: Binomial(left, p) for every class. Few people are left to the ladder alone, which then needs no
 * table of their own. */
static caucus_status add_urn_classes(planner *p, double probability, double other, caucus_draw_level *level)
{
    const caucus_group_request *request = p->request;
    uint64_t most = 0; /* left to the ladder */
    for (uint32_t c = 0; c < request->n_classes; c++) {
        const uint64_t people = c == p->last ? 0 : request->people[c];
        caucus_draw_class *of = &p->group->classes[level->first_class + c];
        *of = (caucus_draw_class){.low = surely_left(people, p->before[c]), .table = CAUCUS_NO_TABLE};
        if (of->low >= 256 || (of->low > 0 && of->low == people)) {
            const caucus_law law = caucus_law_binomial(of->low, probability, other);
            TRY(caucus_make_table(p->maker, &law, &of->table));
        } else {
            of->low = 0;
        }
        const uint64_t beyond = likely_beyond(people, of->low, p->before[c]);
        most = beyond > most ? beyond : most;
    }
    const uint32_t stride = 1 + caucus_ladder_digits(most); /* the table's draw, then the ladder's */
    p->group->stride = stride > p->group->stride ? stride : p->group->stride;
    return caucus_make_ladder(p->maker, probability, other, most, &level->ladder);
}

static caucus_status add_poisson_classes(planner *p, double mean, const caucus_draw_level *level)
{
    const double total = p->coarse != NULL ? (double)p->n_coarse : p->total;
    for (uint32_t c = 0; c < p->request->n_classes; c++) {
        caucus_draw_class *of = &p->group->classes[level->first_class + c];
        *of = (caucus_draw_class){.table = CAUCUS_NO_TABLE};
        if (p->shares[c] > 0 && c != p->last) {
            const caucus_law law = caucus_law_poisson(mean * ((double)p->shares[c] / total));
            TRY(caucus_make_table(p->maker, &law, &of->table));
        }
    }
    return CAUCUS_OK;
}

/* A level for `size` people of which it draws `bulk` of the `left` on average. */
static caucus_status add_level(planner *p, uint64_t size, double bulk, double left)
{
    caucus_group *group = p->group;
    const uint64_t n_class_laws = group->n_class_laws + p->request->n_classes;
    caucus_draw_level *levels = realloc(group->levels, (group->n_levels + 1) * sizeof *levels);
    if (levels == NULL) {
        return caucus_fail_memory((group->n_levels + 1) * sizeof *levels, "the plan of draws");
    }
    group->levels = levels;
    caucus_draw_class *classes = realloc(group->classes, n_class_laws * sizeof *classes);
    if (classes == NULL) {
        return caucus_fail_memory(n_class_laws * sizeof *classes, "the plan of draws");
    }
    group->classes = classes;
    caucus_draw_level *level = &levels[group->n_levels++];
    *level = (caucus_draw_level){.size = size, .first_class = group->n_class_laws, .ladder = CAUCUS_NO_TABLE};
    group->n_class_laws = n_class_laws;
    return p->request->urn ? add_urn_classes(p, bulk / left, (left - bulk) / left, level)
                           : add_poisson_classes(p, bulk, level);
}

/* The shares of a group by missing people: with replacement those of thousands of classes may be coarse. */
static caucus_status choose_shares(planner *p)
{
    const caucus_group_request *request = p->request;
    caucus_group *group = p->group;
    const uint32_t n = request->n_classes;
    const int bits = request->urn ? 0 : caucus_coarse_bits(request->people, n, request->size);
    caucus_status status = CAUCUS_OK;
    uint64_t *left_out = NULL;
    p->shares = request->people;
    if (bits == 0) {
        return caucus_make_choice(p->maker, p->shares, n, &group->choice);
    }
    TRY(caucus_alloc(n, sizeof *p->coarse, "classes", &p->coarse));
    TRY(caucus_alloc(n, sizeof *left_out, "classes", &left_out));
    p->n_coarse = caucus_coarse_cut(request->people, n, bits, p->coarse, left_out);
    p->shares = p->coarse;
    const double other = (p->total - (double)p->n_coarse) / p->total;
    const caucus_law law = caucus_law_binomial(request->size, (double)p->n_coarse / p->total, other);
    const double mean = (double)request->size * law.p;
    p->bulk = mean - BELOW * sqrt(mean * (1.0 + other)); /* below how many they are, which differs by trial */
    TRY_GOTO(caucus_make_table(p->maker, &law, &group->coarse), done);
    TRY_GOTO(caucus_make_choice(p->maker, p->coarse, n, &group->choice), done);
    TRY_GOTO(caucus_make_choice(p->maker, left_out, n, &group->remainder), done);
done:
    free(left_out);
    return status;
}

/* Those who miss are drawn as groups of 16^j people, as long as that pays; each of these has a part of the words. */
static caucus_status plan_missing(planner *p)
{
    const double size = (double)p->request->size;
    TRY(add_level(p, p->request->size, p->bulk, p->left));
    if (p->coarse != NULL || (uint64_t)p->request->n_classes * p->group->stride >= 1u << (CAUCUS_PART_SHIFT - 3)) {
        return CAUCUS_OK; /* so few miss that no smaller group pays; or the classes' words fill more than a part */
    }
    for (uint32_t c = 0; p->request->urn && c < p->request->n_classes; c++) {
        p->before[c] += p->bulk * ((double)p->request->people[c] / p->total);
    }
    const double left = p->left - p->bulk;
    for (int j = 15; j > 0; j--) {
        const double part = ldexp(1.0, CAUCUS_LADDER_BITS * j);
        if (size - p->bulk + 8.0 * sqrt(size) >= part && level_pays(p, part) &&
            (!p->request->urn || left > 4.0 * part)) {
            TRY(add_level(p, (uint64_t)part, part - BELOW * sqrt(part), left));
        }
    }
    return CAUCUS_OK;
}

/* With which probability a link's rest takes how many. */
static caucus_status plan_acceptance(planner *p, caucus_draw_link *link)
{
    const caucus_group_request *request = p->request;
    caucus_group *group = p->group;
    const double size = (double)request->size;
    if (request->urn && request->sum_taken > 0.0) {
        link->accept = CAUCUS_ACCEPT_WINDOWS;
        return caucus_draw_windows_add(group, (uint64_t)request->sum_taken, link);
    }
    const caucus_law law = request->urn ? caucus_law_binomial(link->people, size / p->left, (p->left - size) / p->left)
                                        : caucus_law_poisson(size * ((double)link->people / p->total));
    if (caucus_law_deviation(&law) >= CAUCUS_WIDE_DEVIATION) {
        link->accept = CAUCUS_ACCEPT_WIDE;
        return caucus_make_wide(p->maker, &law, &link->wide);
    }
    link->accept = CAUCUS_ACCEPT_TABLE;
    return caucus_draw_thresholds_add(group, &law, link);
}

static caucus_status plan_rest(planner *p)
{
    caucus_group *group = p->group;
    uint32_t draw = 0;
    if (p->n_links == 0) {
        return CAUCUS_OK;
    }
    p->last = group->order[p->n_used - 1];
    TRY(add_level(p, p->request->size, (double)p->request->size, p->left));
    TRY(caucus_alloc(p->n_links, sizeof *group->links, "the plan of draws", &group->links));
    group->n_links = p->n_links;
    for (uint32_t i = 0; i < p->n_links; i++) {
        caucus_draw_link *link = &group->links[i];
        *link = (caucus_draw_link){.first = p->starts[i],
                                   .n = p->starts[i + 1] - p->starts[i],
                                   .draw = draw,
                                   .people = (uint64_t)p->behind[p->starts[i + 1]]};
        draw += link->n * group->stride + 1;
        TRY(plan_acceptance(p, link));
    }
    return CAUCUS_OK;
}

static caucus_status plan(planner *p)
{
    caucus_group *group = p->group;
    const caucus_group_request *request = p->request;
    TRY(caucus_alloc(request->n_classes, sizeof *group->people, "classes", &group->people));
    TRY(caucus_alloc(request->n_classes, sizeof *p->before, "classes", &p->before));
    memcpy(group->people, request->people, request->n_classes * sizeof *group->people);
    if (request->urn) {
        memcpy(p->before, request->taken, request->n_classes * sizeof *p->before);
    }
    count_people(p);
    if (group->n_people == 0 || request->size == 0) {
        return CAUCUS_OK; /* nobody is drawn, one by one */
    }
    p->bulk = bulk_of(p);
    TRY(choose_form(p, &group->form));
    TRY(caucus_table_maker_open(request->n_trials, request->n_classes, &p->maker));
    p->shares = request->people;
    if (group->form == CAUCUS_DRAW_BY_MISSING) {
        TRY(choose_shares(p));
        TRY(plan_missing(p));
    } else if (group->form == CAUCUS_DRAW_BY_REST) {
        TRY(plan_rest(p));
    } else {
        TRY(caucus_make_choice(p->maker, group->people, group->n_classes, &group->choice));
    }
    caucus_table_maker_finish(p->maker, &group->tables);
    return CAUCUS_OK;
}

caucus_status caucus_group_plan(const caucus_group_request *request, caucus_group **out)
{
    planner p = {.request = request, .last = UINT32_MAX};
    TRY(caucus_alloc(1, sizeof *p.group, "the plan of draws", &p.group));
    *p.group = (caucus_group){.form = CAUCUS_DRAW_BY_PEOPLE,
                              .size = request->size,
                              .n_classes = request->n_classes,
                              .stride = 1,
                              .urn = request->urn,
                              .choice = CAUCUS_NO_TABLE,
                              .coarse = CAUCUS_NO_TABLE,
                              .remainder = CAUCUS_NO_TABLE,
                              .tables.strips = CAUCUS_NO_TABLE};
    const caucus_status status = plan(&p);
    caucus_table_maker_close(p.maker);
    free(p.behind);
    free(p.before);
    free(p.coarse);
    if (status != CAUCUS_OK) {
        caucus_group_free(p.group);
        return status;
    }
    *out = p.group;
    return CAUCUS_OK;
}

void caucus_group_free(caucus_group *group)
{
    if (group == NULL) {
        return;
    }
    caucus_tables_free(&group->tables);
    free(group->levels);
    free(group->classes);
    free(group->logs);
    free(group->links);
    free(group->order);
    free(group->people);
    free(group);
}

size_t caucus_group_bytes(const caucus_group *group)
{
    const caucus_tables *tables = &group->tables;
    return sizeof *group + tables->n_pool * sizeof *tables->pool + tables->n_tables * sizeof *tables->tables +
           tables->n_rows * sizeof *tables->rows + tables->n_wides * sizeof *tables->wides +
           tables->n_ladders * sizeof *tables->ladders + group->n_levels * sizeof *group->levels +
           group->n_class_laws * sizeof *group->classes + group->n_logs * sizeof *group->logs +
           group->n_links * sizeof *group->links + group->n_ordered * sizeof *group->order +
           group->n_classes * sizeof *group->people;
}
