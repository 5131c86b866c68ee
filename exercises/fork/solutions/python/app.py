# Two processes, one conversation, in Python: os.fork() and a socket pair, wrapped into files.

import json
import os
import socket
import sys


def say(file, message):
    file.write(json.dumps(message) + "\n")
    file.flush()


def hear(file, who):
    message = json.loads(file.readline())
    print(f"Message from {who}:", json.dumps(message), flush=True)


def main():
    ours, theirs = socket.socketpair()
    child = os.fork()
    if child == 0:
        ours.close()
        with theirs.makefile("rw") as file:
            hear(file, "parent")
            say(file, {"reply": "Hello from child"})
        os._exit(0)
    theirs.close()
    with ours.makefile("rw") as file:
        say(file, {"message": "Hello from parent"})
        hear(file, "child")
    _, status = os.waitpid(child, 0)
    sys.exit(os.waitstatus_to_exitcode(status))


main()
