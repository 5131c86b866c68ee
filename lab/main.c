/* brigade: the lab. Options, then the keeper of the terminal, then the app. */
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/app.h"
#include "base/alloc.h"
#include "proto/outcome.h"
#include "term/keeper.h"
#include "term/tty.h"

static const struct option_row {
    const char *name, *value; /* value: what stands for it in the usage; NULL: takes none */
    const char *help;
} options_table[] = {
    {"--workspace", "DIR", "your folder (default: $BRIGADE_WORKSPACE, then ~/brigade)"},
    {"--log", "FILE", "show a saved log of a run; runs nothing"},
    {"--no-color", NULL, "no colours (NO_COLOR does the same)"},
    {"--no-unicode", NULL, "ASCII only"},
    {"--help", NULL, "this text"},
    {"--version", NULL, "the version"},
};

enum { OPTION_COUNT = sizeof options_table / sizeof options_table[0] };

static void print_usage(FILE *to) {
    fputs("usage: brigade [STEP] [OPTION...]\n\n"
          "The lab of Brigade. STEP is a chapter or an exercise; without it, all are listed.\n\n",
          to);
    for (size_t i = 0; i < OPTION_COUNT; i++) {
        char name[32];
        snprintf(name, sizeof name, "%s %s", options_table[i].name,
                 options_table[i].value ? options_table[i].value : "");
        fprintf(to, "  %-18s %s\n", name, options_table[i].help);
    }
    fputs("\nWithout a terminal: brigade-check run EXERCISE DIR\n", to);
}

static int usage_error(const char *words, const char *what) {
    fprintf(stderr, "brigade: %s: %s\n\n", words, what);
    print_usage(stderr);
    return EXIT_USAGE;
}

static const char *match(const char *argument, const struct option_row *option) {
    size_t length = strlen(option->name);
    if (strncmp(argument, option->name, length))
        return NULL;
    if (argument[length] == '=' && option->value)
        return argument + length + 1;
    return argument[length] ? NULL : "";
}

static void take_option(struct app_options *options, const char *name, const char *value) {
    if (!strcmp(name, "--workspace"))
        options->workspace = value;
    else if (!strcmp(name, "--log"))
        options->log = value;
    else if (!strcmp(name, "--no-color"))
        options->colour = false;
    else if (!strcmp(name, "--no-unicode"))
        options->unicode = false;
}

/* Returns -1 to go on, else the exit code. */
static int parse(struct app_options *options, int argc, char **argv) {
    for (int i = 1; i < argc; i++) {
        const struct option_row *option = NULL;
        const char *value = NULL;
        for (size_t o = 0; o < OPTION_COUNT && !value; o++) {
            option = &options_table[o];
            value = match(argv[i], option);
        }
        if (!value && argv[i][0] == '-')
            return usage_error("unknown option", argv[i]);
        if (!value && options->step)
            return usage_error("one step at a time", argv[i]);
        if (!value) {
            options->step = argv[i];
            continue;
        }
        if (!strcmp(option->name, "--help"))
            return print_usage(stdout), 0;
        if (!strcmp(option->name, "--version"))
            return puts("brigade " BRIGADE_VERSION), 0;
        if (option->value && !*value && !(value = argv[++i]))
            return usage_error("a value is missing", option->name);
        take_option(options, option->name, value);
    }
    return -1;
}

static int fail(const struct err *err) {
    fprintf(stderr, "brigade: %s\n", err->text);
    return EXIT_USAGE;
}

int main(int argc, char **argv) {
    const char *no_color = getenv("NO_COLOR");
    struct app_options options = {.colour = !no_color || !*no_color, .unicode = true};
    struct err err = {0};
    struct keeper *keeper;
    alloc_use_for_json();
    setlocale(LC_ALL, "");
    setlocale(LC_NUMERIC, "C");
    int code = parse(&options, argc, argv);
    if (code >= 0)
        return code;
    if (tty_check(&err) < 0) {
        fail(&err);
        fputs("Without a terminal: brigade-check run EXERCISE DIR\n", stderr);
        return EXIT_USAGE;
    }
    if (keeper_split(&keeper, &err) < 0)
        return fail(&err);
    code = app_run(&options, keeper, &err);
    return code < 0 ? fail(&err) : code;
}
