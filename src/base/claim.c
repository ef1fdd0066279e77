#include "base/claim.h"

#include "base/durable.h"
#include "base/text.h"
#include "base/writer_mark.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* Times that the folder may be gone again before it could be locked, since its last writer had just finished. */
enum { ATTEMPTS = 100 };

/* ---- what stands there ---- */

caucus_status caucus_claim_check_place(const char *path)
{
    struct stat facts;
    char *directory = caucus_durable_directory(path);
    if (directory == NULL) {
        return caucus_fail_memory(strlen(path), "a path");
    }
    caucus_status status = CAUCUS_OK;
    if (path[0] == '\0' || path[strlen(path) - 1] == '/' || (lstat(path, &facts) == 0 && !S_ISREG(facts.st_mode))) {
        status = caucus_fail(CAUCUS_INVALID, "%s cannot be a result file; give the path of a file with -o", path);
    } else if (stat(directory, &facts) < 0 || !S_ISDIR(facts.st_mode)) {
        status = caucus_fail(CAUCUS_INVALID, "%s cannot be written: there is no directory %s; make it first", path,
                             directory);
    }
    free(directory);
    return status;
}

caucus_status caucus_claim_check_free(const char *path)
{
    struct stat facts;
    if (lstat(path, &facts) == 0) {
        return caucus_fail(CAUCUS_INVALID, "%s exists already; use --force to replace it, or another file with -o",
                           path);
    }
    return CAUCUS_OK;
}

caucus_status caucus_output_check(const char *path, bool replace)
{
    TRY(caucus_claim_check_place(path));
    return replace ? CAUCUS_OK : caucus_claim_check_free(path);
}

/* ---- the folder ---- */

static caucus_status fail_folder(const char *what, const caucus_claim *claim)
{
    return caucus_fail(CAUCUS_FAILED, "cannot %s the directory %s: %s", what, claim->folder, strerror(errno));
}

/* Open the folder, making it if need be. */
static caucus_status open_folder(caucus_claim *claim)
{
    if (mkdir(claim->folder, 0777) < 0 && errno != EEXIST) {
        return fail_folder("make", claim);
    }
    claim->directory = open(claim->folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    return claim->directory >= 0 || errno == ENOENT ? CAUCUS_OK : fail_folder("open", claim);
}

/* Whether the descriptor is still that of the folder of this name. */
static bool is_current(const caucus_claim *claim)
{
    struct stat held;
    struct stat named;
    return fstat(claim->directory, &held) == 0 && lstat(claim->folder, &named) == 0 && held.st_dev == named.st_dev &&
           held.st_ino == named.st_ino;
}

static caucus_status lock_folder(caucus_claim *claim)
{
    char words[CAUCUS_WRITER_WORDS];
    int locked = 0;
    do {
        locked = flock(claim->directory, LOCK_EX | LOCK_NB);
    } while (locked < 0 && errno == EINTR);
    if (locked < 0 && errno == EWOULDBLOCK) {
        caucus_writer_mark_describe(claim->directory, words);
        return caucus_fail(CAUCUS_INVALID,
                           "another process%s%s is writing %s at this moment; wait for it, or use another file with -o",
                           words[0] != '\0' ? ", " : "", words, claim->path);
    }
    claim->unlocked = locked < 0; /* some network file systems have no locks: there is the mark */
    claim->lock_error = locked < 0 ? errno : 0;
    return CAUCUS_OK;
}

static void close_folder(caucus_claim *claim)
{
    if (claim->directory >= 0) {
        close(claim->directory);
        claim->directory = -1;
    }
}

static caucus_status take_folder(caucus_claim *claim)
{
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
        TRY(open_folder(claim));
        if (claim->directory >= 0) {
            TRY(lock_folder(claim));
            if (is_current(claim)) {
                TRY(caucus_writer_mark_make(claim->directory, claim->folder, !claim->unlocked, &claim->mark));
                unlinkat(claim->directory, CAUCUS_CLAIM_TEMPORARY, 0); /* of a writer that was killed */
                return CAUCUS_OK;
            }
        }
        close_folder(claim); /* its last writer had finished, and removed it */
    }
    return caucus_fail(CAUCUS_FAILED, "cannot lock the directory %s: it disappears again and again", claim->folder);
}

