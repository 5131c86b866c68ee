/* A parent and a child that talk once and end well. */
#include <sys/wait.h>
#include <unistd.h>

int main(void) {
    int ends[2];
    char c;
    if (pipe(ends) < 0)
        return 1;
    if (fork() == 0)
        _exit(write(ends[1], "[1]\n", 4) == 4 ? 0 : 1);
    for (int i = 0; i < 4; i++)
        if (read(ends[0], &c, 1) != 1)
            return 1;
    return wait(NULL) > 0 ? 0 : 1;
}
