#include "drive/options.h"

#include <errno.h>
#include <signal.h>
#include <string.h>

#include "base/buf.h"
#include "drive/drive.h"
#include "drive/faults.h"
#include "drive/steps.h"

enum option_kind {
    OPTION_INT,
    OPTION_BOOL,
    OPTION_TEXT,
    OPTION_CHOICE,
    OPTION_SIGNAL,
    OPTION_COUNT
};

struct option {
    const char *name; /* NULL ends a list */
    enum option_kind kind;
    int64_t least, most;        /* of an integer */
    const char *const *choices; /* of a choice; ended by NULL */
    bool required;
};

struct form {
    const char *name;
    struct option options[20];
};

enum { LONGEST_MS = 600000, MOST_REQUESTS = 100000, MOST_FAULTS = 10000, MOST_BYTES = 1 << 20 };

static const char *const picks[] = {[PICK_BUSIEST] = "busiest",
                                    [PICK_IDLEST] = "idlest",
                                    [PICK_OLDEST] = "oldest",
                                    [PICK_YOUNGEST] = "youngest",
                                    NULL};
static const char *const awaited[] = {"listen", "workers",  "messages", "replacement", "taken",
                                      "loads",  "turnover", "exit",     NULL};
static const char *const fates[] = {"answered", "refused", NULL};
static const char *const whom[] = {"master", NULL};
static const char *const fault_whom[] = {"master", "workers", NULL};

static const char *const in_case[] = {"short-read", "short-write", "eintr", "eagain",
                                      "fork-fails", "join",        NULL};

static const struct option common[] = {
    {"id", OPTION_TEXT, 0, 0, NULL, false},      {"title", OPTION_TEXT, 0, 0, NULL, false},
    {"do", OPTION_TEXT, 0, 0, NULL, true},       {"required", OPTION_BOOL, 0, 0, NULL, false},
    {"comment", OPTION_TEXT, 0, 0, NULL, false}, {0},
};

static const struct form forms[] = {
    {"wait",
     {{"for", OPTION_CHOICE, 0, 0, awaited, true},
      {"within_ms", OPTION_INT, 1, LONGEST_MS, NULL, false},
      {"count", OPTION_COUNT, 1, 1000, NULL, false},
      {"with", OPTION_TEXT, 0, 0, NULL, false},
      {"each", OPTION_INT, 1, 1000, NULL, false}}},
    {"load",
     {{"requests", OPTION_INT, 1, MOST_REQUESTS, NULL, true},
      {"concurrency", OPTION_INT, 1, LOAD_AT_ONCE_MAX, NULL, false},
      {"keep_alive", OPTION_BOOL, 0, 0, NULL, false},
      {"per_connection", OPTION_INT, 1, MOST_REQUESTS, NULL, false},
      {"spread", OPTION_BOOL, 0, 0, NULL, false},
      {"all_serve", OPTION_BOOL, 0, 0, NULL, false},
      {"within_ms", OPTION_INT, 1, LONGEST_MS, NULL, false},
      {"path", OPTION_TEXT, 0, 0, NULL, false},
      {"timeout_ms", OPTION_INT, 1, LONGEST_MS, NULL, false},
      {"slow_ms", OPTION_INT, 0, LONGEST_MS, NULL, false},
      {"raw", OPTION_TEXT, 0, 0, NULL, false},
      {"until_close", OPTION_BOOL, 0, 0, NULL, false},
      {"keep_open", OPTION_BOOL, 0, 0, NULL, false},
      {"every_ms", OPTION_INT, 0, LONGEST_MS, NULL, false},
      {"expect", OPTION_CHOICE, 0, 0, fates, false},
      {"background", OPTION_BOOL, 0, 0, NULL, false}}},
    {"kill",
     {{"pick", OPTION_CHOICE, 0, 0, picks, false},
      {"pid", OPTION_INT, 1, INT32_MAX, NULL, false},
      {"signal", OPTION_SIGNAL, 0, 0, NULL, false},
      {"within_ms", OPTION_INT, 1, LONGEST_MS, NULL, false}}},
    {"signal",
     {{"who", OPTION_CHOICE, 0, 0, whom, false},
      {"pid", OPTION_INT, 1, INT32_MAX, NULL, false},
      {"signal", OPTION_SIGNAL, 0, 0, NULL, true}}},
    {"fault",
     {{"what", OPTION_CHOICE, 0, 0, fault_words, true},
      {"pick", OPTION_CHOICE, 0, 0, picks, false},
      {"pid", OPTION_INT, 1, INT32_MAX, NULL, false},
      {"who", OPTION_CHOICE, 0, 0, fault_whom, false},
      {"case", OPTION_TEXT, 0, 0, NULL, false},
      {"times", OPTION_INT, 0, MOST_FAULTS, NULL, false},
      {"bytes", OPTION_INT, 1, MOST_BYTES, NULL, false},
      {"code", OPTION_INT, 0, 255, NULL, false},
      {"ms", OPTION_INT, 1, LONGEST_MS, NULL, false},
      {"within_ms", OPTION_INT, 1, LONGEST_MS, NULL, false},
      {"background", OPTION_BOOL, 0, 0, NULL, false}}},
    {"pass", {{"ms", OPTION_INT, 0, LONGEST_MS, NULL, true}}},
};

int signal_number(const char *name) {
    if (!name || strncmp(name, "SIG", 3) != 0)
        return 0;
    for (int number = 1; number < SIGRTMIN; number++) {
        const char *short_name = sigabbrev_np(number);
        if (short_name && strcmp(short_name, name + 3) == 0)
            return number;
    }
    return 0;
}

enum pick pick_of(const char *name) {
    int pick = 0;
    while (picks[pick + 1] && strcmp(picks[pick], name) != 0)
        pick++;
    return (enum pick)pick;
}

