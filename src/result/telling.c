#include "result/telling.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* What is looked at in every configuration. */
typedef struct facts {
    double *success; /* [config][collective] mean; NaN: none */
    bool *failed;    /* [config] some bound in significantly more trials than delta */
} facts;

static caucus_status gather(caucus_result *result, facts *found)
{
    const caucus_identity *identity = &result->skeleton.identity;
    const uint32_t n_collectives = identity->shape.n_collectives;
    const size_t n_bounds = caucus_summary_width(CAUCUS_VIOLATION_LOW, &identity->shape);
    caucus_summary *summary = NULL;
    TRY(caucus_summary_alloc(&identity->shape, &summary));
    caucus_status status = CAUCUS_OK;
    for (uint64_t c = 0; c < identity->n_configs && status == CAUCUS_OK; c++) {
        double *success = found->success + c * n_collectives;
        const bool there = caucus_result_trials(result, c) > 0;
        status = there ? caucus_result_summary(result, c, summary) : CAUCUS_OK;
        for (uint32_t m = 0; m < n_collectives; m++) {
            success[m] = there ? summary->values[CAUCUS_SUCCESS_MEAN][m] : (double)NAN;
        }
        for (size_t i = 0; there && i < n_bounds; i++) {
            found->failed[c] |= summary->values[CAUCUS_VIOLATION_LOW][i] > result->skeleton.delta;
        }
    }
    free(summary);
    return status;
}

typedef struct choice {
    bool *chosen;
    uint64_t left; /* that may still be chosen */
} choice;

static void choose(choice *of, uint64_t config)
{
    if (of->left > 0 && !of->chosen[config]) {
        of->chosen[config] = true;
        of->left--;
    }
}

static void choose_extremes(choice *of, const facts *found, uint64_t n_configs, uint32_t n_collectives)
{
    for (uint32_t m = 0; m < n_collectives; m++) {
        uint64_t least = n_configs;
        uint64_t most = n_configs;
        for (uint64_t c = 0; c < n_configs; c++) {
            const double success = found->success[c * n_collectives + m];
            if (!isnan(success)) {
                least = least == n_configs || success < found->success[least * n_collectives + m] ? c : least;
                most = most == n_configs || success > found->success[most * n_collectives + m] ? c : most;
            }
        }
        if (least < n_configs) {
            choose(of, least);
            choose(of, most);
        }
    }
}

/* Configurations behind each other on both sides of a half. */
static void choose_crossings(choice *of, const facts *found, uint64_t n_configs, uint32_t n_collectives)
{
    const uint64_t keep = of->left / 2;
    for (uint64_t c = 1; c < n_configs && of->left > keep; c++) {
        for (uint32_t m = 0; m < n_collectives; m++) {
            const double before = found->success[(c - 1) * n_collectives + m];
            const double after = found->success[c * n_collectives + m];
            if ((before < 0.5 && after >= 0.5) || (before >= 0.5 && after < 0.5)) {
                choose(of, c - 1);
                choose(of, c);
            }
        }
    }
}

static void choose_failures(choice *of, const facts *found, uint64_t n_configs)
{
    const uint64_t keep = of->left / 2;
    for (uint64_t c = 0; c < n_configs && of->left > keep; c++) {
        if (found->failed[c]) {
            choose(of, c);
        }
    }
}

static void choose_evenly(choice *of, uint64_t n_configs)
{
    const uint64_t n = of->left;
    for (uint64_t i = 0; i < n; i++) {
        choose(of, n > 1 ? i * (n_configs - 1) / (n - 1) : 0);
    }
}

caucus_status caucus_telling_choose(caucus_result *result, uint64_t most, bool *chosen)
{
    const uint64_t n_configs = result->skeleton.identity.n_configs;
    const uint32_t n_collectives = result->skeleton.identity.shape.n_collectives;
    if (most == 0 || n_configs * n_collectives <= most) {
        memset(chosen, true, n_configs);
        return CAUCUS_OK;
    }
    facts found = {NULL, NULL};
    choice of = {.chosen = chosen, .left = most / n_collectives > 0 ? most / n_collectives : 1};
    caucus_status status = CAUCUS_OK;
    TRY_GOTO(caucus_alloc(n_configs * n_collectives, sizeof *found.success, "a summary", &found.success), done);
    TRY_GOTO(caucus_alloc(n_configs, sizeof *found.failed, "a summary", &found.failed), done);
    TRY_GOTO(gather(result, &found), done);
    memset(chosen, false, n_configs);
    choose_extremes(&of, &found, n_configs, n_collectives);
    choose_failures(&of, &found, n_configs);
    choose_crossings(&of, &found, n_configs, n_collectives);
    choose_evenly(&of, n_configs);
done:
    free(found.failed);
    free(found.success);
    return status;
}
