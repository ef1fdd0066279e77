/* Sharing out the memory of devices: everything that is planned fits, whatever the sizes are. */
#include "run/cuda_quota.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

enum { GROUP = CAUCUS_LANE_GROUP };

static caucus_device_part part_of(uint64_t memory_free, uint32_t n_processors, uint32_t lane_groups_resident)
{
    caucus_device_part part = {
        .memory_free = memory_free, .n_processors = n_processors, .lane_groups_resident = lane_groups_resident};
    strcpy(part.name, "cuda:0 (test)");
    return part;
}

static caucus_device device_of(caucus_device_part *parts, unsigned n_parts)
{
    return (caucus_device){.backend = &caucus_backend_cuda, .n_parts = n_parts, .parts = parts};
}

/* An H100 and a small configuration: each of three slots has two waves for it, and most memory stays free. */
static void test_plenty(void **state)
{
    (void)state;
    caucus_device_part part = part_of(80000000000, 132, 4);
    const caucus_device device = device_of(&part, 1);
    const caucus_need need = {.tables = 100000, .blanks = 1000000, .trial = 4000, .row = 32};
    const uint32_t block = caucus_device_block(&device, &need, 5000, 100000000);
    assert_true(block % GROUP == 0 && block >= 132 * 4 * GROUP && block * need.row <= 32000000);
    caucus_quota quota;
    unsigned n_slots = 0;
    assert_int_equal(caucus_quotas_plan(&device, &need, block, 1000, &quota, &n_slots), CAUCUS_OK);
    assert_int_equal(n_slots, 3);
    assert_int_equal(quota.launch_trials, block);
    assert_int_equal(quota.n_lane_groups, 2 * 132 * 4); /* two waves */
    assert_true(n_slots * caucus_quota_device_bytes(&quota) < part.memory_free / 20);
}

/* Blocks that are too small to fill the device run side by side; there are no more slots than blocks. */
static void test_small_blocks(void **state)
{
    (void)state;
    caucus_device_part part = part_of(80000000000, 132, 4);
    const caucus_device device = device_of(&part, 1);
    const caucus_need need = {.tables = 100000, .trial = 4000, .row = 32};
    caucus_quota quota;
    unsigned n_slots = 0;
    assert_int_equal(caucus_quotas_plan(&device, &need, 500, 1000, &quota, &n_slots), CAUCUS_OK);
    assert_int_equal(n_slots, 16);
    assert_int_equal(quota.n_lane_groups, 4);
    assert_int_equal(caucus_quotas_plan(&device, &need, 500, 2, &quota, &n_slots), CAUCUS_OK);
    assert_int_equal(n_slots, 2);
}

/* The words of sums take the place of rows that are read back. */
static void test_sums(void **state)
{
    (void)state;
    const caucus_quota rows = {.need = {.row = 100}, .launch_trials = 1000, .n_lane_groups = 1};
    const caucus_quota sums = {.need = {.row = 100, .sums = 5000}, .launch_trials = 1000, .n_lane_groups = 1};
    assert_int_equal(caucus_quota_host_bytes(&rows), CAUCUS_CUDA_ORDER + 100000);
    assert_int_equal(caucus_quota_host_bytes(&sums), CAUCUS_CUDA_ORDER + 5000);
    assert_int_equal(caucus_quota_device_bytes(&sums), caucus_quota_device_bytes(&rows) + 5000 - 100000 + GROUP * 100);
}

/* As many teams as the device holds, but no more than trials; a quarter of what is left at most, so that trials have
 * the rest. */
static void test_teams(void **state)
{
    (void)state;
    caucus_device_part part = part_of(80000000000, 132, 16);
    const caucus_device device = device_of(&part, 1);
    caucus_need need = {.tables = 100000, .trial = 4000, .team = 500000, .row = 32};
    caucus_quota quota;
    unsigned n_slots = 0;
    assert_int_equal(caucus_quotas_plan(&device, &need, 100000, 1000, &quota, &n_slots), CAUCUS_OK);
    assert_int_equal(quota.n_teams, 132 * CAUCUS_TEAMS_RESIDENT);
    const uint64_t bytes = caucus_quota_device_bytes(&quota);
    quota.n_teams--;
    assert_int_equal(caucus_quota_device_bytes(&quota), bytes - need.team);
    assert_int_equal(caucus_quotas_plan(&device, &need, 100, 1000, &quota, &n_slots), CAUCUS_OK);
    assert_int_equal(quota.n_teams, 100);
    part.memory_free = 100000000;
    assert_int_equal(caucus_quotas_plan(&device, &need, 100000, 1, &quota, &n_slots), CAUCUS_OK);
    assert_in_range(quota.n_teams, 30, 44);
    assert_in_range(quota.n_lane_groups, 100, 170);
    need.team = 0;
    assert_int_equal(caucus_quotas_plan(&device, &need, 100000, 1, &quota, &n_slots), CAUCUS_OK);
    assert_int_equal(quota.n_teams, 0);
}

