#include "result/metadata.h"

#include "base/text.h"
#include "config/method.h"
#include "hdf5/sealed.h"
#include "result/axis_names.h"

#include <stdlib.h>
#include <string.h>

enum { MOST_LEVELS = 1 << 16 }; /* that an axis lists in the order of the sweep */

/* ---- attributes ---- */

caucus_status caucus_metadata_write_attributes(hid_t file, const char *kind, const caucus_layout *layout,
                                               const caucus_provenance *provenance)
{
    caucus_identity identity;
    TRY(caucus_identity_of(layout, &identity));
    caucus_status status = caucus_identity_write(file, kind, &identity);
    caucus_identity_free(&identity);
    TRY(status);
    const int threads = (int)provenance->host_threads;
    TRY(caucus_h5_set_text(file, "name", layout->experiment->name));
    if (layout->experiment->source != NULL) {
        TRY(caucus_h5_set_text(file, "experiment_file", layout->experiment->source));
    }
    TRY(caucus_h5_set_number(file, "delta", H5T_NATIVE_DOUBLE, &layout->delta));
    TRY(caucus_h5_set_text(file, "backend", provenance->backend));
    TRY(caucus_h5_set_text(file, "device", provenance->device));
    TRY(caucus_h5_set_number(file, "host_threads", H5T_NATIVE_INT, &threads));
    return caucus_h5_set_text(file, "started", provenance->started);
}

/* ---- dimensions ---- */

static caucus_status write_methods(caucus_netcdf *netcdf, const caucus_layout *layout, bool dimension)
{
    caucus_status status = CAUCUS_OK;
    const uint32_t n = layout->n_methods;
    hid_t type = H5I_INVALID_HID;
    char **names = NULL;
    const char **parts[3] = {NULL, NULL, NULL};
    TRY_GOTO(caucus_h5_string_type(&type), done);
    TRY_GOTO(caucus_alloc(n, sizeof *names, "the names of methods", &names), done);
    for (int p = 0; p < 3; p++) {
        TRY_GOTO(caucus_alloc(n, sizeof *parts[p], "the names of methods", &parts[p]), done);
    }
    for (uint32_t i = 0; i < n; i++) {
        parts[0][i] = caucus_family_names[layout->methods[i].family];
        parts[1][i] = caucus_knowledge_names[layout->methods[i].knowledge];
        parts[2][i] = caucus_inequality_names[layout->methods[i].inequality];
        char name[CAUCUS_METHOD_BYTES];
        names[i] = caucus_text_copy(caucus_method_name(&layout->methods[i], name));
        if (names[i] == NULL) {
            status = caucus_fail_memory(n, "the names of methods");
            goto done;
        }
    }
    static const char long_name[] = "bound: family/knowledge/inequality";
    status = dimension ? caucus_netcdf_named_dimension(netcdf, CAUCUS_ON_METHOD, "method", long_name, names, n)
                       : caucus_netcdf_write(netcdf, "method", long_name, CAUCUS_ON_METHOD, type, names);
    TRY_GOTO(status, done);
    static const char *const labels[3][2] = {{"family", "how a bound counts its cells"},
                                             {"knowledge", "what the collective knows of the others"},
                                             {"inequality", "confidence limits of a bound"}};
    for (int p = 0; p < 3; p++) {
        TRY_GOTO(caucus_netcdf_write(netcdf, labels[p][0], labels[p][1], CAUCUS_ON_METHOD, type, parts[p]), done);
    }
done:
    for (int p = 0; p < 3; p++) {
        free(parts[p]);
    }
    caucus_h5_free_texts(names, n);
    caucus_h5_close(type);
    return status;
}

