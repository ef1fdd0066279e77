#include "result/segment.h"

#include "hdf5/rows.h"
#include "hdf5/sealed.h"
#include "hdf5/verified.h"

#include <stdlib.h>
#include <string.h>

static const char segment_kind[] = "caucus-segment";

/* The table of blocks: one dataset for each member of an entry. */
enum { N_COLUMNS = 5 };
static const char *const column_names[N_COLUMNS] = {"config", "block", "first_trial", "n_trials", "packed"};

static uint64_t get_column(const caucus_segment_entry *entry, int column)
{
    const uint64_t fields[N_COLUMNS] = {entry->config, entry->block, entry->first_trial, entry->n_trials,
                                        entry->first_row == CAUCUS_PACKED_ROW};
    return fields[column];
}

static void set_column(caucus_segment_entry *entry, int column, uint64_t value)
{
    switch (column) {
    case 0:
        entry->config = value;
        break;
    case 1:
        entry->block = value;
        break;
    case 2:
        entry->first_trial = value;
        break;
    case 3:
        entry->n_trials = value <= UINT32_MAX ? (uint32_t)value : 0;
        break;
    default:
        entry->first_row = value != 0 ? CAUCUS_PACKED_ROW : 0;
    }
}

static hid_t file_type(const caucus_variable *variable)
{
    return variable->integer ? H5T_NATIVE_UINT32 : H5T_NATIVE_FLOAT;
}

static caucus_status write_table(hid_t file, const caucus_batch *batch)
{
    uint64_t *values = NULL;
    TRY(caucus_alloc(batch->n_blocks, sizeof *values, "a table of blocks", &values));
    caucus_status status = CAUCUS_OK;
    for (int column = 0; column < N_COLUMNS && status == CAUCUS_OK; column++) {
        for (uint64_t b = 0; b < batch->n_blocks; b++) {
            values[b] = get_column(&batch->entries[b], column);
        }
        status =
            caucus_h5_write(file, column_names[column], H5T_NATIVE_UINT64, 1, (hsize_t[]){batch->n_blocks}, values);
    }
    free(values);
    return status;
}

static caucus_status write_rows(hid_t file, const caucus_identity *identity, const caucus_batch *batch)
{
    for (size_t v = 0; v < CAUCUS_N_VARIABLES && batch->n_rows > 0; v++) {
        const caucus_variable *variable = &caucus_variables[v];
        size_t width = caucus_variable_width(variable, &identity->shape);
        if (width > 0) {
            TRY(caucus_h5_write(file, variable->name, file_type(variable), 2, (hsize_t[]){batch->n_rows, width},
                                batch->data[v]));
        }
    }
    return CAUCUS_OK;
}

caucus_status caucus_segment_write(const char *path, const caucus_identity *identity,
                                   const caucus_contributors *writers, const caucus_batch *batch)
{
    caucus_status status = CAUCUS_OK;
    hid_t file = H5I_INVALID_HID;
    TRY_GOTO(caucus_image_create(path, &file), done);
    TRY_GOTO(caucus_identity_write(file, segment_kind, identity), done);
    TRY_GOTO(caucus_contributors_write(file, writers), done);
    TRY_GOTO(write_table(file, batch), done);
    TRY_GOTO(identity->summaries_only ? caucus_segment_write_sums(file, identity, batch)
                                      : write_rows(file, identity, batch),
             done);
    TRY_GOTO(batch->packed.n > 0 ? caucus_segment_write_packed(file, &batch->packed) : CAUCUS_OK, done);
    TRY_GOTO(caucus_image_publish(file, path), done);
done:
    caucus_h5_close(file);
    return status;
}

/* The entries must describe blocks of this run, their rows one behind another. */
static caucus_status check_entries(caucus_segment *segment, const char *path)
{
    const caucus_identity *identity = &segment->identity;
    for (uint64_t b = 0; b < segment->n_blocks; b++) {
        caucus_segment_entry *entry = &segment->entries[b];
        if (entry->config >= identity->n_configs || entry->block >= caucus_identity_blocks(identity) ||
            entry->first_trial != entry->block * identity->block_trials ||
            entry->n_trials != caucus_identity_block_rows(identity, entry->block)) {
            return caucus_fail(CAUCUS_INVALID, "%s is damaged: its block %llu is none of the run", path,
                               (unsigned long long)b);
        }
        if (entry->first_row != CAUCUS_PACKED_ROW) {
            entry->first_row = segment->n_rows;
            segment->n_rows += entry->n_trials;
        }
    }
    return CAUCUS_OK;
}

static caucus_status read_table(caucus_segment *segment, const char *path)
{
    hid_t dataset = H5Dopen2(segment->file, column_names[0], H5P_DEFAULT);
    hid_t space = H5Dget_space(dataset);
    hssize_t n = H5Sget_simple_extent_npoints(space);
    caucus_h5_close(space);
    caucus_h5_close(dataset);
    if (n < 0) {
        return caucus_h5_fail("cannot read the blocks of %s", path);
    }
    segment->n_blocks = (uint64_t)n;
    TRY(caucus_h5_check_room(segment->file, path, "blocks", segment->n_blocks, sizeof(uint64_t)));
    TRY(caucus_alloc(segment->n_blocks, sizeof *segment->entries, "a table of blocks", &segment->entries));
    uint64_t *values = NULL;
    TRY(caucus_alloc(segment->n_blocks, sizeof *values, "a table of blocks", &values));
    caucus_status status = CAUCUS_OK;
    for (int column = 0; column < N_COLUMNS && status == CAUCUS_OK; column++) {
        status =
            caucus_h5_read(segment->file, path, column_names[column], H5T_NATIVE_UINT64, segment->n_blocks, values);
        for (uint64_t b = 0; b < segment->n_blocks && status == CAUCUS_OK; b++) {
            set_column(&segment->entries[b], column, values[b]);
        }
    }
    free(values);
    TRY(status);
    return check_entries(segment, path);
}

