/* caucus_result_print_sketch: success and promise over an axis as rows of blocks, for terminals. */
#include "base/text_stream.h"
#include "report/settings.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { LEAST_COLUMNS = 50, MOST_LABEL = 36, NAME = 9, MOST_WIDE = 5, MOST_CASES = 16, FEW_CASES = 4, TALL = 3 };

typedef struct sketch {
    const caucus_chart *chart;
    uint64_t n;      /* values of the axis that are drawn */
    uint64_t wide;   /* characters of each */
    uint64_t height; /* rows of characters of a curve */
    size_t label;    /* characters of the widest name of a case */
    FILE *to;
} sketch;

static size_t count_characters(const char *text)
{
    size_t n = 0;
    for (; *text != '\0'; text++) {
        n += (*text & 0xc0) != 0x80;
    }
    return n;
}

/* ---- curves ------------------------------------------------------------------------------------------------------ */

/* What a value fills of a row, in eighths: full rows below it, blanks above. In the lowest row a dot tells values that
 * are 0 or less from those that are not known. */
static const char *block_of(double value, uint64_t row, uint64_t height)
{
    static const char *const blocks[] = {" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
    enum { EIGHTHS = 8 };
    if (isnan(value)) {
        return " ";
    }
    if (value <= 0) {
        return row == 0 ? "·" : " ";
    }
    const double eighths = ceil(fmin(value, 1) * (double)(EIGHTHS * height)) - (double)(EIGHTHS * row);
    return blocks[eighths < 0 ? 0 : eighths > EIGHTHS ? EIGHTHS : (int)eighths];
}

static double value_at(const sketch *of, uint64_t panel, const caucus_series *series, uint64_t i)
{
    const caucus_chart *chart = of->chart;
    const uint64_t last = chart->findings->lengths[chart->over] - 1;
    const uint64_t at = of->n > 1 ? i * last / (of->n - 1) : 0;
    const uint64_t config =
        caucus_findings_config(chart->findings, panel, chart->over, chart->order[at], CAUCUS_NO_AXIS, 0);
    return caucus_chart_series_value(chart, series, config, CAUCUS_SERIES_MEAN);
}

/* Where there is nothing above 0 one row tells it. */
static uint64_t find_height(const sketch *of, uint64_t panel, const caucus_series *series)
{
    bool any = false;
    for (uint64_t i = 0; i < of->n && !any; i++) {
        any = value_at(of, panel, series, i) > 0;
    }
    return any ? of->height : 1;
}

static void draw(const sketch *of, uint64_t panel, const caucus_series *series, const char *label)
{
    const uint64_t height = find_height(of, panel, series);
    for (uint64_t row = height; row-- > 0;) {
        fprintf(of->to, "  %s", row == 0 ? label : "");
        for (size_t i = row == 0 ? count_characters(label) : 0; i < of->label; i++) {
            fputc(' ', of->to);
        }
        fprintf(of->to, " %-*s", NAME, row > 0 ? "" : series->method == CAUCUS_NO_AXIS ? "success" : "promise");
        for (uint64_t i = 0; i < of->n; i++) {
            const char *block = block_of(value_at(of, panel, series, i), row, height);
            for (uint64_t k = 0; k < of->wide; k++) {
                fputs(block, of->to);
            }
        }
        fputc('\n', of->to);
    }
}

/* ---- cases ------------------------------------------------------------------------------------------------------- */

/* "target Poor, planters", cut. */
static caucus_status make_label(const caucus_chart *chart, uint64_t panel, uint32_t collective, char **label)
{
    static const char what[] = "a case's name";
    const caucus_metadata *about = chart->findings->about;
    const uint64_t config = caucus_findings_config(chart->findings, panel, chart->over, 0, CAUCUS_NO_AXIS, 0);
    caucus_text_stream made;
    TRY(caucus_text_stream_open(&made, what));
    for (uint32_t a = 0; a < about->n_axes; a++) {
        char number[CAUCUS_NUMBER_BYTES];
        if (a != chart->over && chart->findings->lengths[a] > 1) {
            fprintf(made.to, "%s %s, ", about->axes[a].long_name,
                    caucus_result_axis_value(&about->axes[a], config, number));
        }
    }
    fputs(about->collective_names[collective], made.to);
    TRY(caucus_text_stream_close(&made, what));
    *label = made.text;
    if (count_characters(*label) > MOST_LABEL) {
        char *end = *label;
        for (size_t n = 0; n < MOST_LABEL - 1 || (*end & 0xc0) == 0x80; end++) {
            n += (*end & 0xc0) != 0x80;
        }
        memcpy(end, "…", sizeof "…" <= strlen(end) + 1 ? sizeof "…" : 1);
    }
    return CAUCUS_OK;
}

/* Every case in order: its name's width, or its curves. */
static caucus_status go_through(sketch *of, bool drawing, uint64_t *n_left)
{
    const caucus_chart *chart = of->chart;
    const uint64_t panels = caucus_findings_panels(chart->findings, chart->over, CAUCUS_NO_AXIS);
    const uint32_t n_collectives = chart->findings->about->identity.shape.n_collectives;
    const uint64_t n = panels * n_collectives;
    for (uint64_t i = 0; i < n && i < MOST_CASES; i++) {
        const uint64_t panel = i / n_collectives;
        const uint32_t c = (uint32_t)(i % n_collectives);
        const caucus_series success = {.collective = c, .method = CAUCUS_NO_AXIS};
        const caucus_series promise = {.collective = c, .method = chart->method};
        char *label = NULL;
        TRY(make_label(chart, panel, c, &label));
        const size_t wide = count_characters(label);
        of->label = wide > of->label ? wide : of->label;
        if (drawing) {
            draw(of, panel, &success, label);
            if (chart->method != CAUCUS_NO_AXIS) {
                draw(of, panel, &promise, "");
            }
        }
        free(label);
    }
    *n_left = n > MOST_CASES ? n - MOST_CASES : 0;
    of->height = n <= FEW_CASES ? TALL : 1;
    return CAUCUS_OK;
}

static void print_heading(const sketch *of)
{
    const caucus_chart *chart = of->chart;
    const caucus_metadata *about = chart->findings->about;
    const caucus_coordinate *axis = &about->axes[chart->over];
    const uint64_t length = chart->findings->lengths[chart->over];
    char low[CAUCUS_NUMBER_BYTES];
    char high[CAUCUS_NUMBER_BYTES];
    const uint64_t ends[2] = {chart->order[0], chart->order[length - 1]};
    fputs("\nmean success", of->to);
    if (chart->method != CAUCUS_NO_AXIS) {
        fprintf(of->to, ", and promise by %s,", about->method_names[chart->method]);
    }
    fprintf(of->to, " over %s from %s to %s: full blocks are 1, dots 0 or less\n", axis->long_name,
            caucus_result_axis_value(
                axis, caucus_findings_config(chart->findings, 0, chart->over, ends[0], CAUCUS_NO_AXIS, 0), low),
            caucus_result_axis_value(
                axis, caucus_findings_config(chart->findings, 0, chart->over, ends[1], CAUCUS_NO_AXIS, 0), high));
}

static caucus_status print_all(const caucus_chart *chart, unsigned columns, FILE *to)
{
    sketch of = {.chart = chart, .to = to};
    uint64_t n_left = 0;
    TRY(go_through(&of, false, &n_left));
    const size_t beside = of.label + NAME + 4;
    const size_t room = (columns > LEAST_COLUMNS ? columns : LEAST_COLUMNS) - beside;
    const uint64_t length = chart->findings->lengths[chart->over];
    of.n = length < room ? length : room;
    of.wide = room / of.n < MOST_WIDE ? room / of.n : MOST_WIDE;
    print_heading(&of);
    TRY(go_through(&of, true, &n_left));
    if (n_left > 0) {
        fprintf(to, "  and %llu more cases: caucus report draws all\n", (unsigned long long)n_left);
    }
    return CAUCUS_OK;
}

caucus_status caucus_result_print_sketch(caucus_result *result, unsigned columns, FILE *to)
{
    static const caucus_report_options options = {0};
    caucus_findings findings = {0};
    caucus_overlay overlay = {0};
    caucus_chart chart = {0};
    caucus_status status = CAUCUS_OK;
    TRY_GOTO(caucus_findings_open(result, &findings), done);
    TRY_GOTO(caucus_report_settings_apply(&findings, &options, &chart, &overlay), done);
    if (chart.over != CAUCUS_NO_AXIS) {
        TRY_GOTO(print_all(&chart, columns, to), done);
    }
    if (fflush(to) != 0 || ferror(to)) {
        status = caucus_fail(CAUCUS_FAILED, "cannot print a sketch: %s", strerror(errno));
    }
done:
    caucus_report_settings_free(&chart);
    caucus_findings_close(&findings);
    return status;
}
