/* Sources that mean harm while they are compiled: in the box, with the session's own way to run a build. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "session/internal.h"
#include "tests/harness/box_world.h"

#define WORDS(...) ((const char *const[]){__VA_ARGS__, NULL})

static const struct language c_language = {
    .sources = WORDS("*.c", "*.h"),
    .build = WORDS("gcc", "-std=gnu17", "-O1", "-g", "-Wall", "-fdiagnostics-color=never",
                   "-fno-diagnostics-show-caret", "-o", "app", "*.c"),
    .artifacts = WORDS("app")};

static struct exercise exercise = {.build_limits = {.wall_ms = 60000,
                                                    .cpu_ms = 5000,
                                                    .memory_bytes = 256 << 20,
                                                    .output_bytes = 64 << 10,
                                                    .file_bytes = 32 << 20,
                                                    .processes = 16,
                                                    .descriptors = 64}};

struct compiled {
    struct session session;
    struct build build;
    json_t *events;
    char folder[64];
    int64_t took_ms;
    size_t descriptors_before;
};

static void hear(void *ctx, json_t *event) {
    struct compiled *compiled = ctx;
    json_array_append_new(compiled->events, event);
}

static int runner(void *ctx, const struct build_command *command, struct build_outcome *outcome,
                  struct err *err) {
    struct compiled *compiled = ctx;
    return compile_run(&compiled->session, command, outcome, err);
}

static void compile(struct compiled *compiled, const char *source) {
    struct err err = {0};
    char path[128];
    const char *tmp = getenv("TMPDIR");
    *compiled =
        (struct compiled){.descriptors_before = count_descriptors(), .events = json_array()};
    snprintf(compiled->folder, sizeof compiled->folder, "%s/src-%d",
             tmp && geteuid() == 0 ? tmp : "/tmp", (int)getpid());
    assert_int_equal(mkdir(compiled->folder, 0755), 0);
    snprintf(path, sizeof path, "%s/app.c", compiled->folder);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(source, file);
    fclose(file);
    compiled->session.loop = loop_new(&err);
    assert_non_null(compiled->session.loop);
    int64_t began_ns = clock_now_ns();
    int code = build_run(&compiled->build, &exercise, &c_language, compiled->folder, runner, hear,
                         compiled, &err);
    unlink(path);
    rmdir(compiled->folder);
    if (code)
        fail_msg("%s", err.text);
    compiled->took_ms = (clock_now_ns() - began_ns) / NS_PER_MS;
}

static void end_compiled(struct compiled *compiled) {
    build_release(&compiled->build);
    json_decref(compiled->events);
    loop_free(compiled->session.loop);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
    assert_int_equal(count_descriptors(), compiled->descriptors_before);
}

static const char *why(const struct compiled *compiled) {
    const json_t *last = json_array_get(compiled->events, json_array_size(compiled->events) - 1);
    const char *words = json_string_value(json_object_get(last, "why"));
    return words ? words : "";
}

static void assert_fails(const char *source, const char *in_the_events) {
    struct compiled compiled;
    compile(&compiled, source);
    char *events = json_dumps(compiled.events, 0);
    if (compiled.build.ok)
        fail_msg("it was built");
    if (!strstr(events, in_the_events))
        fail_msg("expected `%s` in: %.3000s", in_the_events, events);
    assert_null(strstr(events, "root:")); /* of /etc/shadow or /etc/passwd */
    free(events);
    assert_in_range(compiled.took_ms, 0, exercise.build_limits.wall_ms + 5000);
    end_compiled(&compiled);
}

static void a_right_source_is_built(void **state) {
    (void)state;
    struct compiled compiled;
    compile(&compiled, "int main(void) { int u; return 0; }\n");
    if (!compiled.build.ok)
        fail_msg("%s", why(&compiled));
    assert_int_equal(compiled.build.file_count, 1);
    assert_int_equal(json_array_size(compiled.events), 2);
    const json_t *warning = json_array_get(compiled.events, 0);
    assert_string_equal(json_string_value(json_object_get(warning, "file")), "app.c");
    assert_string_equal(json_string_value(json_object_get(warning, "severity")), "warning");
    end_compiled(&compiled);
}

static void secrets_of_the_machine_cannot_be_included(void **state) {
    (void)state;
    static const char *const files[] = {"/etc/shadow", "/etc/hostname", "/root/.profile",
                                        "/proc/1/environ", "/var/log/dpkg.log"};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        char source[200];
        snprintf(source, sizeof source, "__asm__(\".incbin \\\"%s\\\"\");\nint main(void) {}\n",
                 files[i]);
        assert_fails(source, "file not found");
        snprintf(source, sizeof source, "#include \"%s\"\nint main(void) {}\n", files[i]);
        assert_fails(source, files[i]);
    }
}

static void an_endless_file_is_no_source(void **state) {
    (void)state;
    assert_fails("#include \"/dev/zero\"\nint main(void) {}\n",
                 "gcc needs more than 256 MB of memory");
    assert_fails("__asm__(\".incbin \\\"/dev/zero\\\"\");\nint main(void) {}\n",
                 "unable to include");
    assert_fails("#include \"/dev/stdin\"\nint main(void) {return x;}\n", "error");
}

static void a_macro_bomb_ends_by_a_limit(void **state) {
    (void)state;
    assert_fails("#define A B B B B B B B B B B\n#define B C C C C C C C C C C\n"
                 "#define C D D D D D D D D D D\n#define D E E E E E E E E E E\n"
                 "#define E F F F F F F F F F F\n#define F G G G G G G G G G G\n"
                 "#define G H H H H H H H H H H\n#define H I I I I I I I I I I\n"
                 "#define I 1+1+\nint main(void) { return A 1; }\n",
                 "gcc needs more than 256 MB of memory");
}

static void a_source_of_itself_ends(void **state) {
    (void)state;
    assert_fails("#include \"app.c\"\n#include \"app.c\"\n", "nested depth");
}

static void a_program_too_large_for_the_folder_is_told(void **state) {
    (void)state;
    assert_fails("char large[1L << 30] = {1};\nint main(void) { return large[5]; }\n",
                 "gcc writes more than 32 MB");
}

static void endless_diagnostics_are_cut(void **state) {
    (void)state;
    assert_fails("#define W _Pragma(\"GCC warning \\\"again and again and again and again\\\"\")\n"
                 "#define X W W W W W W W W W W\n#define Y X X X X X X X X X X\n"
                 "#define Z Y Y Y Y Y Y Y Y Y Y\nZ Z Z Z Z Z Z Z Z Z\nint main(void) {}\n",
                 "gcc said more than 64 KB");
}

static void endless_work_ends(void **state) {
    (void)state;
    int64_t before = exercise.build_limits.wall_ms;
    exercise.build_limits.wall_ms = 1000;
    assert_fails("__asm__(\".rept 100000\\n.rept 100000\\n.endr\\n.endr\");\nint main(void) {}\n",
                 "gcc took longer than 1 s");
    exercise.build_limits.wall_ms = before;
}

static const struct CMUnitTest cases[] = {
    FOR_ROOT_AND_USER(a_right_source_is_built),
    FOR_ROOT_AND_USER(secrets_of_the_machine_cannot_be_included),
    cmocka_unit_test(an_endless_file_is_no_source),
    cmocka_unit_test(a_macro_bomb_ends_by_a_limit),
    cmocka_unit_test(a_source_of_itself_ends),
    cmocka_unit_test(a_program_too_large_for_the_folder_is_told),
    cmocka_unit_test(endless_diagnostics_are_cut),
    cmocka_unit_test(endless_work_ends),
};
BOX_CASES_MAIN(cases)
