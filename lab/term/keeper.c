#include "term/keeper.h"

#include <curses.h>
#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <term.h>
#include <termios.h>
#include <unistd.h>

struct keeper { /* shared by the two processes */
    atomic_bool on_screen;
    bool can_suspend;
};

static void restore_screen(struct keeper *keeper, const struct termios *before) {
    static const char *const capabilities[] = {"sgr0", "rmkx", "rmcup", "cnorm"};
    bool was_on_screen = atomic_exchange(&keeper->on_screen, false);
    for (size_t i = 0; was_on_screen && i < sizeof capabilities / sizeof capabilities[0]; i++) {
        const char *text = tigetstr(capabilities[i]);
        if (text && text != (const char *)-1)
            putp(text);
    }
    const char *mouse = was_on_screen ? tigetstr("kmous") : NULL;
    if (mouse && mouse != (const char *)-1)
        putp("\033[?1006l\033[?1000l"); /* as ncurses ends it, xterm's control sequences */
    fflush(stdout);
    tcsetattr(STDIN_FILENO, was_on_screen ? TCSAFLUSH : TCSADRAIN, before);
}

static void tell_death(int signal) {
    fprintf(stderr,
            "brigade: the lab was ended by SIG%s. Your files are as you left them; a run that was\n"
            "under way is not graded.\n",
            sigabbrev_np(signal) ? sigabbrev_np(signal) : "?");
}

/* Waits for the end of the lab and stops with it. */
static _Noreturn void keep(struct keeper *keeper, pid_t lab, const struct termios *before,
                           const sigset_t *awaited) {
    signal(SIGTSTP, SIG_IGN); /* the lab decides about stopping */
    signal(SIGTTOU, SIG_IGN); /* restoring must work from the background, too */
    signal(SIGTTIN, SIG_IGN);
    for (;;) {
        int status = 0;
        pid_t changed = waitpid(lab, &status, WUNTRACED | WNOHANG);
        if (changed == 0) {
            int number = sigwaitinfo(awaited, NULL);
            if (number == SIGTERM || number == SIGHUP || number == SIGINT || number == SIGQUIT)
                kill(lab, number == SIGQUIT ? SIGTERM : number);
            continue;
        }
        if (changed < 0 && errno == EINTR)
            continue;
        restore_screen(keeper, before);
        if (changed > 0 && WIFSTOPPED(status)) {
            raise(SIGSTOP);
            kill(lab, SIGCONT);
            continue;
        }
        if (changed > 0 && WIFSIGNALED(status))
            tell_death(WTERMSIG(status));
        _exit(changed > 0 && WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
    }
}

/* Whether our parent could put us in the foreground again: same session, another group (POSIX,
 * orphaned process groups). */
static bool has_job_control(void) {
    pid_t parent = getppid();
    return getsid(parent) == getsid(0) && getpgid(parent) != getpgrp();
}

int keeper_split(struct keeper **result, struct err *err) {
    struct termios before;
    if (tcgetattr(STDIN_FILENO, &before) < 0)
        return err_sys(err, errno, "cannot read the terminal's settings");
    struct keeper *keeper =
        mmap(NULL, sizeof *keeper, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (keeper == MAP_FAILED)
        return err_sys(err, errno, "cannot share memory with the terminal's keeper");
    *keeper = (struct keeper){.can_suspend = has_job_control()};
    sigset_t awaited, old;
    sigemptyset(&awaited);
    static const int signals[] = {SIGCHLD, SIGTERM, SIGHUP, SIGINT, SIGQUIT};
    for (size_t i = 0; i < sizeof signals / sizeof signals[0]; i++)
        sigaddset(&awaited, signals[i]);
    sigprocmask(SIG_BLOCK, &awaited, &old);
    pid_t self = getpid();
    pid_t lab = fork(); /* no exec, so base/child.h is not for this one */
    if (lab < 0)
        return err_sys(err, errno, "cannot start the lab's second process");
    if (lab > 0)
        keep(keeper, lab, &before, &awaited);
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() != self)
        _exit(1);
    sigprocmask(SIG_SETMASK, &old, NULL);
    *result = keeper;
    return 0;
}

void keeper_on_screen(struct keeper *keeper, bool on_screen) {
    atomic_store(&keeper->on_screen, on_screen);
}

bool keeper_is_on_screen(const struct keeper *keeper) { return atomic_load(&keeper->on_screen); }

bool keeper_can_suspend(const struct keeper *keeper) { return keeper->can_suspend; }

void keeper_suspend(struct keeper *keeper) {
    (void)keeper; /* it sees us stop, stops as well, and continues us when it is continued */
    raise(SIGSTOP);
}
