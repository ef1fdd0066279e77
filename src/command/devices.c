/* caucus devices: what trials could run on. */
#include "command/command.h"

static error_t parse(int key, char *argument, struct argp_state *state)
{
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = state->input;
        return 0;
    case ARGP_KEY_ARG:
        argp_error(state, "devices takes no arguments, not \"%s\"", argument);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

int caucus_command_devices(int argc, char **argv)
{
    static const struct argp_child children[] = {{.argp = &caucus_command_format_argp}, {0}};
    static const struct argp argp = {.parser = parse,
                                     .doc = "List the CPU and the CUDA devices with their memory, what is usable, and "
                                            "why not.\v"
                                            "Example: caucus devices --format json",
                                     .children = children};
    caucus_format format = CAUCUS_TABLE;
    if (!caucus_command_parse(&argp, argc, argv, &format)) {
        return CAUCUS_FAILED;
    }
    FILE *page = caucus_command_page(format);
    caucus_status status = page != NULL ? caucus_devices_print(format, page) : CAUCUS_FAILED;
    caucus_command_page_end(page);
    return status == CAUCUS_OK ? CAUCUS_OK : caucus_command_fail(argv[0], status);
}
