/* Text on a page: widths, wrapping, Markdown, scrolling, keys. */
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "term/theme.h"
#include "term/tty.h"
#include "tests/harness/cases.h"
#include "text/lines.h"
#include "text/markdown.h"
#include "text/width.h"
#include "ui/keys.h"
#include "ui/prompt.h"
#include "ui/scroll.h"

static int in_utf8(void **state) {
    (void)state;
    return setlocale(LC_ALL, "C.UTF-8") ? 0 : -1;
}

/* All lines, each ended by a newline; the caller frees. */
static char *text_of(const struct lines *lines) {
    struct buf text = {0};
    for (size_t l = 0; l < lines->count; l++) {
        for (size_t s = 0; s < lines->items[l].span_count; s++) {
            const struct span *span = &lines->spans[lines->items[l].first_span + s];
            buf_append(&text, lines->text.data + span->offset, span->length);
        }
        buf_putc(&text, '\n');
    }
    return buf_steal(&text);
}

static void assert_page(const char *wanted, const char *markdown, int columns) {
    struct lines lines = {0};
    markdown_lay_out(markdown, strlen(markdown), columns, &lines);
    char *text = text_of(&lines);
    assert_string_equal(wanted, text);
    free(text);
    lines_release(&lines);
}

static void widths_count_columns(void **state) {
    (void)state;
    int used;
    assert_int_equal(4, width_of("日本", 6));
    assert_int_equal(1, width_of("e\u0301", 3));
    assert_int_equal(1, width_of("\xff", 1));
    assert_int_equal(3, width_fit("日本", 6, 3, &used));
    assert_int_equal(2, used);
    assert_int_equal(3, width_fit("e\u0301x", 4, 1, NULL)); /* the mark stays with its letter */
}

static void ascii_keeps_the_columns(void **state) {
    (void)state;
    static const char *const texts[] = {"a — b…", "日本語", "e\u0301", "├─ 11", "\xff\xfe"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct buf folded = {0};
        width_fold_ascii(&folded, texts[i], strlen(texts[i]));
        assert_int_equal(width_of(texts[i], strlen(texts[i])), folded.length);
        for (size_t c = 0; c < folded.length; c++)
            assert_true(folded.data[c] >= 0x20 && folded.data[c] < 0x7f);
        buf_release(&folded);
    }
}

static void what_is_drawn_holds_no_control_character(void **state) {
    (void)state;
    struct buf safe = {0};
    width_guard(&safe, "\u0301a\x1b[2J\x7f\xc2\x9b\xff", 11);
    assert_string_equal("a?[2J???", safe.data);
    buf_release(&safe);
}

static void paragraphs_wrap_at_spaces(void **state) {
    (void)state;
    assert_page("one two\nthree\nfour\n", "one two three\nfour", 8);
    assert_page("abcdefgh\nijkl\n", "abcdefghijkl", 8);
}

static void lists_hang_under_their_text(void **state) {
    (void)state;
    assert_page("• a b c d\n  e\n• f\n  • g\n", "- a b c d e\n- f\n  - g\n", 10);
    assert_page("9. a\n10. b\n", "9. a\n10. b\n", 20);
    assert_page("• a\n\n• b\n", "- a\n\n- b\n", 20);
}

static void blocks_stand_apart(void **state) {
    (void)state;
    assert_page("Title\n─────\n\nText.\n\nPart\n\n│ said\n\nend\n",
                "# Title\nText.\n## Part\n> said\n\nend\n", 20);
}

static void code_keeps_its_lines(void **state) {
    (void)state;
    assert_page("a\n\n  int x;\n  \n    x++;\n\nb\n", "a\n```c\nint x;\n\n  x++;\n```\nb\n", 20);
}

static void links_tell_where_they_lead(void **state) {
    (void)state;
    assert_page("see it <http://a.b/c>.\n", "see [it](http://a.b/c).\n", 40);
    assert_page("see http://a.b/c.\n", "see <http://a.b/c>.\n", 40);
    assert_page("see it.\n", "see [it](#part).\n", 40);
}

