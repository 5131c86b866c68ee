/* What a step of the course is about: read from its file or manifest, for the course map. */
#ifndef BRIGADE_MODEL_ABOUT_H
#define BRIGADE_MODEL_ABOUT_H

#include <stddef.h>

#include "model/course.h"

/* Gives a step its own title, its points and a description. What cannot be read keeps what it has. */
void about_step(struct course *course, size_t step);

#endif
