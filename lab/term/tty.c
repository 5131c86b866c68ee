#include "term/tty.h"

#include <curses.h>
#include <errno.h>
#include <langinfo.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <term.h>
#include <unistd.h>

#include "base/alloc.h"

enum { ESCAPE_WAIT_MS = 25 };

struct tty {
    SCREEN *screen;
    struct keeper *keeper;
    bool unicode;
    enum theme theme;
    int cursor_row, cursor_column; /* -1: hidden */
    int pointer_row, pointer_column;
    attr_t attributes[ROLE_COUNT];
};

int tty_check(struct err *err) {
    const char *name = getenv("TERM");
    if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
        return err_set(err, ENOTTY, "the lab needs a terminal, and %s is not one",
                       isatty(STDIN_FILENO) ? "its output" : "its input");
    if (!name || !*name)
        return err_set(err, EINVAL, "TERM is not set, so the lab does not know this terminal");
    int found = 0;
    if (setupterm(NULL, STDOUT_FILENO, &found) != OK)
        return err_set(err, EINVAL, "TERM is \"%s\", a terminal that is not known here", name);
    const char *move = tigetstr("cup");
    if (!move || move == (const char *)-1)
        return err_set(err, EINVAL, "TERM is \"%s\", a terminal that cannot place text", name);
    return 0;
}

static attr_t attributes_of(unsigned look) {
    static const struct {
        unsigned look;
        attr_t attribute;
    } table[] = {
        {LOOK_BOLD, A_BOLD},
        {LOOK_DIM, A_DIM},
        {LOOK_UNDERLINE, A_UNDERLINE},
        {LOOK_REVERSE, A_REVERSE},
    };
    attr_t attributes = A_NORMAL;
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
        if (look & table[i].look)
            attributes |= table[i].attribute;
    return attributes;
}

/* With eight colours only, the bright ones are bold; grey is dim. */
static attr_t colour_attributes(const struct look *look, enum role role) {
    attr_t attributes = attributes_of(look->attributes);
    short colour = look->fine && COLORS >= 256 ? look->fine : look->colour;
    if (colour < 0)
        return attributes;
    if (colour >= 8 && COLORS < 16) {
        if (colour == 8)
            return attributes | A_DIM;
        colour = (short)(colour - 8);
        attributes |= A_BOLD;
    }
    short pair = (short)(role + 1);
    init_pair(pair, colour, -1);
    return attributes | COLOR_PAIR(pair);
}

static void set_up_looks(struct tty *tty) {
    bool has = tty->theme != THEME_MONO && has_colors() && start_color() == OK &&
               use_default_colors() == OK && COLORS >= 8 && COLOR_PAIRS > ROLE_COUNT;
    if (!has)
        tty->theme = THEME_MONO;
    for (int role = 0; role < ROLE_COUNT; role++)
        tty->attributes[role] =
            colour_attributes(theme_look(tty->theme, (enum role)role), (enum role)role);
}

struct tty *tty_open(const struct tty_options *options, struct keeper *keeper, struct err *err) {
    struct tty *tty = xcalloc(1, sizeof *tty);
    tty->keeper = keeper;
    tty->theme = options->theme;
    tty->unicode = options->unicode && !strcmp(nl_langinfo(CODESET), "UTF-8");
    keeper_on_screen(keeper, true);
    tty->screen = newterm(NULL, stdout, stdin);
    if (!tty->screen) {
        keeper_on_screen(keeper, false);
        free(tty);
        err_set(err, EINVAL, "cannot draw on this terminal (TERM=%s)", getenv("TERM"));
        return NULL;
    }
    raw(); /* Ctrl-C and Ctrl-Z come as keys */
    noecho();
    nonl();
    keypad(stdscr, TRUE);
    nodelay(stdscr, TRUE);
    typeahead(-1); /* a frame is always drawn whole */
    set_escdelay(ESCAPE_WAIT_MS);
    set_up_looks(tty);
    if (options->mouse) {
        mousemask(ALL_MOUSE_EVENTS,
                  NULL);  /* after one that is masked out, curses waits for a key */
        mouseinterval(0); /* a press is a click, at once */
    }
    tty->cursor_row = -1;
    return tty;
}

void tty_close(struct tty *tty) {
    if (!tty)
        return;
    tty_leave(tty);
    delscreen(tty->screen);
    free(tty);
}

int tty_fd(const struct tty *tty) {
    (void)tty;
    return STDIN_FILENO;
}

