#include "advice/counts.h"
#include "config/strategy.h"

#include <stdarg.h>
#include <stdlib.h>

static const uint64_t MOST = (uint64_t)1 << 53;

void caucus_counts_free(caucus_counts *counts)
{
    for (uint32_t j = 0; counts->collectives != NULL && j < counts->n_collectives; j++) {
        free(counts->collectives[j].map);
        free(counts->collectives[j].outside_map);
        free(counts->collectives[j].counts);
        free(counts->collectives[j].estimator_counts);
        free(counts->collectives[j].pilot_counts);
        free(counts->collectives[j].matching);
    }
    free(counts->collectives);
    free(counts->raw_cells);
    counts->collectives = NULL;
    counts->raw_cells = NULL;
}

static bool in_signal_set(const caucus_counts *counts, const caucus_counts_collective *collective, uint32_t cell)
{
    for (uint32_t x = 0; x < counts->n_cells; x++) {
        if (caucus_counts_is_raw(counts, x) && collective->map[x] == cell) {
            return true;
        }
    }
    return false;
}

/* Say what is wrong with a field, as "collectives[1].counts[2] PROBLEM", and keep where that was. */
static caucus_status blame(caucus_counts_fault *fault, caucus_counts_fault at, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static caucus_status blame(caucus_counts_fault *fault, caucus_counts_fault at, const char *format, ...)
{
    char problem[512];
    char place[128] = "";
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(problem, sizeof problem, format, arguments);
    va_end(arguments);
    size_t used = 0;
    if (at.collective != CAUCUS_NOWHERE) {
        used = (size_t)snprintf(place, sizeof place, "collectives[%u].", at.collective);
    }
    used += (size_t)snprintf(place + used, sizeof place - used, "%s", at.field);
    if (at.cell != CAUCUS_NOWHERE) {
        used += (size_t)snprintf(place + used, sizeof place - used, "[%u]", at.cell);
    }
    if (at.label != CAUCUS_NOWHERE) {
        snprintf(place + used, sizeof place - used, "[%u]", at.label);
    }
    if (fault != NULL) {
        *fault = at;
    }
    return caucus_fail(CAUCUS_INVALID, "%s %s", place, problem);
}

static caucus_counts_fault of_document(const char *field)
{
    return (caucus_counts_fault){CAUCUS_NOWHERE, field, CAUCUS_NOWHERE, CAUCUS_NOWHERE};
}

static caucus_counts_fault of_collective(uint32_t j, const char *field)
{
    return (caucus_counts_fault){j, field, CAUCUS_NOWHERE, CAUCUS_NOWHERE};
}

static caucus_status check_map(const caucus_counts *counts, uint32_t j, caucus_counts_fault *fault)
{
    const caucus_counts_collective *collective = &counts->collectives[j];
    for (uint32_t x = 0; x < counts->n_cells; x++) {
        if (collective->map[x] >= counts->n_cells) {
            return blame(fault, (caucus_counts_fault){j, "map", x, CAUCUS_NOWHERE},
                         "is %u, but cells are numbered 0 to %u", collective->map[x], counts->n_cells - 1);
        }
    }
    for (uint32_t x = 0; collective->strategy == CAUCUS_ERASE && x < counts->n_cells; x++) {
        uint32_t image = collective->map[x];
        if (collective->map[image] != image) {
            return blame(
                fault, (caucus_counts_fault){j, "map", x, CAUCUS_NOWHERE},
                "sends cell %u to %u, which goes on to %u: erase needs a map that leaves its images where they "
                "are",
                x, image, collective->map[image]);
        }
    }
    return CAUCUS_OK;
}

static caucus_status check_outside(const caucus_counts *counts, uint32_t j, caucus_counts_fault *fault)
{
    caucus_counts_collective *collective = &counts->collectives[j];
    if (collective->strategy != CAUCUS_FEATURE_ONLY) {
        return CAUCUS_OK;
    }
    if (collective->outside == CAUCUS_NOWHERE) {
        uint32_t cell = 0;
        while (cell < counts->n_cells && in_signal_set(counts, collective, cell)) {
            cell++;
        }
        if (cell == counts->n_cells) {
            return blame(fault, of_collective(j, "map"),
                         "reaches every cell, so that feature_only has none outside to hand in with other labels");
        }
        collective->outside = cell;
    }
    if (collective->outside >= counts->n_cells) {
        return blame(fault, of_collective(j, "outside"), "is %u, but cells are numbered 0 to %u", collective->outside,
                     counts->n_cells - 1);
    }
    if (in_signal_set(counts, collective, collective->outside)) {
        return blame(fault, of_collective(j, "outside"), "is %u, a cell that map reaches: it must lie outside",
                     collective->outside);
    }
    return CAUCUS_OK;
}

static caucus_status check_estimators(const caucus_counts *counts, uint32_t j, caucus_counts_fault *fault)
{
    caucus_counts_collective *collective = &counts->collectives[j];
    collective->estimators = 0;
    for (size_t i = 0; collective->estimator_counts != NULL && i < (size_t)counts->n_cells * counts->n_labels; i++) {
        if (collective->estimator_counts[i] > collective->counts[i]) {
            uint32_t cell = (uint32_t)(i / counts->n_labels);
            return blame(fault, (caucus_counts_fault){j, "estimator_counts", cell, (uint32_t)(i % counts->n_labels)},
                         "is %llu, but counts has only %llu there: estimators are members and count in both",
                         (unsigned long long)collective->estimator_counts[i],
                         (unsigned long long)collective->counts[i]);
        }
        collective->estimators += collective->estimator_counts[i];
    }
    if (collective->strategy == CAUCUS_UNPLANT_ADAPTIVE &&
        (collective->estimators == 0 || collective->estimators == collective->members)) {
        return blame(fault, of_collective(j, "estimator_counts"),
                     "add up to %llu of %llu members: unplant_adaptive needs some, and some left over",
                     (unsigned long long)collective->estimators, (unsigned long long)collective->members);
    }
    return CAUCUS_OK;
}

static caucus_status check_pilot(const caucus_counts *counts, uint32_t j, caucus_counts_fault *fault)
{
    caucus_counts_collective *collective = &counts->collectives[j];
    collective->pilot = 0;
    for (size_t i = 0; collective->pilot_counts != NULL && i < (size_t)counts->n_cells * counts->n_labels; i++) {
        const uint64_t estimators = collective->estimator_counts != NULL ? collective->estimator_counts[i] : 0;
        if (collective->pilot_counts[i] > collective->counts[i] - estimators) {
            uint32_t cell = (uint32_t)(i / counts->n_labels);
            return blame(fault, (caucus_counts_fault){j, "pilot_counts", cell, (uint32_t)(i % counts->n_labels)},
                         "is %llu, but counts has only %llu there%s: the pilot are members and count in both",
                         (unsigned long long)collective->pilot_counts[i],
                         (unsigned long long)(collective->counts[i] - estimators),
                         estimators > 0 ? " who are no estimators" : "");
        }
        collective->pilot += collective->pilot_counts[i];
    }
    if (collective->pilot_counts == NULL) {
        return CAUCUS_OK;
    }
    if (!caucus_strategy_takes_pilot(collective->strategy)) {
        return blame(fault, of_collective(j, "pilot_counts"),
                     "serve no bound of %s, whose labels the data of all members choose: leave them out",
                     caucus_strategy_names[collective->strategy]);
    }
    if (collective->pilot == 0 || collective->pilot == collective->members - collective->estimators) {
        return blame(fault, of_collective(j, "pilot_counts"),
                     "add up to %llu of %llu members: a pilot needs some, and some left over who prove",
                     (unsigned long long)collective->pilot,
                     (unsigned long long)(collective->members - collective->estimators));
    }
    return CAUCUS_OK;
}

static caucus_status check_counts(const caucus_counts *counts, uint32_t j, caucus_counts_fault *fault)
{
    caucus_counts_collective *collective = &counts->collectives[j];
    size_t n = (size_t)counts->n_cells * counts->n_labels;
    collective->members = 0;
    for (size_t i = 0; i < n; i++) {
        if (collective->counts[i] > MOST - collective->members) {
            return blame(fault, of_collective(j, "counts"), "add up to more than 2^53");
        }
        const uint32_t cell = (uint32_t)(i / counts->n_labels);
        if (collective->counts[i] > 0 && !caucus_counts_is_raw(counts, cell)) {
            return blame(fault, (caucus_counts_fault){j, "counts", cell, (uint32_t)(i % counts->n_labels)},
                         "is %llu, but cell %u is none of raw_cells: people cannot have it",
                         (unsigned long long)collective->counts[i], cell);
        }
        collective->members += collective->counts[i];
    }
    TRY(check_estimators(counts, j, fault));
    return check_pilot(counts, j, fault);
}

static caucus_status check_document(const caucus_counts *counts, caucus_counts_fault *fault)
{
    if (!(counts->delta > 0 && counts->delta < 1)) {
        return blame(fault, of_document("delta"), "is %g; it must lie between 0 and 1, and be neither", counts->delta);
    }
    if (!(counts->epsilon >= 0 && counts->epsilon < 1)) {
        return blame(fault, of_document("epsilon"), "is %g; it must be at least 0 and below 1", counts->epsilon);
    }
    if (counts->consumers == 0 || counts->consumers > MOST) {
        return blame(fault, of_document("consumers"), "must lie between 1 and 2^53");
    }
    if (counts->test == 0 || counts->test > MOST) {
        return blame(fault, of_document("test"), "must lie between 1 and 2^53");
    }
    if (counts->n_cells == 0 || counts->n_labels < 2 || counts->n_collectives == 0) {
        return caucus_fail(CAUCUS_INVALID, "needs at least 1 of cells, 2 labels and 1 of collectives");
    }
    return CAUCUS_OK;
}

caucus_status caucus_counts_check(caucus_counts *counts, caucus_counts_fault *fault)
{
    TRY(check_document(counts, fault));
    uint64_t members = 0;
    for (uint32_t j = 0; j < counts->n_collectives; j++) {
        caucus_counts_collective *collective = &counts->collectives[j];
        if (collective->strategy != CAUCUS_ERASE && collective->target >= counts->n_labels) {
            return blame(fault, of_collective(j, "target"), "is %u, but labels are numbered 0 to %u",
                         collective->target, counts->n_labels - 1);
        }
        TRY(check_map(counts, j, fault));
        TRY(check_outside(counts, j, fault));
        TRY(check_counts(counts, j, fault));
        if (collective->affinity > 0 && counts->without_replacement) {
            return blame(fault, of_collective(j, "membership"),
                         "knows an affinity, for which bounds are not proved without replacement: write a ratio");
        }
        if (collective->affinity > 0 && collective->pilot_counts != NULL) {
            return blame(fault, of_collective(j, "pilot_counts"),
                         "serve bounds in one step, which take members for a sample of everybody: leave them out where "
                         "an affinity is known");
        }
        if (collective->members > counts->consumers - members) {
            return blame(fault, of_collective(j, "counts"),
                         "bring the members to %llu, more than the %llu of consumers",
                         (unsigned long long)(members + collective->members), (unsigned long long)counts->consumers);
        }
        members += collective->members;
    }
    return CAUCUS_OK;
}
