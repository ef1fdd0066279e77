/* Cells whose most frequent label is the same in all trials, but for less than 2^-64 of them. */
#ifndef CAUCUS_COMPILE_CERTAIN_H
#define CAUCUS_COMPILE_CERTAIN_H

#include "base/status.h"
#include "trial/tables.h"

/* What one group does for one label's lead over another: n people, drawn alike, each of whom adds a record to the one
 * with probability `plus` and to the other with probability `minus`. */
typedef struct caucus_lead_part {
    double n, plus, minus;
} caucus_lead_part;

/* Whether the lead is positive but for a probability of exp(-nats). With or without replacement. */
bool caucus_lead_is_certain(const caucus_lead_part *parts, uint32_t n_parts, double nats);

/* Fill compiled->certain and, where the accuracy cost is asked for, clean_certain. Where the platform is not a
 * histogram, people are drawn by name, or members are chosen from one urn, no cell is certain. */
caucus_status caucus_certain_open(caucus_compiled *compiled);
void caucus_certain_close(caucus_compiled *compiled);

#endif
