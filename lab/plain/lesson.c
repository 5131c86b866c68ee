/* A lesson in plain text, a page at a time, its examples run between the pages. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/fd.h"
#include "model/example.h"
#include "plain/steps.h"
#include "text/markdown.h"

enum { TEXT_MAX = 4 << 20 };

static const struct say_command commands[] = {
    {'m', "more", "the next page"},
    {'b', "back", "the page before"},
    {'r', "run", "run an example: the last one shown, or r and its number"},
    {'o', "outline", "the headings; o and a number goes to one"},
    {'/', "search", "/ and words: on to where they stand"},
    {'?', "help", "this list"},
    {'q', "quit", "back to the steps; the place is kept"},
    {0, NULL, NULL},
};

struct reading {
    struct plain *plain;
    const struct course_step *step;
    struct lines lines;
    struct marks marks;
    size_t top, bottom; /* lines of the page shown */
};

static const char *example_of(const struct mark *mark) {
    return mark->kind == MARK_CODE && mark->text ? markdown_code_file(mark->text) : NULL;
}

/* Prints the page; the line above code that can be run gets the example's number. */
static void show_page(struct reading *reading) {
    struct say *say = &reading->plain->say;
    size_t from = reading->top, number = 0;
    reading->bottom = reading->top + (size_t)say->rows;
    if (reading->bottom > reading->lines.count)
        reading->bottom = reading->lines.count;
    putchar('\n');
    for (size_t i = 0; i < reading->marks.count; i++) {
        const struct mark *mark = &reading->marks.items[i];
        const char *example = example_of(mark);
        number += example != NULL;
        if (!example || mark->line < from || mark->line >= reading->bottom)
            continue;
        say_lines(say, &reading->lines, from, mark->line);
        say_text(say, "Example %zu: %s", number, example);
        from = mark->line + 1;
    }
    say_lines(say, &reading->lines, from, reading->bottom);
}

/* The wanted example, or without a number the last that was shown. */
static const char *find_example(const struct reading *reading, long wanted) {
    const char *found = NULL;
    long number = 0;
    for (size_t i = 0; i < reading->marks.count; i++) {
        const char *example = example_of(&reading->marks.items[i]);
        number += example != NULL;
        if (example && (wanted ? number == wanted : reading->marks.items[i].line < reading->bottom))
            found = example;
    }
    return found;
}

static void run_example(struct reading *reading, const char *rest) {
    struct plain *plain = reading->plain;
    const char *example = find_example(reading, strtol(rest, NULL, 10));
    struct example words;
    if (!example) {
        say_text(&plain->say, "There is no such example here.");
        return;
    }
    example_find(&words, reading->step->file, example);
    if (!example_is_there(&words)) {
        say_text(&plain->say, "%s is not among the examples of this lesson.", words.name);
    } else {
        const char *argv[EXAMPLE_WORDS_MAX + 8] = {plain->checker, "watch", words.words[0],
                                                   "--format=text", "--"};
        size_t count = 5;
        for (char **word = words.words + 1; *word; word++)
            argv[count++] = *word;
        argv[count] = NULL;
        plain_run_program(plain, argv, NULL, -1);
    }
    example_release(&words);
}

static void outline(struct reading *reading, const char *rest) {
    long wanted = strtol(rest, NULL, 10), number = 0;
    for (size_t i = 0; i < reading->marks.count; i++) {
        const struct mark *mark = &reading->marks.items[i];
        if (mark->kind != MARK_HEADING)
            continue;
        number++;
        if (!wanted)
            say_text(&reading->plain->say, "%3ld  %s", number, mark->text);
        else if (number == wanted)
            reading->top = mark->line;
    }
    if (wanted)
        show_page(reading);
}

static void search(struct reading *reading, const char *words) {
    for (size_t i = 1; *words && i <= reading->lines.count; i++) {
        size_t line = (reading->top + i) % reading->lines.count;
        struct lines one = {0};
        lines_open(&one);
        lines_join(&one, &reading->lines, line, 0);
        buf_reserve(&one.text, 1);
        one.text.data[one.text.length] = '\0';
        bool found = strcasestr(one.text.data, words) != NULL;
        lines_release(&one);
        if (!found)
            continue;
        reading->top = line;
        show_page(reading);
        return;
    }
    say_text(&reading->plain->say, "\"%s\" is not in this lesson.", words);
}

static void keep_place(struct reading *reading) {
    size_t place = 0;
    while (place + 1 < reading->marks.count && reading->marks.items[place + 1].line <= reading->top)
        place++;
    bool finished = reading->bottom >= reading->lines.count; /* next time from the start */
    progress_lesson_stop(reading->plain->progress, reading->step->id, finished ? 0 : place);
}

static void turn(struct reading *reading, bool on) {
    size_t rows = (size_t)reading->plain->say.rows;
    if (on)
        reading->top = reading->bottom;
    else
        reading->top = reading->top > rows ? reading->top - rows : 0;
    show_page(reading);
    keep_place(reading);
    if (!progress_is_saved(reading->plain->progress))
        plain_save(reading->plain);
}

static const char *ask(struct reading *reading) {
    char prompt[96];
    bool end = reading->bottom >= reading->lines.count;
    if (end)
        progress_lesson(reading->plain->progress, reading->step->id, LESSON_READ);
    snprintf(prompt, sizeof prompt, "%zu %%: %s, b back, r run, o outline, ? help, q quit> ",
             reading->lines.count ? reading->bottom * 100 / reading->lines.count : 100,
             end ? "Enter ends the lesson" : "Enter more");
    return say_ask(&reading->plain->say, prompt);
}

static void converse(struct reading *reading) {
    const char *answer, *rest;
    show_page(reading);
    while ((answer = ask(reading))) {
        bool end = reading->bottom >= reading->lines.count;
        if (*answer == '/') {
            search(reading, answer + 1 + strspn(answer + 1, " "));
            continue;
        }
        char key = *answer ? say_command(commands, answer, &rest) : 'm';
        if (key == 'q' || (key == 'm' && end))
            return;
        switch (key) {
        case 'm':
        case 'b': turn(reading, key == 'm'); break;
        case 'r': run_example(reading, rest); break;
        case 'o': outline(reading, rest); break;
        default: say_help(&reading->plain->say, commands); break;
        }
    }
}

void plain_lesson(struct plain *plain, const struct course_step *step) {
    struct reading reading = {.plain = plain, .step = step};
    struct err err = {0};
    struct buf text = {0};
    if (file_read(step->file, &text, TEXT_MAX, &err) < 0) {
        say_text(&plain->say, "%s", err.text);
        buf_release(&text);
        return;
    }
    markdown_lay_out_marked(text.data ? text.data : "", text.length, plain->say.columns,
                            &reading.lines, &reading.marks);
    size_t place = progress_lesson_place(plain->progress, step->id);
    if (place < reading.marks.count)
        reading.top = reading.marks.items[place].line;
    progress_lesson(plain->progress, step->id, LESSON_READING);
    converse(&reading);
    keep_place(&reading);
    lines_release(&reading.lines);
    marks_release(&reading.marks);
    buf_release(&text);
}
