/* Machines that forbid a part of the box: each is told by its part and with a remedy. */
#include "sandbox/refusal.h"

#include <sched.h>

#include "sandbox/doctor.h"
#include "tests/harness/box_world.h"

static void words_of_bubblewrap_become_part_and_remedy(void **state) {
    (void)state;
    static const struct {
        const char *words, *part, *remedy;
    } rows[] = {
        {"bwrap: setting up uid map: Permission denied\n", "user namespaces",
         "apparmor_restrict_unprivileged_userns"},
        {"bwrap: setting up gid map: Permission denied\n", "user namespaces", "AppArmor"},
        {"bwrap: No permissions to create new namespace, likely because the kernel does not allow "
         "non-privileged user namespaces. See <https://deb.li/bubblewrap>\n",
         "user namespaces", "kernel.unprivileged_userns_clone=1"},
        {"bwrap: No permissions to creating new namespace, likely because ...\n", "user namespaces",
         "seccomp=unconfined"},
        {"bwrap: Creating new namespace failed: nesting depth or /proc/sys/user/max_*_namespaces "
         "exceeded (ENOSPC)\n",
         "user namespaces", "user.max_user_namespaces"},
        {"bwrap: Creating new namespace failed, likely because the kernel does not support user "
         "namespaces.  bwrap must be installed setuid on such systems.\n",
         "user namespaces", "CONFIG_USER_NS"},
        {"bwrap: loopback: Failed RTM_NEWADDR: Operation not permitted\n", "network", "AppArmor"},
        {"bwrap: Can't mount proc on /newroot/proc: Operation not permitted\n", "/proc",
         "systempaths=unconfined"},
        {"bwrap: Can't mount tmpfs on /newroot/work: Permission denied\n", "file system",
         "apparmor=unconfined"},
        {"bwrap: Failed to make / slave: Permission denied\n", "mounts", "apparmor=unconfined"},
        {"bwrap: Can't read /proc/sys/kernel/overflowuid: No such file or directory\n",
         "machine's own /proc", "mount /proc"},
        {"bwrap: pivot_root: Invalid argument\n", "root folder", "chroot"},
        {"bwrap: Unknown option --size\n", "bubblewrap", "0.7"},
        {"bwrap: execvp /proc/self/fd/19: Permission denied\n", "our own program",
         "build/brigade-check"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct err err = {0};
        assert_true(refusal_explain(rows[i].words, &err) < 0);
        const char *to_allow = strstr(err.text, "To allow it: ");
        if (!strstr(err.text, rows[i].part) || !to_allow || !strstr(to_allow, rows[i].remedy))
            fail_msg("%s gave: %s", rows[i].words, err.text);
        assert_null(strchr(err.text, '\n'));
    }
}

static void unknown_words_are_passed_on(void **state) {
    (void)state;
    struct err err = {0};
    assert_int_equal(refusal_explain("bwrap: the moon is full\nand more\n", &err), -EIO);
    assert_non_null(strstr(err.text, "the moon is full"));
    assert_null(strstr(err.text, "and more"));
    assert_int_equal(refusal_explain("", &err), -EIO);
    assert_non_null(strstr(err.text, "without a word"));
    assert_int_equal(refusal_explain(NULL, &err), -EIO);
    assert_non_null(strstr(err.text, "doctor"));
}

static void put(const char *path, const char *text) {
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text))
        fail_msg("cannot write %s: %s", path, strerror(errno));
    close(fd);
}

/* From now on this process is root of a user namespace that has nobody else, as in some containers. */
static void become_lonely_root(void) {
    char map[32];
    if (geteuid() == 0 && /* a map of real root would be of one whom no limit holds */
        (setgroups(0, NULL) || setresgid(A_USER, A_USER, A_USER) ||
         setresuid(A_USER, A_USER, A_USER)))
        fail_msg("cannot become a user: %s", strerror(errno));
    uid_t uid = geteuid();
    gid_t gid = getegid();
    if (unshare(CLONE_NEWUSER) < 0)
        case_skip("no user namespaces on this machine: %s", strerror(errno));
    prctl(PR_SET_DUMPABLE, 1);
    put("/proc/self/setgroups", "deny");
    snprintf(map, sizeof map, "0 %d 1", (int)uid);
    put("/proc/self/uid_map", map);
    snprintf(map, sizeof map, "0 %d 1", (int)gid);
    put("/proc/self/gid_map", map);
    assert_int_equal(geteuid(), 0);
}

static void root_of_nobody_else_makes_a_box_too(void **state) {
    (void)state;
    become_lonely_root();
    struct world world = {.argv = ARGV("sh", "-c", "id -u; exit 3"), .cpus = 4};
    run(&world);
    assert_exit(&world, 3);
    assert_string_equal(world.output.data, "1000\n");
    end_world(&world);
}

static void a_machine_without_user_namespaces_is_told(void **state) {
    (void)state;
    become_lonely_root();
    put("/proc/sys/user/max_user_namespaces", "0"); /* of this namespace alone */
    struct world world = {.argv = ARGV("true")};
    struct err err = {0};
    assert_true(try_start(&world, &err) < 0);
    if (!strstr(err.text, "this machine forbids user namespaces") ||
        !strstr(err.text, "user.max_user_namespaces"))
        fail_msg("%s", err.text);
    end_world(&world);
}

static char *examined(bool *good) {
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    *good = doctor(out);
    fclose(out);
    return text;
}

static void the_doctor_finds_this_machine_well(void **state) {
    (void)state;
    bool good;
    size_t before = count_descriptors();
    char *text = examined(&good);
    if (!good)
        fail_msg("%s", text);
    assert_non_null(strstr(text, "ok       a whole box\n"));
    assert_non_null(strstr(text, "can run and grade"));
    free(text);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
    assert_int_equal(count_descriptors(), before);
}

static void the_doctor_names_what_is_forbidden(void **state) {
    (void)state;
    bool good;
    become_lonely_root();
    put("/proc/sys/user/max_user_namespaces", "0");
    char *text = examined(&good);
    assert_false(good);
    if (!strstr(text, "NO       a whole box\n") || !strstr(text, "user.max_user_namespaces") ||
        !strstr(text, "cannot grade yet"))
        fail_msg("%s", text);
    free(text);
}

static const struct CMUnitTest cases[] = {
    cmocka_unit_test(words_of_bubblewrap_become_part_and_remedy),
    cmocka_unit_test(unknown_words_are_passed_on),
    cmocka_unit_test(root_of_nobody_else_makes_a_box_too),
    cmocka_unit_test(a_machine_without_user_namespaces_is_told),
    FOR_ROOT_AND_USER(the_doctor_finds_this_machine_well),
    cmocka_unit_test(the_doctor_names_what_is_forbidden),
};
BOX_CASES_MAIN(cases)
