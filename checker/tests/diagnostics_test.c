/* What compilers and linkers say, and the diagnostics made of it. The words are those of gcc 12 and binutils 2.40. */
#include "build/diagnostics.h"

#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "proto/event.h"
#include "tests/harness/cases.h"

enum { MOST = 100 };

static void note(void *ctx, json_t *event) {
    const char *type = json_string_value(json_object_get(event, "type"));
    assert_string_equal(type, "diagnostic");
    buf_printf(ctx, "%s|%s|%d|%d|%s\n", json_string_value(json_object_get(event, "severity")),
               json_string_value(json_object_get(event, "file")),
               (int)json_integer_value(json_object_get(event, "line")),
               (int)json_integer_value(json_object_get(event, "column")),
               json_string_value(json_object_get(event, "text")));
    json_decref(event);
}

/* Parses a copy that ends where the text does, so that a sanitizer sees a read behind it. */
static char *parsed(const char *text, size_t length, size_t most, size_t *count) {
    struct buf found = {0};
    char *copy = xmalloc(length ? length : 1);
    memcpy(copy, text, length);
    *count = diagnostics_parse(copy, length, most, note, &found);
    free(copy);
    return buf_steal(&found);
}

static void assert_parsed(const char *text, const char *wanted) {
    size_t count, lines = 0;
    char *found = parsed(text, strlen(text), MOST, &count);
    assert_string_equal(found, wanted);
    for (const char *at = wanted; (at = strchr(at, '\n')); at++)
        lines++;
    assert_int_equal(count, lines);
    free(found);
}

