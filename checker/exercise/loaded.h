/* An exercise in memory: what the places where one comes from have in common. */
#ifndef BRIGADE_EXERCISE_LOADED_H
#define BRIGADE_EXERCISE_LOADED_H

#include "exercise/exercise.h"
#include "exercise/form.h"

struct loaded { /* an exercise and what it borrows from; the exercise comes first, for exercise_free */
    struct exercise exercise;
    struct reading reading; /* lists */
    json_t *root;           /* texts */
    char *dir, *file;
    struct buf text, words; /* of the manifest; of checks.jq */
};

#endif
