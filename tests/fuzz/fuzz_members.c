/* A collective's own members: what it can guarantee in a small experiment. */
#include "fuzz/input.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char experiment[] =
        "name: small\ntrials: 5\n"
        "population: {file: people.csv, label: income, features: [home, age]}\n"
        "platform: {consumers: 200, test: 20}\n"
        "collectives:\n"
        "  - {name: a, share: 0.05, strategy: feature_label, set: {home: Rent}, target: hi}\n"
        "  - {name: b, share: 0.02, strategy: erase, set: {home: Own}}\n";
    static const char people[] = "income,home,age\nhi,Rent,1\nlo,Own,2\nhi,Own,3\nlo,Rent,4\nmid,Rent,5\n";
    char members[256];
    fuzz_file("people.csv", people, sizeof people - 1);
    snprintf(members, sizeof members, "%s", fuzz_file("members.csv", data, size));
    const caucus_advice_options options = {.collective = "a", .members = members};
    const char *path = fuzz_file("experiment.yaml", experiment, sizeof experiment - 1);
    caucus_advice_print(path, &options, CAUCUS_TABLE, fuzz_nowhere());
    return 0;
}
