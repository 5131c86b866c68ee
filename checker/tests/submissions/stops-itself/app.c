/* Stops, and nobody is there to have it go on. */
#include <signal.h>

int main(void) {
    raise(SIGSTOP);
    return 0;
}
