/* Parent and child each wait for the other to speak first. */
#include <unistd.h>

int main(void) {
    int down[2], up[2];
    char c;
    if (pipe(down) < 0 || pipe(up) < 0)
        return 1;
    if (fork() == 0)
        return read(down[0], &c, 1) == 1 && write(up[1], "x", 1) == 1 ? 0 : 1;
    return read(up[0], &c, 1) == 1 && write(down[1], "x", 1) == 1 ? 0 : 1;
}
