/* One flavour of training, named CAUCUS_FLAVOUR: included once by each file that defines CAUCUS_PACK_WIDTH. */
#include "training/fit.h"
#include "training/simd.h"

static size_t space(const caucus_training *training)
{
    caucus_fit fit;
    return caucus_fit_place(training, NULL, &fit);
}

static void run(const caucus_training *training, caucus_trainee *trainees, uint32_t n, void *memory)
{
    if (n < CAUCUS_PACK_WIDTH) {
        memset(memory, 0, space(training)); /* idle lanes compute too */
    }
    caucus_train(training, trainees, n, 0, 1, memory);
}

const caucus_training_flavour CAUCUS_FLAVOUR = {CAUCUS_PACK_WIDTH, space, run};
