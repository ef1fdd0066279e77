/* The YAML document behind an experiment: a tree of nodes that know where they were written.
 *
 * libfyaml scans the text; the tree is ours, so that settings and sweeps can put other values in and every complaint
 * still points at the line that a person has to change. All nodes live as long as the document. */
#ifndef CAUCUS_EXPERIMENT_DOCUMENT_H
#define CAUCUS_EXPERIMENT_DOCUMENT_H

#include "base/status.h"

typedef enum caucus_node_kind { CAUCUS_SCALAR, CAUCUS_SEQUENCE, CAUCUS_MAPPING } caucus_node_kind;

typedef struct caucus_node caucus_node;

typedef struct caucus_item {
    const caucus_node *key; /* NULL in a sequence */
    caucus_node *value;     /* NULL: a place made for a sweep, without a value yet; counts as absent */
} caucus_item;

struct caucus_node {
    caucus_node_kind kind;
    bool quoted;      /* scalar: in quotes or a block, so never a number */
    const char *text; /* scalar: UTF-8, without NUL inside */
    uint32_t n_items;
    uint32_t capacity;
    caucus_item *items;              /* mapping, sequence */
    struct caucus_node_index *index; /* of a mapping with many keys, else NULL */
    size_t begin, end;               /* bytes of the file; meaningless when setting is given */
    const char *setting;             /* the PATH=VALUE that put it here, or NULL: the file did */
};

enum { CAUCUS_HINT_BYTES = 512, CAUCUS_DETAIL_BYTES = 1536 };

typedef struct caucus_document {
    struct caucus_vector_file
        *vectors; /* files of numbers that were read; the experiment frees them (experiment/vector_file.h) */
    char *path;
    const char *what; /* in messages: "experiment" */
    char *source;     /* the file's bytes */
    size_t length;
    caucus_node *root; /* a mapping, when it is an experiment */
    size_t n_nodes;
    struct caucus_chunk *chunks; /* memory of nodes and texts */
    struct {                     /* the last complaint, so that a sweep can say it again with its values */
        const caucus_node *at;
        char detail[CAUCUS_DETAIL_BYTES];
        char hint[CAUCUS_HINT_BYTES];
    } failure;
} caucus_document;

/* Read a file and apply settings PATH=VALUE in their order. CAUCUS_INVALID at file:line:column for what is no YAML, bad
 * UTF-8, duplicate keys, tags, unknown aliases; CAUCUS_FAILED when the file cannot be read. */
caucus_status caucus_document_open(const char *path, const char *const *settings, size_t n_settings,
                                   caucus_document **document);
void caucus_document_close(caucus_document *document);

/* The same for a text that caucus_document_emit made; path: where it was stored, for messages. */
caucus_status caucus_document_recall(const char *text, const char *path, caucus_document **document);

/* The same for a file of another kind, with anything at its top and no settings. path "-" reads standard input. what:
 * the kind in messages ("counts document"), must outlive the document. */
caucus_status caucus_document_read(const char *path, const char *what, caucus_document **document);

/* The tree as YAML text that depends on nothing but the tree. Items without value, and keys of the top mapping in
 * `omit` (NULL-terminated, may be NULL), are left out. The caller frees it. */
caucus_status caucus_document_emit(const caucus_node *node, const char *const *omit, char **text);

/* A tree on one line, a text as it is: {name: mlp, hidden: 4}. The caller frees it. */
caucus_status caucus_document_emit_line(const caucus_node *node, char **text);

/* ---- making nodes (experiment/document_build.c) ------------------------------------------------------------------ */

/* Zeroed memory that lives as long as the document; *out is a T**. */
caucus_status caucus_document_alloc(caucus_document *document, size_t bytes, void *out);

/* A scalar written where `origin` is; text is copied. */
caucus_status caucus_document_scalar(caucus_document *document, const char *text, const caucus_node *origin,
                                     caucus_node **node);

/* Append to a sequence (key NULL) or mapping. */
caucus_status caucus_node_append(caucus_document *document, caucus_node *to, const caucus_node *key,
                                 caucus_node *value);

/* Parse YAML text. setting: as in caucus_node; when NULL, text is the document's own source. */
caucus_status caucus_document_build(caucus_document *document, const char *text, size_t length, const char *setting,
                                    caucus_node **root);

/* ---- finding keys (experiment/document_index.c) ------------------------------------------------------------------ */

