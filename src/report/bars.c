#include "report/bars.h"

#include "report/markup.h"
#include "report/scale.h"

#include <math.h>
#include <stdlib.h>

enum { WIDTH = 1180, LEFT = 330, RIGHT = 120, ROW = 17, HEAD = 20, SPACE = 8, TOP = 6, BOTTOM = 40 };

caucus_status caucus_bars_add(caucus_bars *bars, const caucus_bar *bar)
{
    if (bars->n == bars->capacity) {
        const size_t capacity = 2 * bars->capacity + 32;
        caucus_bar *grown = realloc(bars->of, capacity * sizeof *grown);
        if (grown == NULL) {
            free(bar->head);
            free(bar->label);
            return caucus_fail_memory(capacity * sizeof *grown, "bars of a chart");
        }
        bars->of = grown;
        bars->capacity = capacity;
    }
    bars->of[bars->n++] = *bar;
    return CAUCUS_OK;
}

void caucus_bars_free(caucus_bars *bars)
{
    for (size_t i = 0; i < bars->n; i++) {
        free(bars->of[i].head);
        free(bars->of[i].label);
    }
    free(bars->of);
    *bars = (caucus_bars){0};
}

double caucus_bars_width(const caucus_bars *bars)
{
    return bars->width > 0 ? bars->width : WIDTH;
}

static double find_left(const caucus_bars *bars)
{
    return bars->left > 0 ? bars->left : LEFT;
}

static double find_bottom(const caucus_bars *bars)
{
    double height = TOP;
    for (size_t i = 0; i < bars->n; i++) {
        height += ROW + (bars->of[i].head != NULL ? HEAD + (i > 0 ? SPACE : 0) : 0);
    }
    return height;
}

double caucus_bars_height(const caucus_bars *bars)
{
    return find_bottom(bars) + BOTTOM;
}

static caucus_scale find_scale(const caucus_bars *bars)
{
    double low = INFINITY;
    double high = -INFINITY;
    for (size_t i = 0; i < bars->n; i++) {
        const double values[] = {bars->of[i].low, bars->of[i].high, bars->of[i].at};
        for (size_t v = 0; v < 3; v++) {
            low = fmin(low, values[v]); /* NaN does not enter */
            high = fmax(high, values[v]);
        }
    }
    return caucus_scale_over(isfinite(low) ? low : 0, isfinite(high) ? high : 1, find_left(bars),
                             caucus_bars_width(bars) - RIGHT);
}

static void draw_scale(const caucus_scale *scale, double bottom, const char *below, FILE *to)
{
    double ticks[CAUCUS_MOST_TICKS];
    char text[CAUCUS_MARKUP_NUMBER];
    const uint32_t n = caucus_scale_ticks(scale, (uint32_t)((scale->to - scale->from) / 70) + 1, ticks);
    double last = -1e9;
    for (uint32_t i = 0; i < n; i++) {
        const double x = caucus_scale_place(scale, ticks[i]);
        if (x - last < 34) { /* labels must not run into each other */
            continue;
        }
        last = x;
        fprintf(to,
                "<line class=\"grid\" x1=\"%.1f\" x2=\"%.1f\" y1=\"%d\" y2=\"%.1f\"/><text class=\"tick\" "
                "text-anchor=\"middle\" x=\"%.1f\" y=\"%.1f\">%s</text>\n",
                x, x, TOP, bottom, x, bottom + 14, caucus_markup_tick(ticks[i], text));
    }
    fprintf(to, "<text class=\"note\" text-anchor=\"middle\" x=\"%.1f\" y=\"%.1f\">", (scale->from + scale->to) / 2,
            bottom + 30);
    caucus_markup_text(to, below);
    fprintf(to, "%s</text>\n", scale->logarithmic ? " (logarithmic)" : "");
}

static void draw_bar(const caucus_bar *bar, const caucus_scale *scale, double y, FILE *to)
{
    double x = scale->to;
    fprintf(to, "<text class=\"row\" text-anchor=\"end\" x=\"%.1f\" y=\"%.1f\">%s</text>", scale->from - 10, y + 4,
            bar->label);
    if (!isnan(bar->low) && !isnan(bar->high)) {
        const double from = caucus_scale_place(scale, bar->low);
        const double until = caucus_scale_place(scale, bar->high);
        fprintf(to, "<rect class=\"bar f%u\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"6\" rx=\"2\"/>", bar->colour,
                from, y - 3, fmax(until - from, 0));
    }
    if (!isnan(bar->at)) {
        x = caucus_scale_place(scale, bar->at);
        fprintf(to, "<circle class=\"f%u\" cx=\"%.1f\" cy=\"%.1f\" r=\"4\"/>", bar->colour, x, y);
        x = isnan(bar->high) ? x : fmax(x, caucus_scale_place(scale, bar->high));
        fprintf(to, "<text class=\"row\" x=\"%.1f\" y=\"%.1f\">%s</text>\n", x + 9, y + 4, bar->says);
    } else {
        fprintf(to, "<text class=\"note\" text-anchor=\"end\" x=\"%.1f\" y=\"%.1f\">%s</text>\n", x, y + 4, bar->says);
    }
}

void caucus_bars_draw(const caucus_bars *bars, const char *below, FILE *to)
{
    const caucus_scale scale = find_scale(bars);
    draw_scale(&scale, find_bottom(bars), below, to);
    double y = TOP;
    for (size_t i = 0; i < bars->n; i++) {
        if (bars->of[i].head != NULL) {
            y += i > 0 ? SPACE : 0;
            fprintf(to, "<text class=\"head\" x=\"0\" y=\"%.1f\">%s</text>\n", y + 14, bars->of[i].head);
            y += HEAD;
        }
        draw_bar(&bars->of[i], &scale, y + ROW / 2.0, to);
        y += ROW;
    }
}

void caucus_bars_put(const caucus_bars *bars, const char *below, FILE *to)
{
    fprintf(to, "<div class=\"wide\"><svg class=\"bars\" viewBox=\"0 0 %.0f %.0f\" role=\"img\">\n",
            caucus_bars_width(bars), caucus_bars_height(bars));
    caucus_bars_draw(bars, below, to);
    fputs("</svg></div>\n", to);
}
