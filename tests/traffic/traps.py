#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Traffic in which the obvious answer to "whose packet is it?" is the wrong one.

Like talk.py, which serves at the other end, these write to $TRUTH what they themselves know.
"""
import array
import os
import signal
import socket
import sys
import threading
import time

from talk import family, message
from truth import append, claim_payload, claim_socket


def datagrams(address, port, connected=True):
    client = socket.socket(family(address), socket.SOCK_DGRAM)
    client.settimeout(30)
    if connected:
        client.connect((address, port))
    return client


def say(client, number, proto="udp"):
    """Sends one message and hears the answer; both are this process's, whoever holds the socket."""
    data = message(number)
    claim_payload(proto, "send", data.decode())
    client.sendall(data) if proto == "tcp" else client.send(data)
    answer = client.recv(65536)
    claim_payload(proto, "read", answer.decode())


def threads(address, port):
    """Each thread has a socket of its own: the thread is shown, too."""

    def run():
        client = datagrams(address, port)
        claim_socket(client, "udp")
        for number in range(5):
            client.send(message(f"{number} of {threading.get_native_id()}"))
            client.recv(65536)

    all_threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in all_threads:
        thread.start()
    for thread in all_threads:
        thread.join()


def passed(address, port):
    """One process connects and passes the connection to another, that was there before."""
    here, there = socket.socketpair(socket.AF_UNIX)
    child = os.fork()
    if child == 0:
        _, ancillary, _, _ = there.recvmsg(1, socket.CMSG_SPACE(4))
        descriptor = array.array("i", ancillary[0][2])[0]
        client = socket.socket(fileno=descriptor)
        claim_socket(client, "tcp")
        for number in range(5):
            say(client, number, "tcp")
        client.close()
        os._exit(0)
    client = socket.create_connection((address, port))
    claim_socket(client, "tcp", data=False)
    here.sendmsg([b"x"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [client.fileno()]))])
    client.close()
    os.waitpid(child, 0)


def peeker(address, port):
    """A child looks at what the shared socket has, and never takes it."""
    client = datagrams(address, port)
    client.setblocking(False)
    child = os.fork()
    if child == 0:
        while True:
            try:
                client.recv(65536, socket.MSG_PEEK | socket.MSG_DONTWAIT)
            except OSError:
                pass
            time.sleep(0.0005)
    client.settimeout(30)
    for number in range(20):
        say(client, number)
        time.sleep(0.005)
    os.kill(child, signal.SIGKILL)


def failing_sender(address, port):
    """A child's sends on the shared socket fail (too long): they are no use of it."""
    client = datagrams(address, port)
    child = os.fork()
    if child == 0:
        while True:
            try:
                client.send(b"x" * 70000)
            except OSError:
                pass
            time.sleep(0.0005)
    for number in range(20):
        say(client, number)
        time.sleep(0.005)
    os.kill(child, signal.SIGKILL)


def same_port(address, port):
    """One process after another uses the same two ends."""
    for _ in range(10):
        if os.fork() == 0:
            client = datagrams(address, port, connected=False)
            client.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            client.bind(("", 7000))
            client.connect((address, port))
            for number in range(3):
                say(client, number)
            os._exit(0)
        os.wait()


def spray(address, count):
    """A datagram to each of so many ports: that many connections, as a router sees it."""
    sender = socket.socket(family(address), socket.SOCK_DGRAM)
    for port in range(10000, 10000 + count):
        try:
            sender.sendto(message(port), (address, port))
        except ConnectionRefusedError:
            pass


def answered_too_late(address, port):
    """Ends before the answer is there: the answer is nobody's, and so is the kernel's to it."""
    client = datagrams(address, port)
    data = message(0)
    claim_payload("udp", "send", data.decode())
    client.send(data)


def late_server(address, port):
    server = socket.socket(family(address), socket.SOCK_DGRAM)
    server.bind((address, port))
    print("ready", flush=True)
    while True:
        data, peer = server.recvfrom(65536)
        time.sleep(0.3)
        answer = b"to " + data
        append({"proto": "udp", "way": "read", "payload": answer.decode(), "nobody": True, "pid": 0})
        server.sendto(answer, peer)


def users(address, port):
    """The user is the effective one at each use."""
    client = datagrams(address, port)
    for number, user in enumerate((0, 65534, 0, 1, 0)):
        data = message(number)
        os.seteuid(user)
        client.send(data)
        answer = client.recv(65536)
        os.seteuid(0)
        claim_payload("udp", "send", data.decode(), uid=user)
        claim_payload("udp", "read", answer.decode(), uid=user)