static void the_compilers_lines_are_understood(void **state) {
    (void)state;
    static const struct {
        const char *said, *wanted;
    } rows[] = {
        {"app.c:1:30: error: \xe2\x80\x98y\xe2\x80\x99 undeclared (first use in this function)\n",
         "error|app.c|1|30|\xe2\x80\x98y\xe2\x80\x99 undeclared (first use in this function)\n"},
        {"app.c:1:25: warning: unused variable 'u' [-Wunused-variable]\n",
         "warning|app.c|1|25|unused variable 'u' [-Wunused-variable]\n"},
        {"app.c:4:2: note: declared here\n", "note|app.c|4|2|declared here\n"},
        {"app.c:1:10: fatal error: nothere.h: No such file or directory\n",
         "error|app.c|1|10|nothere.h: No such file or directory\n"},
        {"app.c:7: error: no column\n", "error|app.c|7|0|no column\n"},
        {"./list.h:3:1: error: x\n", "error|list.h|3|1|x\n"},
        {"/work/list.h:3:1: error: x\n", "error|list.h|3|1|x\n"},
        {"/usr/include/stdio.h:3:1: note: x\n", "note|/usr/include/stdio.h|3|1|x\n"},
        {"a:b.c:3:1: error: colons in a name\n", "error|a:b.c|3|1|colons in a name\n"},
        {"two words.c:3:1: error: x\n", "error|two words.c|3|1|x\n"},
        {"app.c:3:1: internal compiler error: Segmentation fault\n",
         "error|app.c|3|1|internal compiler error: Segmentation fault\n"},
        {"app.c:1:2: error: no newline", "error|app.c|1|2|no newline\n"},
        {"app.c:1:2: error: dos\r\n", "error|app.c|1|2|dos\n"},
        {"app.c:1:2: error: #error \"b.c:9:9: error: forged\"\n",
         "error|app.c|1|2|#error \"b.c:9:9: error: forged\"\n"},
        {"app.c:1:2: error: \xff\n", "error|app.c|1|2|\\xff\n"},
        {"app.c: In function 'main':\n", ""},
        {"In file included from app.c:1,\n                 from b.c:1:\n", ""},
        {"compilation terminated.\n", ""},
        {"app.c:1:2: error\n", ""},
        {"app.c:99999999999:1:2: error: x\n", "error|app.c:99999999999|1|2|x\n"},
        {"\n\n:\n::\n:::\n", ""},
        {"", ""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_parsed(rows[i].said, rows[i].wanted);
}

static void the_linkers_lines_are_understood(void **state) {
    (void)state;
    assert_parsed("/usr/bin/ld: /tmp/ccPfgAvj.o: in function `main':\n"
                  "/work/app.c:12: undefined reference to `foo'\n"
                  "collect2: error: ld returned 1 exit status\n",
                  "error|app.c|12|0|undefined reference to `foo'\n");
    assert_parsed("/usr/bin/ld: /tmp/ccPfgAvj.o:(.data+0x0): undefined reference to `foo'\n",
                  "error||0|0|undefined reference to `foo'\n");
    assert_parsed("/usr/bin/ld: /usr/lib/Scrt1.o: in function `_start':\n"
                  "(.text+0x17): undefined reference to `main'\n",
                  "error||0|0|undefined reference to `main'\n");
    assert_parsed("app.c:(.text+0x1b): undefined reference to `foo'\n",
                  "error|app.c|0|0|undefined reference to `foo'\n");
    assert_parsed("/usr/bin/ld: /tmp/cc92.o: in function `main':\n"
                  "/work/other.c:1: multiple definition of `main'; /tmp/ccL.o:/work/app.c:1: first "
                  "defined here\n",
                  "error|other.c|1|0|multiple definition of `main'; /tmp/ccL.o:/work/app.c:1: "
                  "first defined here\n");
    assert_parsed("/usr/bin/ld: /work/app.c:3: undefined reference to `x'\n",
                  "error|app.c|3|0|undefined reference to `x'\n");
    assert_parsed("/work/app.c:3: warning: the use of `tmpnam' is dangerous\n",
                  "warning|app.c|3|0|the use of `tmpnam' is dangerous\n");
    assert_parsed("/usr/bin/ld: cannot find -lnope: No such file or directory\n",
                  "error||0|0|cannot find -lnope: No such file or directory\n");
    assert_parsed("/usr/bin/ld: final link failed: No space left on device\n",
                  "error||0|0|final link failed: No space left on device\n");
    assert_parsed("/usr/bin/ld: warning: type of symbol changed\n",
                  "warning||0|0|type of symbol changed\n");
}

static void the_assemblers_lines_are_understood(void **state) {
    (void)state;
    assert_parsed("app.c: Assembler messages:\napp.c:1: Error: no such instruction: `bogus'\n",
                  "error|app.c|1|0|no such instruction: `bogus'\n");
    assert_parsed("/tmp/ccxeSMDV.s: Assembler messages:\n"
                  "/tmp/ccxeSMDV.s:6: Error: file not found: /etc/nope\n",
                  "error||0|0|file not found: /etc/nope\n"); /* nobody has seen that file */
}

static void what_the_tools_themselves_say_is_understood(void **state) {
    (void)state;
    assert_parsed("gcc: error: unrecognized command-line option '-bogus'\n",
                  "error||0|0|unrecognized command-line option '-bogus'\n");
    assert_parsed(
        "gcc: fatal error: Killed signal terminated program cc1\ncompilation terminated.\n",
        "error||0|0|Killed signal terminated program cc1\n");
    assert_parsed("cc1: fatal error: nofile.c: No such file or directory\n",
                  "error||0|0|nofile.c: No such file or directory\n");
    assert_parsed("cc1: out of memory allocating 65536 bytes after a total of 1 byte\n",
                  "error||0|0|out of memory allocating 65536 bytes after a total of 1 byte\n");
    assert_parsed("cc1: all warnings being treated as errors\n", "");
}

static void no_more_are_told_than_asked_for(void **state) {
    (void)state;
    struct buf text = {0};
    size_t count;
    for (int i = 1; i <= 1000; i++)
        buf_printf(&text, "app.c:%d:1: warning: again\n", i);
    char *found = parsed(text.data, text.length, 3, &count);
    assert_int_equal(count, 3);
    assert_string_equal(found, "warning|app.c|1|1|again\nwarning|app.c|2|1|again\n"
                               "warning|app.c|3|1|again\n");
    free(found);
    free(parsed(text.data, text.length, 0, &count));
    assert_int_equal(count, 0);
    buf_release(&text);
}

static void bytes_of_any_kind_do_no_harm(void **state) {
    (void)state;
    static const char text[] = "app.c:1:1: error: a\0b\nb.c:2:2: error: \n\0:\0:1:";
    size_t count;
    char *found = parsed(text, sizeof text - 1, MOST, &count);
    assert_int_equal(count, 2);
    assert_string_equal(found, "error|app.c|1|1|a\\x00b\nerror|b.c|2|2|\n");
    free(found);
}

static void long_lines_are_cut(void **state) {
    (void)state;
    struct buf text = {0};
    size_t count;
    buf_puts(&text, "app.c:1:1: error: ");
    for (int i = 0; i < 100000; i++)
        buf_putc(&text, i % 7 ? 'x' : ':');
    char *found = parsed(text.data, text.length, MOST, &count);
    assert_int_equal(count, 1);
    assert_in_range(strlen(found), 1000, 10000);
    free(found);
    buf_release(&text);
}

static const struct CMUnitTest cases[] = {
    cmocka_unit_test(the_compilers_lines_are_understood),
    cmocka_unit_test(the_linkers_lines_are_understood),
    cmocka_unit_test(the_assemblers_lines_are_understood),
    cmocka_unit_test(what_the_tools_themselves_say_is_understood),
    cmocka_unit_test(no_more_are_told_than_asked_for),
    cmocka_unit_test(bytes_of_any_kind_do_no_harm),
    cmocka_unit_test(long_lines_are_cut),
};
CASES_MAIN(cases)
