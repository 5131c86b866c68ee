/* Runs a fuzz target without a fuzzer, so that `make test` tries each on the same inputs every time.
 *
 *     reader_fuzz FILE...              the target over files: a corpus, a crash that a fuzzer found
 *     reader_fuzz --seed S --runs N    N inputs made from the corpus and the seed S
 *     reader_fuzz --seed S --only I    the I-th of them alone, as a failure names it
 *
 * and the two cases that the runner asks for. The corpus of NAME_fuzz is checker/tests/fuzz/corpus/NAME/,
 * of a target of the lab's lab/tests/fuzz/corpus/NAME/. A target that is slow defines fuzz_runs_in_a_test.
 * A target is what libFuzzer and AFL++ take as well; they bring a main of their own.
 */
#include <dirent.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/fd.h"
#include "tests/harness/cases.h"

enum { INPUT_MOST = 4096, FILE_MOST = 1 << 20, RUNS_IN_A_TEST = 5000, MUTATIONS_MOST = 8 };

unsigned fuzz_runs_in_a_test(void) __attribute__((weak));

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct corpus {
    struct buf *seeds;
    size_t count, capacity;
};

static char at_work[160]; /* what is being tried, for whoever has to find it again */

static void tell_where(void) { (void)!write(STDERR_FILENO, at_work, strlen(at_work)); }

static void on_fatal(int number) {
    tell_where();
    signal(number, SIG_DFL);
    raise(number);
}

void __sanitizer_set_death_callback(void (*callback)(void)) __attribute__((weak));

static void tell_failures(void) {
    static const int fatal[] = {SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL};
    if (__sanitizer_set_death_callback) {
        __sanitizer_set_death_callback(tell_where);
        return;
    }
    for (size_t i = 0; i < sizeof fatal / sizeof fatal[0]; i++)
        signal(fatal[i], on_fatal);
}

/* xorshift64* (Vigna, "An experimental exploration of Marsaglia's xorshift generators, scrambled"). */
static uint64_t next(uint64_t *state) {
    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;
    return *state * UINT64_C(0x2545f4914f6cdd1d);
}

static size_t below(uint64_t *state, size_t limit) {
    return limit ? (size_t)(next(state) % limit) : 0;
}

/* --- the corpus --------------------------------------------------------------------------------- */

