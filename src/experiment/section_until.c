/* The section until: how precise the numbers must be before a run ends. */
#include "experiment/sections.h"

#include <string.h>

static const uint64_t MOST_TRIALS = 1ull << 32;
static const uint64_t DEFAULT_MOST = 1000000;

static const char *const UNTIL_KEYS[] = {"standard_error", "of", "most"};

static caucus_status read_one_of(caucus_document *document, const caucus_node *node, unsigned *of)
{
    uint32_t which = 0;
    TRY(caucus_read_choice(document, node, "of", caucus_until_names, CAUCUS_N_UNTIL, &which));
    *of |= 1u << which;
    return CAUCUS_OK;
}

static caucus_status read_of(caucus_document *document, const caucus_node *node, unsigned *of)
{
    *of = 0;
    if (node == NULL) {
        *of = CAUCUS_UNTIL_SUCCESS;
        return CAUCUS_OK;
    }
    if (node->kind != CAUCUS_SEQUENCE) {
        TRY(read_one_of(document, node, of));
    }
    for (uint32_t i = 0; node->kind == CAUCUS_SEQUENCE && i < node->n_items; i++) {
        TRY(read_one_of(document, node->items[i].value, of));
    }
    if ((*of & (CAUCUS_UNTIL_SUCCESS | CAUCUS_UNTIL_BOUNDS)) == 0) {
        return caucus_document_fail(document, node, "write of: [success, quantiles]",
                                    "of must name success or bounds, whose means (and quantiles) count");
    }
    return CAUCUS_OK;
}

caucus_status caucus_read_until(caucus_experiment *experiment, const caucus_node *section)
{
    caucus_document *document = experiment->document;
    caucus_until *until = &experiment->until;
    *until = (caucus_until){0};
    if (section == NULL || (section->kind == CAUCUS_SCALAR && strcmp(section->text, "null") == 0)) {
        return CAUCUS_OK; /* null: as --set leaves it out */
    }
    const caucus_node *node = NULL;
    TRY(caucus_read_keys(document, section, "until", UNTIL_KEYS, sizeof UNTIL_KEYS / sizeof UNTIL_KEYS[0]));
    TRY(caucus_read_required(document, section, "until", "standard_error", "0.001", &node));
    TRY(caucus_read_number(document, node, "standard_error", (caucus_range){.low = 0.0, .high = 1.0},
                           &until->standard_error));
    TRY(read_of(document, caucus_node_get(section, "of"), &until->of));
    until->most = experiment->trials > DEFAULT_MOST ? experiment->trials : DEFAULT_MOST;
    node = caucus_node_get(section, "most");
    if (node != NULL) {
        TRY(caucus_read_count(document, node, "most", 1, MOST_TRIALS, &until->most));
        if (until->most < experiment->trials) {
            return caucus_document_fail(document, node, "raise most, or lower trials, which is the first round",
                                        "most is %llu trials, and the first round has %llu already",
                                        (unsigned long long)until->most, (unsigned long long)experiment->trials);
        }
    }
    return CAUCUS_OK;
}
