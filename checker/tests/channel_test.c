/* Channels by themselves: what order of stops the kernel may hand us, and what must come out of it. */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "proto/event.h"
#include "tests/harness/cases.h"
#include "trace/channel.h"

enum { INODE = 7, FAR = 8 };

struct world {
    struct channels *channels;
    json_t *events; /* list */
    struct process writer, other, reader;
    struct process *guess; /* who the descriptors say will read */
    int64_t now_ns;
};

static void keep(void *ctx, json_t *event) {
    struct world *world = ctx;
    json_array_append_new(world->events, event);
}

static struct process *guess(void *ctx, uint64_t inode, enum channel_kind kind,
                             const struct process *from) {
    struct world *world = ctx;
    (void)inode, (void)kind, (void)from;
    return world->guess;
}

static int64_t now(void *ctx) { return ((struct world *)ctx)->now_ns; }

static void begin(struct world *world, enum channel_kind kind) {
    static const struct channel_ops ops = {keep, guess, now};
    const uint64_t inodes[2] = {INODE, kind == CHANNEL_PIPE ? INODE : FAR};
    const int fds[2] = {3, 4};
    *world = (struct world){.writer = {.pid = 2, .alive = true},
                            .other = {.pid = 3, .alive = true},
                            .reader = {.pid = 4, .alive = true}};
    world->guess = &world->reader;
    world->events = json_array();
    world->channels = channels_new(&ops, world);
    channels_made(world->channels, kind, &world->writer, inodes, fds);
}

static void end(struct world *world) {
    channels_free(world->channels);
    json_decref(world->events);
}

/* Writers write to the second end of a pair, the only one of a pipe. */
static struct write_attempt *enter(struct world *world, struct process *by, const char *text) {
    struct buf data = {0};
    buf_puts(&data, text);
    uint64_t inode = channels_far_end(world->channels, INODE);
    struct write_attempt *attempt = channels_write_begin(world->channels, by, inode, &data, 1);
    buf_release(&data);
    assert_non_null(attempt);
    return attempt;
}

static void leave(struct world *world, struct write_attempt *attempt, ssize_t result) {
    channels_write_end(world->channels, attempt, result);
}

static void put(struct world *world, const char *text) {
    leave(world, enter(world, &world->writer, text), (ssize_t)strlen(text));
}

static void see(void *ctx, struct buf *into) { buf_puts(into, ctx); }

static void take(struct world *world, const char *text) {
    channels_read(world->channels, &world->reader, INODE, strlen(text), see, (void *)text);
}

static int count(const struct world *world, const char *type) {
    size_t index;
    json_t *event;
    int n = 0;
    json_array_foreach(world->events, index, event) n +=
        strcmp(event_text(event, "type", ""), type) == 0;
    return n;
}

static json_t *nth(const struct world *world, int n, const char *type) {
    size_t index;
    json_t *event;
    json_array_foreach(world->events, index,
                       event) if (strcmp(event_text(event, "type", ""), type) == 0 &&
                                  n-- == 0) return event;
    return NULL;
}

static void a_read_may_be_seen_before_the_end_of_its_write(void **state) {
    struct world world;
    (void)state;
    begin(&world, CHANNEL_PIPE);
    struct write_attempt *attempt = enter(&world, &world.writer, "[1]\n");
    take(&world, "[1]\n");
    assert_int_equal(1, count(&world, "message"));
    assert_int_equal(1, count(&world, "received"));
    leave(&world, attempt, 4);
    assert_int_equal(1, count(&world, "message")); /* not once more */
    end(&world);
}

static void of_writers_under_way_the_bytes_say_which_was_read(void **state) {
    struct world world;
    (void)state;
    begin(&world, CHANNEL_PIPE);
    struct write_attempt *first = enter(&world, &world.writer, "[1]\n");
    struct write_attempt *second = enter(&world, &world.other, "[2]\n");
    take(&world, "[2]\n");
    assert_int_equal(3, event_int(nth(&world, 0, "message"), "from", -1));
    leave(&world, first, 4);
    leave(&world, second, 4);
    assert_int_equal(2, count(&world, "message"));
    assert_int_equal(2, event_int(nth(&world, 1, "message"), "from", -1));
    assert_int_equal(1, count(&world, "received"));
    end(&world);
}

