/* Why there is no box: bubblewrap's words, with the part of the machine that forbids it and how to allow it. */
#ifndef BRIGADE_SANDBOX_REFUSAL_H
#define BRIGADE_SANDBOX_REFUSAL_H

#include "base/err.h"

/* Fills err and returns -err->code; words may be NULL or empty. */
int refusal_explain(const char *words, struct err *err);

#endif
