// Orders out, reports back. This much works already: the master starts one worker for each CPU
// and waits for the dead. But nobody says a word: look for the four places that say "Your part".

#define _GNU_SOURCE
#include <errno.h>
#include <jansson.h> // for the messages: json_pack, json_dumps, json_loadb, json_unpack
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

// One place in the brigade. The place stays; the workers in it come and go.
struct place {
    pid_t pid; // 0: nobody
    // Your part 1: the master's end of the channel, and what has arrived of the next message.
};

static struct place *places;
static int place_count;

static void die(const char *what) {
    perror(what);
    exit(EXIT_FAILURE);
}

// ---- Worker ---------------------------------------------------------------------------------

_Noreturn static void work(void) {
    // Your part 2: read from the channel. When a whole message is there, print
    //   Worker <pid> received message from master: <message>
    // and send {"reply": "Hello from worker <pid>"} and a newline. Then wait for the next one, until
    // the channel ends: that means that the master is gone.
    for (;;)
        pause();
}

// ---- Master ---------------------------------------------------------------------------------

static void start_worker(struct place *place) {
    // Your part 3: make the channel before the fork, so that both have it afterwards; close in
    // each of the two what belongs to the other. Then greet: {"message": "Hello from master"}.
    fflush(stdout); // or the child would get a copy of what is still in the buffer
    pid_t pid = fork();
    if (pid < 0)
        die("fork");
    if (pid == 0)
        work(); // the child never comes back from here
    place->pid = pid;
}

int main(void) {
    place_count = (int)sysconf(_SC_NPROCESSORS_ONLN);
    places = calloc(place_count, sizeof *places);
    if (!places)
        die("calloc");
    for (int i = 0; i < place_count; i++)
        start_worker(&places[i]);

    // Your part 4: all the master does for now is to wait until its workers are dead. It should
    //  - print "Master received message from worker <pid>: <message>" for each reply,
    //  - print "Worker <pid> died" when one has died, and start another in its place,
    // whichever of the two comes first, and with all workers at the same time.
    while (wait(NULL) > 0 || errno == EINTR)
        ;
}
