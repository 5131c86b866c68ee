/* Tries to read, write and look into the box's own init, and says what it got. */
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

int main(int argc, char **argv) {
    static const char *const files[] = {"mem",   "environ", "maps",    "smaps",     "auxv",  "io",
                                        "stack", "syscall", "pagemap", "root/work", "cwd/.", "exe"};
    static const char *const folders[] = {"fd",    "fdinfo", "map_files",
                                          "root/", "cwd/",   "task/1/fd"};
    (void)argv;
    char path[64], target[64], byte;
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        snprintf(path, sizeof path, "/proc/1/%s", files[i]);
        int fd = open(path, O_RDONLY);
        if (fd >= 0 && read(fd, &byte, 1) != 0)
            printf("read: %s\n", path);
        if (open(path, O_WRONLY) >= 0)
            printf("opened to write: %s\n", path);
    }
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
        snprintf(path, sizeof path, "/proc/1/%s", folders[i]);
        DIR *dir = opendir(path);
        if (dir && readdir(dir))
            printf("listed: %s\n", path);
    }
    static const char *const links[] = {"exe", "cwd", "root", "ns/net", "ns/mnt", "ns/user"};
    for (size_t i = 0; i < sizeof links / sizeof *links; i++) {
        snprintf(path, sizeof path, "/proc/1/%s", links[i]);
        if (readlink(path, target, sizeof target) >= 0)
            printf("followed: %s\n", path);
    }
    struct rlimit none = {0, 0};
    if (argc > 1 && prlimit(1, RLIMIT_CPU, &none, NULL) == 0) /* the filter's business */
        puts("limited init");
    puts("done");
}