static void list(struct buf *into, const char *const *choices) {
    for (size_t i = 0; choices[i]; i++)
        buf_printf(into, "%s%s", !i ? "" : choices[i + 1] ? ", " : " or ", choices[i]);
}

static int refuse_choice(const struct option *option, struct err *err) {
    struct buf words = {0};
    list(&words, option->choices);
    int code = err_set(err, EINVAL, "\"%s\" must be %s", option->name, words.data);
    buf_release(&words);
    return code;
}

static bool is_choice(const json_t *value, const char *const *choices) {
    for (; json_is_string(value) && *choices; choices++)
        if (strcmp(*choices, json_string_value(value)) == 0)
            return true;
    return false;
}

static bool is_within(const json_t *value, const struct option *option) {
    return json_is_integer(value) && json_integer_value(value) >= option->least &&
           json_integer_value(value) <= option->most;
}

static int check_value(const json_t *value, const struct option *option, struct err *err) {
    switch (option->kind) {
    case OPTION_BOOL:
        return json_is_boolean(value)
                   ? 0
                   : err_set(err, EINVAL, "\"%s\" must be true or false", option->name);
    case OPTION_TEXT:
        return json_is_string(value) ? 0
                                     : err_set(err, EINVAL, "\"%s\" must be text", option->name);
    case OPTION_CHOICE: return is_choice(value, option->choices) ? 0 : refuse_choice(option, err);
    case OPTION_SIGNAL:
        return signal_number(json_string_value(value))
                   ? 0
                   : err_set(err, EINVAL, "\"%s\" must be a signal's name, such as \"SIGTERM\"",
                             option->name);
    case OPTION_COUNT:
        if (json_is_string(value) && strcmp(json_string_value(value), "cpus") == 0)
            return 0;
        break;
    case OPTION_INT: break;
    }
    if (is_within(value, option))
        return 0;
    return err_set(err, EINVAL, "\"%s\" must be %san integer from %lld to %lld", option->name,
                   option->kind == OPTION_COUNT ? "\"cpus\" or " : "", (long long)option->least,
                   (long long)option->most);
}

static const struct option *find_option(const struct option *options, const char *name) {
    for (; options->name; options++)
        if (strcmp(options->name, name) == 0)
            return options;
    return NULL;
}

static const struct form *find_form(const json_t *step) {
    const char *name = json_string_value(json_object_get(step, "do"));
    for (size_t i = 0; name && i < sizeof forms / sizeof *forms; i++)
        if (strcmp(forms[i].name, name) == 0)
            return &forms[i];
    return NULL;
}

static int refuse_kind(const json_t *step, struct err *err) {
    struct buf words = {0};
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++)
        buf_printf(&words, "%s%s", i ? ", " : "", forms[i].name);
    const char *name = json_string_value(json_object_get(step, "do"));
    int code = name ? err_set(err, EINVAL, "\"do\": there is no step \"%s\"; there are %s", name,
                              words.data)
                    : err_set(err, EINVAL, "a step needs \"do\": one of %s", words.data);
    buf_release(&words);
    return code;
}

static int check_members(const json_t *step, const struct form *form, struct err *err) {
    const char *name;
    json_t *value;
    json_object_foreach((json_t *)step, name, value) {
        const struct option *option = find_option(form->options, name);
        if (!option)
            option = find_option(common, name);
        if (!option)
            return err_set(err, EINVAL, "a %s step has no member \"%s\"", form->name, name);
        int code = check_value(value, option, err);
        if (code)
            return code;
    }
    for (const struct option *option = form->options; option->name; option++)
        if (option->required && !json_object_get(step, option->name))
            return err_set(err, EINVAL, "a %s step needs \"%s\"", form->name, option->name);
    return 0;
}

/* What a table of members cannot say. */
static int check_together(const json_t *step, const struct form *form, struct err *err) {
    bool pid = json_object_get(step, "pid"), pick = json_object_get(step, "pick");
    const char *what = json_string_value(json_object_get(step, "for"));
    if (strcmp(form->name, "kill") == 0 && pid == pick)
        return err_set(err, EINVAL, "a kill step needs \"pick\" or \"pid\", one of the two");
    if (strcmp(form->name, "signal") == 0 && pid == (json_object_get(step, "who") != NULL))
        return err_set(err, EINVAL, "a signal step needs \"who\" or \"pid\", one of the two");
    if (strcmp(form->name, "fault") == 0 && pid + pick + (json_object_get(step, "who") != NULL) > 1)
        return err_set(err, EINVAL,
                       "a fault step needs one of \"pick\", \"pid\" and \"who\", or none");
    if (json_object_get(step, "case") && (pid || pick || !is_choice(json_object_get(step, "what"), in_case)))
        return err_set(err, EINVAL,
                       "\"case\" goes with \"who\" or none, and with what is done to system calls");
    if (what && strcmp(what, "messages") == 0 && !json_object_get(step, "with"))
        return err_set(err, EINVAL, "a wait for messages needs \"with\": the member that counts");
    const char *path = json_string_value(json_object_get(step, "path"));
    if (path && (path[0] != '/' || strpbrk(path, " \r\n\t")))
        return err_set(err, EINVAL, "\"path\" must begin with / and hold no blank");
    return 0;
}

int drive_step_check(const json_t *step, struct err *err) {
    if (!json_is_object(step))
        return err_set(err, EINVAL,
                       "a step must be an object, such as {\"do\": \"pass\", \"ms\": 100}");
    const struct form *form = find_form(step);
    if (!form)
        return refuse_kind(step, err);
    int code = check_members(step, form, err);
    return code ? code : check_together(step, form, err);
}
