# One port, every core, in Python: a shared listening socket, forked workers, and a lock round
# accept() that the kernel takes back from the dead (flock).

import fcntl
import os
import socket
import tempfile

PORT = 8000
ANSWER = (
    b"HTTP/1.1 200 OK\r\n"
    b"Content-Type: text/plain\r\n"
    b"Content-Length: 14\r\n"
    b"Connection: close\r\n\r\n"
    b"Hello, Vizag!\n"
)


def say(line):
    print(line, flush=True)


def serve(client):
    with client:
        client.settimeout(0.5)
        request = b""
        try:
            while b"\r\n\r\n" not in request:
                piece = client.recv(4096)
                if not piece:
                    return
                request += piece
            client.sendall(ANSWER)
        except OSError:
            pass  # it hung up, or took too long


def work(listener, lock_path):
    say(f"Worker {os.getpid()} started")
    lock = os.open(lock_path, os.O_RDWR)  # opened by each for itself: else they would share it
    while True:
        fcntl.flock(lock, fcntl.LOCK_EX)
        client, _ = listener.accept()
        fcntl.flock(lock, fcntl.LOCK_UN)
        serve(client)


def start_worker(listener, lock_path):
    if os.fork() == 0:
        try:
            work(listener, lock_path)
        finally:
            os._exit(1)


def main():
    say(f"Master {os.getpid()} is running")
    listener = socket.create_server(("", PORT), backlog=128)
    with tempfile.NamedTemporaryFile() as lock:
        for _ in range(os.cpu_count()):
            start_worker(listener, lock.name)
        while True:
            pid, _ = os.wait()
            say(f"Worker {pid} died")
            start_worker(listener, lock.name)


main()
