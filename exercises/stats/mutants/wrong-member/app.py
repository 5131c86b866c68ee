"""A counting cluster in Python, design "fork and selectors".

The C design "prefork-poll" in the words of another language: the same fork(), socketpair() and
waitpid(), only that a selector keeps the table of descriptors and json does the messages.
"""

import json
import os
import selectors
import signal
import socket
import sys
import time
import traceback

PORT = 8000
REPORT_EVERY_S = 5.0
CLIENT_LIFE_S = 10.0
RESPAWN_GAP_S = 0.2  # between two births in one place: no fork bomb, whatever goes wrong


class Worker:
    """The life of one worker: it answers, it counts, and every five seconds it reports."""

    def __init__(self, listener, channel):
        self.listener = listener
        self.channel = channel
        self.count = 0
        self.clients = {}  # socket: what it has sent so far, and its deadline
        self.selector = selectors.DefaultSelector()
        self.selector.register(listener, selectors.EVENT_READ, self.accept)
        self.selector.register(channel, selectors.EVENT_READ, self.leave)
        body = f"Handled by worker {os.getpid()}\n"
        self.answer = (
            "HTTP/1.1 200 OK\r\n"
            "Content-Type: text/plain\r\n"
            f"Content-Length: {len(body)}\r\n"
            f"Connection: close\r\n\r\n{body}"
        ).encode()

    def run(self):
        next_report = time.monotonic() + REPORT_EVERY_S
        while True:
            timeout = max(0.0, next_report - time.monotonic())
            for key, _ in self.selector.select(timeout):
                key.data(key.fileobj)
            if time.monotonic() >= next_report:
                self.report()
                self.drop_silent_clients()
                # The next deadline follows from the last one, not from now: no drift.
                while next_report <= time.monotonic():
                    next_report += REPORT_EVERY_S

    def report(self):
        line = json.dumps({"pid": os.getpid(), "requests": self.count}) + "\n"
        try:
            self.channel.sendall(line.encode())
        except OSError:
            sys.exit(1)  # nobody to report to: the master is gone

    def accept(self, listener):
        try:
            client, _ = listener.accept()
        except OSError:
            return  # a sibling was faster, or the client gave up
        client.setblocking(False)
        self.clients[client] = (b"", time.monotonic() + CLIENT_LIFE_S)
        self.selector.register(client, selectors.EVENT_READ, self.read)

    def leave(self, _channel):
        sys.exit(0)  # the master never writes: this is the end of file, it is gone

    def read(self, client):
        request, deadline = self.clients[client]
        try:
            data = client.recv(4096)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        request = (request + data)[-8192:]
        self.clients[client] = (request, deadline)
        if not data:
            self.drop(client)
        elif b"\r\n\r\n" in request or b"\n\n" in request:
            self.reply(client)

    def reply(self, client):
        # So short an answer fits the buffer of a new connection; a time-out covers the rest.
        client.settimeout(0.5)
        try:
            client.sendall(self.answer)
            self.count += 1
        except OSError:
            pass  # it hung up before the answer: not answered, not counted
        self.drop(client)

    def drop(self, client):
        self.selector.unregister(client)
        del self.clients[client]
        client.close()

    def drop_silent_clients(self):
        now = time.monotonic()
        for client in [c for c, (_, deadline) in self.clients.items() if deadline <= now]:
            self.drop(client)


class Place:
    """One place in the brigade. The place stays; the workers in it come and go."""

    def __init__(self):
        self.pid = None
        self.channel = None
        self.inbox = b""
        self.next_birth = 0.0


class Master:
    """Starts the workers, prints what they report, replaces the dead."""

    def __init__(self):
        self.places = [Place() for _ in range(os.sysconf("SC_NPROCESSORS_ONLN"))]
        self.selector = selectors.DefaultSelector()
        self.listener = socket.create_server(("", PORT), backlog=socket.SOMAXCONN)
        self.listener.setblocking(False)
        # Python writes a byte into this socket whenever a signal comes, and select() wakes up.
        self.wake_up, self.wake_up_end = socket.socketpair()
        self.wake_up.setblocking(False)
        self.wake_up_end.setblocking(False)
        signal.set_wakeup_fd(self.wake_up_end.fileno(), warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        self.selector.register(self.wake_up, selectors.EVENT_READ, self.reap)

    def run(self):
        while True:
            for key, _ in self.selector.select(self.fill_empty_places()):
                key.data(key.fileobj)

    def fill_empty_places(self):
        """Returns how long to wait before there is another try, None for ever."""
        for place in self.places:
            if place.pid is None and place.next_birth <= time.monotonic():
                self.start_worker(place)
        births = [place.next_birth for place in self.places if place.pid is None]
        return max(0.0, min(births) - time.monotonic()) if births else None

    def start_worker(self, place):
        place.next_birth = time.monotonic() + RESPAWN_GAP_S
        ours, theirs = socket.socketpair()
        try:
            pid = os.fork()
        except OSError as error:
            print(f"fork: {error}", file=sys.stderr)
            ours.close()
            theirs.close()
            return
        if pid == 0:
            self.become_worker(ours, theirs)
        theirs.close()
        ours.setblocking(False)
        place.pid, place.channel, place.inbox = pid, ours, b""
        self.selector.register(ours, selectors.EVENT_READ, lambda _: self.read(place))

    def become_worker(self, ours, theirs):
        """Runs in the child, which leaves behind whatever is the master's."""
        status = 1
        try:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            self.selector.close()
            for end in [self.wake_up, self.wake_up_end, ours]:
                end.close()
            for place in self.places:
                if place.channel is not None:
                    place.channel.close()
            Worker(self.listener, theirs).run()
        except SystemExit as error:
            status = error.code
        except Exception:
            traceback.print_exc()
        finally:
            os._exit(status)

    def read(self, place):
        while place.channel is not None:
            try:
                data = place.channel.recv(4096)
            except BlockingIOError:
                return
            except OSError:
                data = b""
            if not data:
                self.close_channel(place)
                return
            *lines, place.inbox = (place.inbox + data).split(b"\n")
            for line in lines:
                self.log(place, line)

    def log(self, place, line):
        try:
            message = json.loads(line)
            pid, count = message["pid"], message["requests"]
        except (ValueError, KeyError, TypeError):
            return
        print(f"Stats from worker {place.pid}: {{ pid: {pid}, count: {count} }}", flush=True)

    def close_channel(self, place):
        if place.channel is not None:
            self.selector.unregister(place.channel)
            place.channel.close()
            place.channel = None

    def reap(self, wake_up):
        wake_up.recv(4096)
        while True:  # one signal may stand for several deaths
            try:
                pid, _ = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            for place in self.places:
                if place.pid == pid:
                    self.read(place)  # its last words may still be on the way
                    self.close_channel(place)
                    place.pid = None
                    print(f"Worker {pid} died", flush=True)


if __name__ == "__main__":
    print(f"Master {os.getpid()} is running", flush=True)
    try:
        Master().run()
    except KeyboardInterrupt:
        sys.exit(130)
