/* The page about bounds that caucus bound printed as JSON: of a collective before it acts, or of documents of counts.
 */
#include "base/number.h"
#include "base/output.h"
#include "experiment/document.h"
#include "population/table.h"
#include "report/markup.h"
#include "report/page.h"

#include <math.h>
#include <string.h>

enum { MOST_ROWS = 4000 };

typedef struct bounds_page {
    const caucus_node *root;
    const char *path;
} bounds_page;

static bool is_number(const caucus_node *node, double *value)
{
    return node != NULL && node->kind == CAUCUS_SCALAR && !node->quoted &&
           caucus_number_parse(node->text, strlen(node->text), value);
}

static bool is_null(const caucus_node *node)
{
    return node == NULL || (node->kind == CAUCUS_SCALAR && !node->quoted && strcmp(node->text, "null") == 0);
}

static double number_of(const caucus_node *mapping, const char *key)
{
    double value = NAN;
    return is_number(caucus_node_get(mapping, key), &value) ? value : NAN;
}

static void put_text(const caucus_node *mapping, const char *key, FILE *to)
{
    const caucus_node *node = caucus_node_get(mapping, key);
    if (node != NULL && node->kind == CAUCUS_SCALAR) {
        caucus_markup_text(to, node->text);
    }
}

static void put_heading(const char *key, FILE *to)
{
    fputs("<th>", to);
    for (; *key != '\0'; key++) {
        const char one[2] = {*key == '_' ? ' ' : *key, '\0'};
        caucus_markup_text(to, one);
    }
}

/* ---- values ------------------------------------------------------------------------------------------------------ */

static void put_bound(double value, FILE *to)
{
    fprintf(to, "<td class=\"n bar\" style=\"--p:%.1f%%\" data-v=\"%.17g\">%.4f", 100 * fmin(fmax(value, 0), 1), value,
            value);
}

/* A cell of a table: a number (a bound with a bar), a text, or "a = b, c = d" of a mapping. */
static void put_value(const char *key, const caucus_node *node, FILE *to)
{
    char text[CAUCUS_MARKUP_NUMBER];
    double value = 0;
    if (is_null(node)) {
        fputs("<td class=\"n\">–", to);
    } else if (is_number(node, &value)) {
        if (strstr(key, "bound") != NULL) {
            put_bound(value, to);
        } else {
            fprintf(to, "<td class=\"n\" data-v=\"%.17g\">%s", value, caucus_markup_number(value, text));
        }
    } else if (node->kind == CAUCUS_SCALAR) {
        fputs("<td>", to);
        caucus_markup_text(to, node->text);
    } else {
        fputs("<td>", to);
        for (uint32_t i = 0; i < node->n_items; i++) {
            fputs(i > 0 ? ", " : "", to);
            if (node->items[i].key != NULL) {
                caucus_markup_text(to, node->items[i].key->text);
                fputs(" = ", to);
            }
            caucus_markup_text(to, node->items[i].value->kind == CAUCUS_SCALAR ? node->items[i].value->text : "...");
        }
    }
}

/* A method with its bound, where there is one: two cells. */
static void put_method(const caucus_node *best, FILE *to)
{
    fputs("<td>", to);
    if (is_null(best)) {
        fputs("–<td class=\"n\">–", to);
        return;
    }
    put_text(best, "family", to);
    fputs("/", to);
    put_text(best, "knowledge", to);
    fputs("/", to);
    put_text(best, "inequality", to);
    put_value("bound", caucus_node_get(best, "bound"), to);
}

/* ---- tables ------------------------------------------------------------------------------------------------------ */

/* A list of mappings: columns as in the first one. */
static void put_rows(const caucus_node *rows, const char *id, FILE *to)
{
    const caucus_node *first = rows->items[0].value;
    fprintf(to, "<div class=\"wide\"><table%s><thead><tr>", id);
    for (uint32_t i = 0; i < first->n_items; i++) {
        put_heading(first->items[i].key->text, to);
    }
    fputs("</tr></thead><tbody>\n", to);
    for (uint32_t r = 0; r < rows->n_items && r < MOST_ROWS; r++) {
        fputs("<tr>", to);
        for (uint32_t i = 0; i < first->n_items; i++) {
            const char *key = first->items[i].key->text;
            put_value(key, caucus_node_get(rows->items[r].value, key), to);
        }
        fputs("</tr>\n", to);
    }
    fputs("</tbody></table></div>\n", to);
    if (rows->n_items > MOST_ROWS) {
        fprintf(to, "<p class=\"dim\">%u more rows are in the file.</p>\n", rows->n_items - MOST_ROWS);
    }
}