static caucus_status write_dimensions(caucus_netcdf *netcdf, const caucus_layout *layout)
{
    TRY(caucus_netcdf_dimension(netcdf, CAUCUS_ON_CONFIG, "config", "configuration of the sweep", layout->n_configs));
    if (layout->experiment->output.trials) {
        TRY(caucus_netcdf_dimension(netcdf, CAUCUS_ON_TRIAL, "trial", "trial", layout->n_trials));
    }
    TRY(caucus_netcdf_named_dimension(netcdf, CAUCUS_ON_COLLECTIVE, "collective", "collective",
                                      layout->collective_names, layout->n_collectives));
    if (layout->n_methods > 0) {
        TRY(write_methods(netcdf, layout, true));
    }
    return caucus_netcdf_dimension(netcdf, CAUCUS_ON_BLOCK, "block", "block of trials", layout->n_blocks);
}

/* ---- coordinates ---- */

/* Position of a configuration on an axis; stride: configurations until the axis moves on. */
static uint64_t position(const caucus_axis *axis, uint64_t stride, uint64_t config)
{
    return config / stride % axis->n_values;
}

static caucus_status write_axis(const caucus_netcdf *netcdf, const caucus_axis *axis, uint64_t stride, uint64_t first,
                                const char *name)
{
    caucus_status status = CAUCUS_OK;
    const uint64_t n = netcdf->lengths[0];
    double *numbers = NULL;
    char **words = NULL;
    hid_t type = H5I_INVALID_HID;
    if (axis->numeric) {
        TRY_GOTO(caucus_alloc(n, sizeof *numbers, "a sweep axis", &numbers), done);
        for (uint64_t c = 0; c < n; c++) {
            numbers[c] = axis->numbers[position(axis, stride, first + c)];
        }
        status = caucus_netcdf_write(netcdf, name, axis->name, CAUCUS_ON_CONFIG, H5T_NATIVE_DOUBLE, numbers);
    } else {
        TRY_GOTO(caucus_h5_string_type(&type), done);
        TRY_GOTO(caucus_alloc(n, sizeof *words, "a sweep axis", &words), done);
        for (uint64_t c = 0; c < n; c++) {
            words[c] = axis->words[position(axis, stride, first + c)];
        }
        status = caucus_netcdf_write(netcdf, name, axis->name, CAUCUS_ON_CONFIG, type, words);
    }
done:
    caucus_h5_close(type);
    free(words);
    free(numbers);
    return status;
}

/* The values of an axis in the order of the sweep, which sorting by readers loses. */
static caucus_status write_levels(hid_t group, const caucus_axis *axis, const char *name)
{
    caucus_status status = CAUCUS_OK;
    const hsize_t n = axis->n_values;
    hid_t type = H5I_INVALID_HID;
    hid_t attribute = H5I_INVALID_HID;
    hid_t space = H5Screate_simple(1, &n, NULL);
    hid_t dataset = H5Dopen2(group, name, H5P_DEFAULT);
    TRY_GOTO(caucus_h5_string_type(&type), done);
    const hid_t of = axis->numeric ? H5T_NATIVE_DOUBLE : type;
    attribute = H5Acreate2(dataset, "levels", of, space, H5P_DEFAULT, H5P_DEFAULT);
    H5_TRY_GOTO(attribute, done, "cannot write the levels of %s", name);
    H5_TRY_GOTO(H5Awrite(attribute, of, axis->numeric ? (const void *)axis->numbers : (const void *)axis->words), done,
                "cannot write the levels of %s", name);
done:
    caucus_h5_close(attribute);
    caucus_h5_close(dataset);
    caucus_h5_close(space);
    caucus_h5_close(type);
    return status;
}

