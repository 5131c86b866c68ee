# Counts and sums up what a command says on both streams, in Python, design "selectors": one loop
# that waits for whichever pipe has something. os.read() gives bytes, and nobody decodes them.

import os
import selectors
import subprocess
import sys

CHUNK = 1 << 16


def add(checksum, chunk):
    for byte in chunk:
        checksum = (checksum * 31 + byte) & 0xFFFFFFFF
    return checksum


def main():
    if len(sys.argv) < 2:
        sys.exit("usage: app.py COMMAND [ARG...]")
    # bufsize=0: nothing between us and the pipes that could hold back what has come.
    child = subprocess.Popen(
        sys.argv[1:], stdout=subprocess.PIPE, stderr=subprocess.PIPE, bufsize=0
    )
    tallies = {"stdout": [0, 0], "stderr": [0, 0]}
    with selectors.DefaultSelector() as selector:
        selector.register(child.stdout, selectors.EVENT_READ, tallies["stdout"])
        selector.register(child.stderr, selectors.EVENT_READ, tallies["stderr"])
        while selector.get_map():
            for key, _ in selector.select():
                chunk = os.read(key.fd, CHUNK)
                if not chunk:
                    selector.unregister(key.fileobj)
                key.data[0] += len(chunk)
                key.data[1] = add(key.data[1], chunk)
    child.wait()
    for name, (count, checksum) in tallies.items():
        print(f"{name}: {count} bytes, checksum {checksum:08x}")


main()