caucus_status caucus_claim_open(const char *path, caucus_claim **claim)
{
    caucus_claim *made = NULL;
    TRY(caucus_claim_check_place(path));
    TRY(caucus_alloc(1, sizeof *made, "a result's name", &made));
    made->directory = -1;
    made->path = caucus_text_copy(path);
    made->folder = caucus_text_format("%s.parts", path);
    caucus_status status =
        made->path != NULL && made->folder != NULL ? take_folder(made) : caucus_fail_memory(strlen(path), "a path");
    if (status != CAUCUS_OK) {
        caucus_claim_close(made);
        return status;
    }
    *claim = made;
    return CAUCUS_OK;
}

void caucus_claim_close(caucus_claim *claim)
{
    if (claim == NULL) {
        return;
    }
    if (claim->mark != NULL) {
        caucus_writer_mark_remove(claim->directory, claim->mark);
        rmdir(claim->folder); /* while the lock is held; fails when something is left in it */
    }
    close_folder(claim);
    free(claim->mark);
    free(claim->folder);
    free(claim->path);
    free(claim);
}

caucus_status caucus_claim_temporary(const caucus_claim *claim, char **path)
{
    *path = caucus_text_format("%s/" CAUCUS_CLAIM_TEMPORARY, claim->folder);
    return *path != NULL ? CAUCUS_OK : caucus_fail_memory(strlen(claim->folder), "a path");
}

caucus_status caucus_claim_check(const caucus_claim *claim)
{
    if (!is_current(claim)) {
        return caucus_fail(CAUCUS_FAILED, "the directory %s was removed or replaced: nothing more is written there",
                           claim->folder);
    }
    return caucus_writer_mark_check(claim->directory, claim->folder, claim->mark);
}

/* ---- publishing ---- */

/* Give the name to a file if nothing has it yet. Where the file system cannot rename so, it can link, or else nobody
 * may take the name between two calls of ours. */
static int rename_to_free(const caucus_claim *claim)
{
    static const char name[] = CAUCUS_CLAIM_TEMPORARY;
    if (renameat2(claim->directory, name, AT_FDCWD, claim->path, RENAME_NOREPLACE) == 0) {
        return 0;
    }
    if (errno != EINVAL && errno != ENOSYS && errno != EOPNOTSUPP) {
        return errno;
    }
    if (linkat(claim->directory, name, AT_FDCWD, claim->path, 0) == 0) {
        unlinkat(claim->directory, name, 0);
        return 0;
    }
    if (errno != EPERM && errno != EOPNOTSUPP && errno != ENOSYS) {
        return errno;
    }
    int reserved = open(claim->path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
    if (reserved < 0) {
        return errno;
    }
    close(reserved);
    return renameat(claim->directory, name, AT_FDCWD, claim->path) == 0 ? 0 : errno;
}

static int rename_over(const caucus_claim *claim, const char *aside)
{
    /* By a second name, so that there is no moment without a file; where there are no links it is a moment. */
    if (aside != NULL && link(claim->path, aside) < 0 && errno != ENOENT && rename(claim->path, aside) < 0) {
        return errno;
    }
    return renameat(claim->directory, CAUCUS_CLAIM_TEMPORARY, AT_FDCWD, claim->path) == 0 ? 0 : errno;
}

static caucus_status publish(const caucus_claim *claim, const char *made, bool replace, const char *aside)
{
    TRY(caucus_claim_check(claim));
    TRY(caucus_claim_check_place(claim->path));
    TRY(caucus_durable_sync(made, false));
    int error = replace ? rename_over(claim, aside) : rename_to_free(claim);
    if (error == EEXIST) {
        return caucus_fail(CAUCUS_INVALID,
                           "%s was made by somebody else while the work went on, and is left alone; move it away",
                           claim->path);
    }
    if (error != 0) {
        return caucus_fail(CAUCUS_FAILED, "cannot rename %s to %s: %s", made, claim->path, strerror(error));
    }
    return caucus_durable_sync_directory_of(claim->path);
}

caucus_status caucus_claim_publish(const caucus_claim *claim, caucus_status status, bool replace, const char *aside)
{
    char *made = NULL;
    TRY(caucus_claim_temporary(claim, &made));
    if (status == CAUCUS_OK) {
        status = publish(claim, made, replace, aside);
    }
    if (status != CAUCUS_OK) {
        unlink(made);
    }
    free(made);
    return status;
}
