// Two processes, one conversation. This much works already: there is a child, and it is waited for.
// But the two do not talk: each prints what it believes the other one would have said. Compile it,
// try it, then look for the four places that say "Your part".

#define _GNU_SOURCE
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h> // socketpair
#include <sys/wait.h>
#include <unistd.h>

static void die(const char *what) {
    perror(what);
    exit(EXIT_FAILURE);
}

// Your part, 1: two functions that both processes will need.
//   send_message(channel, member, text)   {"member": "text"}, a newline, out of the channel's end
//   receive_message(channel)              reads until the newline, and returns the json_t

static int be_child(void) {
    // Your part, 3: receive the parent's message, print it, send {"reply": "Hello from child"}.
    printf("Message from parent: (nothing has come)\n");
    return EXIT_SUCCESS;
}

int main(void) {
    // Your part, 2: a channel, made before the fork, so that both have it. After the fork each of
    // the two keeps one end and closes the other.

    pid_t child = fork();
    if (child < 0)
        die("fork");
    if (child == 0)
        return be_child();

    // Your part, 4: send {"message": "Hello from parent"}, receive the reply, print it.
    printf("Message from child: (nothing has come)\n");

    int status;
    while (waitpid(child, &status, 0) < 0)
        if (errno != EINTR)
            die("waitpid");
    return status == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
