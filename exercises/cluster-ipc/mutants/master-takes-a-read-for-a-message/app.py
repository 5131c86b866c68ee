# Orders out, reports back, in Python: two pipes for each worker, and one selector in the master.

import json
import os
import selectors
import signal


def say(line):
    print(line, flush=True)


def send(fd, message):
    os.write(fd, json.dumps(message).encode() + b"\n")  # far shorter than PIPE_BUF: goes in whole


def messages(buffer):
    """Takes what is complete out of the buffer."""
    while (end := buffer.find(b"\n")) >= 0:
        line = bytes(buffer[:end])
        del buffer[: end + 1]
        yield json.loads(line)


def work(orders, reports):
    buffer = bytearray()
    me = os.getpid()
    while piece := os.read(orders, 4096):
        buffer += piece
        for message in messages(buffer):
            say(f"Worker {me} received message from master: {json.dumps(message)}")
            send(reports, {"reply": f"Hello from worker {me}"})


class Master:
    def __init__(self):
        self.selector = selectors.DefaultSelector()
        self.wakeup, wake = os.pipe()
        os.set_blocking(self.wakeup, False)
        os.set_blocking(wake, False)
        signal.set_wakeup_fd(wake)
        signal.signal(signal.SIGCHLD, lambda *_: None)  # that it came is told by the pipe
        self.selector.register(self.wakeup, selectors.EVENT_READ)
        self.workers = {}  # by PID: the ends of its pipes

    def hire(self):
        orders, order = os.pipe()
        report, reports = os.pipe()
        pid = os.fork()
        if pid == 0:
            try:
                signal.set_wakeup_fd(-1)
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                for fds in [(order, report), *self.workers.values()]:
                    for fd in fds:
                        os.close(fd)
                work(orders, reports)
            finally:
                os._exit(1)
        os.close(orders)
        os.close(reports)
        self.workers[pid] = (order, report)
        self.selector.register(report, selectors.EVENT_READ, (pid, bytearray()))
        send(order, {"message": "Hello from master"})

    def hear(self, fd, pid, buffer):
        piece = os.read(fd, 4096)
        if not piece:
            self.selector.unregister(fd)
        try:
            message = json.loads(piece)
        except ValueError:
            return  # nothing that makes sense
        if isinstance(message, dict):
            say(f"Master received message from worker {pid}: {json.dumps(message)}")

    def bury(self):
        try:
            while os.read(self.wakeup, 64):
                pass
        except BlockingIOError:
            pass
        while True:
            pid, _ = os.waitpid(-1, os.WNOHANG)
            if pid == 0:
                return
            order, report = self.workers.pop(pid)
            if report in self.selector.get_map():
                self.selector.unregister(report)
            os.close(order)
            os.close(report)
            say(f"Worker {pid} died")
            self.hire()

    def run(self):
        for _ in range(os.cpu_count()):
            self.hire()
        while True:
            for key, _ in self.selector.select():
                if key.fileobj == self.wakeup:
                    self.bury()
                elif key.fileobj in self.selector.get_map():
                    self.hear(key.fileobj, *key.data)


Master().run()
