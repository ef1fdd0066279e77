/* A crash as a message and an exit code. HDF5 1.10 follows null pointers in some of its own error paths, where memory
 * is short or a file was made to do harm, and ends the process without a word in others; libfyaml has such a place,
 * too. The program then ends here, and not by a signal that says nothing. */
#include "base/status.h"
#include "command/command.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

enum { WORDS = 640, STACK_BYTES = 1 << 16 };

static char words[2][WORDS]; /* before and behind the signal's name */

static const char *name_of(int number)
{
    switch (number) {
    case SIGSEGV:
        return "segmentation fault";
    case SIGBUS:
        return "bus error";
    case SIGFPE:
        return "arithmetic error";
    case SIGILL:
        return "illegal instruction";
    default:
        return "abort";
    }
}

static void say(const char *text)
{
    if (write(STDERR_FILENO, text, strlen(text)) < 0) {
        return; /* nobody to tell */
    }
}

/* Nothing but system calls: whatever else there is may be broken. */
static void tell(int number)
{
    struct rlimit core;
    say(words[0]);
    say(name_of(number));
    say(words[1]);
    if (getrlimit(RLIMIT_CORE, &core) == 0 && core.rlim_cur > 0) {
        raise(number); /* blocked until this returns; then its default action, with the core dump that somebody wants */
        return;
    }
    _exit(CAUCUS_FAILED);
}

/* The exit code of exit(-1), which is how HDF5 gives up; none of ours. */
static void tell_exit(int status, void *unused)
{
    (void)unused;
    if ((status & 0xff) == 0xff) {
        say(words[0]);
        say("a library gave up");
        say(words[1]);
        _exit(CAUCUS_FAILED);
    }
}

void caucus_command_tell_crashes(const char *command)
{
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    (void)command; /* they tell more */
#else
    static char stack[STACK_BYTES];
    static const int numbers[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};
    snprintf(words[0], WORDS, "%s: crashed (", command);
    snprintf(words[1], WORDS,
             "): memory may have run out inside the HDF5 library, which does not withstand that, or a file may be made "
             "to do harm; whatever had been saved is whole, and a run goes on with --resume\n");
    on_exit(tell_exit, NULL);
    sigaltstack(&(stack_t){.ss_sp = stack, .ss_size = sizeof stack}, NULL);
    struct sigaction action = {.sa_handler = tell, .sa_flags = SA_ONSTACK | (int)SA_RESETHAND};
    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        sigaction(numbers[i], &action, NULL);
    }
#endif
}
