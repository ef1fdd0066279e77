/* caucus_plot_write: the curves of a result, or critical masses, as one figure for a paper. */
#include "base/output.h"
#include "base/text_stream.h"
#include "report/markup.h"
#include "report/settings.h"
#include "report/solution.h"
#include "report/style.h"

#include <errno.h>
#include <math.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

enum { PANEL_HEIGHT = 190, KEY_HEIGHT = 15, MOST_PANELS = 48 };

typedef struct paper_figure {
    caucus_chart chart;
    double width;
    uint64_t *panels; /* that are drawn */
    uint64_t n_panels;
    uint32_t columns;
} paper_figure;

static void begin(double width, double height, FILE *to)
{
    fprintf(to,
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%.0fpt\" "
            "height=\"%.0fpt\" viewBox=\"0 0 %.0f %.0f\">\n<style>\n",
            width, height, width, height);
    caucus_style_put_paper(to);
    fputs("</style>\n", to);
}

/* A line's name, narrowed where a column has no room for it. */
static caucus_status put_name(const paper_figure *figure, const caucus_series *series, double y, FILE *to)
{
    static const char what[] = "the name of a line";
    static const double character = 6.1; /* mean width */
    enum { LEFT = 36 };
    caucus_text_stream name;
    TRY(caucus_text_stream_open(&name, what));
    caucus_chart_series_name(&figure->chart, series, name.to);
    TRY(caucus_text_stream_close(&name, what));
    const double room = (figure->width - LEFT) / (character * caucus_markup_length(name.text));
    fprintf(to, "<text transform=\"translate(%d %.1f) scale(%.3f 1)\">%s</text>\n", LEFT, y, fmin(room, 1), name.text);
    free(name.text);
    return CAUCUS_OK;
}

static caucus_status put_keys(const paper_figure *figure, const caucus_series *series, uint32_t n, FILE *to)
{
    for (uint32_t s = 0; s < n; s++) {
        const double y = 10 + KEY_HEIGHT * s;
        fprintf(to, "<path class=\"line s%u d%u\" d=\"M8 %.1fH30\"/>", series[s].colour, series[s].dash, y);
        TRY(put_name(figure, &series[s], y + 4, to));
    }
    if (figure->chart.overlay != NULL) {
        const double y = 10 + KEY_HEIGHT * n;
        fprintf(to,
                "<path class=\"published\" d=\"M16 %.1fl6 6m0 -6l-6 6\"/><text x=\"36\" y=\"%.1f\">published</text>\n",
                y - 3, y + 4);
    }
    return CAUCUS_OK;
}

static caucus_status write_figure(const void *context, FILE *to)
{
    const paper_figure *figure = context;
    caucus_series series[CAUCUS_MOST_SERIES];
    const uint32_t n_series = caucus_chart_series(&figure->chart, series);
    const double keys = KEY_HEIGHT * (n_series + (figure->chart.overlay != NULL)) + 8;
    const uint64_t rows = (figure->n_panels + figure->columns - 1) / figure->columns;
    begin(figure->width, keys + PANEL_HEIGHT * (double)rows, to);
    TRY(put_keys(figure, series, n_series, to));
    for (uint64_t panel = 0; panel < figure->n_panels; panel++) {
        const uint64_t row = panel / figure->columns;
        const uint64_t column = panel % figure->columns;
        fprintf(to, "<g transform=\"translate(%.1f %.1f)\">\n", figure->chart.width * (double)column,
                keys + PANEL_HEIGHT * (double)row);
        TRY(caucus_chart_curves(&figure->chart, figure->panels[panel], to));
        fputs("</g>\n", to);
    }
    fputs("</svg>\n", to);
    return CAUCUS_OK;
}

static caucus_status write_masses(const void *context, FILE *to)
{
    const caucus_bars *bars = context;
    begin(caucus_bars_width(bars), caucus_bars_height(bars), to);
    caucus_bars_draw(bars, "members", to);
    fputs("</svg>\n", to);
    return CAUCUS_OK;
}

/* ---- formats ----------------------------------------------------------------------------------------------------- */

/* A figure through rsvg-convert (Debian: librsvg2-bin), which draws SVG by cairo. */
typedef struct paper_conversion {
    caucus_status (*write)(const void *context, FILE *to);
    const void *context;
    const char *format;
} paper_conversion;

static caucus_status run_converter(const char *format, FILE *from, FILE *to)
{
    char option[32];
    snprintf(option, sizeof option, "--format=%s", format);
    char zoom[] = "--zoom=2"; /* of pixels: twice the screen's */
    char program[] = "rsvg-convert";
    char *arguments[] = {program, option, strcmp(format, "png") == 0 ? zoom : NULL, NULL};
    posix_spawn_file_actions_t actions;
    pid_t child = 0;
    int state = 0;
    rewind(from);
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, fileno(from), STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, fileno(to), STDOUT_FILENO);
    const int error = posix_spawnp(&child, program, &actions, NULL, arguments, environ);
    posix_spawn_file_actions_destroy(&actions);
    if (error != 0) {
        return caucus_fail(
            CAUCUS_FAILED,
            "a figure as %s needs the program rsvg-convert (Debian: librsvg2-bin), which cannot be run: %s; "
            "a name that ends in .svg needs nothing",
            format, strerror(error));
    }
    while (waitpid(child, &state, 0) < 0 && errno == EINTR) {
    }
    if (!WIFEXITED(state) || WEXITSTATUS(state) != 0) {
        return caucus_fail(CAUCUS_FAILED, "rsvg-convert could not make %s of the figure", format);
    }
    return CAUCUS_OK;
}

