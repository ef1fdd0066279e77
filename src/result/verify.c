/* Checking every byte of a result, and saying which trials a damage concerns. */
#include "base/host.h"
#include "hdf5/sealed.h"
#include "hdf5/verified.h"
#include "result/damage.h"
#include "result/metadata.h"
#include "result/parts.h"
#include "result/parts_directory.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { MOST_THREADS = 16, MOST_LINES = 50 };

static caucus_status finish_output(const char *path, FILE *to)
{
    return fflush(to) == 0 && !ferror(to)
               ? CAUCUS_OK
               : caucus_fail(CAUCUS_FAILED, "cannot print what is in %s: %s", path, strerror(errno));
}

/* ---- a finished result ---- */

static void print_pages(const caucus_damage *damage, FILE *to)
{
    const caucus_seal *seal = &damage->seal;
    unsigned lines = 0;
    for (uint64_t page = 0; page < seal->n_pages && lines < MOST_LINES; page++) {
        const uint64_t first = page;
        if (!damage->bad[page]) {
            continue;
        }
        while (page + 1 < seal->n_pages && damage->bad[page + 1]) {
            page++;
        }
        fprintf(to, "damaged         bytes %llu to %llu\n", (unsigned long long)(first * seal->page_bytes),
                (unsigned long long)(page * seal->page_bytes + caucus_seal_page_length(seal, page) - 1));
        lines++;
    }
}

/* Runs of marked blocks, as trials. */
static uint64_t print_trials(const caucus_identity *identity, const bool *marks, FILE *to)
{
    const uint64_t n_blocks = caucus_identity_blocks(identity);
    uint64_t n_trials = 0;
    unsigned lines = 0;
    for (uint64_t config = 0; config < identity->n_configs; config++) {
        for (uint64_t block = 0; block < n_blocks; block++) {
            const uint64_t first = block;
            if (!marks[config * n_blocks + block]) {
                continue;
            }
            while (block + 1 < n_blocks && marks[config * n_blocks + block + 1]) {
                block++;
            }
            const uint64_t from = first * identity->block_trials;
            const uint64_t end = block * identity->block_trials + caucus_identity_block_rows(identity, block);
            n_trials += end - from;
            if (lines++ < MOST_LINES) {
                fprintf(to, "affected        configuration %llu, trials %llu to %llu\n", (unsigned long long)config,
                        (unsigned long long)from, (unsigned long long)(end - 1));
            }
        }
    }
    if (lines > MOST_LINES) {
        fprintf(to, "affected        and %u more stretches of trials\n", lines - MOST_LINES);
    }
    return n_trials;
}

static caucus_status print_affected(const caucus_damage *damage, hid_t file, FILE *to)
{
    caucus_metadata skeleton = {0};
    bool *marks = NULL;
    caucus_status status = CAUCUS_OK;
    TRY_GOTO(caucus_metadata_read(file, damage->path, "caucus", &skeleton), done);
    const caucus_identity *identity = &skeleton.identity;
    if (identity->summaries_only) {
        fprintf(to, "affected        summaries: the file holds no trials\n");
        goto done;
    }
    TRY_GOTO(caucus_alloc(identity->n_configs, caucus_identity_blocks(identity), "a list of blocks", &marks), done);
    TRY_GOTO(caucus_damage_mark(damage, file, identity, identity->block_trials, marks), done);
    const uint64_t n = print_trials(identity, marks, to);
    fprintf(to,
            "trials          %llu of %llu are damaged; caucus run --resume computes them again and keeps the others\n",
            (unsigned long long)n, (unsigned long long)(identity->n_configs * identity->n_trials));
done:
    free(marks);
    caucus_metadata_free(&skeleton);
    return status;
}

static caucus_status print_damage(const caucus_damage *damage, FILE *to)
{
    hid_t file = H5I_INVALID_HID;
    print_pages(damage, to);
    caucus_status status = caucus_verified_open(damage->path, &file);
    if (status == CAUCUS_OK) {
        status = print_affected(damage, file, to);
    }
    if (status != CAUCUS_OK) {
        fprintf(to, "affected        everything: what says where the trials lie is damaged, or no trials are in it\n");
    }
    caucus_h5_close(file);
    TRY(finish_output(damage->path, to));
    return caucus_fail(CAUCUS_INVALID, "%s is damaged: %llu of its %llu pages do not match its seal", damage->path,
                       (unsigned long long)damage->n_bad, (unsigned long long)damage->seal.n_pages);
}

static caucus_status verify_file(const char *path, unsigned threads, FILE *to)
{
    caucus_damage damage;
    TRY(caucus_damage_find(path, threads, &damage));
    fprintf(to, "file            %s\n", path);
    fprintf(to, "checked         %llu bytes in %llu pages, %.2f GB/s\n", (unsigned long long)damage.seal.file_bytes,
            (unsigned long long)damage.seal.n_pages,
            damage.seconds > 0 ? 1e-9 * (double)damage.seal.file_bytes / damage.seconds : 0.0);
    caucus_status status = CAUCUS_OK;
    if (damage.n_bad > 0) {
        status = print_damage(&damage, to);
    } else {
        fprintf(to, "state           whole\n");
        status = finish_output(path, to);
    }
    caucus_damage_free(&damage);
    return status;
}

/* ---- the parts of an unfinished run ---- */

static caucus_status verify_parts(const char *path, FILE *to)
{
    struct dirent **names = NULL;
    int n = 0;
    uint64_t n_files = 0;
    uint64_t n_bad = 0;
    TRY(caucus_parts_list(path, &names, &n));
    caucus_status status = CAUCUS_OK;
    for (int i = 0; i < n && status == CAUCUS_OK; i++) {
        char *part = NULL;
        if (!caucus_parts_is_segment(names[i]->d_name, ".h5", NULL)) {
            continue;
        }
        status = caucus_parts_path(path, names[i]->d_name, &part);
        if (status == CAUCUS_OK) {
            n_files++;
            status = caucus_image_verify(part);
            if (status == CAUCUS_INVALID) {
                fprintf(to, "damaged         %s\n", caucus_error_message());
                n_bad++;
                status = CAUCUS_OK;
            }
        }
        free(part);
    }
    caucus_parts_free_list(names, n);
    TRY(status);
    fprintf(to, "checked         %llu segments of an unfinished run\n", (unsigned long long)n_files);
    TRY(finish_output(path, to));
    return n_bad == 0 ? CAUCUS_OK
                      : caucus_fail(CAUCUS_INVALID,
                                    "%llu of the %llu segments of %s are damaged; caucus run --resume computes their "
                                    "blocks again",
                                    (unsigned long long)n_bad, (unsigned long long)n_files, path);
}

caucus_status caucus_result_verify(const char *path, FILE *to)
{
    struct stat facts;
    char *folder = NULL;
    caucus_host host;
    caucus_host_describe("", &host);
    TRY(caucus_parts_path(path, NULL, &folder));
    const bool parts = stat(path, &facts) < 0 && stat(folder, &facts) == 0 && S_ISDIR(facts.st_mode);
    free(folder);
    return parts ? verify_parts(path, to)
                 : verify_file(path, host.cores < MOST_THREADS ? host.cores : MOST_THREADS, to);
}
