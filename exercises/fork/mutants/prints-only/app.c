// The text that was asked for, and no conversation.

#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void) {
    if (fork() == 0) {
        printf("Message from parent: {\"message\": \"Hello from parent\"}\n");
        return 0;
    }
    wait(NULL);
    printf("Message from child: {\"reply\": \"Hello from child\"}\n");
    return 0;
}
