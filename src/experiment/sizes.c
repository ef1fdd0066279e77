/* How many members: what both forms of the collectives section share. */
#include "experiment/sections.h"

#include <math.h>

caucus_status caucus_read_size(caucus_document *document, const caucus_node *mapping, const char *what,
                               uint64_t consumers, uint64_t *size, bool *from_share)
{
    const caucus_node *share_node = caucus_node_get(mapping, "share");
    const caucus_node *size_node = caucus_node_get(mapping, "size");
    *from_share = share_node != NULL;
    if (share_node != NULL && size_node != NULL) {
        return caucus_document_fail(document, caucus_node_key(mapping, "size"), "keep one of the two",
                                    "%s has both a share and a size", what);
    }
    if (share_node == NULL && size_node == NULL) {
        return caucus_document_fail(document, mapping, "add share: 0.05 (of the consumers), or size: 10K (members)",
                                    "%s lacks \"share\" or \"size\"", what);
    }
    if (size_node != NULL) {
        return caucus_read_count(document, size_node, "size", 0, 1ull << 53, size);
    }
    double share = 0;
    const caucus_range range = {.low = 0, .high = 1};
    TRY(caucus_read_number(document, share_node, "share", range, &share));
    *size = (uint64_t)llround(share * (double)consumers);
    return CAUCUS_OK;
}
