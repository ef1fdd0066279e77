/* Opens a table as the kind of file that it is. */
#include "population/file_kind.h"
#include "population/table_source.h"

caucus_status caucus_table_source_open(const caucus_table_place *place, caucus_table_source **source)
{
    caucus_file_kind kind = CAUCUS_FILE_TEXT;
    TRY(caucus_file_kind_find(place->path, &kind));
    if (kind == CAUCUS_FILE_HDF5 && place->separator != '\0') {
        return caucus_fail(CAUCUS_INVALID, "%s: an HDF5 file has no separator; leave it out", place->path);
    }
    if (kind != CAUCUS_FILE_HDF5 && place->group != NULL) {
        return caucus_fail(CAUCUS_INVALID, "%s: not an HDF5 file, so it has no group \"%s\"", place->path,
                           place->group);
    }
    return kind == CAUCUS_FILE_HDF5 ? caucus_table_isolated_open(place, source) : caucus_table_csv_open(place, source);
}
