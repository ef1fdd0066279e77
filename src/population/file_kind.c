#include "population/file_kind.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- kinds that are read --------------------------------------------------------------------------------------- */

typedef struct signature {
    const char *bytes;
    size_t length;
} signature;

#define SIGNATURE(text)                                                                                                \
    {                                                                                                                  \
        text, sizeof(text) - 1                                                                                         \
    }

static const signature HDF5 = SIGNATURE("\x89HDF\r\n\x1a\n");

static const struct {
    signature starts;
    caucus_file_kind kind;
} KINDS[] = {
    {SIGNATURE("\x1f\x8b"), CAUCUS_FILE_GZIP},
    {SIGNATURE("\x28\xb5\x2f\xfd"), CAUCUS_FILE_ZSTD},
    {SIGNATURE("\xfd"
               "7zXZ\0"),
     CAUCUS_FILE_XZ},
    {SIGNATURE("\x89HDF\r\n\x1a\n"), CAUCUS_FILE_HDF5},
};

static bool starts_with(const char *head, size_t length, signature s)
{
    return length >= s.length && memcmp(head, s.bytes, s.length) == 0;
}

caucus_file_kind caucus_file_kind_of(const char *head, size_t length)
{
    for (size_t i = 0; i < sizeof KINDS / sizeof KINDS[0]; i++) {
        if (starts_with(head, length, KINDS[i].starts)) {
            return KINDS[i].kind;
        }
    }
    return CAUCUS_FILE_TEXT;
}

/* ---- kinds that are not ---------------------------------------------------------------------------------------- */

/* One line of Python with pandas that reads the file and writes CSV beside it. */
#define CONVERT(reader)                                                                                                \
    "convert it: python3 -c 'import sys, pandas; pandas." reader                                                       \
    "(sys.argv[1]).to_csv(sys.argv[2], index=False)' FILE people.csv"

/* Marks that a CSV file may begin with as well (a column PAR1) count where bytes follow that no text has. */
static const struct {
    signature starts;
    const char *what;
    const char *remedy;
} FOREIGN[] = {
    {SIGNATURE("PAR1"), "a Parquet file", CONVERT("read_parquet")},
    {SIGNATURE("ARROW1"), "an Arrow (Feather) file", CONVERT("read_feather")},
    {SIGNATURE("FEA1"), "a Feather file", CONVERT("read_feather")},
    {SIGNATURE("ORC"), "an ORC file", CONVERT("read_orc")},
    {SIGNATURE("Obj\x01"), "an Avro file", "export it as CSV"},
    {SIGNATURE("PK\x03\x04"), "a zip archive or a spreadsheet (.xlsx, .ods)",
     "unpack an archive; save a spreadsheet as CSV, or " CONVERT("read_excel")},
    {SIGNATURE("\xd0\xcf\x11\xe0"), "an old Office file such as .xls", "save it as CSV, or " CONVERT("read_excel")},
    {SIGNATURE("SQLite format 3"), "an SQLite database",
     "export the table: sqlite3 -header -csv FILE 'SELECT * FROM people' > people.csv"},
    {SIGNATURE("<stata_dta>"), "a Stata file", CONVERT("read_stata")},
    {SIGNATURE("$FL2"), "an SPSS file", CONVERT("read_spss")},
    {SIGNATURE("$FL3"), "an SPSS file", CONVERT("read_spss")},
    {SIGNATURE("RDX"), "an R workspace",
     "in R: load(\"FILE\"), then write.csv(people, \"people.csv\", row.names = FALSE)"},
    {SIGNATURE("X\n\0\0"), "an R object", "in R: write.csv(readRDS(\"FILE\"), \"people.csv\", row.names = FALSE)"},
    {SIGNATURE("\x93NUMPY"), "a NumPy array",
     "write it with its columns' names: numpy.savetxt(\"people.csv\", array, delimiter=\",\", header=\"a,b,c\", "
     "comments=\"\")"},
    {SIGNATURE("\x80\x03"), "a Python pickle", CONVERT("read_pickle")},
    {SIGNATURE("\x80\x04"), "a Python pickle", CONVERT("read_pickle")},
    {SIGNATURE("\x80\x05"), "a Python pickle", CONVERT("read_pickle")},
    {SIGNATURE("BZh"), "compressed by bzip2", "unpack it by bunzip2, or compress it by gzip, zstd or xz instead"},
    {SIGNATURE("7z\xbc\xaf\x27\x1c"), "a 7-Zip archive", "unpack it"},
};

