#include "app/options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/manual.h"
#include "proto/outcome.h"

static const struct option_row table[] = {
    {"--workspace", "DIR", "your folder (default: $BRIGADE_WORKSPACE, then ~/brigade)"},
    {"--plain", NULL, "plain text and prompts: for screen readers and dumb terminals"},
    {"--log", "FILE", "show a saved log of a run; runs nothing"},
    {"--theme", "NAME", "dark, light, contrast or mono (default: $BRIGADE_THEME, then a guess)"},
    {"--no-color", NULL, "no colours, as --theme mono (NO_COLOR does the same)"},
    {"--no-unicode", NULL, "ASCII only"},
    {"--no-mouse", NULL, "leave the mouse to the terminal"},
    {"--manual", NULL, "the manual page: brigade --manual | man -l -"},
    {"--help", NULL, "this text"},
    {"--version", NULL, "the version"},
};

enum { OPTION_COUNT = sizeof table / sizeof table[0] };

const struct option_row *options_table(size_t *count) {
    *count = OPTION_COUNT;
    return table;
}

static void print_usage(FILE *to) {
    fputs("usage: brigade [STEP] [OPTION...]\n\n"
          "The lab of Brigade. STEP is a lesson, a quiz or an exercise; without it, all are "
          "listed.\n\n",
          to);
    for (size_t i = 0; i < OPTION_COUNT; i++) {
        char name[32];
        snprintf(name, sizeof name, "%s %s", table[i].name, table[i].value ? table[i].value : "");
        fprintf(to, "  %-18s %s\n", name, table[i].help);
    }
    fputs("\nTo grade without a student: brigade-check run EXERCISE DIR\n", to);
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

/* Returns -1 to go on, else the exit code. */
static int take_option(struct app_options *options, const char *name, const char *value) {
    if (!strcmp(name, "--help"))
        return print_usage(stdout), EXIT_PASSED;
    if (!strcmp(name, "--version"))
        return puts("brigade " BRIGADE_VERSION), EXIT_PASSED;
    if (!strcmp(name, "--manual"))
        return manual_print(stdout), EXIT_PASSED;
    if (!strcmp(name, "--workspace"))
        options->workspace = value;
    else if (!strcmp(name, "--plain"))
        options->plain = true;
    else if (!strcmp(name, "--log"))
        options->log = value;
    else if (!strcmp(name, "--theme") && !theme_parse(value, &options->theme))
        return usage_error("no such theme (dark, light, contrast and mono are)", value);
    else if (!strcmp(name, "--no-color"))
        options->theme = THEME_MONO;
    else if (!strcmp(name, "--no-unicode"))
        options->unicode = false;
    else if (!strcmp(name, "--no-mouse"))
        options->mouse = false;
    return -1;
}

static const struct option_row *find(const char *argument, const char **value) {
    for (size_t i = 0; i < OPTION_COUNT; i++)
        if ((*value = match(argument, &table[i])))
            return &table[i];
    return NULL;
}

/* What the environment asks for; nobody is sent away for a name that is unknown there. */
static enum theme default_theme(void) {
    const char *no_color = getenv("NO_COLOR"), *name = getenv("BRIGADE_THEME");
    enum theme theme = theme_for_background(getenv("COLORFGBG"));
    if (name)
        theme_parse(name, &theme);
    return no_color && *no_color ? THEME_MONO : theme;
}

int options_parse(struct app_options *options, int argc, char **argv) {
    *options = (struct app_options){.theme = default_theme(), .unicode = true, .mouse = true};
    for (int i = 1; i < argc; i++) {
        const char *value;
        const struct option_row *option = find(argv[i], &value);
        if (!option && argv[i][0] == '-')
            return usage_error("unknown option", argv[i]);
        if (!option && options->step)
            return usage_error("one step at a time", argv[i]);
        if (!option) {
            options->step = argv[i];
            continue;
        }
        if (option->value && !*value && !(value = argv[++i]))
            return usage_error("a value is missing", option->name);
        int code = take_option(options, option->name, value);
        if (code >= 0)
            return code;
    }
    return -1;
}
