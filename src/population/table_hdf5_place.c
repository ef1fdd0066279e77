/* Where in an HDF5 file a table is.
 *
 * pandas writes frame.to_hdf(..., format="table") as a group with the attribute pandas_type = frame_table; its rows are
 * the dataset "table" in it. Other formats of pandas take a frame apart by the types of its columns, and PyTables keeps
 * indexes in groups _i_NAME. */
#include "base/text.h"
#include "population/table_hdf5_columns.h"

#include <stdlib.h>
#include <string.h>

enum { MOST_PLACES = 12 };

/* A text of fixed length, in memory that has room for its end. */
static char *read_fixed(hid_t attribute, hid_t type)
{
    char *text = calloc(1, H5Tget_size(type) + 1);
    hid_t memory = H5Tcopy(H5T_C_S1);
    H5Tset_size(memory, H5Tget_size(type) + 1);
    H5Tset_cset(memory, H5Tget_cset(type));
    if (text != NULL && H5Aread(attribute, memory, text) < 0) {
        free(text);
        text = NULL;
    }
    H5Tclose(memory);
    return text;
}

static char *read_variable(hid_t attribute, hid_t type)
{
    char *theirs = NULL;
    char *text = NULL;
    if (H5Aread(attribute, type, &theirs) >= 0 && theirs != NULL) {
        text = strdup(theirs);
        H5free_memory(theirs);
    }
    return text;
}

char *caucus_hdf5_attribute(hid_t object, const char *name)
{
    char *text = NULL;
    if (H5Aexists(object, name) <= 0) {
        return NULL;
    }
    hid_t attribute = H5Aopen(object, name, H5P_DEFAULT);
    hid_t type = H5Aget_type(attribute);
    hid_t space = H5Aget_space(attribute);
    if (H5Tget_class(type) == H5T_STRING && H5Sget_simple_extent_npoints(space) == 1) {
        text = H5Tis_variable_str(type) > 0 ? read_variable(attribute, type) : read_fixed(attribute, type);
    }
    H5Sclose(space);
    H5Tclose(type);
    H5Aclose(attribute);
    return text;
}

/* ---- which tables there are ------------------------------------------------------------------------------------- */

typedef struct places {
    uint32_t n; /* may be more than are kept */
    char *paths[MOST_PLACES];
    char *inside; /* a path whose inside is its writer's own business */
    char *fixed;  /* a pandas frame in another format, or NULL */
} places;

static bool lies_in(const char *path, const char *group)
{
    size_t n = group != NULL ? strlen(group) : 0;
    return n > 0 && strncmp(path, group, n) == 0 && path[n] == '/';
}

static void add_place(places *found, const char *path, size_t length)
{
    for (uint32_t i = 0; i < found->n && i < MOST_PLACES; i++) {
        if (strlen(found->paths[i]) == length && strncmp(found->paths[i], path, length) == 0) {
            return;
        }
    }
    if (found->n < MOST_PLACES) {
        found->paths[found->n] = strndup(path, length);
        found->n += found->paths[found->n] != NULL;
    } else {
        found->n++;
    }
}

static void visit_group(hid_t group, const char *path, places *found)
{
    char *kind = caucus_hdf5_attribute(group, "pandas_type");
    if (kind != NULL) {
        free(found->inside);
        found->inside = strdup(path);
        if (strcmp(kind, "frame_table") == 0) {
            add_place(found, path, strlen(path));
        } else if (found->fixed == NULL) {
            found->fixed = strdup(path);
        }
        free(kind);
    } else if (strstr(path, "/_i_") != NULL) {
        free(found->inside);
        found->inside = strdup(path);
    }
}

static void visit_dataset(hid_t dataset, const char *path, places *found)
{
    hid_t type = H5Dget_type(dataset);
    hid_t space = H5Dget_space(dataset);
    if (H5Sget_simple_extent_ndims(space) == 1) {
        const char *slash = strrchr(path, '/');
        bool compound = H5Tget_class(type) == H5T_COMPOUND;
        add_place(found, path, compound ? strlen(path) : slash == path ? 1 : (size_t)(slash - path));
    }
    H5Sclose(space);
    H5Tclose(type);
}

static herr_t visit(hid_t root, const char *name, const H5O_info_t *info, void *data)
{
    places *found = data;
    char *path = caucus_text_format("/%s", name);
    if (path == NULL || strcmp(name, ".") == 0 || lies_in(path, found->inside)) {
        free(path);
        return 0;
    }
    hid_t object = H5Oopen(root, name, H5P_DEFAULT);
    if (object >= 0 && info->type == H5O_TYPE_GROUP) {
        visit_group(object, path, found);
    } else if (object >= 0 && info->type == H5O_TYPE_DATASET) {
        visit_dataset(object, path, found);
    }
    if (object >= 0) {
        H5Oclose(object);
    }
    free(path);
    return 0;
}

static void find_places(hid_t file, places *found)
{
    *found = (places){0};
    H5Ovisit2(file, H5_INDEX_NAME, H5_ITER_INC, visit, found, H5O_INFO_BASIC);
}

