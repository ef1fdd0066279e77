#include "config/method.h"

#include "base/text.h"

#include <string.h>

enum { NAME_BYTES = 64 };

static caucus_status fail_name(const char *option, const char *word, const char *const *names, uint32_t n)
{
    size_t nearest = caucus_text_nearest(word, names, n);
    if (nearest < n) {
        return caucus_fail(CAUCUS_INVALID, "%s cannot be \"%s\"; did you mean \"%s\"?", option, word, names[nearest]);
    }
    char list[256];
    size_t used = 0;
    for (uint32_t i = 0; i < n && used < sizeof list; i++) {
        used += (size_t)snprintf(list + used, sizeof list - used, "%s%s", i > 0 ? ", " : "", names[i]);
    }
    return caucus_fail(CAUCUS_INVALID, "%s cannot be \"%s\"; allowed: %s", option, word, list);
}

static caucus_status read_list(const char *option, const char *text, const char *const *names, uint32_t n, bool *chosen)
{
    for (uint32_t i = 0; i < n; i++) {
        chosen[i] = text == NULL;
    }
    while (text != NULL) {
        const char *comma = strchr(text, ',');
        size_t length = comma != NULL ? (size_t)(comma - text) : strlen(text);
        while (length > 0 && *text == ' ') {
            text++;
            length--;
        }
        while (length > 0 && text[length - 1] == ' ') {
            length--;
        }
        char word[NAME_BYTES];
        snprintf(word, sizeof word, "%.*s", (int)(length < NAME_BYTES ? length : NAME_BYTES - 1), text);
        uint32_t i = 0;
        while (i < n && strcmp(word, names[i]) != 0) {
            i++;
        }
        if (i == n) {
            return fail_name(option, word, names, n);
        }
        chosen[i] = true;
        text = comma != NULL ? comma + 1 : NULL;
    }
    return CAUCUS_OK;
}

uint32_t caucus_method_choice_list(const caucus_method_choice *choice, caucus_method *methods)
{
    uint32_t n = 0;
    for (uint32_t f = 0; f < CAUCUS_N_FAMILIES; f++) {
        for (uint32_t k = 0; k < CAUCUS_N_KNOWLEDGE; k++) {
            for (uint32_t i = 0; i < CAUCUS_N_INEQUALITIES; i++) {
                const bool exists = f == CAUCUS_LINEAR      ? k == CAUCUS_FULL && i == CAUCUS_POPULATION
                                    : f == CAUCUS_STAIRCASE ? i < CAUCUS_HYPERGEOMETRIC
                                                            : true;
                if (exists && choice->families[f] && choice->knowledge[k] && choice->inequalities[i]) {
                    methods[n++] = (caucus_method){(caucus_family)f, (caucus_knowledge)k, (caucus_inequality)i};
                }
            }
        }
    }
    return n;
}

caucus_status caucus_method_choice_read(const caucus_bound_choice *names, caucus_method_choice *choice)
{
    static const caucus_bound_choice all = {NULL, NULL, NULL};
    caucus_method methods[CAUCUS_MOST_METHODS];
    names = names != NULL ? names : &all;
    TRY(read_list("family", names->families, caucus_family_names, CAUCUS_N_FAMILIES, choice->families));
    TRY(read_list("knowledge", names->knowledge, caucus_knowledge_names, CAUCUS_N_KNOWLEDGE, choice->knowledge));
    TRY(read_list("inequality", names->inequalities, caucus_inequality_names, CAUCUS_N_INEQUALITIES,
                  choice->inequalities));
    if (caucus_method_choice_list(choice, methods) == 0) {
        return caucus_fail(CAUCUS_INVALID,
                           "there is no such bound: family linear has only the inequality population's at knowledge "
                           "full, and hypergeometric and hypergeometric_joint need family budget");
    }
    return CAUCUS_OK;
}

const char *caucus_method_name(const caucus_method *method, char name[CAUCUS_METHOD_BYTES])
{
    snprintf(name, CAUCUS_METHOD_BYTES, "%s/%s/%s", caucus_family_names[method->family],
             caucus_knowledge_names[method->knowledge], caucus_inequality_names[method->inequality]);
    return name;
}
