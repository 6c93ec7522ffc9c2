# SPDX-License-Identifier: GPL-2.0-or-later
"""What is captured: the works of the bench, one line each.

The namespaces a and b are joined by the veth va-vb. `at` is where the capture stands: at the
sender (a), whose far end drops what comes, since no card has its address; or at the receiver (b),
the whole path to a process that reads. Out of the device nic (in a) packets go nowhere.
"""
from dataclasses import dataclass, field

NEAR, FAR, NOBODY, PORT = "10.77.0.1", "10.77.0.2", "10.77.0.9", 9000
AWAY = "10.78.0.9"  # by the device nic

# Ways of capturing, by what a work is for.
PLAIN = ("none", "tcpdump", "dumpcap", "engine")
FIFO = PLAIN + ("tshark", "cat")


@dataclass(frozen=True)
class Work:
    name: str
    words: str
    load: tuple  # load's arguments but the time; several loads run at once
    at: str = "a"
    ways: tuple = PLAIN
    options: tuple = ()  # the engine's
    filter: str = ""  # tcpdump's and the engine's, that no packet passes
    snaplen: int = 262144
    seconds: float = 1.0  # factor of the run's
    part: str = "work"
    device: str = ""  # there, if it is not the veth


def datagrams(size, rate=0, sockets=1, processes=1, to=NOBODY, program="load"):
    return (program, "datagrams", to, PORT, size, rate, sockets, processes)


def _works():
    for size in (64, 512, 1400):
        ways = FIFO if size == 64 else PLAIN
        yield Work(f"out-{size}", f"flood of {size} bytes, at its sender", (datagrams(size),), ways=ways)
    yield Work("nic-64", "flood of 64 bytes out of a device with no far end on this machine", (datagrams(64, to=AWAY),),
               device="nic")
    for size in (64, 512, 1400):
        yield Work(f"in-{size}", f"flood of {size} bytes, at its receiver", (datagrams(size, to=FAR),), "b")
    yield Work("paced", "40,000 datagrams/s, at their receiver", (datagrams(64, 40000, to=FAR),), "b", FIFO)
    yield Work("burst", "100,000 datagrams at once", (("load", "burst", NOBODY, PORT, 64, 100000),), ways=FIFO,
               seconds=3)
    yield Work("tcp", "TCP bulk, whole", (("load", "stream", FAR, PORT),))
    yield Work("tcp-256", "TCP bulk, 256 bytes of each", (("load", "stream", FAR, PORT),), snaplen=256,
               ways=PLAIN + ("tshark", ))
    yield Work("fork-200", "200 connections/s, a process each", (("load", "fork", FAR, PORT, 200),))
    yield Work("connect-2000", "2,000 connections/s", (("load", "connect", FAR, PORT, 2000),), ways=PLAIN + ("tshark",))
    yield Work("sockets", "10,000 sockets, 40,000 datagrams/s", (datagrams(64, 40000, 10000),))
    yield Work("processes", "1,000 processes, 40,000 datagrams/s", (datagrams(64, 40000, 1, 1000),))
    yield Work("selected", "one process of 20,000/s selected beside a flood",
               (datagrams(64), datagrams(64, 20000, program="wanted")), ways=("none", "engine"),
               options=("--pname", "wanted"))
    yield Work("rejected", "flood of 64 bytes, and the filter wants none", (datagrams(64),),
               ways=("none", "tcpdump", "engine"), filter="tcp port 80")
    yield Work("unsure", "TCP bulk, and the filter wants none by a byte of its data", (("load", "stream", FAR, PORT),),
               ways=("none", "tcpdump", "engine"), filter="tcp[1000:4] = 0x12345678")
    yield Work("short", "flood of 64 bytes, the owner's process alone", (datagrams(64),), ways=("none", "engine"),
               options=("--context", "process"))
    yield Work("cores", "floods of 64 bytes on each core, 8 sockets each", (datagrams(64, 0, 8, 2),))
    for rate in (20, 40, 80, 160, 320, 480):
        yield Work(f"load-{rate}", f"{rate},000 datagrams/s, at their sender", (datagrams(64, rate * 1000),),
                   ways=("tcpdump", "dumpcap", "engine", "tshark"), part="load")


WORKS = list(_works())
