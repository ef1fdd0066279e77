/* What pandas adds to the columns of a table: the categories of a categorical column C are the dataset
 * "meta/C/meta/table" beside it, and a text stands for what is missing. */
#include "base/text.h"
#include "population/table_hdf5_columns.h"

#include <stdlib.h>
#include <string.h>

enum { MOST_CATEGORIES = 65535 };

static char *column_attribute(hid_t dataset, const char *column, const char *what)
{
    char *name = caucus_text_format("%s_%s", column, what);
    char *text = name != NULL ? caucus_hdf5_attribute(dataset, name) : NULL;
    free(name);
    return text;
}

static caucus_status read_categories(const caucus_hdf5_columns *table, const char *group, caucus_hdf5_column *column)
{
    caucus_status status = CAUCUS_OK;
    char *place = caucus_text_format("%s/meta/%s/meta/table", group, column->name);
    uint32_t values = 0;
    TRY_GOTO(caucus_alloc(1, sizeof *column->categories, "categories", &column->categories), done);
    caucus_hdf5_columns *categories = column->categories;
    TRY_GOTO(caucus_hdf5_columns_open(categories, table->path, table->file, place), done);
    while (values < categories->n_names && strcmp(categories->names[values], "values") != 0) {
        values++;
    }
    if (values == categories->n_names) {
        TRY_GOTO(caucus_fail(CAUCUS_INVALID, "%s:%s: it has no column \"values\"", table->path, place), done);
    }
    TRY_GOTO(caucus_hdf5_columns_select(categories, 1, &values), done);
    TRY_GOTO(caucus_hdf5_pandas_column(categories, &categories->columns[0]), done);
    if (categories->n_rows > MOST_CATEGORIES || categories->n_rows > categories->slab_rows) {
        TRY_GOTO(caucus_fail(CAUCUS_INVALID, "%s:%s: too many categories", table->path, place), done);
    }
    if (categories->n_rows > 0) {
        TRY_GOTO(caucus_hdf5_columns_read(categories, 0, categories->n_rows), done);
    }
done:
    free(place);
    return status;
}

caucus_status caucus_hdf5_pandas_column(const caucus_hdf5_columns *table, caucus_hdf5_column *column)
{
    caucus_status status = CAUCUS_OK;
    char *group = NULL;
    hid_t opened = -1;
    hid_t dataset = H5Dopen2(table->file, table->object, H5P_DEFAULT);
    char *meta = column_attribute(dataset, column->name, "meta");
    char *type = column_attribute(dataset, column->name, "dtype");
    const char *slash = strrchr(table->object, '/');
    if (type == NULL || slash == table->object) {
        goto done; /* not by pandas */
    }
    group = strndup(table->object, (size_t)(slash - table->object));
    opened = group != NULL ? H5Oopen(table->file, group, H5P_DEFAULT) : -1;
    column->missing_text = opened >= 0 ? caucus_hdf5_attribute(opened, "nan_rep") : NULL;
    if (strncmp(type, "datetime64", 10) == 0 || strncmp(type, "timedelta64", 11) == 0) {
        TRY_GOTO(caucus_fail(CAUCUS_INVALID,
                             "%s:%s: column \"%s\" holds times; write what matters of them, such as "
                             "frame[\"%s\"].dt.year, as a column of its own",
                             table->path, table->object, column->name, column->name),
                 done);
    }
    if (meta != NULL && strcmp(meta, "category") == 0) {
        if (column->kind != CAUCUS_HDF5_SIGNED) {
            TRY_GOTO(caucus_fail(CAUCUS_INVALID, "%s:%s: categories of column \"%s\" are not numbered", table->path,
                                 table->object, column->name),
                     done);
        }
        TRY_GOTO(read_categories(table, group, column), done);
        column->kind = CAUCUS_HDF5_CATEGORY;
    }
done:
    if (opened >= 0) {
        H5Oclose(opened);
    }
    if (dataset >= 0) {
        H5Dclose(dataset);
    }
    free(group);
    free(type);
    free(meta);
    return status;
}
