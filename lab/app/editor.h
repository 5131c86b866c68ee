/* The student's editor: $VISUAL, $EDITOR, then vi; at a line, where the editor is known to understand that. */
#ifndef BRIGADE_APP_EDITOR_H
#define BRIGADE_APP_EDITOR_H

#include <sys/types.h>

#include "base/err.h"

enum { EDITOR_WORDS_MAX = 8 };

struct editor_command { /* for base/child.h; ended by NULL */
    char *argv[EDITOR_WORDS_MAX];
};

const char *editor_advice(void); /* how to leave vi, where nothing else was chosen; else NULL */
const char *editor_choice(void); /* the command as the student wrote it, arguments included */

/* The command that opens `file` at `line` (0: wherever) with `editor`, run by a shell, which splits the
 * editor's own arguments as every program that honours $EDITOR does. */
void editor_command_make(struct editor_command *command, const char *editor, const char *file,
                         int line);
void editor_command_release(struct editor_command *command);

/* Starts it on our terminal, in folder `dir`. The pid, or -errno. */
pid_t editor_start(const char *dir, const char *file, int line, struct err *err);

#endif
