#include "base/writer_mark.h"

#include "base/clock.h"
#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { MARK_BYTES = 1024, FIELD_BYTES = 256, ATTEMPTS = 5 };

/* A mark without words was made by a process that is about to write them, or was killed before it could. */
static const time_t WORDLESS_SECONDS = 10;

static const char stale_name[] = CAUCUS_WRITER_MARK ".stale";

/* What a mark says. */
typedef struct mark {
    char machine[FIELD_BYTES]; /* host, boot and container: where the process's number means something */
    char host[FIELD_BYTES];
    char since[FIELD_BYTES];
    long process;
    unsigned long long begun; /* of the process, in clock ticks since boot */
    int locked;
} mark;

/* ---- this process, and others on this machine ---- */

static void read_word(const char *path, char word[FIELD_BYTES])
{
    word[0] = '\0';
    FILE *file = fopen(path, "re");
    if (file != NULL) {
        if (fgets(word, FIELD_BYTES, file) == NULL) {
            word[0] = '\0';
        }
        fclose(file);
    }
    word[strcspn(word, " \n")] = '\0';
}

/* When a process began; 0 when there is none of that number. */
static unsigned long long process_begun(long process)
{
    char path[64];
    char line[MARK_BYTES] = "";
    snprintf(path, sizeof path, "/proc/%ld/stat", process);
    FILE *file = fopen(path, "re");
    if (file == NULL) {
        return 0;
    }
    const char *rest = fgets(line, sizeof line, file) != NULL ? strrchr(line, ')') : NULL; /* behind its name */
    fclose(file);
    for (int field = 2; rest != NULL && field < 22; field++) {
        rest = strchr(rest + 1, ' ');
    }
    return rest != NULL ? strtoull(rest, NULL, 10) : 0;
}

static mark own_mark(bool locked)
{
    mark own = {.process = (long)getpid(), .locked = locked};
    char boot[FIELD_BYTES];
    char space[FIELD_BYTES] = "";
    own.begun = process_begun(own.process);
    read_word("/proc/sys/kernel/random/boot_id", boot);
    ssize_t length = readlink("/proc/self/ns/pid", space, sizeof space - 1);
    space[length > 0 ? length : 0] = '\0';
    if (gethostname(own.host, sizeof own.host - 1) < 0 || own.host[0] == '\0') {
        snprintf(own.host, sizeof own.host, "unknown");
    }
    snprintf(own.machine, sizeof own.machine, "%.100s/%.60s/%.60s", own.host, boot, space);
    caucus_clock_stamp(own.since);
    return own;
}

/* ---- the file ---- */

static char *mark_text(const mark *one)
{
    return caucus_text_format("machine %s\nhost %s\nprocess %ld\nbegun %llu\nlocked %d\nsince %s\n", one->machine,
                              one->host, one->process, one->begun, one->locked, one->since);
}

static bool parse_mark(const char *text, mark *one)
{
    *one = (mark){0};
    /* NOLINTNEXTLINE(cert-err34-c): a number out of range is another process's, as a wrong one is */
    return sscanf(text, "machine %255[^\n]\nhost %255[^\n]\nprocess %ld\nbegun %llu\nlocked %d\nsince %255[^\n]",
                  one->machine, one->host, &one->process, &one->begun, &one->locked, one->since) == 6;
}

