/* Makes a system call as a program of another architecture would, past every filter that does not look. */
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(int argc, char **argv) {
#if defined __x86_64__
    long got = -1;
    setvbuf(stdout, NULL, _IONBF, 0);
    puts("tries");
    if (argc > 1 && strcmp(argv[1], "x32") == 0)
        got = syscall(0x40000000 | SYS_getpid);
    else
        __asm__ volatile("int $0x80" : "=a"(got) : "a"(20 /* i386's getpid */) : "memory");
    printf("lived: %ld\n", got);
#else
    (void)argc, (void)argv;
    puts("another architecture");
#endif
}