static int by_name(const void *a, const void *b) {
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void add_file(struct corpus *corpus, const char *path) {
    struct buf content = {0};
    struct err err = {0};
    if (file_read(path, &content, FILE_MOST, &err)) {
        fprintf(stderr, "%s\n", err.text);
        exit(2);
    }
    buf_append(&content, "", 0);
    GROW(corpus->seeds, corpus->capacity, corpus->count + 1);
    corpus->seeds[corpus->count++] = content;
}

static void read_corpus(struct corpus *corpus, const char *program) {
    const char *slash = strrchr(program, '/'), *name = slash ? slash + 1 : program;
    char *folder =
        xasprintf("%s/tests/fuzz/corpus/%.*s", strstr(program, "/lab/") ? "lab" : "checker",
                  (int)strcspn(name, "_"), name);
    char *path = xstrdup(case_source(folder)), **files = NULL;
    size_t count = 0, capacity = 0;
    DIR *dir = opendir(path);
    for (struct dirent *entry; dir && (entry = readdir(dir));) {
        if (entry->d_name[0] == '.')
            continue;
        GROW(files, capacity, count + 1);
        files[count++] = xasprintf("%s/%s", path, entry->d_name);
    }
    if (count) /* the order of a folder is not the same everywhere */
        qsort(files, count, sizeof *files, by_name);
    for (size_t i = 0; i < count; i++) {
        add_file(corpus, files[i]);
        free(files[i]);
    }
    if (dir)
        closedir(dir);
    free(files);
    free(path);
    free(folder);
}

static void release_corpus(struct corpus *corpus) {
    for (size_t i = 0; i < corpus->count; i++)
        buf_release(&corpus->seeds[i]);
    free(corpus->seeds);
}

static void run_corpus(const struct corpus *corpus) {
    for (size_t i = 0; i < corpus->count; i++) {
        snprintf(at_work, sizeof at_work, "fuzz: file %zu of the corpus, by name\n", i + 1);
        LLVMFuzzerTestOneInput((const uint8_t *)corpus->seeds[i].data, corpus->seeds[i].length);
    }
}

/* --- inputs made up ----------------------------------------------------------------------------- */

static void cut_out(struct buf *input, uint64_t *state) {
    size_t at = below(state, input->length), count = below(state, input->length - at + 1);
    memmove(input->data + at, input->data + at + count, input->length - at - count);
    input->length -= count;
}

/* A piece of `from` put in somewhere. */
static void put_in(struct buf *input, uint64_t *state, const struct buf *from) {
    size_t at = below(state, input->length + 1), start = below(state, from->length);
    size_t count = below(state, from->length - start + 1);
    if (!count || input->length + count > INPUT_MOST)
        return;
    struct buf tail = {0};
    buf_append(&tail, input->data + at, input->length - at);
    input->length = at;
    buf_append(input, from->data + start, count);
    buf_append(input, tail.data, tail.length);
    buf_release(&tail);
}

static void mutate(struct buf *input, uint64_t *state, const struct corpus *corpus) {
    static const uint8_t telling[] = {0x00, 0x1b, 0x7f, 0x80, 0x9b, 0xc0, 0xed, 0xf4, 0xff,
                                      '\n', '\r', '"',  '\\', '{',  ']',  '9',  '-'};
    size_t at = below(state, input->length);
    switch (below(state, 6)) {
    case 0: input->data[at] = (char)next(state); break;
    case 1: input->data[at] = (char)telling[below(state, sizeof telling)]; break;
    case 2: input->data[at] = (char)(input->data[at] ^ 1 << below(state, 8)); break;
    case 3: cut_out(input, state); break;
    default:
        if (corpus->count)
            put_in(input, state, &corpus->seeds[below(state, corpus->count)]);
    }
}

/* The same input for the same seed and number, whatever was tried before it. */
static void make_input(struct buf *input, const struct corpus *corpus, uint64_t seed,
                       uint64_t number) {
    uint64_t state = (seed + 1) * UINT64_C(0x9e3779b97f4a7c15) ^ (number + 1) << 20;
    next(&state);
    buf_clear(input);
    bool from_nothing = !corpus->count || below(&state, 16) == 0;
    if (from_nothing) {
        for (size_t left = below(&state, 256); left; left--)
            buf_putc(input, (char)next(&state));
    } else {
        const struct buf *start = &corpus->seeds[below(&state, corpus->count)];
        buf_append(input, start->data, start->length < INPUT_MOST ? start->length : INPUT_MOST);
    }
    for (size_t left = below(&state, MUTATIONS_MOST + 1); left && input->length; left--)
        mutate(input, &state, corpus);
}

static void run_made(const struct corpus *corpus, uint64_t seed, uint64_t first, uint64_t runs) {
    struct buf input = {0};
    for (uint64_t i = first; i < first + runs; i++) {
        snprintf(at_work, sizeof at_work, "fuzz: again with --seed %llu --only %llu\n",
                 (unsigned long long)seed, (unsigned long long)i);
        make_input(&input, corpus, seed, i);
        /* a block of just that size, so that a sanitizer sees a byte read past its end */
        uint8_t *exact = xmalloc(input.length);
        memcpy(exact, input.data ? input.data : "", input.length);
        LLVMFuzzerTestOneInput(exact, input.length);
        free(exact);
    }
    buf_release(&input);
}

static uint64_t option(int argc, char **argv, const char *name, uint64_t fallback) {
    for (int i = 1; i + 1 < argc; i++)
        if (strcmp(argv[i], name) == 0)
            return strtoull(argv[i + 1], NULL, 0);
    return fallback;
}

static int run(int argc, char **argv, struct corpus *corpus) {
    uint64_t seed = option(argc, argv, "--seed", 1), none = UINT64_MAX;
    uint64_t only = option(argc, argv, "--only", none), runs = option(argc, argv, "--runs", none);
    if (argc == 3 && strcmp(argv[1], "--case") == 0) {
        if (strcmp(argv[2], "the_corpus") == 0)
            run_corpus(corpus);
        else
            run_made(corpus, seed, 0, fuzz_runs_in_a_test ? fuzz_runs_in_a_test() : RUNS_IN_A_TEST);
    } else if (only != none || runs != none) {
        run_made(corpus, seed, only != none ? only : 0, only != none ? 1 : runs);
    } else {
        struct corpus files = {0};
        for (int i = 1; i < argc; i++)
            add_file(&files, argv[i]);
        run_corpus(&files);
        release_corpus(&files);
    }
    return 0;
}

int main(int argc, char **argv) {
    if (argc == 2 && strcmp(argv[1], "--list") == 0) {
        puts("the_corpus\t60\nmade_up_inputs\t60");
        return 0;
    }
    struct corpus corpus = {0};
    tell_failures();
    read_corpus(&corpus, argv[0]);
    int code = run(argc, argv, &corpus);
    release_corpus(&corpus);
    return code;
}