/* The text of a mark, "" when it has none yet. 0, or the number of the error. */
static int read_mark(int directory, const char *name, char text[MARK_BYTES], time_t *modified)
{
    struct stat facts = {0};
    int file = openat(directory, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (file < 0) {
        return errno;
    }
    ssize_t length = 0;
    if (fstat(file, &facts) == 0 && S_ISREG(facts.st_mode)) {
        do {
            length = read(file, text, MARK_BYTES - 1);
        } while (length < 0 && errno == EINTR);
    }
    const int error = length < 0 ? errno : 0;
    text[length > 0 ? length : 0] = '\0';
    *modified = facts.st_mtime;
    close(file);
    return error;
}

static bool has_mark(int directory, const char *wanted)
{
    char found[MARK_BYTES];
    time_t modified = 0;
    return read_mark(directory, CAUCUS_WRITER_MARK, found, &modified) == 0 && strcmp(found, wanted) == 0;
}

static caucus_status write_mark(int directory, const char *folder, const char *text, bool *stands)
{
    *stands = false;
    int file = openat(directory, CAUCUS_WRITER_MARK, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
    if (file < 0) {
        *stands = errno == EEXIST;
        return *stands
                   ? CAUCUS_OK
                   : caucus_fail(CAUCUS_FAILED, "cannot create %s/%s: %s", folder, CAUCUS_WRITER_MARK, strerror(errno));
    }
    const size_t length = strlen(text);
    ssize_t written = 0;
    do {
        written = write(file, text, length);
    } while (written < 0 && errno == EINTR);
    int error = written < 0 ? errno : written < (ssize_t)length ? ENOSPC : 0;
    if (close(file) < 0 && errno != EINTR && error == 0) {
        error = errno;
    }
    if (error != 0) {
        unlinkat(directory, CAUCUS_WRITER_MARK, 0);
        return caucus_fail(CAUCUS_FAILED, "cannot write %s/%s: %s", folder, CAUCUS_WRITER_MARK, strerror(error));
    }
    return CAUCUS_OK;
}

/* ---- marks of others ---- */

/* Whether nobody can be behind the mark any more. */
static bool is_stale(const char *text, time_t modified, const mark *own)
{
    mark found;
    if (!parse_mark(text, &found)) {
        return own->locked || time(NULL) - modified > WORDLESS_SECONDS;
    }
    if (own->locked && found.locked) {
        return true;
    }
    return strcmp(found.machine, own->machine) == 0 && process_begun(found.process) != found.begun;
}

/* Take the mark away, unless it has become another one since it was looked at. */
static caucus_status remove_stale(int directory, const char *folder, const char *judged)
{
    char text[MARK_BYTES];
    time_t modified = 0;
    if (renameat(directory, CAUCUS_WRITER_MARK, directory, stale_name) < 0) {
        return errno == ENOENT ? CAUCUS_OK
                               : caucus_fail(CAUCUS_FAILED, "cannot replace %s/%s: %s", folder, CAUCUS_WRITER_MARK,
                                             strerror(errno));
    }
    caucus_status status = CAUCUS_OK;
    if (read_mark(directory, stale_name, text, &modified) == 0 && strcmp(text, judged) != 0 &&
        linkat(directory, stale_name, directory, CAUCUS_WRITER_MARK, 0) < 0) {
        status = caucus_fail(CAUCUS_FAILED, "cannot leave %s/%s to its writer: %s", folder, CAUCUS_WRITER_MARK,
                             strerror(errno));
    }
    unlinkat(directory, stale_name, 0);
    return status;
}

static caucus_status fail_reading(const char *folder, int error)
{
    return caucus_fail(CAUCUS_FAILED, "cannot read %s/%s: %s", folder, CAUCUS_WRITER_MARK, strerror(error));
}

static caucus_status refuse(const char *folder, const char *words)
{
    return caucus_fail(CAUCUS_INVALID,
                       "another process%s%s is writing in %s at this moment; wait for it, or use another file with -o "
                       "(if there is none any more, remove %s/%s)",
                       words[0] != '\0' ? ", " : "", words, folder, folder, CAUCUS_WRITER_MARK);
}

static const char *describe(const char *text, char words[CAUCUS_WRITER_WORDS])
{
    mark found;
    words[0] = '\0';
    if (parse_mark(text, &found)) {
        snprintf(words, CAUCUS_WRITER_WORDS, "number %ld on %.100s since %.40s,", found.process, found.host,
                 found.since);
    }
    return words;
}

caucus_status caucus_writer_mark_make(int directory, const char *folder, bool locked, char **text)
{
    const mark own = own_mark(locked);
    char words[CAUCUS_WRITER_WORDS] = "";
    char *made = mark_text(&own);
    if (made == NULL) {
        return caucus_fail_memory(MARK_BYTES, "a file name");
    }
    caucus_status status = CAUCUS_OK;
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
        bool stands = false;
        char found[MARK_BYTES];
        time_t modified = 0;
        TRY_GOTO(write_mark(directory, folder, made, &stands), done);
        if (!stands) {
            *text = made;
            return CAUCUS_OK;
        }
        const int error = read_mark(directory, CAUCUS_WRITER_MARK, found, &modified);
        if (error == ENOENT) {
            continue; /* gone meanwhile */
        }
        if (error != 0) {
            TRY_GOTO(fail_reading(folder, error), done);
        }
        if (!is_stale(found, modified, &own)) {
            describe(found, words);
            break;
        }
        TRY_GOTO(remove_stale(directory, folder, found), done);
    }
    status = refuse(folder, words);
done:
    free(made);
    return status;
}

caucus_status caucus_writer_mark_check(int directory, const char *folder, const char *text)
{
    char found[MARK_BYTES];
    time_t modified = 0;
    const int error = read_mark(directory, CAUCUS_WRITER_MARK, found, &modified);
    if (error == 0 && strcmp(found, text) == 0) {
        return CAUCUS_OK;
    }
    if (error != 0 && error != ENOENT) {
        return fail_reading(folder, error);
    }
    return caucus_fail(CAUCUS_FAILED,
                       "another process took over %s, or somebody removed its files: nothing more is "
                       "written there",
                       folder);
}

void caucus_writer_mark_remove(int directory, const char *text)
{
    if (has_mark(directory, text)) {
        unlinkat(directory, CAUCUS_WRITER_MARK, 0);
    }
}

const char *caucus_writer_mark_describe(int directory, char words[CAUCUS_WRITER_WORDS])
{
    char text[MARK_BYTES];
    time_t modified = 0;
    words[0] = '\0';
    return read_mark(directory, CAUCUS_WRITER_MARK, text, &modified) == 0 ? describe(text, words) : words;
}