static void two_writes_under_way_may_be_read_at_once(void **state) {
    struct world world;
    (void)state;
    begin(&world, CHANNEL_STREAM);
    struct write_attempt *first = enter(&world, &world.writer, "[1]\n");
    struct write_attempt *second = enter(&world, &world.other, "[2]\n");
    take(&world, "[2]\n[1]\n");
    assert_int_equal(3, event_int(nth(&world, 0, "message"), "from", -1));
    assert_int_equal(2, event_int(nth(&world, 1, "message"), "from", -1));
    assert_int_equal(2, count(&world, "received"));
    leave(&world, first, 4);
    leave(&world, second, 4);
    assert_int_equal(2, count(&world, "message"));
    end(&world);
}

static void only_what_was_written_counts(void **state) {
    struct world world;
    (void)state;
    begin(&world, CHANNEL_PIPE);
    leave(&world, enter(&world, &world.writer, "[1]\n[2]\n"), 4);
    assert_int_equal(1, count(&world, "message"));
    leave(&world, enter(&world, &world.writer, "[2]\n"), -11 /* EAGAIN */);
    assert_int_equal(1, count(&world, "message"));
    put(&world, "[2]\n");
    assert_int_equal(2, count(&world, "message"));
    end(&world);
}

static void a_write_read_in_pieces_while_it_blocks_is_one_message(void **state) {
    struct world world;
    (void)state;
    begin(&world, CHANNEL_PIPE);
    struct write_attempt *attempt = enter(&world, &world.writer, "\"abcdef\"\n");
    take(&world, "\"abc");
    assert_int_equal(0, count(&world, "message"));
    take(&world, "def\"\n");
    leave(&world, attempt, 9);
    assert_int_equal(1, count(&world, "message"));
    assert_int_equal(1, event_int(nth(&world, 0, "message"), "parts", -1));
    assert_int_equal(2, event_int(nth(&world, 0, "received"), "parts", -1));
    end(&world);
}

static void a_message_is_received_without_its_newline(void **state) {
    struct world world;
    (void)state;
    begin(&world, CHANNEL_STREAM);
    put(&world, "[1]\n");
    take(&world, "[1");
    assert_int_equal(0, count(&world, "received"));
    take(&world, "]");
    assert_int_equal(1, count(&world, "received"));
    take(&world, "\n");
    put(&world, "[2]");
    world.now_ns = 5;
    take(&world, "[2]");
    assert_int_equal(1, count(&world, "message"));
    world.now_ns = 7;
    put(&world, "\n");
    assert_int_equal(-1, event_int(nth(&world, 0, "received"), "text_ns", -1));
    assert_int_equal(5, event_int(nth(&world, 1, "received"), "text_ns", -1));
    assert_int_equal(2, count(&world, "received"));
    assert_int_equal(1, event_int(nth(&world, 1, "received"), "parts", -1));
    take(&world, "\n");
    put(&world, "[3]\n");
    take(&world, "[3]\n");
    assert_int_equal(3, count(&world, "received"));
    assert_int_equal(1, event_int(nth(&world, 2, "received"), "parts", -1));
    end(&world);
}

static void packets_keep_their_bounds_whatever_is_read_of_them(void **state) {
    struct world world;
    (void)state;
    begin(&world, CHANNEL_SEQPACKET);
    put(&world, "[1]");
    put(&world, "[2]");
    take(&world, "["); /* into too small a buffer: the rest of the packet is lost */
    assert_int_equal(1, count(&world, "received"));
    take(&world, "[2]");
    assert_int_equal(2, count(&world, "received"));
    end(&world);
}

static void parts_of_one_call_are_packets_of_their_own(void **state) {
    struct world world;
    (void)state;
    begin(&world, CHANNEL_DGRAM);
    struct write_attempt *attempt = enter(&world, &world.writer, "[1][22]");
    take(&world, "[1]"); /* before the call's exit */
    channels_write_part(world.channels, attempt, 3);
    channels_write_part(world.channels, attempt, 4);
    leave(&world, attempt, 7);
    take(&world, "[22]");
    assert_int_equal(2, count(&world, "message"));
    assert_int_equal(2, count(&world, "received"));
    end(&world);
}

static void what_only_its_writer_could_read_is_a_message_once_another_does(void **state) {
    struct world world;
    (void)state;
    begin(&world, CHANNEL_PIPE);
    world.guess = NULL;
    put(&world, "[1]\n");
    put(&world, "[2]\n");
    assert_int_equal(0, count(&world, "message"));
    channels_read(world.channels, &world.writer, INODE, 4, see, "[1]\n"); /* woke itself up */
    assert_int_equal(0, count(&world, "message"));
    take(&world, "[2]\n"); /* a child that came later */
    assert_int_equal(1, count(&world, "message"));
    assert_int_equal(4, event_int(nth(&world, 0, "message"), "to", -1));
    end(&world);
}

