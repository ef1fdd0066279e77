/* The mark of a process that writes into a folder: a file that names it, made with O_EXCL.
 *
 * Locks are what keeps two writers apart; the mark says who the other one is, and takes their place on file systems
 * that have none. A mark that a killed process left behind is recognised and replaced. */
#ifndef CAUCUS_WRITER_MARK_H
#define CAUCUS_WRITER_MARK_H

#include "base/status.h"

#define CAUCUS_WRITER_MARK "writer"

/* Put this process's mark into a folder. locked: it holds the folder's lock, so that marks made under a lock are left-
 * overs. CAUCUS_INVALID while another process's mark stands, with its host, number and start, and how to go on if it is
 * none. *text becomes what the mark says, to be freed by the caller. folder serves messages. */
caucus_status caucus_writer_mark_make(int directory, const char *folder, bool locked, char **text);

/* CAUCUS_FAILED when the mark is not this one any more: another process took the folder over. */
caucus_status caucus_writer_mark_check(int directory, const char *folder, const char *text);

/* Remove it, if it is still this one. */
void caucus_writer_mark_remove(int directory, const char *text);

/* Who that is, in words for "... is writing here"; "" where there is no mark. */
enum { CAUCUS_WRITER_WORDS = 256 };
const char *caucus_writer_mark_describe(int directory, char words[CAUCUS_WRITER_WORDS]);

#endif
