/* One collective of people with real-valued features: what it makes of a row, who joins, and how reliably members act.
 */
#include "config/strategy.h"
#include "experiment/sections.h"
#include "experiment/vector_file.h"
#include "population/row_table.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const caucus_range ANY = {.low = -CAUCUS_LARGEST_NUMBER, .high = CAUCUS_LARGEST_NUMBER};
static const char *const ADD_KEYS[] = {"vector", "scale"};
static const char *const MASK_KEYS[] = {"columns", "image", "at", "size", "value"};
static const char *const TERM_KEYS[] = {"from", "below"};
static const char *const NOISE_KEYS[] = {"compliance"};

static double scaled(const caucus_row_source *source, double value)
{
    return (value - source->mean) / source->scale;
}

/* ---- changes ----------------------------------------------------------------------------------------------------- */

static caucus_status open_map(const caucus_row_table *rows, caucus_row_map **map)
{
    const size_t d = rows->n_columns;
    TRY(caucus_alloc(1, sizeof **map, "a change", map));
    TRY(caucus_alloc(4 * d, sizeof *(*map)->factor, "a change", &(*map)->factor));
    (*map)->offset = (*map)->factor + d;
    (*map)->low = (*map)->factor + 2 * d;
    (*map)->high = (*map)->factor + 3 * d;
    for (size_t j = 0; j < d; j++) {
        (*map)->factor[j] = 1;
        (*map)->low[j] = -HUGE_VAL;
        (*map)->high[j] = HUGE_VAL;
    }
    return CAUCUS_OK;
}

static void set_number(const caucus_row_source *source, double value, caucus_row_map *map)
{
    map->factor[source->first_column] = 0;
    map->offset[source->first_column] = scaled(source, value);
}

static caucus_status read_set(caucus_document *document, const caucus_node *node, const char *what,
                              const caucus_population *population, caucus_row_map *map)
{
    char found[CAUCUS_HINT_BYTES];
    if (node->kind != CAUCUS_MAPPING || node->n_items == 0) {
        return caucus_document_fail(document, node, "write {feature: value}",
                                    "%s must be a mapping of features to values, not %s", what,
                                    caucus_node_describe(node, found));
    }
    for (uint32_t i = 0; i < node->n_items; i++) {
        const caucus_item *item = &node->items[i];
        uint32_t feature = 0;
        uint32_t value = 0;
        double number = 0;
        if (item->value == NULL) {
            continue;
        }
        TRY(caucus_read_feature(document, item->key, what, population, &feature));
        const caucus_row_source *source = &population->rows->sources[feature];
        if (source->numeric) {
            TRY(caucus_read_number(document, item->value, item->key->text, ANY, &number));
            set_number(source, number, map);
            continue;
        }
        TRY(caucus_read_value(document, item->value, population, feature, &value));
        for (uint32_t j = 0; j < source->n_columns; j++) {
            map->factor[source->first_column + j] = 0;
            map->offset[source->first_column + j] = j == value ? 1 : 0;
        }
    }
    return CAUCUS_OK;
}

static uint32_t count_numeric(const caucus_row_table *rows)
{
    uint32_t n = 0;
    for (uint32_t f = 0; f < rows->n_sources; f++) {
        n += rows->sources[f].numeric;
    }
    return n;
}

/* A number for every numeric feature, in the table's order. */
static caucus_status read_add(caucus_document *document, const caucus_node *node, const caucus_population *population,
                              caucus_row_map *map)
{
    const caucus_row_table *rows = population->rows;
    const caucus_node *vector = NULL;
    const caucus_vector_file *file = NULL;
    const caucus_node *scale_node = caucus_node_get(node, "scale");
    double scale = 1;
    TRY(caucus_read_keys(document, node, "add", ADD_KEYS, 2));
    TRY(caucus_read_required(document, node, "add", "vector",
                             "[0.1, -0.2, ...], a number for each numeric feature, or a file of them", &vector));
    if (vector->kind == CAUCUS_SCALAR) {
        TRY(caucus_vector_file_read(document, vector, &file));
    } else {
        TRY(caucus_read_list(document, vector, "vector"));
    }
    if (scale_node != NULL) {
        TRY(caucus_read_number(document, scale_node, "scale", ANY, &scale));
    }
    const size_t n = file != NULL ? file->n : vector->n_items;
    if (n != count_numeric(rows)) {
        return caucus_document_fail(document, vector, NULL, "vector has %zu numbers, but there are %u numeric features",
                                    n, count_numeric(rows));
    }
    uint32_t i = 0;
    for (uint32_t f = 0; f < rows->n_sources; f++) {
        const caucus_row_source *source = &rows->sources[f];
        double number = 0;
        if (source->numeric && file != NULL) {
            number = file->numbers[i++];
        } else if (source->numeric) {
            TRY(caucus_read_number(document, vector->items[i++].value, "a number of vector", ANY, &number));
        }
        if (source->numeric) {
            map->offset[source->first_column] += scale * number / source->scale;
        }
    }
    return CAUCUS_OK;
}

