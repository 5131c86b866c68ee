/* Messages and requests: the events against what the program says of itself, and against what a client saw. */
#include <arpa/inet.h>
#include <errno.h>
#include <sys/socket.h>

#include "tests/harness/trace_world.h"

static struct world talk(const char *scene) {
    struct world world = {.scene = scene, .program = "tests/programs/talking"};
    play(&world);
    return world;
}

/* One message {"n":1} from the first process to its child, received once. */
static void assert_one(const struct world *world, int parts) {
    json_t *message = the(world, "message", "value", "{\"n\":1}");
    assert_int_equal(first_pid(world), event_int(message, "from", -1));
    assert_int_equal(said(world, "child"), event_int(message, "to", -1));
    assert_true(event_bool(message, "complete"));
    assert_int_equal(parts, event_int(message, "parts", -1));
    char number[24];
    snprintf(number, sizeof number, "%d", (int)event_int(message, "message", -1));
    json_t *received = the(world, "received", "message", number);
    assert_int_equal(1, count(world, "received", "message", number));
    assert_int_equal(said(world, "child"), event_int(received, "pid", -1));
    assert_true(event_seq(received) > event_seq(message));
}

static void a_line_on_a_pipe_is_a_message(void **state) {
    (void)state;
    struct world world = talk("one");
    assert_one(&world, 1);
    assert_int_equal(8, event_int(the(&world, "message", NULL, NULL), "bytes", -1));
    assert_string_equal("pipe", event_text(the(&world, "channel", NULL, NULL), "kind", ""));
    end_world(&world);
}

static void three_writes_may_make_one_message(void **state) {
    (void)state;
    struct world world = talk("three_writes");
    assert_one(&world, 3);
    assert_int_equal(1, count(&world, "message", NULL, NULL));
    end_world(&world);
}

static void one_write_may_hold_two_messages(void **state) {
    (void)state;
    struct world world = talk("joined");
    assert_one(&world, 1);
    assert_int_equal(1, count(&world, "message", "value", "{\"n\":2}"));
    assert_int_equal(2, count(&world, "received", NULL, NULL));
    end_world(&world);
}

static void a_message_read_byte_by_byte_is_received_once(void **state) {
    (void)state;
    struct world world = talk("bytewise");
    assert_one(&world, 1);
    assert_true(event_int(the(&world, "received", NULL, NULL), "parts", -1) > 1);
    end_world(&world);
}

static void many_writers_of_one_pipe_are_told_apart(void **state) {
    (void)state;
    struct world world = talk("writers");
    int messages = (int)said(&world, "messages");
    assert_int_equal(messages, count(&world, "message", "complete", "true"));
    assert_int_equal(messages, count(&world, "message", NULL, NULL));
    json_t *message;
    for (int n = 0; (message = nth(&world, n, "message", NULL, NULL)); n++) {
        /* [WRITER, NUMBER, 0]: the same writer is always the same process */
        int writer = (int)json_integer_value(json_array_get(json_object_get(message, "value"), 0));
        char pid[24];
        snprintf(pid, sizeof pid, "%d", (int)event_int(message, "from", -1));
        assert_int_equal(first_pid(&world), event_int(the(&world, "fork", "pid", pid), "parent", -1));
        json_t *birth = nth(&world, writer + 2, "fork", NULL, NULL); /* after the first and the reader */
        assert_int_equal(event_int(birth, "pid", -2), event_int(message, "from", -1));
    }
    end_world(&world);
}

static void a_process_that_wakes_itself_sends_no_message(void **state) {
    (void)state;
    struct world world = talk("selfpipe");
    assert_int_equal(5, said(&world, "read"));
    assert_int_equal(0, count(&world, "message", NULL, NULL));
    end_world(&world);
}

static void a_message_without_its_newline_is_incomplete(void **state) {
    (void)state;
    struct world world = talk("unterminated");
    assert_int_equal(1, count(&world, "message", "complete", "false"));
    assert_int_equal(1, count(&world, "message", NULL, NULL));
    end_world(&world);
}