/* The order of the axes, for our own reading; also the list for CF. */
caucus_status caucus_metadata_write_axes(caucus_netcdf *netcdf, const caucus_experiment *experiment,
                                         uint64_t first_config)
{
    caucus_status status = CAUCUS_OK;
    char **names = NULL;
    uint64_t stride = 1;
    char *list = caucus_text_copy("");
    TRY_GOTO(caucus_axis_names(experiment->axes, experiment->n_axes, &names), done);
    for (uint32_t i = 0; i < experiment->n_axes; i++) {
        stride *= experiment->axes[i].n_values;
    }
    for (uint32_t i = 0; i < experiment->n_axes && list != NULL; i++) {
        stride /= experiment->axes[i].n_values;
        TRY_GOTO(write_axis(netcdf, &experiment->axes[i], stride, first_config, names[i]), done);
        if (experiment->axes[i].n_values <= MOST_LEVELS) {
            TRY_GOTO(write_levels(netcdf->file, &experiment->axes[i], names[i]), done);
        }
        char *longer = caucus_text_format("%s%s%s", list, i > 0 ? " " : "", names[i]);
        free(list);
        list = longer;
    }
    if (list != NULL) {
        netcdf->config_coordinates = caucus_text_format("%s%sconsumers test", list, list[0] != '\0' ? " " : "");
    }
    if (netcdf->config_coordinates == NULL) {
        status = caucus_fail_memory(0, "the names of axes");
        goto done;
    }
    TRY_GOTO(caucus_h5_set_text(netcdf->file, "axes", list), done);
done:
    free(list);
    caucus_axis_names_free(names, experiment->n_axes);
    return status;
}

/* Those along config; the names of the axes go to netcdf. */
static caucus_status write_coordinates(caucus_netcdf *netcdf, const caucus_layout *layout)
{
    TRY(caucus_metadata_write_axes(netcdf, layout->experiment, layout->shard.first_config));
    TRY(caucus_netcdf_write(netcdf, "consumers", "consumers of the platform", CAUCUS_ON_CONFIG, H5T_NATIVE_UINT64,
                            layout->consumers));
    return caucus_netcdf_write(netcdf, "test", "test points of a trial", CAUCUS_ON_CONFIG, H5T_NATIVE_UINT32,
                               layout->test);
}

caucus_status caucus_metadata_write_coordinates(const caucus_netcdf *netcdf, hid_t group, const caucus_layout *layout)
{
    caucus_status status = CAUCUS_OK;
    hid_t type = H5I_INVALID_HID;
    caucus_netcdf inner = *netcdf;
    inner.file = group;
    inner.config_coordinates = NULL;
    TRY_GOTO(caucus_h5_string_type(&type), done);
    TRY_GOTO(write_coordinates(&inner, layout), done);
    TRY_GOTO(
        caucus_netcdf_write(&inner, "collective", "collective", CAUCUS_ON_COLLECTIVE, type, layout->collective_names),
        done);
    TRY_GOTO(layout->n_methods > 0 ? write_methods(&inner, layout, false) : CAUCUS_OK, done);
done:
    free(inner.config_coordinates);
    caucus_h5_close(type);
    return status;
}

static caucus_status write_sizes(const caucus_netcdf *netcdf, const caucus_layout *layout)
{
    caucus_status status = CAUCUS_OK;
    const unsigned dimensions = CAUCUS_ON_CONFIG | CAUCUS_ON_COLLECTIVE;
    hid_t properties = H5I_INVALID_HID;
    hid_t dataset = H5I_INVALID_HID;
    TRY_GOTO(caucus_h5_ordered(H5P_DATASET_CREATE, &properties), done);
    TRY_GOTO(caucus_netcdf_variable(netcdf, netcdf->file, "size", "members of the collective; 0 where it is absent",
                                    dimensions, H5T_NATIVE_UINT64, properties, &dataset),
             done);
    TRY_GOTO(caucus_netcdf_set_coordinates(netcdf, dataset, dimensions), done);
    H5_TRY_GOTO(H5Dwrite(dataset, H5T_NATIVE_UINT64, H5S_ALL, H5S_ALL, H5P_DEFAULT, layout->sizes), done,
                "cannot write size");
done:
    caucus_h5_close(dataset);
    caucus_h5_close(properties);
    return status;
}

caucus_status caucus_metadata_write(hid_t file, const char *kind, const caucus_layout *layout,
                                    const caucus_provenance *provenance, caucus_netcdf *netcdf)
{
    caucus_netcdf_init(netcdf, file);
    TRY(caucus_metadata_write_attributes(file, kind, layout, provenance));
    TRY(write_dimensions(netcdf, layout));
    TRY(write_coordinates(netcdf, layout));
    if (!layout->experiment->output.trials && layout->n_methods > 0) {
        /* no dataset beside them has methods and could name them as its coordinates */
        TRY(caucus_h5_set_text(file, "coordinates", "family knowledge inequality"));
    }
    return write_sizes(netcdf, layout);
}

