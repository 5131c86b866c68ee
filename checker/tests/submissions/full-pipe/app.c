/* One child is to read what the other writes, but waits for a word of its parent first; the parent could write to both
 * pipes, and writes to none. */
#include <sys/wait.h>
#include <unistd.h>

static char bytes[1 << 20];

int main(void) {
    int data[2], word[2];
    if (pipe(data) || pipe(word))
        return 9;
    if (fork() == 0) {
        close(data[1]);
        close(word[1]);
        return read(word[0], bytes, 1) == 1 && read(data[0], bytes, sizeof bytes) > 0 ? 0 : 9;
    }
    close(data[0]);
    close(word[0]);
    int writer = fork();
    if (writer == 0) {
        close(word[1]);
        return write(data[1], bytes, sizeof bytes) < 0;
    }
    waitpid(writer, NULL, 0);
    return 0;
}
