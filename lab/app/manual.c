#include "app/manual.h"

#include <string.h>

#include "app/options.h"
#include "base/buf.h"
#include "ui/keys.h"
#include "views/help_view.h"

/* Text in which roff would see nothing of its own. */
static void put_text(FILE *to, const char *text) {
    if (*text == '.' || *text == '\'')
        fputs("\\&", to);
    for (; *text; text++)
        if (*text == '\\')
            fputs("\\e", to);
        else if (*text == '-')
            fputs("\\-", to);
        else
            putc(*text, to);
}

static void put_entry(FILE *to, const char *term, const char *value, const char *words) {
    fputs(".TP\n.B ", to);
    put_text(to, term);
    if (value) {
        fputs("\n.I ", to);
        put_text(to, value);
    }
    putc('\n', to);
    put_text(to, words);
    putc('\n', to);
}

static void put_options(FILE *to) {
    size_t count;
    const struct option_row *table = options_table(&count);
    fputs(".SH OPTIONS\n", to);
    for (size_t i = 0; i < count; i++) {
        fputs(".TP\n.BR ", to);
        put_text(to, table[i].name);
        if (table[i].value)
            fprintf(to, " \\ \\fI%s\\fR", table[i].value);
        putc('\n', to);
        put_text(to, table[i].help);
        putc('\n', to);
    }
}

static void put_keys(FILE *to, const struct keys_place *where) {
    size_t count;
    const struct key_binding *table = keys_table(&count);
    fprintf(to, ".SS %s\n", where->title);
    for (size_t i = 0; i < count; i++) {
        if (!table[i].help || !(table[i].places & where->place))
            continue;
        struct buf names = {0};
        help_key_names(where->place, table[i].request, &names);
        put_entry(to, names.data, NULL, table[i].help);
        buf_release(&names);
    }
}

static const struct {
    const char *name, *words;
} environment[] = {
    {"BRIGADE_WORKSPACE", "Your folder, where --workspace names none."},
    {"BRIGADE_THEME", "The theme, where --theme names none."},
    {"COLORFGBG", "Set by some terminals; on a light background the theme light is the default."},
    {"NO_COLOR", "Not empty: no colours."},
    {"VISUAL, EDITOR", "The editor that opens your program, else vi."},
    {"BRIGADE_LESSONS, BRIGADE_EXERCISES",
     "Other lessons and exercises than those beside the program."},
    {"BRIGADE_CHECK", "Another brigade-check than the one beside the program."},
};

static const struct {
    const char *name, *words;
} files[] = {
    {"~/brigade/EXERCISE/",
     "Your program, copied from the starter when you first open the exercise."},
    {"~/brigade/.progress.json", "What you have read, tried and passed."},
};

void manual_print(FILE *to) {
    size_t places;
    const struct keys_place *table = keys_places(&places);
    fputs(".TH BRIGADE 1 \"\" \"Brigade " BRIGADE_VERSION "\" \"User Commands\"\n"
          ".SH NAME\nbrigade \\- a teaching lab for multi\\-process programming in C\n"
          ".SH SYNOPSIS\n.B brigade\n.RI [ STEP ]\n.RI [ OPTION ...]\n"
          ".SH DESCRIPTION\n"
          "Walks through a course: lessons to read, quizzes to take, programs to write. A program "
          "is built and\n"
          "run in a sandbox by\n.BR brigade\\-check ,\nwhich traces what its processes really do; "
          "the lab draws it, and tells what is right and what is not.\n.PP\n.I STEP\n"
          "is a lesson, an exercise or a quiz by its name; without it, all are listed.\n",
          to);
    put_options(to);
    fputs(".SH KEYS\n", to);
    for (size_t i = 0; i < places; i++)
        put_keys(to, &table[i]);
    fputs(".SH MOUSE\n"
          "A click does what the bottom line says under the pointer, brings a pane into focus, or "
          "selects a step;\n"
          "one more opens it. The wheel scrolls. Most terminals select text while Shift is held.\n"
          ".SH ENVIRONMENT\n",
          to);
    for (size_t i = 0; i < sizeof environment / sizeof environment[0]; i++)
        put_entry(to, environment[i].name, NULL, environment[i].words);
    fputs(".SH FILES\n", to);
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++)
        put_entry(to, files[i].name, NULL, files[i].words);
    fputs(".SH EXIT STATUS\n"
          "0 after leaving it; 2 where the command line, the terminal or the course is not as it "
          "must be; 128 and\n"
          "the signal's number where a signal ended it.\n"
          ".SH SEE ALSO\n.BR fork (2),\n.BR waitpid (2),\n.BR pipe (7),\n.BR unix (7)\n",
          to);
}