static caucus_status read_pair(caucus_document *document, const caucus_node *mapping, const char *key,
                               const char *example, uint64_t least, uint64_t pair[2])
{
    const caucus_node *node = NULL;
    TRY(caucus_read_required(document, mapping, "mask", key, example, &node));
    TRY(caucus_read_list(document, node, key));
    if (node->n_items != 2) {
        return caucus_document_fail(document, node, example, "%s must be two numbers, rows and columns", key);
    }
    TRY(caucus_read_count(document, node->items[0].value, key, least, 1u << 20, &pair[0]));
    return caucus_read_count(document, node->items[1].value, key, least, 1u << 20, &pair[1]);
}

/* A patch of a picture whose pixels are the numeric features, row by row. */
static caucus_status read_patch(caucus_document *document, const caucus_node *node, const caucus_row_table *rows,
                                double value, caucus_row_map *map)
{
    uint64_t image[2] = {0};
    uint64_t at[2] = {0};
    uint64_t size[2] = {0};
    TRY(read_pair(document, node, "image", "[8, 8]", 1, image));
    TRY(read_pair(document, node, "at", "[0, 0]", 0, at));
    TRY(read_pair(document, node, "size", "[2, 2]", 1, size));
    if (image[0] * image[1] != count_numeric(rows)) {
        return caucus_document_fail(document, caucus_node_get(node, "image"), NULL,
                                    "an image of %llu x %llu has %llu pixels, but there are %u numeric features",
                                    (unsigned long long)image[0], (unsigned long long)image[1],
                                    (unsigned long long)(image[0] * image[1]), count_numeric(rows));
    }
    if (at[0] + size[0] > image[0] || at[1] + size[1] > image[1]) {
        return caucus_document_fail(document, caucus_node_get(node, "size"), "rows and columns count from 0",
                                    "the patch does not lie in the image");
    }
    uint64_t pixel = 0;
    for (uint32_t f = 0; f < rows->n_sources; f++) {
        const caucus_row_source *source = &rows->sources[f];
        const uint64_t row = pixel / image[1];
        const uint64_t column = pixel % image[1];
        if (source->numeric && row >= at[0] && row < at[0] + size[0] && column >= at[1] && column < at[1] + size[1]) {
            set_number(source, value, map);
        }
        pixel += source->numeric;
    }
    return CAUCUS_OK;
}

static caucus_status read_mask(caucus_document *document, const caucus_node *node, const caucus_population *population,
                               caucus_row_map *map)
{
    const caucus_node *value_node = NULL;
    double value = 0;
    TRY(caucus_read_keys(document, node, "mask", MASK_KEYS, 5));
    TRY(caucus_read_required(document, node, "mask", "value", "16, what the masked numbers become", &value_node));
    TRY(caucus_read_number(document, value_node, "value", ANY, &value));
    const caucus_node *columns = caucus_node_get(node, "columns");
    if (columns == NULL) {
        return read_patch(document, node, population->rows, value, map);
    }
    for (uint32_t i = 1; i < 4; i++) {
        const caucus_node *other = caucus_node_get(node, MASK_KEYS[i]);
        if (other != NULL) {
            return caucus_document_fail(document, other, "keep columns, or the patch",
                                        "a mask names columns or a patch of an image, and this one has %s too",
                                        MASK_KEYS[i]);
        }
    }
    TRY(caucus_read_list(document, columns, "columns"));
    for (uint32_t i = 0; i < columns->n_items; i++) {
        uint32_t feature = 0;
        const char *name = NULL;
        TRY(caucus_read_text(document, columns->items[i].value, "a column", &name));
        TRY(caucus_read_feature(document, columns->items[i].value, "mask", population, &feature));
        if (!population->rows->sources[feature].numeric) {
            return caucus_document_fail(document, columns->items[i].value, "change it by set",
                                        "mask: %s is a category, not a number", name);
        }
        set_number(&population->rows->sources[feature], value, map);
    }
    return CAUCUS_OK;
}

