/* Which shard a process is to run: as told, or as the scheduler or launcher that started it says. */
#include "base/text.h"
#include "command/command.h"

#include <stdlib.h>
#include <string.h>

/* The number in a variable of the environment; false when it is not set or no number. */
static bool look_up(const char *name, uint64_t *value)
{
    const char *text = getenv(name);
    return text != NULL && caucus_text_word(text, value);
}

/* The place in a job array, from 0, and its tasks. */
static bool find_task(uint64_t *place, uint64_t *n, struct argp_state *state)
{
    uint64_t id = 0;
    uint64_t least = 0;
    uint64_t step = 1;
    if (!look_up("SLURM_ARRAY_TASK_ID", &id)) {
        return false;
    }
    if (!look_up("SLURM_ARRAY_TASK_MIN", &least) || !look_up("SLURM_ARRAY_TASK_COUNT", n)) {
        argp_error(state, "--shard auto: SLURM_ARRAY_TASK_ID is set, but SLURM_ARRAY_TASK_MIN or "
                          "SLURM_ARRAY_TASK_COUNT is not");
    }
    (void)look_up("SLURM_ARRAY_TASK_STEP", &step);
    step = step > 0 ? step : 1;
    *place = (id - least) / step;
    if (id < least || (id - least) % step != 0 || *place >= *n) {
        argp_error(state,
                   "--shard auto: task %llu is none of a row of %llu tasks from %llu on: make the job array one "
                   "range, such as --array=1-8, or use --shard I/N",
                   (unsigned long long)id, (unsigned long long)*n, (unsigned long long)least);
    }
    return true;
}

/* The rank, from 0, and how many there are, in an MPI job or a step of srun. */
static bool find_rank(uint64_t *rank, uint64_t *n)
{
    static const char *const pairs[][2] = {{"OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE"},
                                           {"PMIX_RANK", "PMIX_SIZE"},
                                           {"PMI_RANK", "PMI_SIZE"},
                                           {"MV2_COMM_WORLD_RANK", "MV2_COMM_WORLD_SIZE"},
                                           {"SLURM_PROCID", "SLURM_STEP_NUM_TASKS"}};
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        if (look_up(pairs[i][0], rank) && look_up(pairs[i][1], n) && *rank < *n) {
            return true;
        }
    }
    return false;
}

void caucus_command_shard(const char *text, caucus_plan_options *plan, struct argp_state *state)
{
    uint64_t task = 0;
    uint64_t n_tasks = 1;
    uint64_t rank = 0;
    uint64_t n_ranks = 1;
    if (strcmp(text, "auto") == 0) {
        const bool array = find_task(&task, &n_tasks, state);
        if (!find_rank(&rank, &n_ranks)) {
            rank = 0;
            n_ranks = 1;
            if (!array) {
                argp_error(state, "--shard auto: this is neither a task of a Slurm job array nor a process of an MPI "
                                  "launcher; use --shard I/N");
            }
        }
        plan->shard = task * n_ranks + rank + 1;
        plan->n_shards = n_tasks * n_ranks;
        return;
    }
    const char *slash = strchr(text, '/');
    char *number = slash != NULL ? caucus_text_format("%.*s", (int)(slash - text), text) : NULL;
    const bool read =
        number != NULL && caucus_text_count(number, &plan->shard) && caucus_text_count(slash + 1, &plan->n_shards);
    free(number);
    if (!read || plan->shard < 1 || plan->shard > plan->n_shards) {
        argp_error(state, "--shard takes I/N with I from 1 to N, such as 3/8, or auto, not \"%s\"", text);
    }
}