/* A mapping from something to the best bound there. */
static void put_best_by(const caucus_node *root, const char *key, const char *heading, const char *what, FILE *to)
{
    const caucus_node *by = caucus_node_get(root, key);
    if (by == NULL || by->kind != CAUCUS_MAPPING || by->n_items == 0) {
        return;
    }
    fprintf(to, "<h2>%s</h2>\n<div class=\"wide\"><table><tr><th>%s<th>method<th>bound</tr>\n", heading, what);
    for (uint32_t i = 0; i < by->n_items; i++) {
        fputs("<tr><td>", to);
        caucus_markup_text(to, by->items[i].key->text);
        put_method(by->items[i].value, to);
        fputs("</tr>\n", to);
    }
    fputs("</table></div>\n", to);
}

static void put_more_members(const caucus_node *root, FILE *to)
{
    const caucus_node *more = caucus_node_get(root, "more_members");
    char number[CAUCUS_MARKUP_NUMBER];
    if (more == NULL || more->kind != CAUCUS_SEQUENCE || more->n_items == 0) {
        return;
    }
    fputs("<h2>With more members like these</h2>\n<div class=\"wide\"><table><tr><th>members<th>method<th>bound</tr>\n",
          to);
    for (uint32_t i = 0; i < more->n_items; i++) {
        const caucus_node *growth = more->items[i].value;
        fprintf(to, "<tr><td class=\"n\">%s", caucus_markup_number(number_of(growth, "members"), number));
        put_method(caucus_node_get(growth, "best"), to);
        fputs("</tr>\n", to);
    }
    fputs("</table></div>\n", to);
}

/* ---- a collective before it acts --------------------------------------------------------------------------------- */

static void put_facts(const caucus_node *root, FILE *to)
{
    char text[CAUCUS_MARKUP_NUMBER];
    fputs("<ul class=\"facts\">", to);
    for (uint32_t i = 0; i < root->n_items; i++) {
        const caucus_node *value = root->items[i].value;
        double number = 0;
        if (value->kind != CAUCUS_SCALAR) {
            continue;
        }
        fputs("<li>", to);
        caucus_markup_text(to, root->items[i].key->text);
        fputs(" <b>", to);
        caucus_markup_text(to, is_number(value, &number) ? caucus_markup_number(number, text) : value->text);
        fputs("</b></li>", to);
    }
    fputs("</ul>\n", to);
}

static void put_words(const caucus_node *root, FILE *to)
{
    const caucus_node *best = caucus_node_get(root, "best");
    const caucus_node *goal = caucus_node_get(root, "goal");
    const double bound = number_of(best, "bound");
    char members[CAUCUS_MARKUP_NUMBER];
    char wanted[CAUCUS_MARKUP_NUMBER];
    fputs("<ul class=\"say\"><li>", to);
    caucus_markup_number(number_of(root, "members"), members);
    if (bound > 0) {
        fprintf(to,
                "With <b>%s</b> members a success of at least <b>%.1f %%</b> is sure, up to the probability of failing "
                "that is allowed.",
                members, 100 * bound);
    } else {
        fprintf(to, "With <b>%s</b> members no success is sure.", members);
    }
    fputs("</li>\n", to);
    const caucus_node *reached = caucus_node_get(goal, "reached");
    if (goal != NULL && reached != NULL && reached->kind == CAUCUS_SCALAR) {
        const bool is_reached = strcmp(reached->text, "true") == 0;
        caucus_markup_number(number_of(goal, is_reached ? "members" : "room"), wanted);
        fprintf(to,
                is_reached ? "<li>To be sure of %.1f %%, it takes <b>%s</b> members like these.</li>\n"
                           : "<li>%.1f %% cannot be sure, not with <b>%s</b> members like these, the most there is "
                             "room for.</li>\n",
                100 * number_of(goal, "goal"), wanted);
    }
    fputs("</ul>\n", to);
}