/* The item of a key; NULL when there is none, or no mapping. */
const caucus_item *caucus_node_find(const caucus_node *mapping, const char *key);

/* The last item of a mapping is new. */
caucus_status caucus_node_index_last(caucus_document *document, caucus_node *mapping);

/* ---- paths (experiment/document_path.c) -------------------------------------------------------------------------- */

/* The place that a path such as collectives[0].share names; items of a list that have names may be named instead of
 * numbered, collectives.renters.share. Keys that do not exist yet are added (without value,
 * written where origin is): whether they are allowed is for the reader of the section to say. A slot is valid until the
 * next key is added to the same mapping. CAUCUS_INVALID at origin when the path is malformed or leads nowhere. */
caucus_status caucus_document_slot(caucus_document *document, const char *path, const caucus_node *origin,
                                   caucus_node ***slot);

/* The first, second and last key of a path that caucus_document_slot accepts; the second is "" when there is none. They
 * live as long as the document. */
caucus_status caucus_document_path_keys(caucus_document *document, const char *path, const char **first,
                                        const char **second, const char **last);

/* ---- settings (document_settings.c) ---------------------------------------------------------------------------- */

/* A setting that begins so sets values of an axis, PATH=V1,V2: of the sweep's axis with that path, or of a new one. */
#define CAUCUS_SETTING_AXIS "sweep+="

/* Put a value in its place: PATH=VALUE, or an axis as above. */
caucus_status caucus_document_set(caucus_document *document, const char *setting);

/* ---- complaints (experiment/document_error.c) -------------------------------------------------------------------- */

/* CAUCUS_INVALID with "file:line:column: detail", the source line with a caret, and the hint (NULL: none); for nodes
 * that a setting made, "--set PATH=VALUE: detail". */
caucus_status caucus_document_fail(caucus_document *document, const caucus_node *at, const char *hint,
                                   const char *format, ...) __attribute__((format(printf, 4, 5)));

/* Say the last complaint again at another node with something added to it. */
caucus_status caucus_document_fail_again(caucus_document *document, const caucus_node *at, const char *addition);

/* The same for a place in the file: bytes begin to end; when they are equal the line is no text to be shown. */
caucus_status caucus_document_fail_bytes(caucus_document *document, size_t begin, size_t end, const char *hint,
                                         const char *format, ...) __attribute__((format(printf, 5, 6)));

/* A hint for a word that is none of the names: the nearest one, else all of them. Returns hint. */
const char *caucus_hint_names(char hint[CAUCUS_HINT_BYTES], const char *word, const char *const *names, size_t n);

/* ---- reading values (experiment/document_read.c) ----------------------------------------------------------------- */

/* The value of a key, NULL when the mapping has none (or is NULL itself); the key's own node likewise. */
const caucus_node *caucus_node_get(const caucus_node *mapping, const char *key);
const caucus_node *caucus_node_key(const caucus_node *mapping, const char *key);

/* "a list", "a mapping", "nothing", or the text in quotes, for messages. */
const char *caucus_node_describe(const caucus_node *node, char out[CAUCUS_HINT_BYTES]);

/* A mapping with no other keys than these. what: its name in messages. */
caucus_status caucus_read_keys(caucus_document *document, const caucus_node *node, const char *what,
                               const char *const *keys, size_t n_keys);

/* The value of a key that must be there. example: how to write it, for the hint. */
caucus_status caucus_read_required(caucus_document *document, const caucus_node *mapping, const char *what,
                                   const char *key, const char *example, const caucus_node **value);

typedef struct caucus_range {
    double low, high;
    bool low_open, high_open; /* the end itself is not allowed */
} caucus_range;

/* Values; each of them fails at the node with what was expected. what: the key, for the message. */
caucus_status caucus_read_number(caucus_document *document, const caucus_node *node, const char *what,
                                 caucus_range range, double *value);
caucus_status caucus_read_count(caucus_document *document, const caucus_node *node, const char *what, uint64_t low,
                                uint64_t high, uint64_t *value);
caucus_status caucus_read_choice(caucus_document *document, const caucus_node *node, const char *what,
                                 const char *const *names, size_t n_names, uint32_t *value);
caucus_status caucus_read_bool(caucus_document *document, const caucus_node *node, const char *what, bool *value);
caucus_status caucus_read_text(caucus_document *document, const caucus_node *node, const char *what, const char **text);
caucus_status caucus_read_list(caucus_document *document, const caucus_node *node, const char *what); /* not empty */

#endif
