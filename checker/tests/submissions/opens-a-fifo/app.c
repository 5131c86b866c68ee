/* Opens a FIFO that nobody will ever open from the other side. */
#include <fcntl.h>
#include <sys/stat.h>

int main(void) {
    return mkfifo("fifo", 0600) || open("fifo", O_RDONLY) < 0;
}
