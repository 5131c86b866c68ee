#include "drive/peer.h"

#include <arpa/inet.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>

enum { ANSWER_SIZE = 1024, SYN_SENT = 2, SYN_RECV = 3 /* include/net/tcp_states.h */ };

struct question {
    struct nlmsghdr head;
    struct inet_diag_req_v2 request;
};

static struct question question_of(int port, int client_port) {
    struct question question = {
        .head = {.nlmsg_len = sizeof question, .nlmsg_type = SOCK_DIAG_BY_FAMILY,
                 .nlmsg_flags = NLM_F_REQUEST},
        .request = {.sdiag_family = AF_INET, .sdiag_protocol = IPPROTO_TCP,
                    .idiag_states = UINT32_MAX,
                    .id = {.idiag_sport = htons((uint16_t)port),
                           .idiag_dport = htons((uint16_t)client_port),
                           .idiag_src = {htonl(INADDR_LOOPBACK)},
                           .idiag_dst = {htonl(INADDR_LOOPBACK)},
                           .idiag_cookie = {INET_DIAG_NOCOOKIE, INET_DIAG_NOCOOKIE}}}};
    return question;
}

bool peer_is_sending(int diag, int port, int client_port) {
    struct question question = question_of(port, client_port);
    union {
        struct nlmsghdr head;
        char bytes[ANSWER_SIZE];
    } answer;
    if (send(diag, &question, sizeof question, MSG_DONTWAIT) != (ssize_t)sizeof question)
        return false;
    ssize_t got = recv(diag, &answer, sizeof answer, MSG_DONTWAIT); /* netlink answers at once */
    struct inet_diag_msg *told = NLMSG_DATA(&answer.head);
    if (got < (ssize_t)NLMSG_LENGTH(sizeof *told) || answer.head.nlmsg_type != SOCK_DIAG_BY_FAMILY)
        return false;
    return told->idiag_wqueue > 0 || told->idiag_state == SYN_SENT ||
           told->idiag_state == SYN_RECV;
}
