/* Prints without end. */
#include <stdio.h>

int main(void) {
    for (;;)
        puts("and another line, and another line, and another line");
}
