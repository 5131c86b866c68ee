/* A child of Node that is no Node: shows what comes down the channel. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int main(void) {
    const char *number = getenv("NODE_CHANNEL_FD");
    if (!number) {
        puts("no channel: start me from hood.js");
        return 0;
    }
    int channel = atoi(number);
    char bytes[200];
    ssize_t n = read(channel, bytes, sizeof bytes);
    printf("C reads %zd bytes: %.*s", n, n < 0 ? 0 : (int)n, bytes);
    fflush(stdout);

    static const char answer[] = "{\"reply\": \"ten minutes\"}\n";
    if (write(channel, answer, strlen(answer)) < 0)
        perror("write");
}