caucus_status caucus_metadata_publish(const char *path, const char *kind, const caucus_layout *layout,
                                      const caucus_provenance *provenance)
{
    caucus_status status = CAUCUS_OK;
    hid_t file = H5I_INVALID_HID;
    caucus_netcdf netcdf;
    caucus_netcdf_init(&netcdf, file);
    TRY_GOTO(caucus_image_create(path, &file), done);
    TRY_GOTO(caucus_metadata_write(file, kind, layout, provenance, &netcdf), done);
    TRY_GOTO(caucus_image_publish(file, path), done);
done:
    caucus_netcdf_free(&netcdf);
    caucus_h5_close(file);
    return status;
}

/* ---- reading ---- */

static caucus_status read_attributes(hid_t file, const char *path, const char *kind, caucus_metadata *skeleton)
{
    TRY(caucus_identity_read(file, path, kind, &skeleton->identity));
    TRY(caucus_h5_get_text(file, path, "name", &skeleton->name));
    TRY(caucus_h5_get_text(file, path, "caucus_version", &skeleton->version));
    TRY(caucus_h5_get_text(file, path, "git_commit", &skeleton->commit));
    TRY(caucus_h5_get_text(file, path, "backend", &skeleton->backend));
    TRY(caucus_h5_get_text(file, path, "device", &skeleton->device));
    TRY(caucus_h5_get_text(file, path, "started", &skeleton->started));
    if (H5Aexists(file, "experiment_file") > 0) {
        TRY(caucus_h5_get_text(file, path, "experiment_file", &skeleton->source));
    }
    TRY(caucus_h5_get_number(file, path, "delta", H5T_NATIVE_DOUBLE, &skeleton->delta));
    return caucus_h5_get_number(file, path, "host_threads", H5T_NATIVE_UINT, &skeleton->host_threads);
}

static caucus_status read_axis(hid_t file, const char *path, uint64_t n_configs, caucus_coordinate *axis)
{
    caucus_status status = CAUCUS_OK;
    hid_t dataset = H5Dopen2(file, axis->name, H5P_DEFAULT);
    if (dataset < 0) {
        return caucus_h5_fail("%s: cannot open the axis %s", path, axis->name);
    }
    hid_t type = H5Dget_type(dataset);
    bool numeric = H5Tget_class(type) == H5T_FLOAT;
    caucus_h5_close(type);
    TRY_GOTO(caucus_h5_get_text(dataset, path, "long_name", &axis->long_name), done);
    if (numeric) {
        TRY_GOTO(caucus_alloc(n_configs, sizeof *axis->numbers, "a sweep axis", &axis->numbers), done);
        TRY_GOTO(caucus_h5_read(file, path, axis->name, H5T_NATIVE_DOUBLE, n_configs, axis->numbers), done);
    } else {
        TRY_GOTO(caucus_h5_read_texts(file, path, axis->name, n_configs, &axis->words), done);
    }
done:
    caucus_h5_close(dataset);
    return status;
}

static caucus_status read_axes(hid_t file, const char *path, caucus_metadata *skeleton)
{
    char *list = NULL;
    TRY(caucus_h5_get_text(file, path, "axes", &list));
    uint32_t n = list[0] != '\0';
    for (const char *c = list; *c != '\0'; c++) {
        n += *c == ' ';
    }
    caucus_status status = caucus_alloc(n, sizeof *skeleton->axes, "sweep axes", &skeleton->axes);
    char *rest = list;
    while (status == CAUCUS_OK && skeleton->n_axes < n) {
        caucus_coordinate *axis = &skeleton->axes[skeleton->n_axes++];
        axis->name = caucus_text_copy(strsep(&rest, " "));
        status = axis->name != NULL ? read_axis(file, path, skeleton->identity.n_configs, axis)
                                    : caucus_fail_memory(n, "sweep axes");
    }
    free(list);
    return status;
}