static void code_of_a_file_names_it(void **state) {
    (void)state;
    assert_page("  bell.c 3\n  x;\n", "```c bell.c 3\nx;\n```\n", 20);
    assert_string_equal("bell.c 3", markdown_code_file("c bell.c 3"));
    assert_null(markdown_code_file("c"));
    assert_null(markdown_code_file("c "));
    assert_null(markdown_code_file("console unordered"));
    assert_null(markdown_code_file("odd {x} a.c"));
}

static void marks_tell_what_stands_where_at_any_width(void **state) {
    (void)state;
    static const char text[] =
        "# Title\none two three four\n## Part *x*\n```c a.c\nx;\n```\n| a |\n|--|\n";
    static const enum mark_kind kinds[] = {MARK_HEADING, MARK_BLOCK, MARK_HEADING, MARK_CODE,
                                           MARK_BLOCK};
    static const size_t lines_at_80[] = {0, 3, 5, 7, 10};
    for (int columns = 8; columns <= 80; columns += 72) {
        struct lines lines = {0};
        struct marks marks = {0};
        markdown_lay_out_marked(text, strlen(text), columns, &lines, &marks);
        assert_int_equal(5, marks.count);
        for (size_t i = 0; i < 5; i++) {
            assert_int_equal(kinds[i], marks.items[i].kind);
            if (columns == 80)
                assert_int_equal(lines_at_80[i], marks.items[i].line);
        }
        assert_string_equal("Part x", marks.items[2].text);
        assert_int_equal(2, marks.items[2].level);
        assert_string_equal("c a.c", marks.items[3].text);
        lines_release(&lines);
        marks_release(&marks);
    }
}

static enum prompt_end type(struct prompt *prompt, const char *keys) {
    enum prompt_end end = PROMPT_GOES_ON;
    for (; *keys; keys++)
        end = prompt_key(prompt, *keys);
    return end;
}

static void a_prompt_takes_text_and_nothing_else(void **state) {
    (void)state;
    struct prompt prompt = {0};
    prompt_open(&prompt, "Search: ", "");
    assert_int_equal(PROMPT_GOES_ON, type(&prompt, "ab\x01\t"));
    prompt_key(&prompt, 0xe9);
    prompt_key(&prompt, TTY_KEY_UP);
    assert_string_equal("ab\xc3\xa9", prompt.text.data);
    prompt_key(&prompt, TTY_KEY_BACKSPACE);
    assert_string_equal("ab", prompt.text.data);
    assert_int_equal(PROMPT_DONE, type(&prompt, "\r"));
    assert_false(prompt.open);
    prompt_open(&prompt, "Search: ", "");
    assert_int_equal(PROMPT_CANCELLED, type(&prompt, "\x7f"));
    prompt_open(&prompt, "Search: ", "");
    for (int i = 0; i < 1000; i++)
        prompt_key(&prompt, 'x');
    assert_int_equal(PROMPT_TEXT_MAX, prompt.text.length);
    prompt_release(&prompt);
}

static void tables_give_way_where_they_are_widest(void **state) {
    (void)state;
    assert_page("k   v\n──  ──\na1  b1\n", "| k | v |\n| --- | --- |\n| a1 | b1 |\n", 20);
    assert_page("k   v\n──  ──────\na1  one\n    two\n    three\n",
                "| k | v |\n| --- | --- |\n| a1 | one two three |\n", 10);
}

static void hostile_markdown_is_harmless(void **state) {
    (void)state;
    struct buf deep = {0};
    struct lines lines = {0};
    for (int i = 0; i < 200; i++)
        buf_puts(&deep, i % 3 ? "> " : "- ");
    buf_puts(&deep, "deep \x1b[31m *a **b _c_* d**\n\n| a |\n|---|\n");
    for (int i = 0; i < 40; i++)
        buf_puts(&deep, "| x ");
    markdown_lay_out(deep.data, deep.length, 3, &lines);
    assert_true(lines.count > 0);
    assert_null(memchr(lines.text.data, 0x1b, lines.text.length));
    lines_release(&lines);
    buf_release(&deep);
}

