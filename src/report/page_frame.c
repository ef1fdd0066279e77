#include "report/markup.h"
#include "report/page.h"
#include "report/style.h"

#include <string.h>

void caucus_page_begin(const char *title, FILE *to)
{
    fputs("<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" "
          "content=\"width=device-width,initial-scale=1\"><meta name=\"color-scheme\" content=\"light dark\">\n<title>",
          to);
    caucus_markup_text(to, title);
    fputs(" - caucus report</title>\n<style>\n", to);
    caucus_style_put_page(to);
    fputs("</style></head><body>\n<h1>", to);
    caucus_markup_text(to, title);
}

void caucus_page_badge(const char *text, bool good, FILE *to)
{
    fprintf(to, "<span class=\"badge%s\">", good ? "" : " bad");
    caucus_markup_text(to, text);
    fputs("</span>", to);
}

void caucus_page_heading_end(FILE *to)
{
    fputs("</h1>\n", to);
}

void caucus_page_end(FILE *to)
{
    fputs("<div id=\"tip\" hidden></div>\n<script>\n", to);
    caucus_style_put_script(to);
    fputs("</script>\n</body></html>\n", to);
}

void caucus_page_saver(const char *what, FILE *to)
{
    fprintf(to, "<button class=\"save\" data-script data-name=\"%s\" hidden>SVG</button>\n", what);
}

/* Behind a key at the start of a line, which may be quoted; NULL where there is none. */
static const char *find_description(const char *experiment)
{
    static const char *const keys[] = {"\ndescription:", "\n\"description\":"};
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        const char *found = strstr(experiment, keys[i]);
        if (found != NULL) {
            return found + strlen(keys[i]);
        }
    }
    return NULL;
}

/* The description is a line of the experiment's text. */
void caucus_page_description(const char *experiment, FILE *to)
{
    const char *found = find_description(experiment);
    if (found == NULL) {
        return;
    }
    found += strspn(found, " \"'");
    const size_t length = strcspn(found, "\n");
    fputs("<p class=\"dim\">", to);
    for (size_t i = 0; i < length; i++) {
        if (strncmp(found + i, "\\x0a", 4) == 0 || (i + 1 == length && (found[i] == '"' || found[i] == '\''))) {
            break; /* the end of the quoted text */
        }
        const char one[2] = {found[i], '\0'};
        caucus_markup_text(to, one);
    }
    fputs("</p>\n", to);
}

void caucus_page_making_begin(const caucus_metadata *about, const char *command, FILE *to)
{
    fprintf(to,
            "<h2>How this was made</h2>\n<p>Every number follows from the experiment below, its seed and the data with "
            "checksum %08x; random streams version %u. The number of threads and the device do not enter.</p>\n"
            "<button class=\"copy\" data-script hidden>copy</button><pre>caucus %s EXPERIMENT.yaml --seed %llu "
            "--trials %llu",
            about->identity.data_checksum, about->identity.rng_version, command,
            (unsigned long long)about->identity.seed, (unsigned long long)about->identity.n_trials);
}

void caucus_page_making_end(const caucus_metadata *about, const char *finished, const char *path, FILE *to)
{
    fputs(" -o ", to);
    caucus_markup_shell_word(to, path);
    fputs("\ncaucus report ", to);
    caucus_markup_shell_word(to, path);
    fputs("</pre>\n<details><summary>The experiment</summary><button class=\"copy\" data-script hidden>copy</button>"
          "<pre id=\"experiment\">",
          to);
    caucus_markup_text(to, about->identity.experiment);
    fputs("</pre></details>\n<p class=\"dim\">Seed ", to);
    fprintf(to, "%llu. Computed on ", (unsigned long long)about->identity.seed);
    caucus_markup_text(to, about->device);
    fputs(", begun ", to);
    caucus_markup_text(to, about->started);
    if (finished != NULL) {
        fputs(", finished ", to);
        caucus_markup_text(to, finished);
    }
    fputs(", by caucus ", to);
    caucus_markup_text(to, about->version);
    fputs(", commit ", to);
    caucus_markup_text(to, about->commit);
    fputs(". Collective action: Hardt et al. 2023 (arXiv 2302.04262); bounds: Gauthier, Bach &amp; Jordan 2025 (arXiv "
          "2502.04879), Battiloro et al. 2025 (arXiv 2508.19149) and 2026 (arXiv 2605.06749).</p>\n",
          to);
}
