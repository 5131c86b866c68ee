/* Writes where no memory is, and only where no sanitizer looks on. */
#include <stddef.h>

int main(void) {
#ifndef __SANITIZE_ADDRESS__
    volatile int *volatile nowhere = NULL;
    *nowhere = 1;
#endif
    return 0;
}
