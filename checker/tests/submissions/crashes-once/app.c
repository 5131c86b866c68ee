/* Sends itself what a fault would, and only where no sanitizer looks on. */
#include <signal.h>

int main(void) {
#ifndef __SANITIZE_ADDRESS__
    raise(SIGSEGV);
#endif
    return 0;
}