static void what_is_no_json_is_told_as_text_and_no_byte_is_lost(void **state) {
    (void)state;
    struct world world = talk("words");
    assert_int_equal(1, count(&world, "message", "text", "not json"));
    assert_string_equal("/w==", event_text(the(&world, "message", "text", "\\xff"), "base64", ""));
    end_world(&world);
}

static void writev_and_sendmsg_are_writes(void **state) {
    (void)state;
    struct world world = talk("vectors");
    assert_int_equal(2, count(&world, "message", "value", "{\"n\":1}"));
    assert_int_equal(2, count(&world, "received", NULL, NULL));
    end_world(&world);
}

static void each_packet_of_sendmmsg_is_a_message(void **state) {
    (void)state;
    struct world world = talk("many_at_once");
    assert_int_equal(1, count(&world, "message", "value", "[1]"));
    assert_int_equal(1, count(&world, "message", "value", "[2]"));
    assert_int_equal(1, count(&world, "message", "value", "[34]"));
    assert_int_equal(3, count(&world, "received", NULL, NULL));
    assert_string_equal("dgram", event_text(the(&world, "channel", NULL, NULL), "kind", ""));
    end_world(&world);
}

static void the_end_of_a_packet_stands_for_the_newline(void **state) {
    (void)state;
    struct world world = talk("packets");
    assert_int_equal(2, count(&world, "message", "complete", "true"));
    assert_int_equal(2, count(&world, "received", "parts", "1"));
    assert_string_equal("seqpacket", event_text(the(&world, "channel", NULL, NULL), "kind", ""));
    end_world(&world);
}

static void a_datagram_sent_elsewhere_is_no_message(void **state) {
    (void)state;
    struct world world = talk("astray");
    assert_int_equal(0, count(&world, "message", "value", "[1]"));
    assert_int_equal(0, count(&world, "message", "value", "[2]"));
    assert_int_equal(0, count(&world, "message", "value", "[3]"));
    assert_int_equal(2, count(&world, "message", "text", "x"));
    end_world(&world);
}

static void splice_moves_a_message_from_pipe_to_pipe(void **state) {
    (void)state;
    struct world world = talk("splice");
    json_t *moved = the(&world, "message", "channel", "2");
    assert_true(world_has(moved, "value", "{\"n\":1}"));
    assert_int_equal(said(&world, "child"), event_int(moved, "to", -1));
    assert_int_equal(1, count(&world, "received", "pid", said_text(&world, "child")));
    end_world(&world);
}

static void sendfile_sends_what_the_file_holds_there(void **state) {
    (void)state;
    struct world world = talk("sendfile");
    assert_one(&world, 1);
    end_world(&world);
}

static void a_message_may_be_older_than_its_reader(void **state) {
    (void)state;
    struct world world = talk("before_fork");
    assert_one(&world, 1);
    end_world(&world);
}

static void who_really_reads_is_told_however_many_could(void **state) {
    (void)state;
    struct world world = talk("sloppy");
    assert_int_equal(said(&world, "reader"),
                     event_int(the(&world, "received", NULL, NULL), "pid", -1));
    end_world(&world);
}

static void a_read_that_was_interrupted_reads_nothing(void **state) {
    (void)state;
    struct world world = talk("interrupted");
    assert_true(said(&world, "interrupted") >= 1);
    assert_one(&world, 1);
    end_world(&world);
}

static void without_reads_messages_are_told_all_the_same(void **state) {
    (void)state;
    struct world world = {.scene = "one", .program = "tests/programs/talking", .no_reads = true};
    play(&world);
    assert_int_equal(1, count(&world, "message", "value", "{\"n\":1}"));
    assert_int_equal(0, count(&world, "received", NULL, NULL));
    end_world(&world);
}

/* --- serving -------------------------------------------------------------------------------- */

static int clients[8];
static int client_count;

