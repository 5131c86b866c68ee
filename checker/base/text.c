#include "base/text.h"

#include <errno.h>
#include <string.h>

static const struct utf8_form {
    unsigned char mask, lead;
    size_t length;
    uint32_t least; /* smaller code points would be overlong */
} utf8_forms[] = {
    {0x80, 0x00, 1, 0x0},
    {0xe0, 0xc0, 2, 0x80},
    {0xf0, 0xe0, 3, 0x800},
    {0xf8, 0xf0, 4, 0x10000},
};

size_t utf8_next(const char *at, size_t left, uint32_t *point) {
    if (!left)
        return 0;
    unsigned char first = (unsigned char)at[0];
    for (size_t f = 0; f < sizeof utf8_forms / sizeof utf8_forms[0]; f++) {
        const struct utf8_form *form = &utf8_forms[f];
        if ((first & form->mask) != form->lead)
            continue;
        if (left < form->length)
            return 0;
        uint32_t value = first & (unsigned char)~form->mask;
        for (size_t i = 1; i < form->length; i++) {
            unsigned char next = (unsigned char)at[i];
            if ((next & 0xc0) != 0x80)
                return 0;
            value = value << 6 | (next & 0x3f);
        }
        if (value < form->least || value > 0x10ffff || (value >= 0xd800 && value <= 0xdfff))
            return 0;
        if (point)
            *point = value;
        return form->length;
    }
    return 0;
}

bool text_append_utf8(struct buf *into, const char *bytes, size_t count) {
    bool same = true;
    for (size_t i = 0; i < count;) {
        size_t length = bytes[i] ? utf8_next(bytes + i, count - i, NULL) : 0;
        if (length) {
            buf_append(into, bytes + i, length);
            i += length;
        } else {
            buf_printf(into, "\\x%02x", (unsigned char)bytes[i++]);
            same = false;
        }
    }
    return same;
}

/* Invisible characters that reorder or hide text, and those that break a line (Unicode 15:
 * Default_Ignorable_Code_Point, which Bidi_Control is a part of; Zl, Zp, the interlinear ones). */
static const struct range {
    uint32_t first, last;
} hidden_ranges[] = {
    {0x00ad, 0x00ad},   {0x034f, 0x034f},   {0x061c, 0x061c}, {0x115f, 0x1160}, {0x17b4, 0x17b5},
    {0x180b, 0x180f},   {0x200b, 0x200f},   {0x2028, 0x202e}, {0x2060, 0x206f}, {0x3164, 0x3164},
    {0xfe00, 0xfe0f},   {0xfeff, 0xfeff},   {0xffa0, 0xffa0}, {0xfff0, 0xfffb}, {0x1bca0, 0x1bca3},
    {0x1d173, 0x1d17a}, {0xe0000, 0xe0fff},
};

bool text_is_hidden(uint32_t point) {
    for (size_t i = 0; i < sizeof hidden_ranges / sizeof hidden_ranges[0]; i++)
        if (point >= hidden_ranges[i].first && point <= hidden_ranges[i].last)
            return true;
    return false;
}

static void append_control(struct buf *into, uint32_t point) {
    static const char names[] = {[0x07] = 'a', [0x08] = 'b', ['\t'] = 't', ['\n'] = 'n',
                                 [0x0b] = 'v', [0x0c] = 'f', ['\r'] = 'r', [0x1b] = 'e'};
    if (point < sizeof names && names[point])
        buf_printf(into, "\\%c", names[point]);
    else
        buf_printf(into, "\\x%02x", point);
}

void text_append_printable(struct buf *into, const char *bytes, size_t count, bool keep_newlines) {
    for (size_t i = 0; i < count;) {
        uint32_t point = 0;
        size_t length = utf8_next(bytes + i, count - i, &point);
        if (!length)
            buf_printf(into, "\\x%02x", (unsigned char)bytes[i]);
        else if (point == '\n' && keep_newlines)
            buf_putc(into, '\n');
        else if (point < 0x20 || (point >= 0x7f && point < 0xa0))
            append_control(into, point);
        else if (text_is_hidden(point))
            buf_printf(into, "<U+%04X>", point);
        else
            buf_append(into, bytes + i, length);
        i += length ? length : 1;
    }
}

static const char base64_digits[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void base64_append(struct buf *into, const void *bytes, size_t count) {
    const unsigned char *at = bytes;
    for (size_t i = 0; i < count; i += 3) {
        size_t here = count - i < 3 ? count - i : 3;
        uint32_t group = (uint32_t)at[i] << 16 | (here > 1 ? (uint32_t)at[i + 1] << 8 : 0) |
                         (here > 2 ? at[i + 2] : 0);
        for (size_t digit = 0; digit < 4; digit++)
            buf_putc(into, digit <= here ? base64_digits[group >> (18 - 6 * digit) & 0x3f] : '=');
    }
}

int base64_decode(struct buf *into, const char *text, size_t count) {
    if (count % 4)
        return -EINVAL;
    size_t padding = count ? (text[count - 1] == '=') + (text[count - 2] == '=') : 0;
    uint32_t group = 0;
    int bits = 0;
    for (size_t i = 0; i < count - padding; i++) {
        const char *digit = text[i] ? strchr(base64_digits, text[i]) : NULL;
        if (!digit)
            return -EINVAL;
        group = group << 6 | (uint32_t)(digit - base64_digits);
        bits += 6;
        if (bits >= 8) {
            bits -= 8;
            buf_putc(into, (char)(group >> bits & 0xff));
        }
    }
    return group & ((1U << bits) - 1) ? -EINVAL : 0; /* bits that say nothing must be 0 */
}
