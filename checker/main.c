/* brigade-check: the command line. */
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/text.h"
#include "proto/result.h"
#include "report/report.h"
#include "sandbox/box.h"
#include "sandbox/doctor.h"
#include "session/session.h"
#include "session/validate.h"

struct arguments {
    enum report_format format;
    struct session_options session;
    struct validate_options validation;
    bool virtual_clock; /* asked for */
    const char **words; /* what is left after the options */
    int word_count;
};

struct command {
    const char *name, *synopsis, *about;
    int least_words, most_words;
    const char *options; /* their letters, from the table below */
    enum exit_code (*run)(struct arguments *arguments, struct err *err);
};

static struct report *open_report(const struct arguments *arguments) {
    return report_new(arguments->format, STDOUT_FILENO, report_wants_colour(STDOUT_FILENO));
}

static enum exit_code finish(struct report *report, json_t *result) {
    enum exit_code code = result ? result_exit_code(result) : EXIT_USAGE;
    json_decref(result);
    report_free(report);
    return code;
}

static enum exit_code run_command(struct arguments *arguments, struct err *err) {
    struct report *report = open_report(arguments);
    arguments->session.exercise = arguments->words[0];
    arguments->session.dir = arguments->word_count > 1 ? arguments->words[1] : ".";
    return finish(report, session_run(&arguments->session, report, err));
}

/* A person watches: the machine's time, unless asked otherwise. */
static enum exit_code watch_command(struct arguments *arguments, struct err *err) {
    struct report *report = open_report(arguments);
    arguments->session.real_clock = !arguments->virtual_clock;
    return finish(report, session_watch(&arguments->session, arguments->words[0],
                                        arguments->words + 1, report, err));
}

static enum exit_code replay_command(struct arguments *arguments, struct err *err) {
    struct report *report = open_report(arguments);
    return finish(report, session_replay(arguments->words[0],
                                         arguments->word_count > 1 ? arguments->words[1] : NULL,
                                         report, err));
}

static enum exit_code validate_command(struct arguments *arguments, struct err *err) {
    arguments->validation.exercises = arguments->words;
    return validate(&arguments->validation, err);
}

static enum exit_code doctor_command(struct arguments *arguments, struct err *err) {
    (void)arguments;
    (void)err;
    return doctor(stdout) ? EXIT_PASSED : EXIT_CANNOT_GRADE;
}

static const struct command commands[] = {
    {"run", "run EXERCISE [DIR]", "build, run, watch and grade one submission (DIR: here)", 1, 2,
     "fcklpe", run_command},
    {"watch", "watch FILE [ARG...]", "build one file, run it and tell what its processes do", 1, 256,
     "fcklp", watch_command},
    {"replay", "replay LOG [EXERCISE]", "grade or print a saved log again", 1, 2, "f",
     replay_command},
    {"validate", "validate [EXERCISE...]",
     "prove exercises: solutions pass, starters fail, mutants fail where they must", 0, 64, "jogcr",
     validate_command},
    {"doctor", "doctor", "what this machine allows, and how to allow the rest", 0, 0, "",
     doctor_command},
};

enum { COMMANDS = sizeof commands / sizeof commands[0] };

static const struct {
    char letter;
    const char *name, *value, *about;
} options[] = {
    {'f', "format", "text|json|events", "how to tell it (text)"},
    {'c', "clock", "virtual|real|paced", "which clock the program lives by (virtual)"},
    {'k', "keep-log", "FILE", "keep every event in FILE, for `replay`"},
    {'l', "live", NULL, "tell what each process is doing, and each check as it turns"},
    {'p', "control", NULL, "take steps from stdin, a JSON object a line"},
    {'e', "free", NULL, "no scenario and no verdict: run until stopped"},
    {'r', "repeat", "N", "run each submission N times"},
    {'j', "jobs", "N", "runs at once (-j N)"},
    {'o', "only", "TEXT", "only submissions whose path holds TEXT"},
    {'g', "logs", "FOLDER", "keep the log of every run in FOLDER, made if it is not there"},
};

enum { OPTIONS = sizeof options / sizeof options[0] };

static void print_help(FILE *out) {
    fprintf(out, "Usage: brigade-check COMMAND [OPTION...]\n\n");
    for (size_t i = 0; i < COMMANDS; i++)
        fprintf(out, "  %-24s %s\n", commands[i].synopsis, commands[i].about);
    fprintf(out, "\nOptions:\n");
    for (size_t i = 0; i < OPTIONS; i++) {
        char *left = xasprintf("--%s%s%s", options[i].name, options[i].value ? " " : "",
                               options[i].value ? options[i].value : "");
        fprintf(out, "  %-24s %s\n", left, options[i].about);
        free(left);
    }
    fprintf(out, "\nExit codes: %d all checks passed, %d not all passed, %d usage or manifest "
                 "error, %d could not grade.\n",
            EXIT_PASSED, EXIT_NOT_PASSED, EXIT_USAGE, EXIT_CANNOT_GRADE);
}

