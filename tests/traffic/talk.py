#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Traffic programs that know whose packets theirs are, and write it to $TRUTH (see truth.py).

Every message is a line with the sender's pid and a number, so that no two are alike. A server
says that it is ready by making the file that --ready names.
"""
import argparse
import os
import signal
import socket
import sys
import time

from truth import claim, claim_payload, claim_socket


def family(address):
    return socket.AF_INET6 if ":" in address else socket.AF_INET


def message(number, size=0):
    return f"from {os.getpid()} number {number} ".encode().ljust(size, b".")


def ready(arguments):
    if arguments.ready:
        with open(arguments.ready, "w"):
            pass


# --- servers ------------------------------------------------------------------------------------


def serve_connection(connection, **more):
    """Answers each message with one of its own, until the other end closes."""
    claim_socket(connection, "tcp", **more)
    number = 0
    try:
        while connection.recv(65536):
            connection.sendall(message(number))
            number += 1
    except ConnectionError:
        pass  # the client had heard enough
    connection.close()


def tcp_listener(arguments):
    listener = socket.socket(family(arguments.address), socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if arguments.address == "::":
        listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
    if arguments.reuseport:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    listener.bind((arguments.address, arguments.port))
    listener.listen(512)
    claim_socket(listener, "tcp", data=False, remote="*")
    return listener


def tcp_server(arguments):
    """One process serves all. --worker fork: one process a connection; exec: and another program."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    listener = tcp_listener(arguments)
    ready(arguments)
    while True:
        connection, _ = listener.accept()
        if not arguments.worker:
            serve_connection(connection)
        elif os.fork() == 0:
            listener.close()
            if arguments.worker == "exec":
                claim_socket(connection, "tcp")  # its packets of before have its name of before
                connection.set_inheritable(True)
                os.execv(sys.executable, [sys.executable, __file__, "worker", str(connection.fileno())])
            serve_connection(connection)
            os._exit(0)
        connection.close()


def worker(arguments):
    serve_connection(socket.socket(fileno=arguments.descriptor))


def prefork_server(arguments):
    """The workers are forked before any connection and take them off one listener."""
    listener = tcp_listener(arguments)
    for _ in range(arguments.workers):
        if os.fork() == 0:
            claim_socket(listener, "tcp", data=False, remote="*")
            while True:
                connection, _ = listener.accept()
                serve_connection(connection)
    ready(arguments)
    signal.pause()


def udp_server(arguments):
    """Answers each datagram."""
    server = socket.socket(family(arguments.address), socket.SOCK_DGRAM)
    if arguments.address == "::":
        server.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
    server.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8 << 20)
    server.bind((arguments.address, arguments.port))
    claim_socket(server, "udp", remote="*")
    ready(arguments)
    number = 0
    while True:
        _, peer = server.recvfrom(65536)
        if not arguments.silent:
            server.sendto(message(number), peer)
        number += 1


# --- clients ------------------------------------------------------------------------------------


def tcp_connect(arguments):
    client = socket.create_connection((arguments.address, arguments.port))
    client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    claim_socket(client, "tcp")
    return client


def tcp_client(arguments):
    client = tcp_connect(arguments)
    wait_for(arguments.go)
    for number in range(arguments.messages):
        time.sleep(arguments.pause)
        client.sendall(message(number, arguments.bytes))
        client.recv(65536)
    client.close()


def udp_client(arguments):
    client = socket.socket(family(arguments.address), socket.SOCK_DGRAM)
    client.settimeout(30)  # against waiting for ever
    peer = (arguments.address, arguments.port)
    if arguments.connected:
        client.connect(peer)
        claim_socket(client, "udp")
    else:
        client.bind(("::" if ":" in arguments.address else "0.0.0.0", 0))
        claim_socket(client, "udp", remote="*")
    wait_for(arguments.go)
    for number in range(arguments.messages):
        time.sleep(arguments.pause)
        data = message(number, arguments.bytes)
        client.send(data) if arguments.connected else client.sendto(data, peer)
        if not arguments.silent:
            client.recv(65536)


