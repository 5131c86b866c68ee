/* brigade: the lab. Options, then the keeper of the terminal, then the app. */
#include <errno.h>
#include <locale.h>
#include <stdio.h>

#include "app/options.h"
#include "base/alloc.h"
#include "plain/plain.h"
#include "proto/outcome.h"
#include "term/keeper.h"
#include "term/tty.h"

static int fail(const struct err *err) {
    fprintf(stderr, "brigade: %s\n", err->text);
    return EXIT_USAGE;
}

static int run_plainly(const struct app_options *options) {
    struct plain_options plain = {options->step, options->workspace, options->unicode};
    struct err err = {0};
    if (options->log)
        err_set(&err, EINVAL, "--plain shows no saved runs: brigade-check replay %s", options->log);
    return options->log || plain_run(&plain, &err) < 0 ? fail(&err) : EXIT_PASSED;
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
    if (options.plain)
        return run_plainly(&options);
    if (tty_check(&err) < 0) {
        fail(&err);
        fputs("The same course as plain text: brigade --plain\n", stderr);
        return EXIT_USAGE;
    }
    if (keeper_split(&keeper, &err) < 0)
        return fail(&err);
    code = app_run(&options, keeper, &err);
    return code < 0 ? fail(&err) : code;
}
