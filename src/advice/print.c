/* caucus_advice_print: from an experiment and its members to a page or records, in the format that is asked for. */
#include "advice/print.h"
#include "advice/advice.h"
#include "experiment/experiment.h"

caucus_status caucus_advice_print(const char *path, const caucus_advice_options *options, caucus_format format,
                                  FILE *to)
{
    caucus_status status = CAUCUS_OK;
    caucus_experiment *experiment = NULL;
    caucus_advice_inputs inputs = {0};
    caucus_advice advice = {0};
    TRY(caucus_experiment_open(path, options->settings, options->n_settings, &experiment));
    TRY_GOTO(caucus_advice_inputs_open(experiment, options, &inputs), done);
    TRY_GOTO(caucus_advice_open(&inputs, options, &advice), done);
    if (format == CAUCUS_TABLE) {
        TRY_GOTO(caucus_advice_page(&advice, to), done);
    } else if (format == CAUCUS_CSV) {
        caucus_advice_csv(&advice, to);
    } else {
        caucus_advice_json(&advice, to);
    }
done:
    caucus_advice_close(&advice);
    caucus_advice_inputs_close(&inputs);
    caucus_experiment_close(experiment);
    return status;
}