static const struct {
    int curses;
    enum tty_key key;
} special_keys[] = {
    {KEY_UP, TTY_KEY_UP},         {KEY_DOWN, TTY_KEY_DOWN},
    {KEY_LEFT, TTY_KEY_LEFT},     {KEY_RIGHT, TTY_KEY_RIGHT},
    {KEY_PPAGE, TTY_KEY_PAGE_UP}, {KEY_NPAGE, TTY_KEY_PAGE_DOWN},
    {KEY_HOME, TTY_KEY_HOME},     {KEY_END, TTY_KEY_END},
    {KEY_BTAB, TTY_KEY_BACK_TAB}, {KEY_BACKSPACE, TTY_KEY_BACKSPACE},
    {KEY_F(1), TTY_KEY_F1},       {KEY_ENTER, '\r'},
};

static int mouse_key(struct tty *tty) {
    MEVENT event;
    if (getmouse(&event) != OK)
        return TTY_KEY_OTHER;
    tty->pointer_row = event.y;
    tty->pointer_column = event.x;
    return event.bstate & (BUTTON1_PRESSED | BUTTON1_CLICKED) ? TTY_KEY_CLICK
           : event.bstate & BUTTON4_PRESSED                   ? TTY_KEY_WHEEL_UP
           : event.bstate & BUTTON5_PRESSED                   ? TTY_KEY_WHEEL_DOWN
                                                              : TTY_KEY_OTHER;
}

void tty_pointer(const struct tty *tty, int *row, int *column) {
    *row = tty->pointer_row;
    *column = tty->pointer_column;
}

int tty_key(struct tty *tty) {
    wint_t key;
    int kind;
    do
        kind = wget_wch(stdscr, &key);
    while (kind == KEY_CODE_YES && key == KEY_RESIZE); /* said by resizeterm; nobody pressed it */
    switch (kind) {
    case OK: return key == '\n' ? '\r' : (int)key;
    case KEY_CODE_YES:
        if (key == KEY_MOUSE)
            return mouse_key(tty);
        for (size_t i = 0; i < sizeof special_keys / sizeof special_keys[0]; i++)
            if (special_keys[i].curses == (int)key)
                return special_keys[i].key;
        return TTY_KEY_OTHER;
    default: return TTY_NO_KEY;
    }
}

int tty_rows(const struct tty *tty) {
    (void)tty;
    return getmaxy(stdscr);
}

int tty_columns(const struct tty *tty) {
    (void)tty;
    return getmaxx(stdscr);
}

bool tty_has_unicode(const struct tty *tty) { return tty->unicode; }

void tty_erase(struct tty *tty) {
    tty->cursor_row = -1;
    werase(stdscr);
}

void tty_put(struct tty *tty, int row, int column, unsigned style, const char *text, size_t bytes) {
    attr_t attributes = tty->attributes[style & STYLE_ROLE_MASK];
    attributes |= style & STYLE_REVERSE ? A_REVERSE : 0;
    attributes |= style & STYLE_BOLD ? A_BOLD : 0;
    (void)wattrset(stdscr, (int)attributes);
    mvwaddnstr(stdscr, row, column, text, (int)bytes);
}

void tty_cursor(struct tty *tty, int row, int column) {
    tty->cursor_row = row;
    tty->cursor_column = column;
}

void tty_flush(struct tty *tty) {
    bool shown = tty->cursor_row >= 0;
    if (shown)
        wmove(stdscr, tty->cursor_row, tty->cursor_column);
    else
        wmove(stdscr, getmaxy(stdscr) - 1, 0);
    curs_set(shown);
    wnoutrefresh(stdscr);
    doupdate();
}

void tty_resized(struct tty *tty) {
    (void)tty;
    struct winsize size;
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row && size.ws_col)
        resizeterm(size.ws_row, size.ws_col);
}

void tty_repaint(struct tty *tty) {
    (void)tty;
    clearok(curscr, TRUE);
}

void tty_leave(struct tty *tty) {
    curs_set(1);
    endwin();
    keeper_on_screen(tty->keeper, false);
}

/* Stopped from outside, we could not leave the screen; the keeper left it in our place, and ncurses does
 * not know. Leaving once more would put the shell's cursor where it was before. */
static void enter_by_hand(void) {
    static const char *const capabilities[] = {"smcup", "smkx"};
    for (size_t i = 0; i < sizeof capabilities / sizeof capabilities[0]; i++) {
        const char *text = tigetstr(capabilities[i]);
        if (text && text != (const char *)-1)
            putp(text);
    }
    fflush(stdout);
}

void tty_return(struct tty *tty) {
    if (!isendwin() && !keeper_is_on_screen(tty->keeper))
        enter_by_hand();
    keeper_on_screen(tty->keeper, true);
    clearok(curscr, TRUE);
    reset_prog_mode();
    tty_resized(tty);
    wrefresh(stdscr);
    keypad(stdscr,
           TRUE); /* endwin turned it off; ncurses would turn it on after the next key only */
}
