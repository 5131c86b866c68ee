#include <limits.h>
#include <string.h>

#include "exercise/form.h"

enum { NAME_MOST = 40 };

static int least(int a, int b) { return a < b ? a : b; }

/* Levenshtein's distance, row by row; two neighbours that changed places count as one slip. */
static int distance(const char *a, const char *b) {
    int rows[3][NAME_MOST + 1];
    size_t long_a = strlen(a), long_b = strlen(b);
    if (long_a > NAME_MOST || long_b > NAME_MOST)
        return INT_MAX;
    for (size_t j = 0; j <= long_b; j++)
        rows[0][j] = (int)j;
    for (size_t i = 1; i <= long_a; i++) {
        int *row = rows[i % 3];
        const int *above = rows[(i - 1) % 3], *two_above = rows[(i + 1) % 3];
        row[0] = (int)i;
        for (size_t j = 1; j <= long_b; j++) {
            row[j] = least(least(above[j], row[j - 1]) + 1, above[j - 1] + (a[i - 1] != b[j - 1]));
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                row[j] = least(row[j], two_above[j - 2] + 1);
        }
    }
    return rows[long_a % 3][long_b];
}

const char *nearest_name(const char *name, const char *const *names) {
    const char *best = NULL;
    int best_distance = (int)strlen(name) / 3 + 1;
    for (; *names; names++) {
        int here = distance(name, *names);
        if (here <= best_distance && (!best || here < best_distance)) {
            best = *names;
            best_distance = here;
        }
    }
    return best;
}
