/* Files of numbers that an experiment names, as text: separated by spaces, commas, semicolons or ends of lines. */
#ifndef CAUCUS_EXPERIMENT_VECTOR_FILE_H
#define CAUCUS_EXPERIMENT_VECTOR_FILE_H

#include "experiment/document.h"

typedef struct caucus_vector_file caucus_vector_file;

struct caucus_vector_file { /* read once, kept by the document */
    char *path;
    size_t n;
    double *numbers;
    uint32_t checksum; /* of the numbers */
    caucus_vector_file *next;
};

/* The file that a node names, beside the experiment, in the folder above, or as it stands. CAUCUS_INVALID at the node
 * where there is none, or something in it is no finite number. */
caucus_status caucus_vector_file_read(caucus_document *document, const caucus_node *node,
                                      const caucus_vector_file **file);
void caucus_vector_file_free_all(caucus_vector_file *all);

#endif
