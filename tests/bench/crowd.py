#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""crowd.py PROCESSES READY NAMESPACE... - many processes that talk, spread over namespaces

Each has sockets of its own, which nobody else holds: a TCP server, a client of it, and a UDP socket
that sends to itself. It says something twice a second. The file READY appears when all talk; they
end with this one.
"""
import ctypes
import os
import signal
import socket
import sys
import time

CLONE_NEWNET = 0x40000000
PR_SET_NAME, PR_SET_PDEATHSIG = 15, 1
libc = ctypes.CDLL(None, use_errno=True)


def enter(namespace):
    fd = os.open(f"/run/netns/{namespace}", os.O_RDONLY)
    if libc.setns(fd, CLONE_NEWNET):
        sys.exit(f"crowd.py: entering {namespace}: {os.strerror(ctypes.get_errno())}")
    os.close(fd)


def talk(namespace, number, ready):
    libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    libc.prctl(PR_SET_NAME, f"crowd-{number}".encode())
    enter(namespace)
    server = socket.create_server(("127.0.0.1", 0))
    client = socket.create_connection(server.getsockname())
    accepted, _ = server.accept()
    datagrams = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    datagrams.bind(("127.0.0.1", 0))
    datagrams.connect(datagrams.getsockname())
    os.write(ready, b".")
    time.sleep(number % 500 / 1000)  # not all at once
    while True:
        client.send(b"x")
        accepted.recv(1)
        datagrams.send(b"x")
        datagrams.recv(1)
        time.sleep(0.5)


def main():
    count, done, namespaces = int(sys.argv[1]), sys.argv[2], sys.argv[3:]
    mine, theirs = os.pipe()
    for number in range(count):
        if os.fork() == 0:
            talk(namespaces[number % len(namespaces)], number, theirs)
    os.close(theirs)
    talking = 0
    while talking < count:
        got = len(os.read(mine, count))
        if not got:
            sys.exit("crowd.py: they have ended")
        talking += got
    open(done, "w").close()
    signal.pause()


if __name__ == "__main__":
    main()