/* Keep changed numbers within [low, high]. */
static caucus_status read_box(caucus_document *document, const caucus_node *node, const caucus_row_table *rows,
                              caucus_row_map *map)
{
    double ends[2];
    TRY(caucus_read_list(document, node, "box"));
    if (node->n_items != 2) {
        return caucus_document_fail(document, node, "write box: [0, 16]",
                                    "box must be two numbers, lowest and highest");
    }
    TRY(caucus_read_number(document, node->items[0].value, "box", ANY, &ends[0]));
    TRY(caucus_read_number(document, node->items[1].value, "box", ANY, &ends[1]));
    if (!(ends[0] <= ends[1])) {
        return caucus_document_fail(document, node, NULL, "box: the lowest is above the highest");
    }
    for (uint32_t f = 0; f < rows->n_sources; f++) {
        const caucus_row_source *source = &rows->sources[f];
        if (source->numeric) {
            map->low[source->first_column] = scaled(source, ends[0]);
            map->high[source->first_column] = scaled(source, ends[1]);
        }
    }
    return CAUCUS_OK;
}

static caucus_status read_map(caucus_document *document, const caucus_collective_nodes *nodes,
                              const caucus_population *population, caucus_collective *collective)
{
    if (nodes->set == NULL && nodes->add == NULL && nodes->mask == NULL) {
        return caucus_document_fail(document, nodes->place,
                                    "add set: {feature: value}, add: {vector: [...]}, or mask: {...}",
                                    "%s lacks what its members change", nodes->what);
    }
    TRY(open_map(population->rows, &collective->map));
    if (nodes->add != NULL) {
        TRY(read_add(document, nodes->add, population, collective->map));
    }
    if (nodes->mask != NULL) {
        TRY(read_mask(document, nodes->mask, population, collective->map));
    }
    if (nodes->set != NULL) {
        TRY(read_set(document, nodes->set, "set", population, collective->map));
    }
    return nodes->box != NULL ? read_box(document, nodes->box, population->rows, collective->map) : CAUCUS_OK;
}

static caucus_status read_outside(caucus_document *document, const caucus_collective_nodes *nodes,
                                  const caucus_population *population, caucus_collective *collective)
{
    const bool wanted = collective->strategy == CAUCUS_FEATURE_ONLY;
    if (nodes->outside == NULL && wanted) {
        return caucus_document_fail(document, nodes->place,
                                    "add outside: {feature: value}, or write strategy: feature_only_keep",
                                    "%s lacks \"outside\", what its members with another label hand in", nodes->what);
    }
    if (nodes->outside == NULL) {
        return CAUCUS_OK;
    }
    if (!wanted) {
        return caucus_document_fail(document, nodes->outside, "leave it out",
                                    "outside belongs to strategy feature_only, not to %s",
                                    caucus_strategy_names[collective->strategy]);
    }
    TRY(open_map(population->rows, &collective->outside_map));
    return read_set(document, nodes->outside, "outside", population, collective->outside_map);
}

/* ---- who joins --------------------------------------------------------------------------------------------------- */

/* from <= number < below */
static caucus_status read_range(caucus_document *document, const caucus_item *item, const caucus_row_source *source,
                                caucus_row_term *term)
{
    char found[CAUCUS_HINT_BYTES];
    double low = -HUGE_VAL;
    double below = HUGE_VAL;
    if (item->value->kind != CAUCUS_MAPPING) {
        return caucus_document_fail(document, item->value, "write {from: 18, below: 65}, or one of the two",
                                    "members: %s is a number, of which a range may join, not %s", item->key->text,
                                    caucus_node_describe(item->value, found));
    }
    TRY(caucus_read_keys(document, item->value, "a range of members", TERM_KEYS, 2));
    const caucus_node *from_node = caucus_node_get(item->value, "from");
    const caucus_node *below_node = caucus_node_get(item->value, "below");
    if (from_node == NULL && below_node == NULL) {
        return caucus_document_fail(document, item->value, "write {from: 18, below: 65}, or one of the two",
                                    "members: the range of %s has no end", item->key->text);
    }
    if (from_node != NULL) {
        TRY(caucus_read_number(document, from_node, "from", ANY, &low));
    }
    if (below_node != NULL) {
        TRY(caucus_read_number(document, below_node, "below", ANY, &below));
    }
    if (!(low < below)) {
        return caucus_document_fail(document, item->value, NULL, "members: no number is from %g and below %g", low,
                                    below);
    }
    TRY(caucus_alloc(1, sizeof *term->columns, "members", &term->columns));
    term->n_columns = 1;
    term->columns[0] = source->first_column;
    term->low = scaled(source, low);
    term->below = scaled(source, below);
    return CAUCUS_OK;
}

