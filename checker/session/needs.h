/* Whether the machine has what a language needs, where the box would find it. */
#ifndef BRIGADE_SESSION_NEEDS_H
#define BRIGADE_SESSION_NEEDS_H

#include "exercise/exercise.h"

/* The first command that is missing, or NULL. */
const char *needs_missing(const struct language *language);

#endif