/* Connects as soon as the program has said its port, sends a request, and leaves the rest to the kernel. */
static void be_client(struct world *world, const json_t *event) {
    (void)world;
    int port = 0;
    if (sscanf(event_text(event, "text", ""), "port %d", &port) != 1)
        return;
    static const char request[] = "GET / HTTP/1.1\r\n\r\n";
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    for (int i = 0; i < client_count; i++) {
        clients[i] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        assert_int_equal(0, connect(clients[i], (struct sockaddr *)&address, sizeof address));
        assert_int_equal(sizeof request - 1, write(clients[i], request, sizeof request - 1));
    }
}

static void assert_answered(int client) {
    char answer[128];
    ssize_t got = read(client, answer, sizeof answer);
    assert_true(got > 12 && memcmp(answer, "HTTP/1.1 200", 12) == 0);
    close(client);
}

static const char *port_of(int client) {
    static char text[16];
    struct sockaddr_in address;
    socklen_t size = sizeof address;
    assert_int_equal(0, getsockname(client, (struct sockaddr *)&address, &size));
    snprintf(text, sizeof text, "%d", ntohs(address.sin_port));
    return text;
}

static void a_request_is_followed_by_its_connection(void **state) {
    (void)state;
    client_count = 1;
    struct world world = {.scene = "serve", .program = "tests/programs/talking",
                          .on_event = be_client};
    play(&world);
    const char *number = port_of(clients[0]);
    assert_int_equal(said(&world, "port"), event_int(the(&world, "listen", NULL, NULL), "port", -1));
    assert_int_equal(64, event_int(the(&world, "listen", NULL, NULL), "backlog", -1));
    uint64_t accepted = event_seq(the(&world, "accept", "connection", number));
    uint64_t taken = event_seq(the(&world, "taken", "connection", number));
    json_t *reply = the(&world, "reply", "connection", number);
    assert_true(accepted < taken && taken < event_seq(reply));
    assert_int_equal(38, event_int(reply, "bytes", -1));
    assert_answered(clients[0]);
    end_world(&world);
}

/* The client hangs up with bytes unread: the connection is reset. */
static void be_client_for_a_while(struct world *world, const json_t *event) {
    be_client(world, event);
    if (strncmp(event_text(event, "text", ""), "all ", 4) == 0)
        fd_close(&clients[0]);
}

static void what_failed_is_no_reply(void **state) {
    (void)state;
    client_count = 1;
    struct world world = {.scene = "serve_badly", .program = "tests/programs/talking",
                          .on_event = be_client_for_a_while};
    play(&world);
    assert_int_equal(EFAULT, said(&world, "nowhere"));
    assert_int_equal(ECONNRESET, said(&world, "reset"));
    assert_int_equal(2, count(&world, "reply", NULL, NULL));
    assert_int_equal(said(&world, "much"), event_int(nth(&world, 0, "reply", NULL, NULL), "bytes", -1));
    assert_int_equal(5, event_int(nth(&world, 1, "reply", NULL, NULL), "bytes", -1));
    end_world(&world);
}

/* Keeps a free port: both sides allow it to be used again, and we do not listen. */
static int reserve_port(int *port) {
    struct sockaddr_in here = {.sin_family = AF_INET};
    socklen_t size = sizeof here;
    int on = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(0, setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on));
    assert_int_equal(0, bind(fd, (struct sockaddr *)&here, size));
    assert_int_equal(0, getsockname(fd, (struct sockaddr *)&here, &size));
    *port = ntohs(here.sin_port);
    return fd;
}

