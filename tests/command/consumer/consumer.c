/* A program of somebody else's: it knows the installed header and library, nothing more. */
#include <caucus.h>
#include <string.h>

static bool keep_going(const caucus_progress *progress, void *user)
{
    (void)user;
    return progress->trials_done <= progress->trials_total;
}

/* The same numbers without a file: the trials' counts of successes, added up, are those of the file. */
static caucus_status compare_in_memory(caucus_plan *plan, caucus_result *file)
{
    caucus_result *memory = NULL;
    caucus_array there;
    caucus_array here;
    caucus_status status = caucus_run_in_memory(plan, NULL, &memory);
    if (status == CAUCUS_OK) {
        status = caucus_result_array(memory, "success_count", &here);
    }
    if (status == CAUCUS_OK) {
        status = caucus_result_array(file, "success_count", &there);
    }
    if (status == CAUCUS_OK) {
        const size_t n = here.shape[0] * here.shape[1] * here.shape[2];
        const bool same = n > 0 && memcmp(here.values, there.values, n * sizeof(uint32_t)) == 0;
        printf("in memory: %zu counts, %s\n", n, same ? "the same" : "others");
        status = same ? CAUCUS_OK : CAUCUS_FAILED;
    }
    caucus_result_close(memory);
    return status;
}

static int run(const char *path, const char *output)
{
    caucus_experiment *experiment = NULL;
    caucus_plan *plan = NULL;
    caucus_result *result = NULL;
    const char *const settings[] = {"trials=20"};
    caucus_status status = caucus_experiment_open(path, settings, 1, &experiment);
    if (status == CAUCUS_OK) {
        status = caucus_plan_open(experiment, NULL, &plan);
    }
    if (status == CAUCUS_OK) {
        printf("%s on %s\n", caucus_plan_describe(plan)->name, caucus_plan_describe(plan)->device);
        const caucus_run_options options = {.output = output, .force = true, .progress = keep_going};
        status = caucus_run(plan, &options);
    }
    if (status == CAUCUS_OK) {
        status = caucus_result_open(output, &result);
    }
    if (status == CAUCUS_OK) {
        status = caucus_result_print_summary(result, CAUCUS_TABLE, stdout);
    }
    if (status == CAUCUS_OK) {
        status = compare_in_memory(plan, result);
    }
    if (status != CAUCUS_OK) {
        fprintf(stderr, "%s\n", caucus_error_message());
    }
    caucus_result_close(result);
    caucus_plan_close(plan);
    caucus_experiment_close(experiment);
    return (int)status;
}

int main(int argc, char **argv)
{
    caucus_experiment *none = NULL;
    if (strlen(caucus_version()) == 0 || caucus_experiment_open("/nowhere.yaml", NULL, 0, &none) == CAUCUS_OK ||
        none != NULL || strstr(caucus_error_message(), "/nowhere.yaml") == NULL) {
        fputs("a missing experiment is not told\n", stderr);
        return 1;
    }
    return argc == 3 ? run(argv[1], argv[2]) : 1;
}