static void free_places(places *found)
{
    for (uint32_t i = 0; i < found->n && i < MOST_PLACES; i++) {
        free(found->paths[i]);
    }
    free(found->inside);
    free(found->fixed);
}

/* ---- which one is meant ----------------------------------------------------------------------------------------- */

static caucus_status fail_format(const char *path, const char *object)
{
    return caucus_fail(CAUCUS_INVALID,
                       "%s:%s: pandas wrote this in a format that only pandas reads; write a frame with "
                       "frame.to_hdf(\"people.h5\", key=\"people\", format=\"table\", data_columns=True)",
                       path, object);
}

/* What to write instead of a place where no table is. */
static caucus_status fail_place(const char *path, const char *object, const char *what, const places *found)
{
    char list[512] = "";
    if (found->n == 0) {
        return found->fixed != NULL
                   ? fail_format(path, found->fixed)
                   : caucus_fail(CAUCUS_INVALID, "%s:%s: %s, and the file holds no table", path, object, what);
    }
    for (uint32_t i = 0, used = 0; i < found->n && i < MOST_PLACES && used < sizeof list; i++) {
        used +=
            (uint32_t)snprintf(list + used, sizeof list - used, "%sgroup: %s", i > 0 ? ", or " : "", found->paths[i]);
    }
    return caucus_fail(CAUCUS_INVALID, "%s:%s: %s; write %s%s", path, object, what, list,
                       found->n > MOST_PLACES ? ", or another" : "");
}

/* A dataset that may be a column: of anything but compounds, which are tables of their own. */
static herr_t stop_at_column(hid_t group, const char *name, const H5L_info_t *info, void *data)
{
    (void)info;
    (void)data;
    hid_t object = H5Oopen(group, name, H5P_DEFAULT);
    bool is_column = object >= 0 && H5Iget_type(object) == H5I_DATASET;
    if (is_column) {
        hid_t type = H5Dget_type(object);
        is_column = H5Tget_class(type) != H5T_COMPOUND;
        H5Tclose(type);
    }
    if (object >= 0) {
        H5Oclose(object);
    }
    return is_column;
}

/* Whether a group has columns in it, or is a dataset itself. */
static bool has_columns(hid_t object)
{
    return H5Iget_type(object) != H5I_GROUP ||
           H5Literate(object, H5_INDEX_NAME, H5_ITER_INC, NULL, stop_at_column, NULL) != 0;
}

/* Whether an object is a group that pandas wrote; *name then becomes its rows. */
static caucus_status enter_pandas(hid_t object, const char *path, char **name, bool *entered)
{
    char *kind = H5Iget_type(object) == H5I_GROUP ? caucus_hdf5_attribute(object, "pandas_type") : NULL;
    caucus_status status = CAUCUS_OK;
    *entered = kind != NULL;
    if (kind != NULL && strcmp(kind, "frame_table") == 0) {
        char *rows = caucus_text_format("%s/table", *name);
        free(*name);
        *name = rows;
        status = rows != NULL ? CAUCUS_OK : caucus_fail_memory(0, "the name of a table");
    } else if (kind != NULL) {
        status = fail_format(path, *name);
    }
    free(kind);
    return status;
}

/* The only table in the file, where nobody said which; else what to write. */
static caucus_status find_other(hid_t file, const char *path, bool given, bool exists, char **object)
{
    places found;
    caucus_status status = CAUCUS_OK;
    find_places(file, &found);
    if (given || found.n != 1) {
        status =
            fail_place(path, *object, exists ? "no columns are here" : "there is no such group or dataset", &found);
    } else {
        bool entered = false;
        hid_t opened = H5Oopen(file, found.paths[0], H5P_DEFAULT);
        free(*object);
        *object = caucus_text_copy(found.paths[0]);
        status = opened < 0        ? caucus_hdf5_fail(path, found.paths[0], "cannot be opened")
                 : *object == NULL ? caucus_fail_memory(0, "the name of a table")
                                   : enter_pandas(opened, path, object, &entered);
        if (opened >= 0) {
            H5Oclose(opened);
        }
    }
    free_places(&found);
    return status;
}

caucus_status caucus_hdf5_place_find(hid_t file, const char *path, const char *asked, char **object)
{
    bool given = asked != NULL && asked[0] != '\0' && strcmp(asked, "/") != 0;
    bool entered = false;
    caucus_status status = CAUCUS_OK;
    *object = given ? caucus_text_format("%s%s", asked[0] == '/' ? "" : "/", asked) : caucus_text_copy("/");
    if (*object == NULL) {
        return caucus_fail_memory(0, "the name of a table");
    }
    hid_t opened = H5Oopen(file, *object, H5P_DEFAULT);
    if (opened >= 0) {
        status = enter_pandas(opened, path, object, &entered);
    }
    if (!entered && (opened < 0 || !has_columns(opened))) {
        status = find_other(file, path, given, opened >= 0, object);
    }
    if (opened >= 0) {
        H5Oclose(opened);
    }
    return status;
}
