/* What is taken of a submission, what the build command becomes, and what is told of its end. The command itself is
 * not run here: compile_test.c does, in the box. */
#include "build/build.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/fd.h"
#include "build/sources.h"
#include "proto/event.h"
#include "tests/harness/cases.h"

#define WORDS(...) ((const char *const[]){__VA_ARGS__, NULL})

static const struct exercise exercise = {.build_limits = {.wall_ms = 20000,
                                                          .memory_bytes = 64 << 20,
                                                          .output_bytes = 256 << 10,
                                                          .file_bytes = 32 << 20}};

static const struct language c_language = {.sources = WORDS("*.c", "*.h"),
                                           .build = WORDS("gcc", "-o", "app", "*.c", "-lm"),
                                           .artifacts = WORDS("app")};
static const struct language script = {.sources = WORDS("*.py")};

/* --- a folder, a runner that only plays, and what was told ---------------------------------------- */

struct world {
    char folder[64];
    struct build build;
    struct err err;
    int code;
    json_t *events;
    /* the runner's part */
    struct build_outcome outcome; /* what it will answer */
    const char *said;             /* the compiler's words */
    const char *artifact;         /* content of what was wanted; NULL: it is missing */
    int runner_code;
    int runs;
    char command[1024]; /* the words it was given, and the files */
};

static int play(void *ctx, const struct build_command *command, struct build_outcome *outcome,
                struct err *err) {
    struct world *world = ctx;
    size_t count = 0;
    world->runs++;
    for (const char *const *word = command->argv; *word; word++)
        snprintf(world->command + strlen(world->command),
                 sizeof world->command - strlen(world->command), "%s ", *word);
    while (command->wanted[count])
        count++;
    *outcome = world->outcome;
    outcome->started = true;
    outcome->wall_ms = 7;
    outcome->output_text = xstrdup(world->said ? world->said : "");
    outcome->output_length = strlen(outcome->output_text);
    outcome->taken_fds = xcalloc(count, sizeof *outcome->taken_fds);
    for (size_t i = 0; i < count; i++)
        outcome->taken_fds[i] = world->artifact ? fd_from_bytes("artifact", world->artifact,
                                                                strlen(world->artifact), NULL)
                                                : -1;
    return world->runner_code ? err_set(err, -world->runner_code, "no box") : 0;
}

static void hear(void *ctx, json_t *event) {
    struct world *world = ctx;
    json_array_append_new(world->events, event);
}

static void make_folder(struct world *world) {
    *world = (struct world){.events = json_array()};
    const char *tmp = getenv("TMPDIR");
    snprintf(world->folder, sizeof world->folder, "%s/sub", tmp ? tmp : "/tmp");
    assert_int_equal(mkdir(world->folder, 0755), 0);
}

static char *path_of(const struct world *world, const char *name) {
    return xasprintf("%s/%s", world->folder, name);
}

static void put(const struct world *world, const char *name, const char *content, size_t size) {
    char *path = path_of(world, name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(content, 1, size, file), size);
    fclose(file);
    free(path);
}

static void put_text(const struct world *world, const char *name, const char *content) {
    put(world, name, content, strlen(content));
}

static void go(struct world *world, const struct language *language) {
    world->code = build_run(&world->build, &exercise, language, world->folder, play, hear, world,
                            &world->err);
}

static void end_world(struct world *world) {
    build_release(&world->build);
    json_decref(world->events);
    char *command = xasprintf("rm -rf '%s'", world->folder);
    assert_int_equal(system(command), 0);
    free(command);
}

static const json_t *built(const struct world *world) {
    const json_t *last = json_array_get(world->events, json_array_size(world->events) - 1);
    assert_string_equal(json_string_value(json_object_get(last, "type")), "built");
    assert_int_equal(json_is_true(json_object_get(last, "ok")), world->build.ok);
    return last;
}

static void assert_why(const struct world *world, const char *words) {
    assert_int_equal(world->code, 0);
    assert_false(world->build.ok);
    const char *why = json_string_value(json_object_get(built(world), "why"));
    if (!why || !strstr(why, words))
        fail_msg("expected `%s` in: %s", words, why ? why : "nothing");
}

static void assert_content(int fd, const char *wanted) {
    struct buf text = {0};
    assert_int_equal(fd_read_all(fd, &text, 4096), 0);
    assert_string_equal(text.data ? text.data : "", wanted);
    buf_release(&text);
}

/* --- the sources -------------------------------------------------------------------------------- */

