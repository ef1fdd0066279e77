#include "counts.h"

#include <stdlib.h>

static const uint64_t MOST = (uint64_t)1 << 53;

void caucus_counts_free(caucus_counts *counts)
{
    for (uint32_t j = 0; counts->collectives != NULL && j < counts->n_collectives; j++) {
        free(counts->collectives[j].map);
        free(counts->collectives[j].counts);
        free(counts->collectives[j].estimator_counts);
    }
    free(counts->collectives);
    counts->collectives = NULL;
}

static bool in_signal_set(const caucus_counts *counts, const caucus_counts_collective *collective, uint32_t cell)
{
    for (uint32_t x = 0; x < counts->n_cells; x++) {
        if (collective->map[x] == cell) {
            return true;
        }
    }
    return false;
}

static caucus_status check_map(const caucus_counts *counts, const caucus_counts_collective *collective,
                               const char *name, uint32_t j)
{
    for (uint32_t x = 0; x < counts->n_cells; x++) {
        if (collective->map[x] >= counts->n_cells) {
            return caucus_fail(CAUCUS_INVALID, "%s: collectives[%u].map[%u] is %u; cells are numbered 0 to %u", name, j,
                               x, collective->map[x], counts->n_cells - 1);
        }
    }
    for (uint32_t x = 0; collective->strategy == CAUCUS_ERASE && x < counts->n_cells; x++) {
        uint32_t image = collective->map[x];
        if (collective->map[image] != image) {
            return caucus_fail(
                CAUCUS_INVALID,
                "%s: collectives[%u].map sends cell %u to %u and %u to %u; erase needs every image to map to "
                "itself",
                name, j, x, image, image, collective->map[image]);
        }
    }
    return CAUCUS_OK;
}

static caucus_status check_outside(const caucus_counts *counts, caucus_counts_collective *collective, const char *name,
                                   uint32_t j)
{
    if (collective->strategy != CAUCUS_FEATURE_ONLY) {
        return CAUCUS_OK;
    }
    if (collective->outside == CAUCUS_NO_CELL) {
        uint32_t cell = 0;
        while (cell < counts->n_cells && in_signal_set(counts, collective, cell)) {
            cell++;
        }
        collective->outside = cell;
    }
    if (collective->outside >= counts->n_cells || in_signal_set(counts, collective, collective->outside)) {
        return caucus_fail(CAUCUS_INVALID,
                           "%s: collectives[%u].outside must be a cell (0 to %u) that map reaches from no cell", name,
                           j, counts->n_cells - 1);
    }
    return CAUCUS_OK;
}

static caucus_status check_counts(const caucus_counts *counts, caucus_counts_collective *collective, const char *name,
                                  uint32_t j)
{
    size_t n = (size_t)counts->n_cells * counts->n_labels;
    collective->members = 0;
    collective->estimators = 0;
    for (size_t i = 0; i < n; i++) {
        uint64_t drawn = collective->estimator_counts != NULL ? collective->estimator_counts[i] : 0;
        if (collective->counts[i] > MOST - collective->members) {
            return caucus_fail(CAUCUS_INVALID, "%s: collectives[%u].counts add up to more than 2^53", name, j);
        }
        if (drawn > collective->counts[i]) {
            return caucus_fail(
                CAUCUS_INVALID,
                "%s: collectives[%u].estimator_counts at cell %zu, label %zu is %llu of only %llu in counts; "
                "estimators are members and count in both",
                name, j, i / counts->n_labels, i % counts->n_labels, (unsigned long long)drawn,
                (unsigned long long)collective->counts[i]);
        }
        collective->members += collective->counts[i];
        collective->estimators += drawn;
    }
    if (collective->strategy == CAUCUS_UNPLANT_ADAPTIVE &&
        (collective->estimators == 0 || collective->estimators == collective->members)) {
        return caucus_fail(
            CAUCUS_INVALID,
            "%s: collectives[%u].estimator_counts hold %llu of %llu members; unplant_adaptive needs some, "
            "and some left over",
            name, j, (unsigned long long)collective->estimators, (unsigned long long)collective->members);
    }
    return CAUCUS_OK;
}

static caucus_status check_document(const caucus_counts *counts, const char *name)
{
    if (!(counts->delta > 0 && counts->delta < 1)) {
        return caucus_fail(CAUCUS_INVALID, "%s: delta is %g; it must lie between 0 and 1", name, counts->delta);
    }
    if (!(counts->epsilon >= 0 && counts->epsilon < 1)) {
        return caucus_fail(CAUCUS_INVALID, "%s: epsilon is %g; it must be at least 0 and below 1", name,
                           counts->epsilon);
    }
    if (counts->consumers == 0 || counts->consumers > MOST || counts->test == 0 || counts->test > MOST) {
        return caucus_fail(CAUCUS_INVALID, "%s: consumers and test must lie between 1 and 2^53", name);
    }
    if (counts->n_cells == 0 || counts->n_labels < 2 || counts->n_collectives == 0) {
        return caucus_fail(CAUCUS_INVALID, "%s: needs at least 1 of cells, 2 labels and 1 of collectives", name);
    }
    return CAUCUS_OK;
}

caucus_status caucus_counts_check(caucus_counts *counts, const char *name)
{
    TRY(check_document(counts, name));
    uint64_t members = 0;
    for (uint32_t j = 0; j < counts->n_collectives; j++) {
        caucus_counts_collective *collective = &counts->collectives[j];
        if (collective->strategy != CAUCUS_ERASE && collective->target >= counts->n_labels) {
            return caucus_fail(CAUCUS_INVALID, "%s: collectives[%u].target is %u; labels are numbered 0 to %u", name, j,
                               collective->target, counts->n_labels - 1);
        }
        TRY(check_map(counts, collective, name, j));
        TRY(check_outside(counts, collective, name, j));
        TRY(check_counts(counts, collective, name, j));
        if (collective->members > counts->consumers - members) {
            return caucus_fail(
                CAUCUS_INVALID, "%s: collectives[%u].counts bring the members to %llu, more than the %llu of consumers",
                name, j, (unsigned long long)(members + collective->members), (unsigned long long)counts->consumers);
        }
        members += collective->members;
    }
    return CAUCUS_OK;
}