static void a_page_follows_its_end_until_moved(void **state) {
    (void)state;
    struct scroll scroll = {.follows = true};
    scroll_fit(&scroll, 30, 10);
    assert_int_equal(20, scroll.top);
    scroll_move(&scroll, REQUEST_PAGE_UP);
    scroll_fit(&scroll, 31, 10);
    assert_int_equal(11, scroll.top);
    scroll_move(&scroll, REQUEST_BOTTOM);
    scroll_fit(&scroll, 50, 10);
    assert_int_equal(40, scroll.top);
}

static void a_selection_stays_in_view(void **state) {
    (void)state;
    struct scroll scroll = {.selects = true};
    scroll_fit(&scroll, 30, 10);
    scroll_select(&scroll, 15);
    scroll_fit(&scroll, 30, 10);
    assert_int_equal(6, scroll.top);
    scroll_fit(&scroll, 3, 10);
    assert_int_equal(2, scroll.selected);
    assert_int_equal(0, scroll.top);
    scroll_fit(&scroll, 0, 0);
    scroll_move(&scroll, REQUEST_DOWN);
    assert_int_equal(0, scroll.selected);
}

static void no_key_means_two_things_in_one_place(void **state) {
    (void)state;
    size_t count;
    const struct key_binding *table = keys_table(&count);
    for (size_t i = 0; i < count; i++)
        for (size_t j = i + 1; j < count; j++)
            if (table[i].key == table[j].key && table[i].places & table[j].places)
                fail_msg("%s is in the table twice for one place", table[i].shown);
}

static void every_request_on_the_bottom_line_is_in_the_help(void **state) {
    (void)state;
    size_t count;
    const struct key_binding *table = keys_table(&count);
    for (size_t i = 0; i < count; i++)
        if (table[i].label && !table[i].help && table[i].places != PLACE_QUESTION)
            fail_msg("%s has no help", table[i].shown);
    assert_int_equal(REQUEST_KILL, keys_request(PLACE_BENCH, 'k'));
    assert_int_equal(REQUEST_UP, keys_request(PLACE_LESSON, 'k'));
    assert_int_equal(REQUEST_NONE, keys_request(PLACE_QUESTION, 'r'));
}

#define CASE(function) cmocka_unit_test_setup(function, in_utf8)
static void the_background_decides_on_a_theme(void **state) {
    (void)state;
    assert_int_equal(THEME_DARK, theme_for_background(NULL));
    assert_int_equal(THEME_DARK, theme_for_background("15;0"));
    assert_int_equal(THEME_DARK, theme_for_background("15;8"));
    assert_int_equal(THEME_LIGHT, theme_for_background("0;15"));
    assert_int_equal(THEME_LIGHT, theme_for_background("0;default;7"));
    assert_int_equal(THEME_DARK, theme_for_background("0;default"));
    assert_int_equal(THEME_DARK, theme_for_background("0;"));
    assert_int_equal(THEME_DARK, theme_for_background("nonsense"));
}

static const struct CMUnitTest cases[] = {
    CASE(widths_count_columns),
    CASE(ascii_keeps_the_columns),
    CASE(what_is_drawn_holds_no_control_character),
    CASE(paragraphs_wrap_at_spaces),
    CASE(lists_hang_under_their_text),
    CASE(blocks_stand_apart),
    CASE(code_keeps_its_lines),
    CASE(links_tell_where_they_lead),
    CASE(code_of_a_file_names_it),
    CASE(marks_tell_what_stands_where_at_any_width),
    CASE(a_prompt_takes_text_and_nothing_else),
    CASE(tables_give_way_where_they_are_widest),
    CASE(hostile_markdown_is_harmless),
    CASE(a_page_follows_its_end_until_moved),
    CASE(a_selection_stays_in_view),
    CASE(no_key_means_two_things_in_one_place),
    CASE(every_request_on_the_bottom_line_is_in_the_help),
    cmocka_unit_test(the_background_decides_on_a_theme),
};
CASES_MAIN(cases)
