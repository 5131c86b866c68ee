#include "app/steer.h"

#include <stdio.h>
#include <stdlib.h>

#include "app/runs.h"
#include "proto/fault.h"

enum { LOAD_REQUESTS = 20, LOAD_AT_ONCE = 10, LOAD_MOST = 100000, AT_ONCE_MOST = 512 };

/* A number that was typed, within bounds; 0 if it is none. */
static int number_of(const char *text, int most) {
    char *end;
    long number = strtol(text, &end, 10);
    while (*end == ' ')
        end++;
    return *end || number < 1 || number > most ? 0 : (int)number;
}

static void on_at_once(struct app *app, const char *text) {
    int at_once = number_of(text, AT_ONCE_MOST);
    if (!at_once) {
        app_notice(app, "At once: a number from 1 to %d.", AT_ONCE_MOST);
        return;
    }
    if (!app->checker) {
        app_notice(app, "The program has ended meanwhile.");
        return;
    }
    app->load_at_once = at_once;
    checker_say(app->checker, json_pack("{s:s, s:i, s:i}", "do", "load", "requests",
                                        app->load_requests, "concurrency", at_once));
    app_notice(app, "%d requests, %d at a time", app->load_requests, at_once);
}

static void on_requests(struct app *app, const char *text) {
    char suggested[16];
    int requests = number_of(text, LOAD_MOST);
    if (!requests) {
        app_notice(app, "Requests: a number from 1 to %d.", LOAD_MOST);
        return;
    }
    app->load_requests = requests;
    int at_once = app->load_at_once ? app->load_at_once : LOAD_AT_ONCE;
    snprintf(suggested, sizeof suggested, "%d", at_once < requests ? at_once : requests);
    app_ask_number(app, "How many at a time? ", suggested, on_at_once);
}

void steer_load(struct app *app) {
    char suggested[16];
    snprintf(suggested, sizeof suggested, "%d",
             app->load_requests ? app->load_requests : LOAD_REQUESTS);
    app_ask_number(app, "How many requests? ", suggested, on_requests);
}

void steer_kill(struct app *app) {
    int pid = bench_victim(&app->bench);
    checker_say(app->checker, json_pack("{s:s, s:i}", "do", "kill", "pid", pid));
    app_notice(app, "SIGKILL to %d", pid);
}

void steer_freeze(struct app *app) {
    int pid = bench_victim(&app->bench);
    const struct process *process = processes_find(&app->run->processes, pid);
    const char *signal = process && process->stopped ? "SIGCONT" : "SIGSTOP";
    checker_say(app->checker,
                json_pack("{s:s, s:i, s:s}", "do", "signal", "pid", pid, "signal", signal));
    app_notice(app, "%s to %d%s", signal, pid,
               process && process->stopped ? "" : ": z again lets it go on");
}

bool steer_can_skip(const struct app *app) {
    return runs_is_going(app) && app->bench.free_run && app->exercise;
}

void steer_skip(struct app *app) {
    checker_say(app->checker, json_pack("{s:s}", "do", "skip"));
    app_notice(app, "On to the next deadline, as soon as everybody waits");
}

/* --- faults --- */

static const struct fault_choice {
    struct menu_item item;
    enum fault_kind kind;
    int times;
    const char *member; /* what the step needs besides; NULL: nothing */
    int value;
} choices[] = {
    {{"short reads", "the next 20 reads give 3 bytes at the most"},
     FAULT_SHORT_READ,
     20,
     "bytes",
     3},
    {{"short writes", "the next 20 writes take 3 bytes at the most"},
     FAULT_SHORT_WRITE,
     20,
     "bytes",
     3},
    {{"interrupted calls", "the next 5 calls fail with EINTR"}, FAULT_EINTR, 5, NULL, 0},
    {{"false readiness", "the next 5 reads or writes fail with EAGAIN"}, FAULT_EAGAIN, 5, NULL, 0},
    {{"no more processes", "the next fork fails with EAGAIN"}, FAULT_FORK, 1, NULL, 0},
    {{"joined messages", "5 times, two messages arrive as one read"}, FAULT_JOIN, 5, NULL, 0},
    {{"an exit", "the process ends by itself with code 1"}, FAULT_EXIT, 1, "code", 1},
    {{"death in an accept", "killed when it has accepted a connection"}, FAULT_KILL, 1, NULL, 0},
};

enum { CHOICE_COUNT = sizeof choices / sizeof choices[0] };

void steer_open_faults(struct app *app) {
    static struct menu_item items[CHOICE_COUNT];
    int pid = bench_victim(&app->bench);
    for (size_t i = 0; i < CHOICE_COUNT; i++)
        items[i] = choices[i].item;
    menu_open(&app->menu, items, CHOICE_COUNT);
    if (pid)
        snprintf(app->menu.title, sizeof app->menu.title, "Fault for process %d", pid);
    else
        snprintf(app->menu.title, sizeof app->menu.title, "Fault for whoever comes first");
}

static void cause(struct app *app, const struct fault_choice *choice) {
    int pid = bench_victim(&app->bench);
    json_t *step = json_pack("{s:s, s:s, s:i}", "do", "fault", "what", fault_name(choice->kind),
                             "times", choice->times);
    if (pid)
        json_object_set_new(step, "pid", json_integer(pid));
    if (choice->member)
        json_object_set_new(step, choice->member, json_integer(choice->value));
    checker_say(app->checker, step);
    app_notice(app, "%s: %s", choice->item.name, choice->item.help);
}

void steer_heed_menu(struct app *app, enum request request) {
    struct menu *menu = &app->menu;
    if (request == REQUEST_OPEN && app->checker)
        cause(app, &choices[menu->scroll.selected]);
    if (request == REQUEST_OPEN || request == REQUEST_BACK)
        menu->open = false;
    else
        scroll_move(&menu->scroll, request);
}
