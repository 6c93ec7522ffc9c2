#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""A small reader of pcapng (and pcap) that shares no code with what it checks.

    read_pcapng.py FILE packets      how many
    read_pcapng.py FILE interfaces   one a line: name, link type
    read_pcapng.py FILE statistics   one ISB a line: name, received, accepted, dropped
    read_pcapng.py FILE owners       one packet a line: number, interface, direction, pid, length
    read_pcapng.py FILE names        addresses that have one, one a line: address, name, packets before
    read_pcapng.py FILE inversions   packets older than the one before them, and by how much (ns)
"""
import ipaddress
import struct
import sys

SHB, IDB, EPB, ISB, NRB = 0x0A0D0D0A, 1, 6, 5, 4


class Interface:
    def __init__(self, linktype, options):
        self.linktype = linktype
        self.name = options.get(2, [b""])[0].decode()
        self.description = options.get(3, [b""])[0].decode()
        self.os = options.get(12, [b""])[0].decode()
        resolution = options.get(9, [b"\x06"])[0][0]
        self.ticks = 2 ** (resolution & 0x7F) if resolution & 0x80 else 10**resolution
        self.statistics = []


class Packet:
    def __init__(self, interface, time, data, length, options):
        self.interface, self.time, self.data, self.length = interface, time, data, length
        self.comments = [c.decode("utf-8") for c in options.get(1, [])]
        flags = options.get(2)
        self.direction = {1: "in", 2: "out"}.get(struct.unpack("<I", flags[0])[0] & 3) if flags else None
        lost = options.get(4)
        self.lost = struct.unpack("<Q", lost[0])[0] if lost else 0
        self.process_thread = options.get(8, [None])[0]

    def owner(self):
        """The comments' lines as a dictionary; empty where nobody is named."""
        values = {}
        for comment in self.comments:
            lines = comment.split("\n")
            for line in lines:
                key, colon, value = line.partition(": ")
                if not colon:
                    raise ValueError(f"a comment with a line that is no 'Key: value': {comment!r}")
                values[key] = value
        return values

    def ends(self):
        """Is it the sender ("PID", True) or the receiver that is the owner, and which is the peer."""
        sent = self.owner().get("OwnerEnd", "source" if self.direction == "out" else "destination") == "source"
        return (("PID", sent), ("PeerPID", not sent))


class File:
    """All of a file's blocks; ValueError where it breaks the format."""

    def __init__(self, path):
        self.interfaces, self.packets, self.names = [], [], []
        with open(path, "rb") as file:
            data = file.read()
        if data[:4] in (b"\xd4\xc3\xb2\xa1", b"\x4d\x3c\xb2\xa1"):
            self._pcap(data)
        else:
            self._pcapng(data)

    def _pcap(self, data):
        ticks = 10**9 if data[:4] == b"\x4d\x3c\xb2\xa1" else 10**6
        interface = Interface(struct.unpack_from("<I", data, 20)[0] & 0xFFFF, {})
        self.interfaces.append(interface)
        at = 24
        while at + 16 <= len(data):
            seconds, rest, captured, length = struct.unpack_from("<IIII", data, at)
            at += 16
            time = seconds * 10**9 + rest * 10**9 // ticks
            self.packets.append(Packet(interface, time, data[at : at + captured], length, {}))
            at += captured

    def _pcapng(self, data):
        at = 0
        while at < len(data):
            if at + 12 > len(data):
                raise ValueError(f"{len(data) - at} bytes after the last block")
            kind, size = struct.unpack_from("<II", data, at)
            if size % 4 or size < 12 or at + size > len(data):
                raise ValueError(f"block of {size} bytes at {at} in a file of {len(data)}")
            if struct.unpack_from("<I", data, at + size - 4)[0] != size:
                raise ValueError(f"block at {at} ends in another length than it begins with")
            self._block(kind, data[at + 8 : at + size - 4])
            at += size

    def _block(self, kind, body):
        if kind == SHB:
            if struct.unpack_from("<I", body)[0] != 0x1A2B3C4D:
                raise ValueError("not a section header of this machine's byte order")
            self.section = options_of(body[16:])
            self.interfaces = []
        elif kind == IDB:
            linktype = struct.unpack_from("<H", body)[0]
            self.interfaces.append(Interface(linktype, options_of(body[8:])))
        elif kind == EPB:
            number, high, low, captured, length = struct.unpack_from("<IIIII", body)
            interface = self.interfaces[number]
            time = (high << 32 | low) * 10**9 // interface.ticks
            padded = (captured + 3) & ~3
            self.packets.append(
                Packet(interface, time, body[20 : 20 + captured], length, options_of(body[20 + padded :]))
            )
        elif kind == ISB:
            options = options_of(body[12:])
            number = struct.unpack_from("<I", body)[0]
            counts = {
                name: struct.unpack("<Q", options[code][0])[0] if code in options else None
                for name, code in (("received", 4), ("dropped", 5), ("accepted", 6), ("delivered", 8))
            }
            self.interfaces[number].statistics.append(counts)
        elif kind == NRB:
            for code, records in options_of(body).items():
                size = {1: 4, 2: 16}[code]
                for record in records:
                    if record[-1:] != b"\0" or b"\0" in record[size:-1] or len(record) < size + 2:
                        raise ValueError(f"a record of a name that is none: {record!r}")
                    name = record[size:-1].decode("utf-8")
                    self.names.append((str(ipaddress.ip_address(record[:size])), name, len(self.packets)))


def options_of(data):
    options, at = {}, 0
    while at + 4 <= len(data):
        code, size = struct.unpack_from("<HH", data, at)
        at += 4
        if code == 0:
            break
        if at + size > len(data):
            raise ValueError(f"option {code} of {size} bytes does not fit in its block")
        options.setdefault(code, []).append(data[at : at + size])
        at += (size + 3) & ~3
    return options


def main():
    file = File(sys.argv[1])
    what = sys.argv[2]
    if what == "packets":
        print(len(file.packets))
    elif what == "interfaces":
        for interface in file.interfaces:
            print(interface.name, interface.linktype)
    elif what == "statistics":
        for interface in file.interfaces:
            for counts in interface.statistics:
                print(interface.name, counts["received"], counts["accepted"], counts["dropped"])
    elif what == "owners":
        for number, packet in enumerate(file.packets, 1):
            pid = packet.owner().get("PID", "-")
            print(number, packet.interface.name, packet.direction, pid, packet.length)
    elif what == "names":
        for name in file.names:
            print(*name)
    elif what == "inversions":
        times = [packet.time for packet in file.packets]
        back = [earlier - later for earlier, later in zip(times, times[1:]) if later < earlier]
        print(len(back), max(back, default=0))
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main()
