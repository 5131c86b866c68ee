/* A child writes behind its block, and calls abort() when it has seen that. */
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static void fill(volatile char *block, int length) {
    for (int i = 0; i < length; i++)
        block[i] = 'x';
}

int main(void) {
    if (fork() == 0) {
        char *block = malloc(16);
        fill(block, 20);
        abort();
    }
    wait(NULL);
    return 0;
}
