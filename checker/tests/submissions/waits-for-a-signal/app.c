/* Does nothing, and nothing about signals either. */
#include <unistd.h>

int main(void) {
    for (;;)
        pause();
}
