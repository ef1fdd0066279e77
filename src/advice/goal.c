/* How many members a goal takes. Bounds rise with members, as good as always: sizes are doubled until the goal is
 * reached, and the smallest that reaches it is then found by halving, to one in a hundred. */
#include "advice/advice.h"

#include <math.h>

typedef struct search {
    const caucus_advice *advice;
    uint32_t method;
    caucus_advice_goal *found;
} search;

static caucus_status look_at(search *s, uint64_t members, bool *reaches)
{
    double bounds[CAUCUS_MOST_METHODS];
    const caucus_advice *advice = s->advice;
    caucus_advice_best best = {0};
    TRY(caucus_advice_bounds_at(advice, members, bounds));
    if (s->method == advice->n_methods) {
        best = caucus_advice_best_of(advice, bounds);
    } else if (!isnan(bounds[s->method])) {
        best = (caucus_advice_best){true, bounds[s->method], advice->methods[s->method]};
    }
    *reaches = best.exists && caucus_advice_guarantees(best.method) && best.bound >= s->found->goal;
    if (*reaches || !s->found->reached) {
        s->found->reached = *reaches;
        s->found->members = members;
        s->found->best = best;
    }
    return CAUCUS_OK;
}

caucus_status caucus_advice_find_goal(const caucus_advice *advice, double goal, uint32_t method,
                                      caucus_advice_goal *found)
{
    const caucus_advice_inputs *inputs = advice->inputs;
    const caucus_counts_collective *mine = &inputs->counts.collectives[inputs->self];
    *found = (caucus_advice_goal){.goal = goal, .room = caucus_advice_room(inputs)};
    search s = {advice, method, found};
    uint64_t least = mine->estimators > 0 ? 2 : 1;
    uint64_t low = least - 1; /* does not reach it */
    uint64_t high = mine->members;
    bool reaches = false;
    TRY(look_at(&s, high, &reaches));
    while (!reaches && high < found->room) {
        low = high;
        high = high <= found->room / 2 ? 2 * high : found->room;
        TRY(look_at(&s, high, &reaches));
    }
    while (reaches && high - low > 1 && high - low > high / 100) {
        uint64_t middle = low + (high - low) / 2;
        bool enough = false;
        TRY(look_at(&s, middle, &enough));
        *(enough ? &high : &low) = middle;
    }
    return CAUCUS_OK;
}
