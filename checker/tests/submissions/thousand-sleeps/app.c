/* Polls, as beginners do: a thousand sleeps of a millisecond. */
#include <unistd.h>

int main(void) {
    for (int i = 0; i < 1000; i++)
        usleep(1000);
    return 0;
}
