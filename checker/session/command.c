#include "session/command.h"

#include <stdlib.h>

#include "base/buf.h"

/* In single quotes nothing is special to a shell but the quote itself. */
static void append_word(struct buf *into, const char *word) {
    buf_putc(into, '\'');
    for (; *word; word++)
        if (*word == '\'')
            buf_puts(into, "'\\''");
        else
            buf_putc(into, *word);
    buf_puts(into, "' ");
}

static void append_words(struct buf *into, const char *const *words) {
    for (; *words; words++)
        append_word(into, *words);
}

/* The last line keeps the shell from becoming the last case itself, and its code from being that one's. */
static char *make_script(const struct exercise *exercise, const struct language *language) {
    struct buf script = {0};
    for (size_t i = 0; i < exercise->case_count; i++) {
        append_words(&script, language->run);
        append_words(&script, exercise->cases[i].args);
        buf_putc(&script, '\n');
    }
    buf_puts(&script, "exit 0\n");
    return buf_steal(&script);
}

void command_init(struct command *command, const struct exercise *exercise,
                  const struct language *language) {
    *command = (struct command){.argv = language->run};
    if (!exercise->case_count)
        return;
    command->script = make_script(exercise, language);
    command->shell[0] = "/bin/sh";
    command->shell[1] = "-c";
    command->shell[2] = command->script;
    command->argv = command->shell;
}

void command_release(struct command *command) {
    free(command->script);
    *command = (struct command){0};
}