static void write_advice(const caucus_node *root, FILE *to)
{
    const caucus_node *cells = caucus_node_get(root, "cells");
    const caucus_node *name = caucus_node_get(root, "collective");
    caucus_page_begin(name != NULL && name->kind == CAUCUS_SCALAR ? name->text : "bounds", to);
    caucus_page_badge("before it acts", true, to);
    caucus_page_heading_end(to);
    put_facts(root, to);
    put_words(root, to);
    fputs("<h2>What each method promises</h2>\n", to);
    put_rows(caucus_node_get(root, "bounds"), "", to);
    put_more_members(root, to);
    put_best_by(root, "by_knowledge", "Knowing more of the others", "knowledge", to);
    put_best_by(root, "by_target", "Other targets", "target", to);
    if (cells != NULL && cells->kind == CAUCUS_SEQUENCE && cells->n_items > 0) {
        fputs("<h2>Cells</h2>\n<p class=\"dim\">Which of the cells that show the signal answer it, and what "
              "resists.</p>\n"
              "<div class=\"keys\" data-script hidden><input id=\"find\" placeholder=\"filter\" aria-label=\"filter\" "
              "size=\"30\"><span class=\"dim\">click a heading to sort; <span id=\"count\"></span></span></div>\n",
              to);
        put_rows(cells, " id=\"all\"", to);
    }
}

static void write_list(const caucus_node *root, FILE *to)
{
    caucus_page_begin("Bounds", to);
    caucus_page_heading_end(to);
    fputs("<div class=\"keys\" data-script hidden><input id=\"find\" placeholder=\"filter\" aria-label=\"filter\" "
          "size=\"30\"><span class=\"dim\">click a heading to sort; <span id=\"count\"></span></span></div>\n",
          to);
    put_rows(root, " id=\"all\"", to);
}

/* ---- the file ---------------------------------------------------------------------------------------------------- */

static bool is_list_of_bounds(const caucus_node *node)
{
    bool is = node != NULL && node->kind == CAUCUS_SEQUENCE && node->n_items > 0;
    for (uint32_t i = 0; is && i < node->n_items; i++) {
        const caucus_node *row = node->items[i].value;
        is = row->kind == CAUCUS_MAPPING && caucus_node_get(row, "bound") != NULL;
    }
    return is;
}

static bool is_list_of_mappings(const caucus_node *node)
{
    bool is = node->kind == CAUCUS_SEQUENCE;
    for (uint32_t i = 0; is && i < node->n_items; i++) {
        is = node->items[i].value->kind == CAUCUS_MAPPING;
    }
    return is;
}

/* Whether lists in it are made of mappings, as caucus bound makes them: somebody may have edited the file. */
static bool is_advice(const caucus_node *root)
{
    bool is = root->kind == CAUCUS_MAPPING && is_list_of_bounds(caucus_node_get(root, "bounds"));
    for (uint32_t i = 0; is && i < root->n_items; i++) {
        is = root->items[i].value->kind != CAUCUS_SEQUENCE || is_list_of_mappings(root->items[i].value);
    }
    return is;
}

static caucus_status write_page(const void *context, FILE *to)
{
    const bounds_page *page = context;
    if (page->root->kind == CAUCUS_MAPPING) {
        write_advice(page->root, to);
    } else {
        write_list(page->root, to);
    }
    fputs("<h2>How this was made</h2>\n<pre>caucus report ", to);
    caucus_markup_shell_word(to, page->path);
    fputs("</pre>\n<p class=\"dim\">From what <code>caucus bound --format json</code> printed. Bounds: Gauthier, Bach "
          "&amp; "
          "Jordan 2025 (arXiv 2502.04879), Battiloro et al. 2025 (arXiv 2508.19149) and 2026 (arXiv 2605.06749).</p>\n",
          to);
    caucus_page_end(to);
    return CAUCUS_OK;
}

typedef struct bounds_work {
    const char *path;
    const caucus_report_options *options;
} bounds_work;

static caucus_status make_page(void *data)
{
    const bounds_work *work = data;
    caucus_document *document = NULL;
    if (caucus_document_read(work->path, "page of bounds", &document) != CAUCUS_OK) {
        caucus_error_prefix(
            "%s is neither a result of caucus nor bounds that caucus bound printed with --format json: ", work->path);
        return CAUCUS_INVALID;
    }
    caucus_status status = CAUCUS_OK;
    if (!is_advice(document->root) && !is_list_of_bounds(document->root)) {
        status = caucus_fail(CAUCUS_INVALID,
                             "%s is neither a result of caucus nor bounds that caucus bound printed with --format json",
                             work->path);
    } else {
        const bounds_page page = {document->root, work->path};
        status = caucus_output_write(work->options->output, work->options->force, write_page, &page);
    }
    caucus_document_close(document);
    return status;
}

caucus_status caucus_page_bounds(const char *path, const caucus_report_options *options)
{
    bounds_work work = {path, options};
    return caucus_with_plain_numbers(make_page, &work);
}