def killed(address, port):
    """Killed with an open connection: the kernel's FIN is still its own."""
    client = socket.create_connection((address, port))
    claim_socket(client, "tcp")
    client.send(message(0))
    client.recv(65536)
    os.kill(os.getpid(), signal.SIGKILL)


def reset(address, port):
    """Closes without lingering: the RST is its own."""
    client = socket.create_connection((address, port))
    claim_socket(client, "tcp")
    client.send(message(0))
    client.recv(65536)
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    client.close()


def segmented(address, port):
    """One send that the kernel cuts into datagrams (UDP_SEGMENT)."""
    client = datagrams(address, port)
    client.setsockopt(socket.SOL_UDP, 103, 1000)
    claim_socket(client, "udp")
    for number in range(5):
        client.send(message(number, 9500))


def multipath(address, port):
    """Multipath TCP: the packets are those of sockets that the kernel makes."""
    try:
        client = socket.socket(family(address), socket.SOCK_STREAM, 262)
    except OSError:
        sys.exit(77)
    client.connect((address, port))
    claim_socket(client, "tcp")
    for number in range(5):
        client.send(message(number))
        client.recv(65536)


def multipath_server(address, port):
    listener = socket.socket(family(address), socket.SOCK_STREAM, 262)
    listener.bind((address, port))
    listener.listen(16)
    claim_socket(listener, "tcp", data=False, remote="*")
    print("ready", flush=True)
    while True:
        connection, _ = listener.accept()
        claim_socket(connection, "tcp")
        number = 0
        while connection.recv(65536):
            connection.send(message(number))
            number += 1


def chosen(address, port):
    """Three processes on one port, and a program in the kernel that always picks the last."""
    group = []
    for _ in range(3):
        member = socket.socket(family(address), socket.SOCK_DGRAM)
        member.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        member.bind((address, port))
        group.append(member)
    # struct sock_fprog { 1, { ret #2 } }
    program = array.array("H", [6, 0, 2, 0])
    where = program.buffer_info()[0]
    group[0].setsockopt(socket.SOL_SOCKET, 51, array.array("Q", [1, where]).tobytes())
    for member in group:
        if os.fork() == 0:
            for other in group:
                if other is not member:
                    other.close()
            number = 0
            while True:
                data, peer = member.recvfrom(65536)
                claim_payload("udp", "read", data.decode())
                answer = message(number)
                claim_payload("udp", "send", answer.decode())
                member.sendto(answer, peer)
                number += 1
    print("ready", flush=True)
    signal.pause()


def broadcast_receiver(address, port):
    receiver = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    receiver.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    receiver.bind(("", port))
    print("ready", flush=True)
    while True:
        claim_payload("udp", "read", receiver.recv(65536).decode())


def broadcast_sender(address, port):
    sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sender.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
    for number in range(5):
        data = message(number)
        claim_payload("udp", "send", data.decode())
        sender.sendto(data, (address, port))
        time.sleep(0.01)


def file_sender(address, port):
    """The data come out of a file by sendfile(2), not from the process's memory."""
    client = socket.create_connection((address, port))
    claim_socket(client, "tcp")
    with open("/proc/self/exe", "rb") as file:
        os.sendfile(client.fileno(), file.fileno(), 0, 100000)
    client.shutdown(socket.SHUT_WR)
    while client.recv(65536):
        pass


def spliced(address, port):
    """A connection older than the capture: one child peeks at it, another reads by splice(2)."""
    client = socket.create_connection((address, port))
    client.settimeout(30)
    claim_payload("tcp", "send", message("before").decode())
    client.sendall(message("before"))
    claim_payload("tcp", "read", client.recv(65536).decode())
    peeking = os.fork()
    if peeking == 0:
        while True:
            client.recv(65536, socket.MSG_PEEK)
            time.sleep(0.0005)
    ask, asked = os.pipe()
    told, tell = os.pipe()
    reading = os.fork()
    if reading == 0:
        out, into = os.pipe()
        while os.read(ask, 1):
            claim_payload("tcp", "read", os.read(out, os.splice(client.fileno(), into, 65536)).decode())
            os.write(tell, b"x")
    print("ready", flush=True)
    while not os.path.exists("go"):
        time.sleep(0.01)
    for number in range(10):
        claim_payload("tcp", "send", message(number).decode())
        client.sendall(message(number))
        time.sleep(0.005)
        os.write(asked, b"x")
        os.read(told, 1)
    os.kill(peeking, signal.SIGKILL)
    os.kill(reading, signal.SIGKILL)


def main():
    command = sys.argv[1].replace("-", "_")
    globals()[command](sys.argv[2], int(sys.argv[3]))


if __name__ == "__main__":
    main()
