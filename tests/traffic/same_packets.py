#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""same_packets.py FILE INTERFACE PCAP - the same packets, byte for byte, as tcpdump's?

Packets of FILE on INTERFACE against all of PCAP, as sets with counts. The kernel's own chatter may
fall before the start of one and after that of the other; it is left out, and so is who asks for an
address before our first packet or behind our last one. Where tcpdump makes up a link layer
("cooked") we have raw packets: its header is left out.
"""
import collections
import sys

from frames import RAW, Frame
from read_pcapng import File

COOKED, COOKED_HEADER = 113, 16
ARP = b"\x08\x06"


def packets(path, name):
    counts, times = collections.Counter(), collections.defaultdict(list)
    for packet in File(path).packets:
        if name and packet.interface.name != name:
            continue
        data, length, linktype = packet.data, packet.length, packet.interface.linktype
        if linktype == COOKED:
            data, length, linktype = data[COOKED_HEADER:], length - COOKED_HEADER, RAW
        if not Frame(linktype, data).is_chatter():
            counts[data, length] += 1
            times[data, length].append(packet.time)
    return counts, times


def leave_out_arp(differ, theirs, ours):
    """Of those that only tcpdump has."""
    all_of_ours = [time for times in ours.values() for time in times] or [0]
    for data, length in list(differ):
        outside = [time for time in theirs[data, length] if not min(all_of_ours) <= time <= max(all_of_ours)]
        if data[12:14] == ARP and len(outside) >= differ[data, length]:
            del differ[data, length]


def main():
    path, name, reference = sys.argv[1:]
    (ours, our_times), (theirs, their_times) = packets(path, name), packets(reference, None)
    missing = theirs - ours
    leave_out_arp(missing, their_times, our_times)
    print(f"figure: {name}: {ours.total()} packets beside tcpdump's {theirs.total()}")
    for words, differ in (("not in ours", missing), ("only in ours", ours - theirs)):
        for (data, length), count in list(differ.items())[:5]:
            frame = Frame(1, data)
            print(f"{words}: {count} times {length} bytes, {frame.proto} {frame.src} {data[:64].hex()}")
    sys.exit(0 if theirs and not missing and not ours - theirs else 1)


if __name__ == "__main__":
    main()
