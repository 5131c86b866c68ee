/* A child by fork() goes on from here, with all that its parent knew. */
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void) {
    char dish[] = "nothing";
    strcpy(dish, "soup");
    pid_t pid = fork();
    if (pid == 0) {
        printf("the child cooks %s\n", dish);
        fflush(stdout);
        _exit(0);
    }
    waitpid(pid, NULL, 0);
}