static void connections_of_the_same_port_are_told_apart(void **state) {
    (void)state;
    struct world world = {.scene = "same_ports", .program = "tests/programs/talking"};
    char text[16];
    int kept = reserve_port(&world.options.port);
    snprintf(text, sizeof text, "%d", world.options.port);
    setenv("SCENE_PORT", text, 1);
    play(&world);
    assert_int_equal(3, count(&world, "accept", NULL, NULL));
    const char *events[] = {"accept", "taken", "reply"};
    for (int i = 0; i < 3; i++) {
        assert_int_equal(1, count(&world, events[i], "connection", said_text(&world, "same")));
        assert_int_equal(1, count(&world, events[i], "connection", "65536"));
        assert_int_equal(1, count(&world, events[i], "connection", "65537"));
    }
    fd_close(&kept);
    end_world(&world);
}

static void a_request_belongs_to_who_answers_it(void **state) {
    (void)state;
    client_count = 1;
    struct world world = {.scene = "pass", .program = "tests/programs/talking",
                          .on_event = be_client};
    play(&world);
    const char *number = port_of(clients[0]);
    assert_int_equal(first_pid(&world),
                     event_int(the(&world, "accept", "connection", number), "pid", -1));
    json_t *pass = the(&world, "pass", "connection", number);
    assert_string_equal("connection", event_text(pass, "what", ""));
    assert_int_equal(said(&world, "child"), event_int(pass, "to", -1));
    assert_int_equal(said(&world, "child"),
                     event_int(the(&world, "reply", "connection", number), "pid", -1));
    assert_answered(clients[0]);
    end_world(&world);
}

/* With holding on, two connections reach two workers, however fast the first one is. */
static void hold_then_be_client(struct world *world, const json_t *event) {
    if (strncmp(event_text(event, "text", ""), "port ", 5) == 0) {
        trace_hold_accepts(world->trace, 2);
        be_client(world, event);
    }
    world->over = count(world, "reply", NULL, NULL) == client_count;
}

static void held_workers_share_what_comes(void **state) {
    (void)state;
    client_count = 2;
    struct world world = {.scene = "workers", .program = "tests/programs/talking",
                          .on_event = hold_then_be_client};
    play(&world);
    assert_int_not_equal(event_int(nth(&world, 0, "reply", NULL, NULL), "pid", -1),
                         event_int(nth(&world, 1, "reply", NULL, NULL), "pid", -1));
    assert_answered(clients[0]);
    assert_answered(clients[1]);
    end_world(&world);
}

static const struct CMUnitTest cases[] = {
    cmocka_unit_test(a_line_on_a_pipe_is_a_message),
    cmocka_unit_test(three_writes_may_make_one_message),
    cmocka_unit_test(one_write_may_hold_two_messages),
    cmocka_unit_test(a_message_read_byte_by_byte_is_received_once),
    cmocka_unit_test(many_writers_of_one_pipe_are_told_apart),
    cmocka_unit_test(a_process_that_wakes_itself_sends_no_message),
    cmocka_unit_test(a_message_without_its_newline_is_incomplete),
    cmocka_unit_test(what_is_no_json_is_told_as_text_and_no_byte_is_lost),
    cmocka_unit_test(writev_and_sendmsg_are_writes),
    cmocka_unit_test(each_packet_of_sendmmsg_is_a_message),
    cmocka_unit_test(the_end_of_a_packet_stands_for_the_newline),
    cmocka_unit_test(a_datagram_sent_elsewhere_is_no_message),
    cmocka_unit_test(splice_moves_a_message_from_pipe_to_pipe),
    cmocka_unit_test(sendfile_sends_what_the_file_holds_there),
    cmocka_unit_test(a_message_may_be_older_than_its_reader),
    cmocka_unit_test(who_really_reads_is_told_however_many_could),
    cmocka_unit_test(a_read_that_was_interrupted_reads_nothing),
    cmocka_unit_test(without_reads_messages_are_told_all_the_same),
    cmocka_unit_test(a_request_is_followed_by_its_connection),
        cmocka_unit_test(what_failed_is_no_reply),
    cmocka_unit_test(connections_of_the_same_port_are_told_apart),
    cmocka_unit_test(a_request_belongs_to_who_answers_it),
    cmocka_unit_test(held_workers_share_what_comes),
};

CASES_MAIN_WITHIN(cases, 30)
