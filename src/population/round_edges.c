#include "population/round_edges.h"

#include "base/number.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* The number below which a share of the people lies. */
static double quantile(const double *numbers, const uint64_t *counts, size_t n, double share)
{
    double total = 0;
    double below = 0;
    for (size_t i = 0; i < n; i++) {
        total += (double)counts[i];
    }
    size_t i = 0;
    while (i + 1 < n && below + (double)counts[i] < share * total) {
        below += (double)counts[i++];
    }
    return numbers[i];
}

/* The largest of 1, 2 and 5 times a power of ten that is at most x. */
static double round_step(double x)
{
    double power = pow(10, floor(log10(x)));
    double digits = x / power;
    return (digits >= 5 ? 5 : digits >= 2 ? 2 : 1) * power;
}

uint32_t caucus_round_edges(const double *numbers, const uint64_t *counts, size_t n, uint32_t n_edges,
                            double edges[CAUCUS_MOST_ROUND_EDGES])
{
    uint32_t n_kept = 0;
    n_edges = n_edges < CAUCUS_MOST_ROUND_EDGES ? n_edges : CAUCUS_MOST_ROUND_EDGES;
    for (uint32_t e = 1; n >= 2 && e <= n_edges; e++) {
        double before = quantile(numbers, counts, n, (e - 0.5) / (n_edges + 1));
        double at = quantile(numbers, counts, n, (double)e / (n_edges + 1));
        double after = quantile(numbers, counts, n, (e + 0.5) / (n_edges + 1));
        double room = after - before; /* an edge may move by an eighth of what lies around it */
        double step = room > 0 && isfinite(room) ? round_step(room / 4) : 0;
        double edge = step > 0 ? step * round(at / step) : at;
        bool inside = isfinite(edge) && edge > numbers[0] && edge <= numbers[n - 1];
        if (inside && (n_kept == 0 || edge > edges[n_kept - 1])) {
            char text[CAUCUS_NUMBER_BYTES]; /* 0.3 and not 0.30000000000000004 */
            double plain = edge;
            snprintf(text, sizeof text, "%.12g", edge);
            caucus_number_parse(text, strlen(text), &plain);
            edges[n_kept++] = plain;
        }
    }
    if (n_kept == 0 && n >= 2 && isfinite(numbers[1])) { /* nearly all people have one number: that one and the rest */
        edges[n_kept++] = numbers[1];
    }
    return n_kept;
}

void caucus_edges_text(const double *edges, uint32_t n_edges, char *text, size_t bytes)
{
    size_t used = (size_t)snprintf(text, bytes, "[");
    for (uint32_t e = 0; e < n_edges && used < bytes; e++) {
        char number[CAUCUS_NUMBER_BYTES];
        caucus_number_format(edges[e], false, number);
        used += (size_t)snprintf(text + used, bytes - used, "%s%s", e > 0 ? ", " : "", number);
    }
    if (used < bytes) {
        snprintf(text + used, bytes - used, "]");
    }
}
