/* The manual page, made of the tables of options and keys (man(7)). */
#ifndef BRIGADE_APP_MANUAL_H
#define BRIGADE_APP_MANUAL_H

#include <stdio.h>

void manual_print(FILE *to);

#endif
