/* One bound of a view at one level of knowledge. */
#ifndef TESTS_BOUND_VALUE_H
#define TESTS_BOUND_VALUE_H

#include "bound/value.h"

/* scratch: caucus_bound_scratch doubles. */
static inline double bound_value(const caucus_bound *bound, const caucus_bound_view *view, caucus_knowledge knowledge,
                                 double *scratch)
{
    double kept[CAUCUS_N_KNOWLEDGE];
    caucus_bound_keep(bound, view, (int)knowledge, scratch, kept);
    return caucus_bound_conclude(bound, kept[knowledge], view->n_own, view->n_base);
}

#endif
