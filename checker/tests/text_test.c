/* Foreign bytes made fit for JSON and for a terminal, and base64. */
#include "base/text.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "tests/harness/cases.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

static void characters_of_every_length_are_found(void **state) {
    (void)state;
    static const struct {
        const char *bytes;
        size_t length;
        uint32_t point;
    } good[] = {
        {"A", 1, 'A'},
        {"\x7f", 1, 0x7f},
        {"\xc2\x80", 2, 0x80},
        {"\xdf\xbf", 2, 0x7ff},
        {"\xe0\xa0\x80", 3, 0x800},
        {"\xed\x9f\xbf", 3, 0xd7ff},
        {"\xee\x80\x80", 3, 0xe000},
        {"\xef\xbf\xbf", 3, 0xffff},
        {"\xf0\x90\x80\x80", 4, 0x10000},
        {"\xf4\x8f\xbf\xbf", 4, 0x10ffff},
    };
    for (size_t i = 0; i < COUNT(good); i++) {
        uint32_t point = 0;
        assert_int_equal(utf8_next(good[i].bytes, strlen(good[i].bytes), &point), good[i].length);
        assert_int_equal(point, good[i].point);
        assert_int_equal(utf8_next(good[i].bytes, good[i].length - 1, NULL), 0); /* cut short */
    }
    assert_int_equal(utf8_next("\0", 1, NULL), 1);
}

static void malformed_bytes_are_no_character(void **state) {
    (void)state;
    static const char *const bad[] = {
        "\x80",             /* a continuation alone */
        "\xbf",             /* the last of them */
        "\xc0\xaf",         /* overlong '/' */
        "\xc1\xbf",         /* overlong DEL */
        "\xe0\x9f\xbf",     /* overlong, three bytes */
        "\xf0\x8f\xbf\xbf", /* overlong, four bytes */
        "\xed\xa0\x80",     /* the first surrogate */
        "\xed\xbf\xbf",     /* the last surrogate */
        "\xf4\x90\x80\x80", /* past U+10FFFF */
        "\xf5\x80\x80\x80",
        "\xf8\x88\x80\x80\x80", /* five bytes */
        "\xfe",
        "\xff",
        "\xc3(",     /* no continuation */
        "\xe2\x82(", /* the second one missing */
        "\xe2(\xac",
    };
    for (size_t i = 0; i < COUNT(bad); i++)
        assert_int_equal(utf8_next(bad[i], strlen(bad[i]), NULL), 0);
}

static void assert_utf8(const char *bytes, size_t count, const char *wanted, bool same) {
    struct buf text = {0};
    assert_int_equal(text_append_utf8(&text, bytes, count), same);
    assert_string_equal(text.data ? text.data : "", wanted);
    buf_release(&text);
}

static void what_is_utf8_goes_through_unchanged(void **state) {
    (void)state;
    assert_utf8("", 0, "", true);
    assert_utf8("plain\n\x1b[0m\t", 11, "plain\n\x1b[0m\t", true); /* JSON has escapes for those */
    assert_utf8("na\xc3\xafve \xe2\x82\xac \xf0\x9f\x98\x80", 15,
                "na\xc3\xafve \xe2\x82\xac \xf0\x9f\x98\x80", true);
}

static void what_is_not_utf8_is_escaped_byte_by_byte(void **state) {
    (void)state;
    assert_utf8("a\0b", 3, "a\\x00b", false);
    assert_utf8("\xff\xfe", 2, "\\xff\\xfe", false);
    assert_utf8("\xe2\x82", 2, "\\xe2\\x82", false);
    assert_utf8("\xc3(", 2, "\\xc3(", false);
    assert_utf8("\xed\xa0\x80", 3, "\\xed\\xa0\\x80", false);
}

static void assert_printable(const char *bytes, size_t count, bool keep, const char *wanted) {
    struct buf text = {0};
    text_append_printable(&text, bytes, count, keep);
    assert_string_equal(text.data ? text.data : "", wanted);
    buf_release(&text);
}

static void every_c0_control_and_del_is_escaped(void **state) {
    (void)state;
    for (int c = 0; c <= 0x7f; c++) {
        char byte = (char)c;
        struct buf text = {0};
        text_append_printable(&text, &byte, 1, false);
        if (c >= 0x20 && c < 0x7f) {
            assert_int_equal(text.length, 1);
        } else {
            assert_true(text.length >= 2 && text.data[0] == '\\');
            for (size_t i = 0; i < text.length; i++)
                assert_in_range(text.data[i], 0x20, 0x7e);
        }
        buf_release(&text);
    }
    assert_printable("\a\b\t\n\v\f\r\x1b", 8, false, "\\a\\b\\t\\n\\v\\f\\r\\e");
    assert_printable("\0\x7f", 2, false, "\\x00\\x7f");
}

static void every_c1_control_is_escaped_encoded_or_bare(void **state) {
    (void)state;
    for (int c = 0x80; c < 0xa0; c++) {
        char encoded[3] = {(char)0xc2, (char)c, '\0'}, wanted[8];
        snprintf(wanted, sizeof wanted, "\\x%02x", c);
        assert_printable(encoded, 2, false, wanted);
        assert_printable(encoded + 1, 1, false, wanted); /* what an 8-bit terminal would obey */
    }
    assert_printable("\xc2\xa0", 2, false, "\xc2\xa0");
}

