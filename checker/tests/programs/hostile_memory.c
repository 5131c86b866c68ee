/* Takes memory, by malloc and by mmap, until it is refused. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { PIECE = 1 << 20, MOST = 4096 };

int main(void) {
    int pieces = 0;
    for (void *at; pieces < MOST && (at = malloc(PIECE)); pieces++)
        memset(at, 1, PIECE);
    for (void *at; pieces < MOST; pieces++) {
        at = mmap(NULL, PIECE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (at == MAP_FAILED)
            break;
        memset(at, 1, PIECE);
    }
    printf("got %d MB\n", pieces);
}