static void bytes_that_wait_for_their_newline_are_told_once(void **state) {
    struct world world;
    (void)state;
    begin(&world, CHANNEL_PIPE);
    put(&world, "{\"count\":");
    channels_sweep(world.channels);
    assert_int_equal(0, count(&world, "partial"));
    world.now_ns += INT64_C(1000000000);
    channels_sweep(world.channels);
    channels_sweep(world.channels);
    assert_int_equal(1, count(&world, "partial"));
    put(&world, "1}\n");
    assert_int_equal(2, event_int(nth(&world, 0, "message"), "parts", -1));
    end(&world);
}

static void a_line_without_end_is_told_in_pieces(void **state) {
    struct world world;
    (void)state;
    begin(&world, CHANNEL_PIPE);
    char *text = xmalloc(1 << 16);
    memset(text, 'x', (1 << 16) - 1);
    text[(1 << 16) - 1] = '\0';
    for (int i = 0; i < 40; i++) {
        put(&world, text);
        take(&world, text);
    }
    free(text);
    assert_int_equal(2, count(&world, "message"));
    assert_false(event_bool(nth(&world, 0, "message"), "complete"));
    assert_true(event_bool(nth(&world, 0, "message"), "cut"));
    end(&world);
}

static void what_a_dead_writer_began_is_incomplete(void **state) {
    struct world world;
    (void)state;
    begin(&world, CHANNEL_STREAM);
    put(&world, "[1");
    channels_flush(world.channels, &world.other);
    assert_int_equal(0, count(&world, "message"));
    channels_flush(world.channels, &world.writer);
    assert_int_equal(1, count(&world, "message"));
    assert_false(event_bool(nth(&world, 0, "message"), "complete"));
    end(&world);
}

static void a_reader_that_is_gone_by_the_end_of_the_write_is_known(void **state) {
    struct world world;
    (void)state;
    begin(&world, CHANNEL_PIPE);
    struct write_attempt *attempt = enter(&world, &world.writer, "[1]\n");
    world.guess = NULL; /* it has read and closed */
    leave(&world, attempt, 4);
    assert_int_equal(4, event_int(nth(&world, 0, "message"), "to", -1));
    end(&world);
}

static void json_nested_beyond_reason_is_text(void **state) {
    struct world world;
    (void)state;
    begin(&world, CHANNEL_PIPE);
    struct buf line = {0};
    buf_puts(&line, "[\"\\\"[");
    for (int i = 0; i < CHANNEL_NESTING_MOST; i++)
        buf_puts(&line, "[");
    buf_puts(&line, "\"]\n");
    put(&world, line.data); /* brackets in a string do not nest */
    assert_non_null(json_object_get(nth(&world, 0, "message"), "value"));
    buf_clear(&line);
    for (int i = 0; i <= CHANNEL_NESTING_MOST; i++)
        buf_puts(&line, "[");
    for (int i = 0; i <= CHANNEL_NESTING_MOST; i++)
        buf_puts(&line, "]");
    buf_puts(&line, "\n");
    put(&world, line.data);
    assert_null(json_object_get(nth(&world, 1, "message"), "value"));
    assert_non_null(json_object_get(nth(&world, 1, "message"), "text"));
    buf_release(&line);
    end(&world);
}

static const struct CMUnitTest cases[] = {
    cmocka_unit_test(a_reader_that_is_gone_by_the_end_of_the_write_is_known),
    cmocka_unit_test(json_nested_beyond_reason_is_text),
    cmocka_unit_test(a_read_may_be_seen_before_the_end_of_its_write),
    cmocka_unit_test(of_writers_under_way_the_bytes_say_which_was_read),
    cmocka_unit_test(two_writes_under_way_may_be_read_at_once),
    cmocka_unit_test(only_what_was_written_counts),
    cmocka_unit_test(a_write_read_in_pieces_while_it_blocks_is_one_message),
    cmocka_unit_test(a_message_is_received_without_its_newline),
    cmocka_unit_test(packets_keep_their_bounds_whatever_is_read_of_them),
    cmocka_unit_test(parts_of_one_call_are_packets_of_their_own),
    cmocka_unit_test(what_only_its_writer_could_read_is_a_message_once_another_does),
    cmocka_unit_test(bytes_that_wait_for_their_newline_are_told_once),
    cmocka_unit_test(a_line_without_end_is_told_in_pieces),
    cmocka_unit_test(what_a_dead_writer_began_is_incomplete),
};

CASES_MAIN(cases)
