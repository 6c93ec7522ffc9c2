#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Random bytes in packets as large as they come, hardly any of it beside their headers.

    bulk.py serve PORT READY    reads all of it, over TCP and UDP, and sends as much back over TCP
    bulk.py send ADDRESS PORT   by send(), by sendfile(), and in datagrams that are cut on the way
"""
import os
import random
import socket
import sys
import tempfile

UDP_SEGMENT = 103
SIZE = 200000


def serve(port, ready):
    with socket.create_server(("", port)) as server, socket.socket(type=socket.SOCK_DGRAM) as datagrams:
        datagrams.bind(("", port))
        with open(ready, "w"):
            pass
        while True:
            connection, _ = server.accept()
            with connection:
                while connection.recv(65536):
                    pass
                connection.sendall(random.randbytes(SIZE))


def send(address, port):
    with socket.create_connection((address, port)) as connection, tempfile.TemporaryFile() as file:
        connection.sendall(random.randbytes(SIZE))
        file.write(random.randbytes(SIZE))
        file.flush()
        os.sendfile(connection.fileno(), file.fileno(), 0, SIZE)
        connection.shutdown(socket.SHUT_WR)
        while connection.recv(65536):
            pass
    with socket.socket(type=socket.SOCK_DGRAM) as datagrams:
        for size in (1000, 1400, 1472):
            datagrams.sendto(random.randbytes(size), (address, port))
        datagrams.setsockopt(socket.IPPROTO_UDP, UDP_SEGMENT, 1300)
        datagrams.sendto(random.randbytes(30000), (address, port))


if __name__ == "__main__":
    if sys.argv[1] == "serve":
        serve(int(sys.argv[2]), sys.argv[3])
    else:
        send(sys.argv[2], int(sys.argv[3]))
