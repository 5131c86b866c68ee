/* brigade: the lab. Options, then the keeper of the terminal, then the app. */
#include <locale.h>
#include <stdio.h>

#include "app/options.h"
#include "base/alloc.h"
#include "proto/outcome.h"
#include "term/keeper.h"
#include "term/tty.h"

static int fail(const struct err *err) {
    fprintf(stderr, "brigade: %s\n", err->text);
    return EXIT_USAGE;
}

int main(int argc, char **argv) {
    struct app_options options;
    struct err err = {0};
    struct keeper *keeper;
    alloc_use_for_json();
    setlocale(LC_ALL, "");
    setlocale(LC_NUMERIC, "C");
    int code = options_parse(&options, argc, argv);
    if (code >= 0)
        return code;
    if (tty_check(&err) < 0) {
        fail(&err);
        fputs("Without a terminal: brigade-check run EXERCISE DIR\n", stderr);
        return EXIT_USAGE;
    }
    if (keeper_split(&keeper, &err) < 0)
        return fail(&err);
    code = app_run(&options, keeper, &err);
    return code < 0 ? fail(&err) : code;
}
