#include "app/editor.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/child.h"

static const struct style {
    const char *name;
    enum { PLUS_LINE, GOTO } how;
} styles[] = {
    {"vi", PLUS_LINE},          {"vim", PLUS_LINE},   {"nvim", PLUS_LINE},  {"view", PLUS_LINE},
    {"nano", PLUS_LINE},        {"emacs", PLUS_LINE}, {"kak", PLUS_LINE},   {"micro", PLUS_LINE},
    {"emacsclient", PLUS_LINE}, {"hx", PLUS_LINE},    {"helix", PLUS_LINE}, {"code", GOTO},
    {"codium", GOTO},           {"joe", PLUS_LINE},   {"jed", PLUS_LINE},   {"mg", PLUS_LINE},
};

static const char *chosen(void) {
    static const char *const variables[] = {"VISUAL", "EDITOR"};
    for (size_t i = 0; i < sizeof variables / sizeof variables[0]; i++) {
        const char *value = getenv(variables[i]);
        if (value && value[strspn(value, " \t")])
            return value;
    }
    return NULL;
}

const char *editor_choice(void) {
    const char *editor = chosen();
    return editor ? editor : "vi";
}

const char *editor_advice(void) {
    return chosen() ? NULL
                    : "Your editor is vi: i begins to write, Esc ends that; :wq saves and leaves, "
                      ":q! leaves without. Set EDITOR to choose another, such as nano.";
}

static const struct style *style_of(const char *editor) {
    editor += strspn(editor, " \t");
    size_t length = strcspn(editor, " \t");
    for (size_t i = length; i-- > 0;)
        if (editor[i] == '/') {
            editor += i + 1;
            length -= i + 1;
            break;
        }
    for (size_t i = 0; i < sizeof styles / sizeof styles[0]; i++)
        if (strlen(styles[i].name) == length && !memcmp(styles[i].name, editor, length))
            return &styles[i];
    return NULL;
}

void editor_command_make(struct editor_command *command, const char *editor, const char *file,
                         int line) {
    const struct style *style = line > 0 ? style_of(editor) : NULL;
    const char *here = *file == '-' || *file == '+' ? "./" : ""; /* else it would be an option */
    size_t count = 0;
    *command = (struct editor_command){0};
    command->argv[count++] = xstrdup("sh");
    command->argv[count++] = xstrdup("-c");
    command->argv[count++] = xasprintf("exec %s \"$@\"", editor);
    command->argv[count++] = xstrdup(editor);
    if (style && style->how == GOTO) {
        command->argv[count++] = xstrdup("--goto");
        command->argv[count++] = xasprintf("%s%s:%d", here, file, line);
        return;
    }
    if (style)
        command->argv[count++] = xasprintf("+%d", line);
    command->argv[count++] = xasprintf("%s%s", here, file);
}

void editor_command_release(struct editor_command *command) {
    for (size_t i = 0; i < EDITOR_WORDS_MAX; i++)
        free(command->argv[i]);
    *command = (struct editor_command){0};
}

pid_t editor_start(const char *dir, const char *file, int line, struct err *err) {
    struct editor_command command;
    editor_command_make(&command, editor_choice(), file, line);
    struct child_spec spec = {
        .argv = (const char *const *)command.argv,
        .cwd = dir,
        .keep_stdio = true,
    };
    pid_t pid = child_start(&spec, err);
    editor_command_release(&command);
    return pid;
}