def wait_for(path):
    """Holds the socket, idle, until the file is there."""
    while path and not os.path.exists(path):
        time.sleep(0.01)


def shared_udp(arguments):
    """Parent and child send by turns through one socket, and read by turns what comes back."""
    shared = socket.socket(family(arguments.address), socket.SOCK_DGRAM)
    shared.connect((arguments.address, arguments.port))
    to_child, from_parent = os.pipe(), os.pipe()
    child = os.fork()
    mine, theirs = (from_parent, to_child) if child == 0 else (to_child, from_parent)
    for number in range(arguments.messages):
        if child == 0 or number:
            os.read(mine[0], 1)
        data = message(number)
        claim_payload("udp", "send", data.decode())
        shared.send(data)
        answer = shared.recv(65536)
        claim_payload("udp", "read", answer.decode())
        os.write(theirs[1], b".")
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)


def exec_client(arguments):
    """Speaks, executes another program with the connection, and speaks again."""
    if arguments.descriptor is not None:
        client = socket.socket(fileno=arguments.descriptor)
        claim_socket(client, "tcp")
    else:
        client = tcp_connect(arguments)
    data = message(1 if arguments.descriptor else 0)
    claim_payload("tcp", "send", data.decode())
    client.sendall(data)
    answer = client.recv(65536)
    claim_payload("tcp", "read", answer.decode())
    if arguments.descriptor is None:
        client.set_inheritable(True)
        more = ["--descriptor", str(client.fileno())]
        os.execv(sys.executable, [sys.executable, *sys.argv, *more])


def multicast_receiver(arguments):
    """Reads from a group until it has read --messages."""
    receiver = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    receiver.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    receiver.bind(("", arguments.port))
    membership = socket.inet_aton(arguments.address) + socket.inet_aton(arguments.local)
    receiver.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, membership)
    ready(arguments)
    for _ in range(arguments.messages):
        claim_payload("udp", "read", receiver.recv(65536).decode())


def multicast_sender(arguments):
    sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sender.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(arguments.local))
    for number in range(arguments.messages):
        data = message(number)
        claim_payload("udp", "send", data.decode())
        sender.sendto(data, (arguments.address, arguments.port))
        time.sleep(arguments.pause)


def refused(arguments):
    """Connects to a port where nobody listens: the answer is nobody's."""
    client = socket.socket(family(arguments.address), socket.SOCK_STREAM)
    claim("tcp", f"* {arguments.port}", nobody=True)
    client.bind(("::" if ":" in arguments.address else "0.0.0.0", 0))
    claim("tcp", f"* {client.getsockname()[1]}", f"{arguments.address} {arguments.port}")
    try:
        client.connect((arguments.address, arguments.port))
    except ConnectionRefusedError:
        return
    sys.exit("somebody listens there")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    commands = parser.add_subparsers(required=True)

    def command(function, *places):
        name = function.__name__.replace("_", "-")
        new = commands.add_parser(name)
        new.set_defaults(run=function)
        for place in places:
            new.add_argument(place, type=int if place in ("port", "descriptor") else str)
        new.add_argument("--ready")
        new.add_argument("--messages", type=int, default=5)
        new.add_argument("--bytes", type=int, default=0)
        new.add_argument("--pause", type=float, default=0)
        new.add_argument("--workers", type=int, default=4)
        new.add_argument("--worker", choices=("fork", "exec"))
        new.add_argument("--local", default="")
        new.add_argument("--go", help="send nothing before this file is there")
        for flag in ("--connected", "--silent", "--reuseport"):
            new.add_argument(flag, action="store_true")
        if "descriptor" not in places:
            new.add_argument("--descriptor", type=int)

    command(worker, "descriptor")
    for function in (tcp_server, prefork_server, udp_server, tcp_client, udp_client, shared_udp,
                     exec_client, multicast_receiver, multicast_sender, refused):
        command(function, "address", "port")
    arguments = parser.parse_args()
    try:
        arguments.run(arguments)
    except (KeyboardInterrupt, BrokenPipeError):
        pass


if __name__ == "__main__":
    main()