static void newlines_stay_only_where_they_may(void **state) {
    (void)state;
    assert_printable("a\nb\r\n", 5, true, "a\nb\\r\n");
    assert_printable("a\nb", 3, false, "a\\nb");
}

static void characters_that_reorder_or_hide_text_are_named(void **state) {
    (void)state;
    static const uint32_t hidden[] = {
        0xad,   0x34f,  0x61c,  0x180e, 0x200b, 0x200c, 0x200d, 0x200e,  0x200f,  0x2028,
        0x2029, 0x202a, 0x202b, 0x202c, 0x202d, 0x202e, 0x2060, 0x2066,  0x2067,  0x2068,
        0x2069, 0x206f, 0x3164, 0xfe0f, 0xfeff, 0xffa0, 0xfff9, 0x1d173, 0xe0001, 0xe007f};
    for (size_t i = 0; i < COUNT(hidden); i++) {
        uint32_t point = hidden[i];
        char bytes[4], wanted[16];
        size_t length = point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
        static const unsigned char leads[] = {0, 0, 0xc0, 0xe0, 0xf0};
        for (size_t k = length - 1; k > 0; k--, point >>= 6)
            bytes[k] = (char)(0x80 | (point & 0x3f));
        bytes[0] = (char)(leads[length] | point);
        snprintf(wanted, sizeof wanted, "<U+%04X>", hidden[i]);
        assert_printable(bytes, length, true, wanted);
    }
}

static void letters_of_all_scripts_stay(void **state) {
    (void)state;
    static const char words[] =
        "\xe0\xb0\xb5\xe0\xb1\x88\xe0\xb0\x9c\xe0\xb0\xbe\xe0\xb0\x97\xe0\xb1\x8d "
        "\xd7\xa9\xd7\x9c\xd7\x95\xd7\x9d \xe6\x97\xa5\xe6\x9c\xac \xf0\x9f\x8d\xb3";
    assert_printable(words, sizeof words - 1, false, words);
}

static void malformed_bytes_are_shown_in_hex(void **state) {
    (void)state;
    assert_printable("\xe2\x82x\xff", 4, false, "\\xe2\\x82x\\xff");
}

static void base64_is_as_the_rfc_has_it(void **state) {
    (void)state;
    static const char *const pairs[][2] = {/* RFC 4648, section 10 */
                                           {"", ""},
                                           {"f", "Zg=="},
                                           {"fo", "Zm8="},
                                           {"foo", "Zm9v"},
                                           {"foob", "Zm9vYg=="},
                                           {"fooba", "Zm9vYmE="},
                                           {"foobar", "Zm9vYmFy"}};
    for (size_t i = 0; i < COUNT(pairs); i++) {
        struct buf text = {0}, bytes = {0};
        base64_append(&text, pairs[i][0], strlen(pairs[i][0]));
        assert_string_equal(text.data ? text.data : "", pairs[i][1]);
        assert_int_equal(base64_decode(&bytes, pairs[i][1], strlen(pairs[i][1])), 0);
        assert_string_equal(bytes.data ? bytes.data : "", pairs[i][0]);
        buf_release(&text);
        buf_release(&bytes);
    }
}

static void all_bytes_survive_base64(void **state) {
    (void)state;
    unsigned char all[256];
    for (size_t i = 0; i < sizeof all; i++)
        all[i] = (unsigned char)i;
    struct buf text = {0}, bytes = {0};
    base64_append(&text, all, sizeof all);
    assert_int_equal(base64_decode(&bytes, text.data, text.length), 0);
    assert_int_equal(bytes.length, sizeof all);
    assert_memory_equal(bytes.data, all, sizeof all);
    buf_release(&text);
    buf_release(&bytes);
}

static void what_is_no_base64_is_refused(void **state) {
    (void)state;
    static const char *const bad[] = {
        "Z", "Zg", "Zg=", "====", "Zg==Zg==", "Z===", "Zm9!", "Zh==", "Zm9=", "=Zm9", "Zm\n9v"};
    for (size_t i = 0; i < COUNT(bad); i++) {
        struct buf bytes = {0};
        assert_int_equal(base64_decode(&bytes, bad[i], strlen(bad[i])), -EINVAL);
        buf_release(&bytes);
    }
}

static const struct CMUnitTest cases[] = {
    cmocka_unit_test(characters_of_every_length_are_found),
    cmocka_unit_test(malformed_bytes_are_no_character),
    cmocka_unit_test(what_is_utf8_goes_through_unchanged),
    cmocka_unit_test(what_is_not_utf8_is_escaped_byte_by_byte),
    cmocka_unit_test(every_c0_control_and_del_is_escaped),
    cmocka_unit_test(every_c1_control_is_escaped_encoded_or_bare),
    cmocka_unit_test(newlines_stay_only_where_they_may),
    cmocka_unit_test(characters_that_reorder_or_hide_text_are_named),
    cmocka_unit_test(letters_of_all_scripts_stay),
    cmocka_unit_test(malformed_bytes_are_shown_in_hex),
    cmocka_unit_test(base64_is_as_the_rfc_has_it),
    cmocka_unit_test(all_bytes_survive_base64),
    cmocka_unit_test(what_is_no_base64_is_refused),
};

CASES_MAIN(cases)
