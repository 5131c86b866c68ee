/* Cuts messages out of a stream, however it arrives. */
#include <stdio.h>
#include <string.h>

struct inbox {
    char bytes[64];
    size_t used;
};

static void take_message(const char *text, size_t length) {
    printf("    message: %.*s\n", (int)length, text);
}

/* Takes every whole message out; what is left is the start of the next. */
static void cut(struct inbox *inbox) {
    char *start = inbox->bytes, *end = start + inbox->used, *newline;
    while ((newline = memchr(start, '\n', (size_t)(end - start)))) {
        take_message(start, (size_t)(newline - start));
        start = newline + 1;
    }
    inbox->used = (size_t)(end - start);
    memmove(inbox->bytes, start, inbox->used);
}

int main(void) {
    static const char *const reads[] = {
        "{\"dish\":",
        "\"soup\"}\n{\"dish\":\"rice\"}\n{\"di",
        "sh\":\"beans\"}\n",
    };
    struct inbox inbox = {0};
    for (int i = 0; i < 3; i++) {
        size_t n = strlen(reads[i]);
        printf("read %d brings %zu bytes\n", i + 1, n);
        if (n > sizeof inbox.bytes - inbox.used)
            return 1; /* yours will have to grow */
        memcpy(inbox.bytes + inbox.used, reads[i], n);
        inbox.used += n;
        cut(&inbox);
    }
    printf("left over: %zu bytes\n", inbox.used);
}
