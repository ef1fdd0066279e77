/* Attempts whose numbers are longer than a turn of the counter: lanes draw what one trial at a time draws. */
#define CAUCUS_LANES 16u
#define CAUCUS_COUNT_BITS 32
#include "compile/group_plan.h"
#include "trial/lockstep_group.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { CLASSES = 45, SMALL = 40, SIZE = 700, FEW = 520 /* of the 612 that the second link expects */ };

/* A group that two links draw. */
static caucus_group *two_links(void)
{
    static const uint64_t large[CLASSES - SMALL] = {30, 40, 60, 100, 120};
    uint64_t people[CLASSES];
    for (uint32_t c = 0; c < CLASSES; c++) {
        people[c] = c < SMALL ? 1 : large[c - SMALL];
    }
    const caucus_group_request request = {
        .n_classes = CLASSES, .people = people, .size = SIZE, .form = CAUCUS_DRAW_BY_REST};
    caucus_group *group = NULL;
    assert_int_equal(caucus_group_plan(&request, &group), CAUCUS_OK);
    assert_int_equal(group->n_links, 2);
    return group;
}

static void same_after_many_attempts(void **state)
{
    (void)state;
    static caucus_count found[CLASSES * CAUCUS_LANES], expected[CLASSES * CAUCUS_LANES], spare[CLASSES * CAUCUS_LANES];
    caucus_group *group = two_links();
    const caucus_draw_link *link = &group->links[1];
    caucus_place place = {.source = {.seed = 8, .trial = 0, .config = UINT32_MAX}, .stream = 3};
    uint32_t number[CAUCUS_LANES];
    uint32_t most = 0;
    caucus_lane_draw draw = {.group = group, .link = link};
    for (uint32_t i = 0; i < CAUCUS_LANES; i++) {
        number[i] = i;
        draw.total[i] = FEW;
    }
    caucus_lane_draw_classes(&draw, place, number, CAUCUS_LANES, found, spare);
    for (uint32_t i = 0; i < CAUCUS_LANES; i++) {
        place.source.trial = i;
        caucus_reader reader = caucus_reader_at(place);
        (void)caucus_group_link(group, link, FEW, NULL, expected + i, &reader);
        most = reader.attempt > most ? reader.attempt : most;
    }
    assert_memory_equal(found, expected, sizeof found);
    assert_true(most > 2u << CAUCUS_ATTEMPT_BITS); /* or this has tested nothing */
    caucus_group_free(group);
}

/* No two attempts of a group read the same words. */
static void words_differ(void **state)
{
    (void)state;
    const uint32_t attempts[] = {0, 1, 8191, 8192, 8193, 16384, 1u << 20, UINT32_MAX};
    enum { N = sizeof attempts / sizeof attempts[0] };
    caucus_words words[N];
    for (uint32_t i = 0; i < N; i++) {
        caucus_reader reader = caucus_reader_at((caucus_place){.source = {.seed = 8, .trial = 5}, .stream = 3});
        reader.attempt = attempts[i];
        (void)caucus_read(&reader, CAUCUS_SPACE_COUNTS, 0);
        words[i] = reader.words;
        for (uint32_t j = 0; j < i; j++) {
            assert_memory_not_equal(&words[i], &words[j], sizeof words[i]);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(same_after_many_attempts),
        cmocka_unit_test(words_differ),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