static void the_sources_of_the_language_are_taken(void **state) {
    (void)state;
    struct world world;
    make_folder(&world);
    put_text(&world, "b.py", "b");
    put_text(&world, "app.py", "a");
    put_text(&world, "empty.py", "");
    put_text(&world, ".hidden.py", "h");
    put_text(&world, "notes.txt", "n");
    put_text(&world, "app.pyc", "n");
    go(&world, &script);
    assert_int_equal(world.code, 0);
    assert_true(world.build.ok);
    assert_int_equal(world.build.file_count, 3);
    assert_string_equal(world.build.files[0].name, "app.py");
    assert_string_equal(world.build.files[1].name, "b.py");
    assert_string_equal(world.build.files[2].name, "empty.py");
    assert_content(world.build.files[0].fd, "a");
    assert_content(world.build.files[2].fd, "");
    assert_int_equal(world.runs, 0); /* nothing to build */
    assert_int_equal(json_array_size(world.events), 1);
    built(&world);
    end_world(&world);
}

static void a_later_change_does_not_reach_the_copy(void **state) {
    (void)state;
    struct world world;
    make_folder(&world);
    put_text(&world, "app.py", "before");
    go(&world, &script);
    put_text(&world, "app.py", "after!");
    assert_content(world.build.files[0].fd, "before");
    assert_int_equal(write(world.build.files[0].fd, "x", 1), -1); /* sealed */
    end_world(&world);
}

enum oddity { LINK, FOLDER, FIFO, SOCKET, DANGLING };

static void put_odd(const struct world *world, enum oddity oddity, const char *name) {
    char *path = path_of(world, name);
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    switch (oddity) {
    case LINK: assert_int_equal(symlink("/etc/passwd", path), 0); break;
    case DANGLING: assert_int_equal(symlink("/nonexistent", path), 0); break;
    case FOLDER: assert_int_equal(mkdir(path, 0755), 0); break;
    case FIFO: assert_int_equal(mkfifo(path, 0644), 0); break;
    case SOCKET: {
        int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
        assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
        close(fd);
    }
    }
    free(path);
}

static void what_is_no_plain_file_is_refused_by_name(void **state) {
    (void)state;
    static const struct {
        enum oddity oddity;
        const char *words;
    } rows[] = {{LINK, "app.c is a symbolic link: put the file itself there"},
                {DANGLING, "app.c is a symbolic link"},
                {FOLDER, "app.c is not a regular file"},
                {FIFO, "app.c is not a regular file"},
                {SOCKET, "cannot read app.c"}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct world world;
        make_folder(&world);
        put_odd(&world, rows[i].oddity, "app.c");
        go(&world, &c_language);
        assert_why(&world, rows[i].words);
        assert_int_equal(world.runs, 0);
        end_world(&world);
    }
}

static void names_that_look_like_options_are_refused(void **state) {
    (void)state;
    static const struct {
        const char *name, *words;
    } rows[] = {{"-o.c", "the file \"-o.c\" begins with - or @"},
                {"@args.c", "the file \"@args.c\" begins with - or @"},
                {"a\nb.c", "the file \"a\\nb.c\" begins"},
                {"a\033[2J.c", "the file \"a\\e[2J.c\" begins"}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct world world;
        make_folder(&world);
        put_text(&world, rows[i].name, "");
        go(&world, &c_language);
        assert_why(&world, rows[i].words);
        assert_int_equal(world.runs, 0);
        end_world(&world);
    }
}

static void too_much_is_refused_with_the_figure(void **state) {
    (void)state;
    struct world world;
    make_folder(&world);
    char *large = xcalloc(SOURCE_BYTES_MOST + 1, 1);
    put(&world, "app.c", large, SOURCE_BYTES_MOST);
    go(&world, &script); /* not its language */
    assert_int_equal(world.build.file_count, 0);
    build_release(&world.build);
    world.artifact = "program";
    go(&world, &c_language);
    assert_true(world.build.ok); /* as large as may be */
    build_release(&world.build);
    put(&world, "app.c", large, SOURCE_BYTES_MOST + 1);
    go(&world, &c_language);
    assert_why(&world, "app.c is larger than 1024 KB");
    free(large);
    end_world(&world);
    make_folder(&world);
    for (int i = 0; i < SOURCES_MOST + 1; i++) {
        char name[16];
        snprintf(name, sizeof name, "f%d.c", i);
        put_text(&world, name, "");
    }
    go(&world, &c_language);
    assert_why(&world, "more than 64 source files");
    end_world(&world);
}

