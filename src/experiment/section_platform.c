/* The platform: how many people it learns from and is tested on. */
#include "experiment/sections.h"

static const uint64_t MOST_CONSUMERS = 1ull << 53;
static const uint64_t MOST_TEST = UINT32_MAX - 1; /* success counts are 32 bits, with one value for "absent" */

static const char INDIVIDUALS_HINT[] = "write by: counts, which costs the same for any number of people";

static const char *const PLATFORM_KEYS[] = {"consumers", "test", "classifier", "success_on"};

/* What only people with real-valued features have. */
static caucus_status read_rows(caucus_document *document, const caucus_node *section, caucus_config *config)
{
    const caucus_node *success_on = caucus_node_key(section, "success_on");
    if (config->population->rows != NULL) {
        return caucus_read_row_test(document, section, config);
    }
    return success_on == NULL ? CAUCUS_OK
                              : caucus_document_fail(document, success_on, "leave it out",
                                                     "success_on is for people with real-valued features");
}

caucus_status caucus_read_platform(caucus_document *document, const caucus_node *section, caucus_config *config)
{
    TRY(caucus_read_keys(document, section, "platform", PLATFORM_KEYS, 4));
    const caucus_node *consumers = NULL;
    const caucus_node *test_node = NULL;
    TRY(caucus_read_required(document, section, "platform", "consumers", "200K", &consumers));
    uint64_t test = 0;
    TRY(caucus_read_count(document, consumers, "consumers", 1, MOST_CONSUMERS, &config->consumers));
    TRY(read_rows(document, section, config));
    if (config->held_out == 0) {
        TRY(caucus_read_required(document, section, "platform", "test", "20K", &test_node));
        TRY(caucus_read_count(document, test_node, "test", 1, MOST_TEST, &test));
    }
    config->test = (uint32_t)test;
    if (config->individuals && config->consumers > UINT32_MAX) {
        return caucus_document_fail(document, consumers, INDIVIDUALS_HINT,
                                    "%llu consumers cannot be drawn one by one, which is for fewer than 2^32",
                                    (unsigned long long)config->consumers);
    }
    if (config->individuals && config->without_replacement && config->population->total > UINT32_MAX) {
        return caucus_document_fail(document, consumers, INDIVIDUALS_HINT,
                                    "the %llu people of the population cannot be drawn one by one without "
                                    "replacement, which is for fewer than 2^32",
                                    (unsigned long long)config->population->total);
    }
    if (config->without_replacement && config->consumers + test > config->population->total) {
        return caucus_document_fail(document, consumers, "lower consumers or test, or write draw: iid",
                                    "%llu consumers and %llu test points are more than the %llu people of the "
                                    "population, of whom each is drawn once at most",
                                    (unsigned long long)config->consumers, (unsigned long long)test,
                                    (unsigned long long)config->population->total);
    }
    return CAUCUS_OK;
}
