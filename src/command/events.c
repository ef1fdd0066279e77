/* The events of --json: one object a line, each with its kind in "event". */
#include "base/json.h"
#include "command/command.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static void begin(FILE *to, const char *event)
{
    fprintf(to, "{\"event\": \"%s\"", event);
}

static void text(FILE *to, const char *key, const char *value)
{
    fprintf(to, ", \"%s\": ", key);
    caucus_json_string(to, value);
}

static void count(FILE *to, const char *key, uint64_t value)
{
    fprintf(to, ", \"%s\": %" PRIu64, key, value);
}

static void number(FILE *to, const char *key, double value)
{
    fprintf(to, ", \"%s\": ", key);
    caucus_json_number(to, value);
}

/* A list of a text's lines. */
static void lines(FILE *to, const char *key, const char *text)
{
    fprintf(to, ", \"%s\": [", key);
    for (const char *separator = ""; *text != '\0'; separator = ", ") {
        size_t length = strcspn(text, "\n");
        char *line = strndup(text, length);
        fputs(separator, to);
        caucus_json_string(to, line != NULL ? line : "");
        free(line);
        text += length + (text[length] == '\n');
    }
    fputc(']', to);
}

/* Whoever listens at the other end of a pipe wants it now. */
static void end(FILE *to)
{
    fputs("}\n", to);
    fflush(to);
}

void caucus_command_print_plan(const caucus_plan_info *info, const char *output, FILE *to)
{
    begin(to, "plan");
    text(to, "name", info->name);
    text(to, "device", info->device);
    if (info->device_reason != NULL) {
        text(to, "device_reason", info->device_reason);
    }
    count(to, "threads", info->threads);
    count(to, "configs", info->n_configs);
    count(to, "trials", info->n_trials);
    if (info->until_most > 0) {
        number(to, "until_standard_error", info->until_standard_error);
        count(to, "until_most", info->until_most);
    }
    count(to, "block_trials", info->block_trials);
    count(to, "collectives", info->n_collectives);
    count(to, "methods", info->n_methods);
    count(to, "cells", info->n_cells);
    count(to, "labels", info->n_labels);
    count(to, "classes", info->n_classes);
    count(to, "output_bytes", info->output_bytes);
    count(to, "working_bytes", info->working_bytes);
    count(to, "slots", info->slots);
    if (info->device_bytes > 0) {
        count(to, "device_bytes", info->device_bytes);
        count(to, "device_free_bytes", info->device_free_bytes);
        count(to, "launch_trials", info->launch_trials);
        count(to, "resident_trials", info->resident_trials);
    }
    if (info->expected_seconds > 0) {
        number(to, "expected_seconds", info->expected_seconds);
    }
    lines(to, "notes", info->notes);
    if (output != NULL) {
        text(to, "output", output);
    }
    end(to);
}

void caucus_command_print_progress(const caucus_progress *progress, FILE *to)
{
    begin(to, "progress");
    count(to, "trials_done", progress->trials_done);
    count(to, "trials_resumed", progress->trials_resumed);
    count(to, "trials_total", progress->trials_total);
    number(to, "seconds", progress->seconds);
    number(to, "trials_per_second", progress->trials_per_second);
    fputs(", \"seconds_left\": ", to);
    if (progress->seconds_left >= 0) {
        caucus_json_number(to, progress->seconds_left);
    } else {
        fputs("null", to);
    }
    fprintf(to, ", \"joining\": %s", progress->joining ? "true" : "false");
    number(to, "joined", progress->joined);
    end(to);
}

void caucus_command_print_notice(const char *message, FILE *to)
{
    begin(to, "notice");
    text(to, "message", message);
    end(to);
}

void caucus_command_print_done(const caucus_progress *last, const char *output, FILE *to)
{
    begin(to, "done");
    text(to, "output", output);
    count(to, "trials_done", last->trials_done);
    count(to, "trials_resumed", last->trials_resumed);
    number(to, "seconds", last->seconds);
    end(to);
}

void caucus_command_print_error(caucus_status status, const char *message, FILE *to)
{
    begin(to, "error");
    text(to, "status", status == CAUCUS_STOPPED ? "stopped" : status == CAUCUS_INVALID ? "invalid" : "failed");
    count(to, "exit_code", (uint64_t)status);
    text(to, "message", message);
    end(to);
}
