/* The columns of a table in an HDF5 file, read in slabs of rows: either one-dimensional datasets of equal length in a
 * group, or the members of one dataset of compounds (as h5py writes structured arrays and PyTables its tables). */
#ifndef CAUCUS_POPULATION_TABLE_HDF5_COLUMNS_H
#define CAUCUS_POPULATION_TABLE_HDF5_COLUMNS_H

#include "population/table_source.h"

#include <hdf5.h>

typedef enum caucus_hdf5_kind {                       /* how a value lies in memory */
                                CAUCUS_HDF5_FIXED,    /* size bytes of text, padded */
                                CAUCUS_HDF5_VARIABLE, /* char *, may be NULL */
                                CAUCUS_HDF5_ENUM,     /* an integer of memory_type */
                                CAUCUS_HDF5_SIGNED,   /* int64_t */
                                CAUCUS_HDF5_UNSIGNED, /* uint64_t; bitfields too */
                                CAUCUS_HDF5_BOOLEAN,  /* uint64_t, from a bitfield of 8 bits */
                                CAUCUS_HDF5_SINGLE,   /* double, but stored in 4 bytes or less */
                                CAUCUS_HDF5_DOUBLE,   /* double */
                                CAUCUS_HDF5_CATEGORY  /* int64_t, the row of its categories' table; negative: missing
                                                         (pandas) */
} caucus_hdf5_kind;

enum { CAUCUS_HDF5_NAME_BYTES = 256 }; /* of an enumeration's names */

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
    size_t offset;                          /* in a row of its reader */
    char *missing_text;                     /* the text that a pandas table writes for a missing one, or NULL */
    char enum_name[CAUCUS_HDF5_NAME_BYTES]; /* of the value read last */
    struct caucus_hdf5_columns *categories; /* of a category: its table, one column, all rows read; else NULL */
} caucus_hdf5_column;

typedef struct caucus_hdf5_columns {
    const char *path; /* of the file, borrowed */
    char *object;     /* the group or dataset, borrowed from nobody */
    hid_t file;
    bool compound;
    uint32_t n_names;
    char **names; /* what columns there are: datasets by name, or members in their order */
    bool *aside;  /* [name] the index of a pandas table, and coordinates of netCDF files */
    uint64_t n_rows;
    uint64_t slab_rows;
    uint32_t n_columns; /* those selected */
    caucus_hdf5_column *columns;
    uint32_t n_readers;
    caucus_hdf5_reader *readers;
} caucus_hdf5_columns;

/* Open a file and list the columns of a group or a compound dataset (NULL: of the root group, or of the only table in
 * the file). A pandas table stands for its rows. file: the same file where it is open already, else negative: the
 * process that reads tables may have one file open. Close also after failure. */
caucus_status caucus_hdf5_columns_open(caucus_hdf5_columns *table, const char *path, hid_t file, const char *object);
void caucus_hdf5_columns_close(caucus_hdf5_columns *table);

/* Open the columns to be read. CAUCUS_INVALID with the object's path for types and shapes that are no column. */
caucus_status caucus_hdf5_columns_select(caucus_hdf5_columns *table, uint32_t n_columns, const uint32_t *names);

/* Read n_rows <= slab_rows rows from first_row; release before the next. */
caucus_status caucus_hdf5_columns_read(caucus_hdf5_columns *table, uint64_t first_row, uint64_t n_rows);
void caucus_hdf5_columns_release(caucus_hdf5_columns *table);

/* The value of a column in a row of the slab (table_hdf5_values.c). */
caucus_status caucus_hdf5_value(caucus_hdf5_column *column, uint64_t row, caucus_value *value);

/* Where the columns are (table_hdf5_place.c): the object as given, the rows of a pandas table, or the only table there
 * is. *object: a path that the caller frees. CAUCUS_INVALID names the tables that there are. */
caucus_status caucus_hdf5_place_find(hid_t file, const char *path, const char *asked, char **object);

/* How pandas wrote a column of a compound dataset that is selected (table_hdf5_pandas.c): the categories that its
 * numbers stand for, the text of a missing one. */
caucus_status caucus_hdf5_pandas_column(const caucus_hdf5_columns *table, caucus_hdf5_column *column);

/* A text attribute of an object, or NULL where there is none; the caller frees it. */
char *caucus_hdf5_attribute(hid_t object, const char *name);

/* CAUCUS_FAILED with the reason that the library gives, innermost first (table_hdf5_error.c). */
caucus_status caucus_hdf5_fail(const char *path, const char *object, const char *what);

#endif