static caucus_status read_values(caucus_document *document, const caucus_item *item,
                                 const caucus_population *population, uint32_t feature, caucus_row_term *term)
{
    const bool list = item->value->kind == CAUCUS_SEQUENCE;
    const uint32_t n = list ? item->value->n_items : 1;
    TRY(caucus_alloc(n, sizeof *term->columns, "members", &term->columns));
    for (uint32_t i = 0; i < n; i++) {
        uint32_t value = 0;
        TRY(caucus_read_value(document, list ? item->value->items[i].value : item->value, population, feature, &value));
        term->columns[i] = population->rows->sources[feature].first_column + value;
    }
    term->n_columns = n;
    term->low = 0.5;
    term->below = HUGE_VAL;
    return CAUCUS_OK;
}

static caucus_status read_members(caucus_document *document, const caucus_collective_nodes *nodes,
                                  const caucus_config *config, caucus_collective *collective)
{
    const caucus_population *population = config->population;
    const caucus_node *node = nodes->members;
    char found[CAUCUS_HINT_BYTES];
    if (nodes->affinity != NULL) {
        TRY(caucus_read_affinity(document, nodes, config, collective));
    }
    if (nodes->membership != NULL) {
        return caucus_document_fail(
            document, nodes->membership, "leave it out",
            "membership is what bounds over cells assume; those on real-valued features take members "
            "as they are drawn");
    }
    if (node == NULL) {
        return CAUCUS_OK;
    }
    if (node->kind != CAUCUS_MAPPING || node->n_items == 0) {
        return caucus_document_fail(document, node, "write {feature: value} or {number: {from: 18, below: 65}}",
                                    "members must be a mapping of features, not %s", caucus_node_describe(node, found));
    }
    TRY(caucus_alloc(node->n_items, sizeof *collective->row_terms, "members", &collective->row_terms));
    for (uint32_t i = 0; i < node->n_items; i++) {
        uint32_t feature = 0;
        if (node->items[i].value == NULL) {
            continue;
        }
        TRY(caucus_read_feature(document, node->items[i].key, "members", population, &feature));
        const caucus_row_source *source = &population->rows->sources[feature];
        caucus_row_term *term = &collective->row_terms[collective->n_row_terms++];
        TRY(source->numeric ? read_range(document, &node->items[i], source, term)
                            : read_values(document, &node->items[i], population, feature, term));
    }
    return CAUCUS_OK;
}

static caucus_status read_noise(caucus_document *document, const caucus_node *node, caucus_collective *collective)
{
    const caucus_range range = {.low = 0, .high = 1};
    collective->compliance = 1;
    if (node == NULL) {
        return CAUCUS_OK;
    }
    const caucus_node *miss = caucus_node_get(node, "miss");
    double missed = 0;
    if (miss != NULL) {
        TRY(caucus_read_number(document, miss, "miss", range, &missed));
    }
    if (missed > 0) {
        return caucus_document_fail(
            document, miss, "leave it out, or lower compliance",
            "miss needs features of a few values: a number that is missed has no value to take");
    }
    if (miss == NULL) {
        TRY(caucus_read_keys(document, node, "noise", NOISE_KEYS, 1));
    }
    const caucus_node *compliance = caucus_node_get(node, "compliance");
    return compliance != NULL ? caucus_read_number(document, compliance, "compliance", range, &collective->compliance)
                              : CAUCUS_OK;
}

static caucus_status read_people(caucus_document *document, const caucus_collective_nodes *nodes,
                                 const caucus_config *config, caucus_collective *collective)
{
    if (nodes->pilot != NULL) {
        return caucus_document_fail(document, nodes->pilot, "leave it out",
                                    "pilot is for people in cells, not for those with real-valued features");
    }
    TRY(read_outside(document, nodes, config->population, collective));
    TRY(read_members(document, nodes, config, collective));
    return read_noise(document, nodes->noise, collective);
}

caucus_status caucus_read_row_collective(caucus_document *document, const caucus_collective_nodes *nodes,
                                         const caucus_config *config, caucus_collective *collective)
{
    const caucus_population *population = config->population;
    TRY(read_map(document, nodes, population, collective));
    if (collective->strategy == CAUCUS_ERASE) {
        return nodes->target == NULL
                   ? read_people(document, nodes, config, collective)
                   : caucus_document_fail(document, nodes->target, "leave it out", "erase has no target");
    }
    if (nodes->target == NULL) {
        char hint[CAUCUS_HINT_BYTES];
        return caucus_document_fail(
            document, nodes->place,
            caucus_hint_names(hint, NULL, (const char *const *)population->label.values, population->n_labels),
            "%s lacks \"target\"", nodes->what);
    }
    TRY(caucus_read_label(document, nodes->target, "target", population, &collective->target));
    return read_people(document, nodes, config, collective);
}