static int take_clock(struct arguments *arguments, const char *value, struct err *err) {
    bool real = strcmp(value, "real") == 0, paced = strcmp(value, "paced") == 0;
    if (!real && !paced && strcmp(value, "virtual") != 0)
        return err_set(err, EINVAL, "--clock %s: give virtual, real or paced", value);
    arguments->session.paced_clock = paced;
    arguments->session.real_clock = arguments->validation.real_clock = real;
    arguments->virtual_clock = !real;
    return 0;
}

static int take_number(const char *option, const char *value, int most, int *into, struct err *err) {
    char *end;
    long number = strtol(value, &end, 10);
    if (*end || number < 1 || number > most)
        return err_set(err, EINVAL, "--%s %s: give a number from 1 to %d", option, value, most);
    *into = (int)number;
    return 0;
}

static int take_option(struct arguments *arguments, char letter, const char *value,
                       struct err *err) {
    switch (letter) {
    case 'f': return report_format_parse(value, &arguments->format, err);
    case 'c': return take_clock(arguments, value, err);
    case 'k': arguments->session.keep_log = value; return 0;
    case 'l': arguments->session.live = true; return 0;
    case 'p': arguments->session.control = true; return 0;
    case 'e':
        arguments->session.free_run = arguments->session.real_clock = true;
        return 0;
    case 'o': arguments->validation.only = value; return 0;
    case 'g': arguments->validation.logs = value; return 0;
    case 'j': return take_number("jobs", value, 256, &arguments->validation.jobs, err);
    case 'r': return take_number("repeat", value, 10000, &arguments->validation.repeat, err);
    default: return err_set(err, EINVAL, "unknown option; `brigade-check --help` lists them");
    }
}

static int parse_options(const struct command *command, int argc, char **argv,
                         struct arguments *arguments, struct err *err) {
    struct option longs[OPTIONS + 1] = {0};
    size_t count = 0;
    for (size_t i = 0; i < OPTIONS; i++)
        if (strchr(command->options, options[i].letter))
            longs[count++] = (struct option){options[i].name, options[i].value != NULL, NULL,
                                             options[i].letter};
    opterr = 0;
    const char *shorts = strchr(command->options, 'j') ? ":j:" : ":"; /* as make and xargs have it */
    int letter;
    while ((letter = getopt_long(argc, argv, shorts, longs, NULL)) >= 0) {
        if (letter == '?' || letter == ':')
            return err_set(err, EINVAL, "%s: %s `brigade-check %s`; see `brigade-check --help`",
                           argv[optind - 1], letter == ':' ? "this option needs a value in"
                                                           : "no option of",
                           command->name);
        int code = take_option(arguments, (char)letter, optarg, err);
        if (code)
            return code;
    }
    arguments->words = (const char **)argv + optind;
    arguments->word_count = argc - optind;
    if (arguments->word_count < command->least_words || arguments->word_count > command->most_words)
        return err_set(err, EINVAL, "usage: brigade-check %s", command->synopsis);
    return 0;
}

static const struct command *find_command(const char *name) {
    for (size_t i = 0; i < COMMANDS; i++)
        if (strcmp(commands[i].name, name) == 0)
            return &commands[i];
    return NULL;
}

/* It may hold the name of a file or folder, and whoever made that may mean harm. */
static void print_error(const char *text) {
    struct buf printable = {0};
    text_append_printable(&printable, text, strlen(text), true);
    fprintf(stderr, "brigade-check: %s\n", printable.data ? printable.data : "");
    buf_release(&printable);
}

int main(int argc, char **argv) {
    if (argc > 1 && strcmp(argv[1], BOX_INSIDE_NAME) == 0)
        box_inside_main(argc, argv);
    alloc_use_for_json();
    signal(SIGPIPE, SIG_IGN); /* a reader that leaves is seen by write(2) */
    if (argc > 1 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)) {
        print_help(stdout);
        return EXIT_PASSED;
    }
    if (argc > 1 && strcmp(argv[1], "--version") == 0) {
        printf("brigade-check %s\n", BRIGADE_VERSION);
        return EXIT_PASSED;
    }
    const struct command *command = argc > 1 ? find_command(argv[1]) : NULL;
    if (!command) {
        print_help(stderr);
        return EXIT_USAGE;
    }
    struct arguments arguments = {0};
    struct err err = {0};
    enum exit_code code = EXIT_USAGE;
    if (parse_options(command, argc - 1, argv + 1, &arguments, &err) == 0)
        code = command->run(&arguments, &err);
    if (err.code)
        print_error(err.text);
    return code;
}
