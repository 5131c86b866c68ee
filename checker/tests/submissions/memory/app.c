/* Takes memory in three processes, none of which would be too large by itself, and uses it. */
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void) {
    enum { EACH = 40 << 20 };
    for (int i = 0; i < 3; i++) {
        if (fork() == 0) {
            volatile char *block = malloc(EACH);
            for (int at = 0;; at = (at + 4096) % EACH)
                block[at] = 1;
        }
    }
    wait(NULL);
    return 0;
}