static caucus_status open_datasets(caucus_segment *segment, const char *path)
{
    for (size_t v = 0; v < CAUCUS_N_VARIABLES && segment->n_rows > 0; v++) {
        const caucus_variable *variable = &caucus_variables[v];
        size_t width = caucus_variable_width(variable, &segment->identity.shape);
        if (width == 0) {
            continue;
        }
        segment->datasets[v] = H5Dopen2(segment->file, variable->name, H5P_DEFAULT);
        hid_t space = H5Dget_space(segment->datasets[v]);
        hsize_t shape[2] = {0, 0};
        bool fits = H5Sget_simple_extent_ndims(space) == 2 && H5Sget_simple_extent_dims(space, shape, NULL) == 2 &&
                    shape[0] == segment->n_rows && shape[1] == width;
        caucus_h5_close(space);
        if (!fits) {
            return caucus_h5_damaged("%s is damaged: dataset %s does not have the shape of its blocks", path,
                                     variable->name);
        }
    }
    return CAUCUS_OK;
}

caucus_status caucus_segment_open(const char *path, caucus_segment **segment)
{
    caucus_status status = CAUCUS_OK;
    caucus_segment *opened = NULL;
    TRY(caucus_alloc(1, sizeof *opened, "a segment", &opened));
    opened->file = H5I_INVALID_HID;
    for (size_t v = 0; v < CAUCUS_N_VARIABLES; v++) {
        opened->datasets[v] = H5I_INVALID_HID;
    }
    opened->packed_bytes = H5I_INVALID_HID;
    opened->sums_place = H5I_INVALID_HID;
    opened->sums_word = H5I_INVALID_HID;
    TRY_GOTO(caucus_verified_open(path, &opened->file), failed);
    TRY_GOTO(caucus_identity_read(opened->file, path, segment_kind, &opened->identity), failed);
    TRY_GOTO(read_table(opened, path), failed);
    TRY_GOTO(opened->identity.summaries_only ? caucus_segment_open_sums(opened, path) : open_datasets(opened, path),
             failed);
    TRY_GOTO(caucus_segment_open_packed(opened, path), failed);
    *segment = opened;
    return CAUCUS_OK;
failed:
    caucus_segment_close(opened);
    return status;
}

void caucus_segment_close(caucus_segment *segment)
{
    if (segment == NULL) {
        return;
    }
    for (size_t v = 0; v < CAUCUS_N_VARIABLES; v++) {
        caucus_h5_close(segment->datasets[v]);
    }
    caucus_h5_close(segment->packed_bytes);
    caucus_h5_close(segment->sums_place);
    caucus_h5_close(segment->sums_word);
    caucus_h5_close(segment->file);
    free(segment->window);
    free(segment->packed.places);
    free(segment->packed.stripes);
    free(segment->sums_end);
    caucus_identity_free(&segment->identity);
    free(segment->entries);
    free(segment);
}

static caucus_status read_rows(const caucus_segment *segment, const char *path, uint64_t first_row, uint32_t n_rows,
                               const caucus_block *block)
{
    for (size_t v = 0; v < CAUCUS_N_VARIABLES; v++) {
        const caucus_variable *variable = &caucus_variables[v];
        if (segment->datasets[v] < 0) {
            continue;
        }
        TRY(caucus_h5_read_rows(segment->datasets[v], path, file_type(variable), first_row, n_rows,
                                caucus_variable_data(variable, block)));
    }
    return CAUCUS_OK;
}

/* Rows that are read together: a megabyte of them. */
static uint64_t window_rows(const caucus_segment *segment)
{
    const uint64_t rows = (1u << 20) / caucus_row_bytes(&segment->identity.shape);
    return rows < segment->n_rows ? rows : segment->n_rows;
}

/* Have rows from first_row on in the window. */
static caucus_status move_window(caucus_segment *segment, const char *path, uint64_t first_row)
{
    const uint64_t left = segment->n_rows - first_row;
    const uint64_t most = window_rows(segment);
    if (segment->window == NULL) {
        TRY(caucus_block_alloc_rows((uint32_t)most, &segment->identity.shape, &segment->window));
    }
    segment->window->n_trials = 0;
    segment->window_first = first_row;
    TRY(read_rows(segment, path, first_row, (uint32_t)(left < most ? left : most), segment->window));
    segment->window->n_trials = (uint32_t)(left < most ? left : most);
    return CAUCUS_OK;
}

caucus_status caucus_segment_read(caucus_segment *segment, const char *path, uint64_t first_row, uint32_t n_rows,
                                  caucus_block *block)
{
    if (n_rows > window_rows(segment) / 2) {
        return read_rows(segment, path, first_row, n_rows, block);
    }
    const bool inside = segment->window != NULL && first_row >= segment->window_first &&
                        first_row + n_rows <= segment->window_first + segment->window->n_trials;
    if (!inside) {
        TRY(move_window(segment, path, first_row));
    }
    const caucus_block part = caucus_block_part(segment->window, &segment->identity.shape,
                                                (uint32_t)(first_row - segment->window_first), n_rows);
    caucus_block_copy(&part, &segment->identity.shape, block, 0);
    return CAUCUS_OK;
}
