#include "result/contributors.h"

#include "base/text.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { HOST_BYTES = 256, MOST = 1 << 16 };

const char *const caucus_contributor_names[CAUCUS_N_CONTRIBUTORS] = {[CAUCUS_VERSIONS] = "versions",
                                                                     [CAUCUS_COMMITS] = "commits",
                                                                     [CAUCUS_DEVICES] = "devices",
                                                                     [CAUCUS_HOSTS] = "hosts"};

static caucus_status add(caucus_contributors *all, int list, const char *name)
{
    for (uint32_t i = 0; i < all->n[list]; i++) {
        if (strcmp(all->names[list][i], name) == 0) {
            return CAUCUS_OK;
        }
    }
    char **names = realloc(all->names[list], (all->n[list] + 1) * sizeof *names);
    if (names == NULL) {
        return caucus_fail_memory((all->n[list] + 1) * sizeof *names, "who took part");
    }
    all->names[list] = names;
    names[all->n[list]] = caucus_text_copy(name);
    if (names[all->n[list]] == NULL) {
        return caucus_fail_memory(strlen(name), "who took part");
    }
    all->n[list]++;
    return CAUCUS_OK;
}

caucus_status caucus_contributors_add_own(caucus_contributors *all, const char *device)
{
    char host[HOST_BYTES] = "";
    if (gethostname(host, sizeof host - 1) < 0 || host[0] == '\0') {
        snprintf(host, sizeof host, "unknown");
    }
    TRY(add(all, CAUCUS_VERSIONS, caucus_version()));
    TRY(add(all, CAUCUS_COMMITS, caucus_git_commit()));
    TRY(add(all, CAUCUS_DEVICES, device));
    return add(all, CAUCUS_HOSTS, host);
}

void caucus_contributors_free(caucus_contributors *all)
{
    for (int list = 0; list < CAUCUS_N_CONTRIBUTORS; list++) {
        caucus_h5_free_texts(all->names[list], all->n[list]);
    }
    *all = (caucus_contributors){0};
}

caucus_status caucus_contributors_write(hid_t file, const caucus_contributors *all)
{
    caucus_status status = CAUCUS_OK;
    hid_t type = H5I_INVALID_HID;
    TRY(caucus_h5_string_type(&type));
    for (int list = 0; list < CAUCUS_N_CONTRIBUTORS && status == CAUCUS_OK; list++) {
        const hsize_t n = all->n[list];
        hid_t space = H5Screate_simple(1, &n, NULL);
        hid_t attribute = H5Acreate2(file, caucus_contributor_names[list], type, space, H5P_DEFAULT, H5P_DEFAULT);
        if (attribute < 0 || H5Awrite(attribute, type, all->names[list]) < 0) {
            status = caucus_h5_fail("cannot write attribute %s", caucus_contributor_names[list]);
        }
        caucus_h5_close(attribute);
        caucus_h5_close(space);
    }
    caucus_h5_close(type);
    return status;
}

static caucus_status read_list(hid_t file, const char *path, int list, hid_t type, caucus_contributors *all)
{
    caucus_status status = CAUCUS_OK;
    char **names = NULL;
    hid_t attribute = H5Aopen(file, caucus_contributor_names[list], H5P_DEFAULT);
    hid_t found = H5Aget_type(attribute);
    hid_t space = H5Aget_space(attribute);
    const hssize_t n = H5Tis_variable_str(found) > 0 ? H5Sget_simple_extent_npoints(space) : -1;
    if (n < 0 || n > MOST) {
        status = caucus_h5_damaged("%s is damaged: it does not list its %s", path, caucus_contributor_names[list]);
        goto done;
    }
    TRY_GOTO(caucus_alloc((size_t)n, sizeof *names, "who took part", &names), done);
    H5_TRY_GOTO(H5Aread(attribute, type, names), done, "cannot read attribute %s of %s", caucus_contributor_names[list],
                path);
    for (hssize_t i = 0; i < n && status == CAUCUS_OK; i++) {
        status = add(all, list, names[i] != NULL ? names[i] : "");
    }
done:
    for (hssize_t i = 0; names != NULL && i < n; i++) {
        H5free_memory(names[i]);
    }
    free(names);
    caucus_h5_close(space);
    caucus_h5_close(found);
    caucus_h5_close(attribute);
    return status;
}

caucus_status caucus_contributors_read(hid_t file, const char *path, caucus_contributors *all)
{
    caucus_status status = CAUCUS_OK;
    hid_t type = H5I_INVALID_HID;
    TRY(caucus_h5_string_type(&type));
    for (int list = 0; list < CAUCUS_N_CONTRIBUTORS && status == CAUCUS_OK; list++) {
        status = read_list(file, path, list, type, all);
    }
    caucus_h5_close(type);
    return status;
}
