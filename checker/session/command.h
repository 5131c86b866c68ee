/* The command line that the box starts: the language's own; or, for an exercise with cases, that of a shell which
 * runs the program once for each, one after another, whatever becomes of each.
 *
 *     struct command command = {0};
 *     command_init(&command, exercise, language);    // borrows both
 *     command.argv                                   // ended by NULL
 *     command_release(&command);
 */
#ifndef BRIGADE_SESSION_COMMAND_H
#define BRIGADE_SESSION_COMMAND_H

#include "exercise/exercise.h"

struct command { /* visible, because the session places it */
    const char *const *argv;
    const char *shell[4];
    char *script; /* NULL: no cases */
};

void command_init(struct command *command, const struct exercise *exercise,
                  const struct language *language);
void command_release(struct command *command);

#endif
