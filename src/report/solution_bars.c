/* Critical masses as bars. */
#include "base/text_stream.h"
#include "report/findings.h"
#include "report/markup.h"
#include "report/solution.h"
#include "report/style.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static caucus_status name_quantity(const caucus_masses *masses, uint64_t quantity, char **name)
{
    const char *text = masses->quantities[quantity];
    static const char what[] = "the name of a bar";
    caucus_text_stream made;
    TRY(caucus_text_stream_open(&made, what));
    if (caucus_masses_is_above(masses, quantity)) {
        fputs("impossible below, by ", made.to);
        caucus_markup_text(made.to, strchr(text, '/') + 1);
    } else {
        fputs(strcmp(text, "success") == 0 ? "" : "promise by ", made.to);
        caucus_markup_text(made.to, text);
    }
    TRY(caucus_text_stream_close(&made, what));
    *name = made.text;
    return CAUCUS_OK;
}

static caucus_status add_bar(const caucus_masses *masses, uint64_t config, uint64_t quantity, uint32_t colour,
                             caucus_bars *bars)
{
    const uint64_t i = config * masses->n_quantities + quantity;
    char number[CAUCUS_MARKUP_NUMBER];
    caucus_bar bar = {.low = masses->low[i], .high = masses->high[i], .at = masses->mass[i]};
    bar.colour = colour;
    if (caucus_masses_is_above(masses, quantity) && isnan(masses->value[i])) {
        bar.low = bar.high = NAN;
        snprintf(bar.says, sizeof bar.says, "no such bound");
    } else if (isnan(bar.at)) {
        bar.low = bar.high = NAN;
        snprintf(bar.says, sizeof bar.says, "not with %s",
                 caucus_markup_number((double)masses->largest[config], number));
    } else {
        snprintf(bar.says, sizeof bar.says, "%s", caucus_markup_number(bar.at, number));
    }
    const bool headed = quantity == 0 && masses->about.n_axes > 0;
    const caucus_findings sweep = {.about = &masses->about};
    caucus_status status = name_quantity(masses, quantity, &bar.label);
    if (status == CAUCUS_OK && headed) {
        status = caucus_findings_title_text(&sweep, config, CAUCUS_NO_AXIS, CAUCUS_NO_AXIS, &bar.head);
    }
    if (status != CAUCUS_OK) {
        free(bar.label);
        return status;
    }
    return caucus_bars_add(bars, &bar);
}

caucus_status caucus_masses_bars(const caucus_masses *masses, size_t most, caucus_bars *bars, uint64_t *n_left)
{
    const uint64_t n = masses->about.identity.n_configs;
    uint64_t config = 0;
    for (; config < n && bars->n < most; config++) {
        for (uint64_t q = 0; q < masses->n_quantities; q++) {
            const uint32_t colour = q == 0 ? CAUCUS_COLOUR_INK : (uint32_t)((q - 1) % CAUCUS_N_COLOURS);
            if (caucus_masses_is_above(masses, q)) {
                continue; /* beside its counterpart */
            }
            TRY(add_bar(masses, config, q, colour, bars));
            const uint64_t above = caucus_masses_find_above(masses, q);
            if (above > 0) {
                TRY(add_bar(masses, config, above, colour, bars));
            }
        }
    }
    *n_left = n - config;
    return CAUCUS_OK;
}
