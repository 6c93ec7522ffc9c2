# SPDX-License-Identifier: GPL-2.0-or-later
"""What a traffic program knows about its own packets, written down as it happens.

Each program appends lines of JSON to the file named by $TRUTH. A claim says that the packets of a
socket at its end are its own:

    proto      tcp, udp, icmp
    local      "address port" at this end; "*" for any address
    remote     the other end, or "*"
    data       true: it reads and writes the data; false: it only holds the socket (a listener)

or that it sent or read one payload, which is how processes that share a socket are told apart:

    proto, payload, way ("send" or "read")

Both carry what the packet's comments must say of the process. check_owners.py reads it all.
"""
import json
import os
import threading


def end(address):
    """A socket's address as the checker writes one: v4-mapped is v4, any address is *."""
    host, port = address[0].split("%")[0], address[1]
    if host.startswith("::ffff:"):
        host = host[7:]
    if host in ("0.0.0.0", "::", ""):
        host = "*"
    return f"{host} {port}"


def append(claim):
    line = (json.dumps(claim) + "\n").encode()
    file = os.open(os.environ["TRUTH"], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o666)
    os.write(file, line)
    os.close(file)


def me():
    with open("/proc/self/cmdline", "rb") as file:
        args = file.read().rstrip(b"\0").split(b"\0")
    return {
        "pid": os.getpid(),
        "tid": threading.get_native_id(),
        "uid": os.geteuid(),
        "ppid": os.getppid(),
        "exe": os.readlink("/proc/self/exe"),
        "args": " ".join(a.decode() for a in args),
    }


def claim(proto, local, remote="*", data=True, **more):
    append({"proto": proto, "local": local, "remote": remote, "data": data, **me(), **more})


def claim_socket(socket, proto, data=True, remote=None, **more):
    if remote is None:
        try:
            remote = end(socket.getpeername())
        except OSError:
            remote = "*"
    claim(proto, end(socket.getsockname()), remote, data, **more)


def claim_payload(proto, way, payload, **more):
    append({"proto": proto, "way": way, "payload": payload, **me(), **more})
