#include "ui/prompt.h"

#include <wctype.h>

#include "term/tty.h"

#define CTRL(letter) ((letter)&0x1f)
enum { DELETE = 127 };

void prompt_open(struct prompt *prompt, const char *label, const char *text) {
    buf_reserve(&prompt->text, 1);
    buf_clear(&prompt->text);
    buf_puts(&prompt->text, text);
    prompt->label = label;
    prompt->open = true;
    prompt->digits = prompt->refused = false;
}

void prompt_release(struct prompt *prompt) {
    buf_release(&prompt->text);
    *prompt = (struct prompt){0};
}

static void append_point(struct buf *text, unsigned point) {
    if (point < 0x80) {
        buf_putc(text, (char)point);
        return;
    }
    int more = point < 0x800 ? 1 : point < 0x10000 ? 2 : 3;
    static const unsigned char first[] = {0, 0xc0, 0xe0, 0xf0};
    buf_putc(text, (char)(first[more] | point >> 6 * more));
    while (more--)
        buf_putc(text, (char)(0x80 | (point >> 6 * more & 0x3f)));
}

static void drop_last(struct buf *text) {
    size_t length = text->length;
    while (length && (text->data[length - 1] & 0xc0) == 0x80)
        length--;
    text->length = length ? length - 1 : 0;
    text->data[text->length] = '\0';
}

static enum prompt_end close_as(struct prompt *prompt, enum prompt_end end) {
    prompt->open = false;
    return end;
}

enum prompt_end prompt_key(struct prompt *prompt, int key) {
    prompt->refused = false;
    switch (key) {
    case '\r': return close_as(prompt, PROMPT_DONE);
    case TTY_KEY_ESCAPE:
    case CTRL('c'):
    case CTRL('g'): return close_as(prompt, PROMPT_CANCELLED);
    case TTY_KEY_BACKSPACE:
    case CTRL('h'):
    case DELETE:
        if (!prompt->text.length)
            return close_as(prompt, PROMPT_CANCELLED);
        drop_last(&prompt->text);
        return PROMPT_GOES_ON;
    case CTRL('u'): buf_clear(&prompt->text); return PROMPT_GOES_ON;
    default: break;
    }
    prompt->refused = prompt->digits && key >= ' ' && (key < '0' || key > '9');
    if (!prompt->refused && key >= ' ' && key < TTY_KEY_FIRST && iswprint((wint_t)key) &&
        prompt->text.length < PROMPT_TEXT_MAX)
        append_point(&prompt->text, (unsigned)key);
    return PROMPT_GOES_ON;
}