static uint64_t next(uint64_t *seed)
{
    *seed = *seed * 6364136223846793005u + 1442695040888963407u;
    return *seed >> 33;
}

/* From 10 to 10^(2 + digits). */
static uint64_t any_size(uint64_t *seed, unsigned digits)
{
    uint64_t size = 10 + next(seed) % 90;
    for (uint64_t i = next(seed) % (digits + 1); i > 0; i--) {
        size *= 10;
    }
    return size;
}

/* 20,000 machines and experiments: what is planned fits every device with an eighth to spare, works on at least one
 * group, and what is refused has no room for one group indeed. */
static void test_anything_fits_or_is_refused(void **state)
{
    (void)state;
    uint64_t seed = 1;
    unsigned n_refused = 0;
    unsigned n_reduced = 0;
    for (int i = 0; i < 20000; i++) {
        caucus_device_part parts[3];
        caucus_quota quotas[3];
        const unsigned n_parts = 1 + (unsigned)(next(&seed) % 3);
        for (unsigned p = 0; p < n_parts; p++) {
            parts[p] =
                part_of(100 * any_size(&seed, 8), 1 + (uint32_t)(next(&seed) % 150), (uint32_t)(next(&seed) % 9));
        }
        const caucus_device device = device_of(parts, n_parts);
        const caucus_need need = {.tables = any_size(&seed, 6),
                                  .blanks = next(&seed) % 2 == 0 ? 0 : any_size(&seed, 6),
                                  .trial = any_size(&seed, 4),
                                  .team = next(&seed) % 2 == 0 ? 0 : any_size(&seed, 5),
                                  .row = any_size(&seed, 2),
                                  .sums = next(&seed) % 3 == 0 ? any_size(&seed, 5) : 0};
        const uint32_t block =
            next(&seed) % 4 == 0 ? 1 + (uint32_t)next(&seed) % 1000
                                 : caucus_device_block(&device, &need, (double)any_size(&seed, 6), any_size(&seed, 8));
        const uint64_t n_blocks = any_size(&seed, 3);
        unsigned n_slots = 0;
        const bool planned = caucus_quotas_plan(&device, &need, block, n_blocks, quotas, &n_slots) == CAUCUS_OK;
        bool room = true;
        for (unsigned p = 0; p < n_parts; p++) {
            const caucus_quota least = {.need = need,
                                        .launch_trials = block < GROUP ? block : GROUP,
                                        .n_lane_groups = 1,
                                        .n_teams = need.team > 0 ? 1 : 0};
            room = room && caucus_quota_device_bytes(&least) <= parts[p].memory_free - parts[p].memory_free / 8;
        }
        assert_int_equal(planned, room);
        n_refused += !planned;
        for (unsigned p = 0; planned && p < n_parts; p++) {
            assert_true(n_slots >= 1 && n_slots <= 16 && n_slots * n_parts < n_blocks + n_parts);
            assert_true(quotas[p].n_lane_groups >= 1 && quotas[p].launch_trials >= 1 &&
                        quotas[p].launch_trials <= block);
            assert_true(need.team > 0 ? quotas[p].n_teams >= 1 : quotas[p].n_teams == 0);
            assert_true(n_slots * caucus_quota_device_bytes(&quotas[p]) <=
                        parts[p].memory_free - parts[p].memory_free / 8);
            n_reduced += quotas[p].launch_trials < block;
        }
    }
    print_message("%u refused, %u with smaller launches\n", n_refused, n_reduced);
    assert_true(n_refused > 1000 && n_refused < 15000 && n_reduced > 500);
}

/* Halving goes down to one group and stops there; it never takes more. */
static void test_halving(void **state)
{
    (void)state;
    for (uint32_t launch = 1; launch < 5000; launch += 37) {
        caucus_quota quota = {.need = {.trial = 10, .team = 20, .row = 4},
                              .launch_trials = launch,
                              .n_lane_groups = (launch + 127) / 128};
        quota.n_teams = launch % 40;
        uint64_t bytes = caucus_quota_device_bytes(&quota);
        int n = 0;
        while (caucus_quota_halve(&quota)) {
            assert_true(caucus_quota_device_bytes(&quota) < bytes);
            assert_true(quota.n_lane_groups >= 1 && quota.launch_trials >= 1);
            bytes = caucus_quota_device_bytes(&quota);
            assert_true(++n < 20);
        }
        assert_int_equal(quota.n_lane_groups, 1);
        assert_true(quota.n_teams <= 1);
        assert_true(quota.launch_trials <= GROUP);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_plenty),  cmocka_unit_test(test_small_blocks),
        cmocka_unit_test(test_sums),    cmocka_unit_test(test_teams),
        cmocka_unit_test(test_halving), cmocka_unit_test(test_anything_fits_or_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
