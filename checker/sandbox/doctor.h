/* What this machine allows, part by part, and how to allow the rest. */
#ifndef BRIGADE_SANDBOX_DOCTOR_H
#define BRIGADE_SANDBOX_DOCTOR_H

#include <stdbool.h>
#include <stdio.h>

/* Prints a line a part ("ok", "no", with the remedy) to `out`; returns whether a full box and
 * tracing are possible. Takes a second at most. */
bool doctor(FILE *out);

#endif
