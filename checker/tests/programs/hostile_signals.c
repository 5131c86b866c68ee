/* Sends every signal to everybody it can reach, init first. */
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

int main(void) {
    setvbuf(stdout, NULL, _IONBF, 0);
    for (int number = 1; number < 65; number++) {
        if (number != SIGKILL && number != SIGSTOP)
            signal(number, SIG_IGN);
        kill(1, number);
    }
    kill(-1, SIGSTOP);
    kill(-1, SIGKILL);
    puts(getppid() == 1 && kill(1, 0) == 0 ? "init lives" : "init is gone");
    return 9;
}
