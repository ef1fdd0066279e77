/* The claim to a result's name: one writer at a time makes OUT, in the folder OUT.parts, and gives it its name at the
 * end.
 *
 * Every writer of a result goes this way. Only regular files are ever made or replaced, and a file that stands there,
 * or appears while the work goes on, is replaced only where that is asked for. */
#ifndef CAUCUS_CLAIM_H
#define CAUCUS_CLAIM_H

#include "base/status.h"

typedef struct caucus_claim {
    char *path;     /* OUT */
    char *folder;   /* OUT.parts */
    int directory;  /* descriptor of the folder, locked where locks work */
    char *mark;     /* of this process: base/writer_mark.h */
    bool unlocked;  /* locks do not work there */
    int lock_error; /* why not */
} caucus_claim;

/* CAUCUS_INVALID when no result can have that name: it is no file's, or is that of something else than a regular file,
 * or its directory is missing. */
caucus_status caucus_claim_check_place(const char *path);

/* CAUCUS_INVALID when there is something of that name. */
caucus_status caucus_claim_check_free(const char *path);

/* Make the folder and keep other writers out of it until the claim is closed. CAUCUS_INVALID while another one is
 * there. */
caucus_status caucus_claim_open(const char *path, caucus_claim **claim);

/* Where the file is made: its path in the folder, at which there is nothing when the claim is opened. The caller frees
 * it. */
#define CAUCUS_CLAIM_TEMPORARY "result.h5.tmp"
caucus_status caucus_claim_temporary(const caucus_claim *claim, char **path);

/* CAUCUS_FAILED when the folder is not this process's any more. */
caucus_status caucus_claim_check(const caucus_claim *claim);

/* The file was written with this status: if that is CAUCUS_OK, force it to the disk and give it the claimed name; else,
 * or when that fails, remove it. Returns what failed. replace: what stands there is replaced; else
 * that is CAUCUS_INVALID. aside: unless NULL, what stands there stays under this name. */
caucus_status caucus_claim_publish(const caucus_claim *claim, caucus_status status, bool replace, const char *aside);

/* Give the name up; the folder goes when it is empty. */
void caucus_claim_close(caucus_claim *claim);

#endif
