#include "drive/loads.h"

#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "drive/options.h"
#include "drive/steps.h"
#include "proto/event.h"

enum {
    TIMEOUT_MS = 8000,
    ALL_SERVE_MS = 3000, /* at most, for further rounds */
    PAUSE_MS = 100,      /* before each */
};

static int64_t at_most(int64_t value, int64_t most) { return value < most ? value : most; }

static struct load_plan make_plan(const struct running *running) {
    struct load_plan plan = {
        .requests = step_option(running, "requests", 1),
        .keep_alive = step_flag(running, "keep_alive"),
        .path = step_text(running, "path"),
        .timeout_ms = step_option(running, "timeout_ms", TIMEOUT_MS),
        .slow_ms = step_option(running, "slow_ms", 0),
        .raw = step_text(running, "raw"),
        .keep_open = step_flag(running, "keep_open"),
        .every_ms = step_option(running, "every_ms", 0),
        .until_close = step_flag(running, "until_close"),
        .step = running->id,
    };
    plan.concurrency =
        at_most(step_option(running, "concurrency", plan.requests), LOAD_AT_ONCE_MAX);
    int64_t share = (plan.requests + plan.concurrency - 1) / plan.concurrency;
    plan.per_connection = step_option(running, "per_connection", plan.keep_alive ? share : 1);
    if (!plan.path)
        plan.path = "/";
    return plan;
}

/* --- who serves ------------------------------------------------------------------------------- */

/* Child processes beyond one a CPU need not serve: a master may have helpers. */
static size_t wanted_servers(const struct roster *roster) {
    size_t workers = roster_workers(roster), cpus = (size_t)roster->cpus;
    return workers < cpus ? workers : cpus;
}

static void count_answers(struct running *running) {
    const struct roster *roster = &running->stage->roster;
    running->tallies = xcalloc(roster->count, sizeof *running->tallies);
    running->tally_count = roster->count;
    for (size_t i = 0; i < roster->count; i++)
        running->tallies[i] =
            (struct tally){roster->processes[i].pid, (int64_t)roster->processes[i].answers};
}

static bool has_served(const struct running *running, size_t at) {
    int64_t before = at < running->tally_count ? running->tallies[at].count : 0;
    return (int64_t)running->stage->roster.processes[at].answers > before;
}

static bool all_have_served(const struct running *running) {
    const struct roster *roster = &running->stage->roster;
    size_t served = 0;
    for (size_t i = 0; i < roster->count; i++)
        served += roster_is_worker(roster, &roster->processes[i]) && has_served(running, i);
    return served >= wanted_servers(roster);
}

static void tell_idlers(const struct running *running, struct buf *into) {
    const struct roster *roster = &running->stage->roster;
    int told = 0;
    for (size_t i = 0; i < roster->count; i++)
        if (roster_is_worker(roster, &roster->processes[i]) && !has_served(running, i))
            buf_printf(into, "%s%d", told++ ? ", " : "; none by ", roster->processes[i].pid);
}

/* --- rounds ----------------------------------------------------------------------------------- */

static void hold(struct running *running) {
    struct stage *stage = running->stage;
    int64_t workers =
        at_most((int64_t)wanted_servers(&stage->roster), running->load.plan.concurrency);
    if (!step_flag(running, "spread") || workers < 2)
        return;
    running->holds = true;
    stage->holds++;
    stage->ops->hold_accepts(stage->ctx, (int)workers);
}

static void let_go(struct running *running) {
    struct stage *stage = running->stage;
    if (running->holds && --stage->holds == 0 && !stage->ended)
        stage->ops->hold_accepts(stage->ctx, 0);
    running->holds = false;
}

void load_begin(struct running *running) {
    running->load.plan = make_plan(running);
    running->in_background = step_flag(running, "background");
    running->stage->background += running->in_background;
    count_answers(running);
    hold(running);
    client_load_begin(running->stage->client, &running->load);
}

static bool wants_more(const struct running *running) {
    const struct stage *stage = running->stage;
    int64_t within_ms = step_option(running, "within_ms", ALL_SERVE_MS);
    return step_flag(running, "all_serve") && !all_have_served(running) &&
           !client_load_failed(&running->load) && !running->load.trouble[0] &&
           stage->ops->now_ns(stage->ctx) < running->begun_ns + within_ms * NS_PER_MS;
}

static void tell_load(const struct load *load, struct buf *into) {
    buf_printf(into, "%lld of %lld answered", (long long)load->answered,
               (long long)load->plan.requests);
    for (int why = 1; why < FAILED_COUNT; why++)
        if (load->failed[why])
            buf_printf(into, ", %lld %s", (long long)load->failed[why],
                       failure_name((enum failure)why));
    if (load->unsent)
        buf_printf(into, ", %lld not sent", (long long)load->unsent);
    if (load->lost)
        buf_printf(into, ", %lld lost with a process that the lab killed", (long long)load->lost);
    if (load->trouble[0])
        buf_printf(into, "; %s", load->trouble);
}

static bool went_well(const struct running *running) {
    const struct load *load = &running->load;
    const char *expected = step_text(running, "expect");
    if (expected && strcmp(expected, "refused") == 0)
        return load->failed[FAILED_REFUSED] == load->plan.requests;
    return !client_load_failed(load);
}

static void finish(struct running *running) {
    const struct stage *stage = running->stage;
    const struct load *load = &running->load;
    bool idlers = step_flag(running, "all_serve") && !all_have_served(running);
    struct buf told = {0};
    tell_load(load, &told);
    if (idlers)
        tell_idlers(running, &told);
    if (load->trouble[0])
        stage->ops->emit(stage->ctx, event_new(EVENT_ERROR, "{s:s}", "text", load->trouble));
    step_end(running, went_well(running) && !load->trouble[0] && !idlers, "%s", told.data);
    buf_release(&told);
}

void load_turn(struct running *running) {
    const struct stage *stage = running->stage;
    if (running->pauses || !client_load_done(&running->load))
        return;
    let_go(running);
    if (wants_more(running)) {
        running->pauses = true;
        running->deadline_ns = stage->ops->now_ns(stage->ctx) + PAUSE_MS * NS_PER_MS;
    } else {
        finish(running);
    }
}

/* The pause is over: another round. */
void load_time(struct running *running) {
    running->pauses = false;
    running->deadline_ns = -1;
    running->load.plan.requests += running->load.plan.concurrency;
    hold(running);
    client_load_begin(running->stage->client, &running->load);
}

void load_release(struct running *running) {
    running->stage->background -= running->in_background;
    client_load_drop(running->stage->client, &running->load);
    let_go(running);
}