static caucus_status write_converted(const void *context, FILE *to)
{
    const paper_conversion *conversion = context;
    FILE *svg = tmpfile();
    if (svg == NULL) {
        return caucus_fail(CAUCUS_FAILED, "cannot make a temporary file: %s", strerror(errno));
    }
    caucus_status status = conversion->write(conversion->context, svg);
    if (status == CAUCUS_OK && (fflush(svg) != 0 || ferror(svg))) {
        status = caucus_fail(CAUCUS_FAILED, "cannot write a temporary file: %s", strerror(errno));
    }
    if (status == CAUCUS_OK) {
        status = run_converter(conversion->format, svg, to);
    }
    fclose(svg);
    return status;
}

static caucus_status choose_format(const char *output, const char **format)
{
    static const char *const formats[] = {"svg", "pdf", "png"};
    const char *dot = strrchr(output, '.');
    for (size_t i = 0; dot != NULL && i < sizeof formats / sizeof formats[0]; i++) {
        if (strcmp(dot + 1, formats[i]) == 0) {
            *format = formats[i];
            return CAUCUS_OK;
        }
    }
    return caucus_fail(CAUCUS_INVALID, "%s: the name of a figure ends in .svg, .pdf or .png", output);
}

static caucus_status publish(const caucus_report_options *options, const paper_conversion *conversion)
{
    return strcmp(conversion->format, "svg") == 0
               ? caucus_output_write(options->output, options->force, conversion->write, conversion->context)
               : caucus_output_write(options->output, options->force, write_converted, conversion);
}

/* ---- figures ----------------------------------------------------------------------------------------------------- */

static caucus_status choose_width(const caucus_report_options *options, double *width)
{
    *width = options->width == 0 ? 504 : options->width;
    if (!(*width >= 150 && *width <= 5000)) {
        return caucus_fail(CAUCUS_INVALID,
                           "a figure is 150 to 5000 points wide, not %g; a column of a paper is about 240", *width);
    }
    return CAUCUS_OK;
}

static caucus_status lay_out(const caucus_findings *findings, const caucus_report_options *options,
                             caucus_overlay *overlay, paper_figure *figure)
{
    TRY(caucus_report_settings_apply(findings, options, &figure->chart, overlay));
    if (figure->chart.over == CAUCUS_NO_AXIS) {
        return caucus_fail(CAUCUS_INVALID,
                           "there is nothing to draw a curve over: the sweep has no numeric axis of two "
                           "values or more");
    }
    TRY(choose_width(options, &figure->width));
    TRY(caucus_report_settings_panels(&figure->chart, options, &figure->panels, &figure->n_panels));
    if (figure->n_panels > MOST_PANELS) {
        return caucus_fail(CAUCUS_INVALID,
                           "these are %llu panels, and a figure shows at most %d: choose some with --panel "
                           "AXIS=VALUE, or make a report",
                           (unsigned long long)figure->n_panels, MOST_PANELS);
    }
    figure->columns = figure->width < 400 ? 1 : (uint32_t)(figure->width / 240);
    figure->columns = figure->n_panels < figure->columns ? (uint32_t)figure->n_panels : figure->columns;
    figure->chart.width = fmin(figure->width / figure->columns, 380);
    figure->chart.height = PANEL_HEIGHT;
    return CAUCUS_OK;
}

static caucus_status plot_curves(const char *path, const caucus_report_options *options, paper_conversion *conversion)
{
    caucus_result *result = NULL;
    caucus_findings findings = {0};
    caucus_overlay overlay = {0};
    paper_figure figure = {0};
    TRY(caucus_result_open(path, &result));
    caucus_status status = CAUCUS_OK;
    TRY_GOTO(caucus_findings_open(result, &findings), done);
    TRY_GOTO(lay_out(&findings, options, &overlay, &figure), done);
    conversion->write = write_figure;
    conversion->context = &figure;
    TRY_GOTO(publish(options, conversion), done);
done:
    conversion->context = NULL; /* it goes with this call */
    free(figure.panels);
    caucus_report_settings_free(&figure.chart);
    caucus_overlay_free(&overlay);
    caucus_findings_close(&findings);
    caucus_result_close(result);
    return status;
}

static caucus_status plot_masses(const char *path, const caucus_report_options *options, paper_conversion *conversion)
{
    enum { MOST_BARS = 120 };
    caucus_masses masses;
    caucus_bars bars = {0};
    uint64_t n_left = 0;
    TRY(caucus_masses_check_options(path, options));
    TRY(choose_width(options, &bars.width));
    TRY(caucus_masses_read(path, &masses));
    caucus_status status = CAUCUS_OK;
    bars.left = fmin(0.45 * bars.width, 230);
    TRY_GOTO(caucus_masses_bars(&masses, MOST_BARS, &bars, &n_left), done);
    if (n_left > 0) {
        status = caucus_fail(CAUCUS_INVALID, "%s has %llu configurations, too many for a figure: make a report", path,
                             (unsigned long long)masses.about.identity.n_configs);
        goto done;
    }
    conversion->write = write_masses;
    conversion->context = &bars;
    TRY_GOTO(publish(options, conversion), done);
done:
    conversion->context = NULL; /* it goes with this call */
    caucus_bars_free(&bars);
    caucus_masses_free(&masses);
    return status;
}

caucus_status caucus_plot_write(const char *path, const caucus_report_options *options)
{
    paper_conversion conversion = {0};
    if (options == NULL || options->output == NULL) {
        return caucus_fail(CAUCUS_INVALID, "a figure needs the name of a file to write");
    }
    TRY(choose_format(options->output, &conversion.format));
    bool masses = false;
    TRY(caucus_masses_are_in(path, &masses));
    return masses ? plot_masses(path, options, &conversion) : plot_curves(path, options, &conversion);
}