static void a_folder_that_is_not_there_is_an_error(void **state) {
    (void)state;
    struct world world;
    make_folder(&world);
    world.code = build_run(&world.build, &exercise, &c_language, "/nonexistent/folder", play, hear,
                           &world, &world.err);
    assert_int_equal(world.code, -ENOENT);
    assert_non_null(strstr(world.err.text, "/nonexistent/folder"));
    assert_int_equal(json_array_size(world.events), 0);
    end_world(&world);
}

/* --- the command -------------------------------------------------------------------------------- */

static void patterns_become_the_files_that_fit(void **state) {
    (void)state;
    struct world world;
    make_folder(&world);
    put_text(&world, "b.c", "");
    put_text(&world, "app.c", "");
    put_text(&world, "list.h", "");
    put_text(&world, "*.c", "");
    world.artifact = "program";
    go(&world, &c_language);
    assert_string_equal(world.command, "gcc -o app *.c app.c b.c -lm ");
    assert_int_equal(world.build.wall_ms, 7);
    end_world(&world);
}

static void artifacts_replace_the_sources(void **state) {
    (void)state;
    struct world world;
    make_folder(&world);
    put_text(&world, "app.c", "");
    world.artifact = "program";
    world.said = "app.c:1:1: warning: careful\n";
    go(&world, &c_language);
    assert_true(world.build.ok);
    assert_int_equal(world.build.file_count, 1);
    assert_string_equal(world.build.files[0].name, "app");
    assert_true(world.build.files[0].executable);
    assert_content(world.build.files[0].fd, "program");
    assert_int_equal(json_array_size(world.events), 2);
    const json_t *said = json_array_get(world.events, 0);
    assert_string_equal(json_string_value(json_object_get(said, "text")), "careful");
    assert_string_equal(json_string_value(json_object_get(built(&world), "output")), world.said);
    end_world(&world);
}

static void every_way_to_fail_is_told(void **state) {
    (void)state;
    static const struct {
        struct build_outcome outcome;
        const char *said, *words;
    } rows[] = {
        {{.wait_status = W_EXITCODE(1, 0)}, "app.c:1:1: error: x\n", "gcc ended with code 1"},
        {{.wait_status = W_EXITCODE(0, SIGSEGV)}, "", "gcc was killed by signal 11"},
        {{.timed_out = true}, "", "gcc took longer than 20 s"},
        {{.output = true}, "", "gcc said more than 256 KB"},
        {{.memory = true}, "", "gcc needs more than 64 MB of memory"},
        {{.wait_status = W_EXITCODE(1, 0)},
         "cc1: out of memory allocating 9 bytes after a total of 1",
         "gcc needs more than 64 MB of memory"},
        {{.wait_status = W_EXITCODE(4, 0)},
         "File size limit exceeded signal terminated program as",
         "gcc writes more than 32 MB"},
        {{.wait_status = 0}, "", "gcc left no file `app`"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct world world;
        make_folder(&world);
        put_text(&world, "app.c", "");
        world.outcome = rows[i].outcome;
        world.said = rows[i].said;
        go(&world, &c_language);
        assert_why(&world, rows[i].words);
        end_world(&world);
    }
}

static void a_machine_without_a_box_is_an_error_not_a_mark(void **state) {
    (void)state;
    struct world world;
    make_folder(&world);
    put_text(&world, "app.c", "");
    world.runner_code = -EPERM;
    go(&world, &c_language);
    assert_int_equal(world.code, -EPERM);
    assert_int_equal(json_array_size(world.events), 0);
    end_world(&world);
}

static const struct CMUnitTest cases[] = {
    cmocka_unit_test(the_sources_of_the_language_are_taken),
    cmocka_unit_test(a_later_change_does_not_reach_the_copy),
    cmocka_unit_test(what_is_no_plain_file_is_refused_by_name),
    cmocka_unit_test(names_that_look_like_options_are_refused),
    cmocka_unit_test(too_much_is_refused_with_the_figure),
    cmocka_unit_test(a_folder_that_is_not_there_is_an_error),
    cmocka_unit_test(patterns_become_the_files_that_fit),
    cmocka_unit_test(artifacts_replace_the_sources),
    cmocka_unit_test(every_way_to_fail_is_told),
    cmocka_unit_test(a_machine_without_a_box_is_an_error_not_a_mark),
};
CASES_MAIN(cases)