/* Marks in text files, after blanks, comments of ARFF (%), and in any letter case. */
static const struct {
    const char *mark;
    const char *what;
    const char *remedy;
} MARKED[] = {
    {"version https://git-lfs.github.com/spec", "a pointer of Git LFS and not the data",
     "fetch the data: git lfs pull"},
    {"/annex/objects/", "a pointer of git-annex and not the data", "fetch the data: git annex get FILE"},
    {"header record*******library", "a SAS transport file", CONVERT("read_sas")},
    {"@relation", "an ARFF file",
     "convert it: python3 -c 'import sys, pandas; from scipy.io import arff; "
     "pandas.DataFrame(arff.loadarff(sys.argv[1])[0]).to_csv(sys.argv[2], index=False)' FILE people.csv"},
    {"<!doctype html", "a web page", "download the data itself, not the page that shows it"},
    {"<html", "a web page", "download the data itself, not the page that shows it"},
    {"%pdf", "a PDF document", "tables cannot be read from it; look for the data as CSV"},
    {"<?xml", "an XML file", "export the table as CSV"},
};

static const char *skip_comments(const char *head, const char *end)
{
    while (head < end && (isspace((unsigned char)*head) || *head == '%')) {
        if (*head == '%') {
            const char *newline = memchr(head, '\n', (size_t)(end - head));
            head = newline != NULL ? newline : end - 1;
        }
        head++;
    }
    return head;
}

/* [ {, [ [ or { " with or without blanks between. */
static bool is_json(const char *text, const char *end)
{
    if (text == end || (*text != '[' && *text != '{')) {
        return false;
    }
    const char *next = text + 1;
    while (next < end && isspace((unsigned char)*next)) {
        next++;
    }
    return next < end && (*text == '{' ? *next == '"' : *next == '{' || *next == '[');
}

static bool is_binary(const char *head, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)head[i];
        if (c < 0x20 && c != '\t' && c != '\n' && c != '\r' && c != '\f') {
            return true;
        }
    }
    return false;
}

static caucus_status fail_foreign(const char *path, const char *what, const char *remedy)
{
    return caucus_fail(CAUCUS_INVALID, "%s: this is %s, and tables are read from CSV and HDF5; %s", path, what, remedy);
}

caucus_status caucus_file_kind_check(const char *path, const char *head, size_t length)
{
    bool binary = is_binary(head, length);
    for (size_t i = 0; i < sizeof FOREIGN / sizeof FOREIGN[0]; i++) {
        if (starts_with(head, length, FOREIGN[i].starts) && binary) {
            return fail_foreign(path, FOREIGN[i].what, FOREIGN[i].remedy);
        }
    }
    const char *text = skip_comments(head, head + length);
    size_t left = (size_t)(head + length - text);
    for (size_t i = 0; i < sizeof MARKED / sizeof MARKED[0]; i++) {
        size_t n = strlen(MARKED[i].mark);
        if ((left >= n && strncasecmp(text, MARKED[i].mark, n) == 0) ||
            (length >= n && strncasecmp(head, MARKED[i].mark, n) == 0)) {
            return fail_foreign(path, MARKED[i].what, MARKED[i].remedy);
        }
    }
    return is_json(text, head + length) ? fail_foreign(path, "a JSON file", CONVERT("read_json")) : CAUCUS_OK;
}

/* ---- files ----------------------------------------------------------------------------------------------------- */

/* HDF5 may stand behind a block of somebody else's, at 512, 1024, 2048, ... bytes. */
static bool has_hdf5_behind(int file, off_t size)
{
    char bytes[8];
    for (off_t at = 512; at > 0 && at + (off_t)sizeof bytes <= size; at *= 2) {
        if (pread(file, bytes, sizeof bytes, at) == (ssize_t)sizeof bytes && starts_with(bytes, sizeof bytes, HDF5)) {
            return true;
        }
    }
    return false;
}

static caucus_status look(const char *path, int file, caucus_file_kind *kind)
{
    struct stat facts;
    char head[CAUCUS_FILE_HEAD];
    if (fstat(file, &facts) != 0) {
        return caucus_fail(CAUCUS_FAILED, "%s: %s", path, strerror(errno));
    }
    if (S_ISDIR(facts.st_mode)) {
        return caucus_fail(CAUCUS_INVALID, "%s is a directory; name a file in it", path);
    }
    if (!S_ISREG(facts.st_mode)) {
        return caucus_fail(CAUCUS_INVALID, "%s: not a regular file; save the table to a file first", path);
    }
    ssize_t length = pread(file, head, sizeof head, 0);
    if (length < 0) {
        return caucus_fail(CAUCUS_FAILED, "%s: cannot be read: %s", path, strerror(errno));
    }
    *kind = caucus_file_kind_of(head, (size_t)length);
    if (*kind == CAUCUS_FILE_TEXT && has_hdf5_behind(file, facts.st_size)) {
        *kind = CAUCUS_FILE_HDF5;
    }
    return *kind == CAUCUS_FILE_TEXT ? caucus_file_kind_check(path, head, (size_t)length) : CAUCUS_OK;
}

caucus_status caucus_file_kind_find(const char *path, caucus_file_kind *kind)
{
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* a pipe without a writer would be waited for */
    if (file < 0) {
        return caucus_fail(CAUCUS_INVALID, "%s: cannot be read: %s", path, strerror(errno));
    }
    caucus_status status = look(path, file, kind);
    close(file);
    return status;
}
