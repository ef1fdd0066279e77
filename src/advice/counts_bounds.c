/* The bounds of a counts document's case. */
#include "advice/counts.h"
#include "bound/value.h"

#include <stdlib.h>

/* All methods of one family and inequality. */
static caucus_status reckon(const caucus_counts_case *opened, const caucus_method *methods, uint32_t n_methods,
                            caucus_bound_kind kind, double delta, double *bounds)
{
    caucus_status status = CAUCUS_OK;
    caucus_bound *bound = NULL;
    double *scratch = NULL;
    double kept[CAUCUS_N_KNOWLEDGE];
    int highest = 0;
    for (uint32_t i = 0; i < n_methods; i++) {
        const bool alike = methods[i].family == kind.family && methods[i].inequality == kind.inequality;
        highest = alike && (int)methods[i].knowledge > highest ? (int)methods[i].knowledge : highest;
    }
    TRY(caucus_bound_open(&opened->setting, kind, delta, NULL, &bound));
    TRY_GOTO(caucus_alloc(caucus_bound_scratch(bound), sizeof *scratch, "a bound", &scratch), done);
    const caucus_bound_view *view = caucus_bound_is_piloted(bound) ? &opened->piloted : &opened->view;
    caucus_bound_keep(bound, view, highest, scratch, kept);
    for (uint32_t i = 0; i < n_methods; i++) {
        if (methods[i].family == kind.family && methods[i].inequality == kind.inequality) {
            bounds[i] = caucus_bound_conclude(bound, kept[methods[i].knowledge], view->n_own, view->n_base);
        }
    }
done:
    free(scratch);
    caucus_bound_close(bound);
    return status;
}

caucus_status caucus_counts_case_bounds(const caucus_counts_case *opened, const caucus_method *methods,
                                        uint32_t n_methods, caucus_side side, double delta, double *bounds)
{
    for (uint32_t i = 0; i < n_methods; i++) {
        bool first = true;
        for (uint32_t j = 0; j < i; j++) {
            first &= methods[j].family != methods[i].family || methods[j].inequality != methods[i].inequality;
        }
        const caucus_bound_kind kind = {methods[i].family, methods[i].inequality, side};
        if (first) {
            TRY(reckon(opened, methods, n_methods, kind, delta, bounds));
        }
    }
    return CAUCUS_OK;
}
