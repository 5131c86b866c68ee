# A hundred messages, in Python, design "generator": os.fork() and a socket pair, a thread that sends,
# and a generator that makes messages of whatever recv() brings.

import json
import os
import socket
import sys
import threading


def messages(channel):
    while chunk := channel.recv(1 << 16):
        yield json.loads(chunk)


def send(channel, message):
    # sendall() goes on until everything is out; send() would not.
    channel.sendall(json.dumps(message).encode() + b"\n")


def be_child(channel):
    for message in messages(channel):
        send(channel, {"id": message["id"], "length": len(message["text"])})


def send_all(channel, count, size):
    for number in range(1, count + 1):
        send(channel, {"id": number, "text": "x" * (number if number % 10 else size)})
    channel.shutdown(socket.SHUT_WR)


def main(count=100, size=100000):
    ours, theirs = socket.socketpair()
    child = os.fork()
    if child == 0:
        ours.close()
        be_child(theirs)
        os._exit(0)
    theirs.close()
    threading.Thread(target=send_all, args=(ours, count, size)).start()
    for answer in messages(ours):
        print(f"Answer {answer['id']}: {answer['length']}")
    _, status = os.waitpid(child, 0)
    sys.exit(os.waitstatus_to_exitcode(status))


main(*map(int, sys.argv[1:]))
