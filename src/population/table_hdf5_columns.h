/* The columns of a table in an HDF5 file, read in slabs of rows: either one-dimensional datasets of equal length in a
 * group, or the members of one dataset of compounds (as h5py writes structured arrays and PyTables its tables). */
#ifndef CAUCUS_HDF5_COLUMNS_H
#define CAUCUS_HDF5_COLUMNS_H

#include "population/table_columns.h"

#include <hdf5.h>

typedef enum caucus_hdf5_kind {                       /* how a value lies in memory */
                                CAUCUS_HDF5_FIXED,    /* size bytes of text, padded */
                                CAUCUS_HDF5_VARIABLE, /* char *, may be NULL */
                                CAUCUS_HDF5_ENUM,     /* an integer of memory_type */
                                CAUCUS_HDF5_SIGNED,   /* int64_t */
                                CAUCUS_HDF5_UNSIGNED, /* uint64_t; bitfields too */
                                CAUCUS_HDF5_SINGLE,   /* double, but stored in 4 bytes or less */
                                CAUCUS_HDF5_DOUBLE    /* double */
} caucus_hdf5_kind;

/* A dataset that is open, and where its slab goes. */
typedef struct caucus_hdf5_reader {
    char *object; /* its path in the file */
    hid_t dataset;
    hid_t memory_type; /* of a row */
    bool variable;     /* has variable-length strings, which the library allocates */
    size_t stride;     /* bytes of a row in memory */
    char *slab;        /* [row] */
    hid_t slab_space;  /* of what slab holds now; negative: nothing to release */
} caucus_hdf5_reader;

typedef struct caucus_hdf5_column {
    const char *name;
    caucus_hdf5_kind kind;
    size_t size; /* of a value */
    bool space_padded;
    hid_t memory_type;
    const caucus_hdf5_reader *reader;
    size_t offset; /* in a row of its reader */
} caucus_hdf5_column;

typedef struct caucus_hdf5_columns {
    const char *path; /* of the file, borrowed */
    char *object;     /* the group or dataset, borrowed from nobody */
    hid_t file;
    bool compound;
    uint32_t n_names;
    char **names; /* what columns there are: datasets by name, or members in their order */
    uint64_t n_rows;
    uint64_t slab_rows;
    uint32_t n_columns; /* those selected: features, label, then the weight if there is one */
    caucus_hdf5_column *columns;
    uint32_t n_readers;
    caucus_hdf5_reader *readers;
} caucus_hdf5_columns;

/* Open a file and list the columns of a group or a compound dataset (NULL: the root group). Close also after failure.
 */
caucus_status caucus_hdf5_columns_open(caucus_hdf5_columns *table, const char *path, const char *object);
void caucus_hdf5_columns_close(caucus_hdf5_columns *table);

/* Open the columns to be read. CAUCUS_INVALID with the object's path for types and shapes that are no column. */
caucus_status caucus_hdf5_columns_select(caucus_hdf5_columns *table, const caucus_table_columns *columns);

/* Read n_rows <= slab_rows rows from first_row; release before the next. */
caucus_status caucus_hdf5_columns_read(caucus_hdf5_columns *table, uint64_t first_row, uint64_t n_rows);
void caucus_hdf5_columns_release(caucus_hdf5_columns *table);

/* The bytes of a column's value in a row of the slab. */
static inline const char *caucus_hdf5_value(const caucus_hdf5_column *column, uint64_t row)
{
    return column->reader->slab + row * column->reader->stride + column->offset;
}

#endif
