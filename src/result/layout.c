#include "result/layout.h"

#include "trial/sums.h"

caucus_shape caucus_layout_shape(const caucus_layout *layout)
{
    return (caucus_shape){.n_collectives = layout->n_collectives,
                          .n_methods = layout->n_methods,
                          .trained = layout->trained,
                          .compared = layout->compared,
                          .upper = layout->upper,
                          .until = (uint8_t)layout->experiment->until.of};
}

caucus_status caucus_layout_block_alloc(const caucus_layout *layout, caucus_block **block)
{
    const caucus_shape shape = caucus_layout_shape(layout);
    return layout->experiment->output.trials ? caucus_block_alloc_rows(layout->block_trials, &shape, block)
                                             : caucus_block_alloc_sums(&shape, block);
}

uint64_t caucus_layout_block_bytes(const caucus_layout *layout)
{
    const caucus_shape shape = caucus_layout_shape(layout);
    return layout->experiment->output.trials ? (uint64_t)layout->block_trials * caucus_row_bytes(&shape)
                                             : caucus_sums_words(&shape) * sizeof(uint64_t);
}