static caucus_status read_platform(hid_t file, const char *path, caucus_metadata *skeleton)
{
    const uint64_t n = skeleton->identity.n_configs;
    TRY(caucus_h5_check_room(file, path, "configurations", n, sizeof *skeleton->consumers));
    TRY(read_axes(file, path, skeleton));
    TRY(caucus_alloc(n, sizeof *skeleton->consumers, "consumers", &skeleton->consumers));
    TRY(caucus_alloc(n, sizeof *skeleton->test, "test points", &skeleton->test));
    TRY(caucus_h5_read(file, path, "consumers", H5T_NATIVE_UINT64, n, skeleton->consumers));
    return caucus_h5_read(file, path, "test", H5T_NATIVE_UINT32, n, skeleton->test);
}

static caucus_status read_datasets(hid_t file, const char *path, caucus_metadata *skeleton)
{
    const uint64_t n = skeleton->identity.n_configs;
    const uint64_t n_sizes = n * skeleton->identity.shape.n_collectives;
    TRY(caucus_h5_check_room(file, path, "configurations and collectives", n_sizes, sizeof *skeleton->sizes));
    TRY(caucus_h5_check_room(file, path, "methods", skeleton->identity.shape.n_methods, sizeof(hvl_t)));
    TRY(read_platform(file, path, skeleton));
    TRY(caucus_h5_read_texts(file, path, "collective", skeleton->identity.shape.n_collectives,
                             &skeleton->collective_names));
    if (skeleton->identity.shape.n_methods > 0) {
        TRY(caucus_h5_read_texts(file, path, "method", skeleton->identity.shape.n_methods, &skeleton->method_names));
    }
    TRY(caucus_alloc(n_sizes, sizeof *skeleton->sizes, "sizes", &skeleton->sizes));
    return caucus_h5_read(file, path, "size", H5T_NATIVE_UINT64, n_sizes, skeleton->sizes);
}

static caucus_status read_all(hid_t file, const char *path, const char *kind,
                              caucus_status (*datasets)(hid_t file, const char *path, caucus_metadata *skeleton),
                              caucus_metadata *skeleton)
{
    *skeleton = (caucus_metadata){0};
    caucus_status status = read_attributes(file, path, kind, skeleton);
    if (status == CAUCUS_OK) {
        status = datasets(file, path, skeleton);
    }
    if (status != CAUCUS_OK) {
        caucus_metadata_free(skeleton);
    }
    return status;
}

caucus_status caucus_metadata_read(hid_t file, const char *path, const char *kind, caucus_metadata *skeleton)
{
    return read_all(file, path, kind, read_datasets, skeleton);
}

caucus_status caucus_metadata_read_sweep(hid_t file, const char *path, const char *kind, caucus_metadata *skeleton)
{
    return read_all(file, path, kind, read_platform, skeleton);
}

void caucus_metadata_free(caucus_metadata *skeleton)
{
    for (uint32_t i = 0; i < skeleton->n_axes; i++) {
        free(skeleton->axes[i].name);
        free(skeleton->axes[i].long_name);
        free(skeleton->axes[i].numbers);
        caucus_h5_free_texts(skeleton->axes[i].words, skeleton->identity.n_configs);
    }
    free(skeleton->axes);
    caucus_h5_free_texts(skeleton->collective_names, skeleton->identity.shape.n_collectives);
    caucus_h5_free_texts(skeleton->method_names, skeleton->identity.shape.n_methods);
    char *const texts[] = {skeleton->name,    skeleton->backend, skeleton->device, skeleton->started,
                           skeleton->version, skeleton->commit,  skeleton->source};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        free(texts[i]);
    }
    free(skeleton->sizes);
    free(skeleton->consumers);
    free(skeleton->test);
    caucus_identity_free(&skeleton->identity);
    *skeleton = (caucus_metadata){0};
}
