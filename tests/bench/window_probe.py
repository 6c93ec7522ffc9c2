#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""window_probe.py WINDOW-ID PID - how long a window does not answer, until SIGTERM

Every 10 ms the window is asked "are you there?" (_NET_WM_PING), as a window manager does, which a
program answers from the loop that also paints. At the end one line: the seconds during which an
answer was more than 20 ms late, the longest of them, and the CPU seconds of the process PID and of
the children that it has waited for.
"""
import ctypes
import os
import select
import signal
import sys
import time

EVERY, LATE = 0.01, 0.02
CLIENT_MESSAGE, SUBSTRUCTURE = 33, 0x180000
x11 = ctypes.CDLL("libX11.so.6")
x11.XOpenDisplay.restype = ctypes.c_void_p
x11.XInternAtom.restype = ctypes.c_ulong
x11.XDefaultRootWindow.restype = ctypes.c_ulong


class ClientMessage(ctypes.Structure):
    _fields_ = [("type", ctypes.c_int), ("serial", ctypes.c_ulong), ("send_event", ctypes.c_int),
                ("display", ctypes.c_void_p), ("window", ctypes.c_ulong), ("message", ctypes.c_ulong),
                ("format", ctypes.c_int), ("data", ctypes.c_long * 5)]


class Event(ctypes.Union):
    _fields_ = [("type", ctypes.c_int), ("client", ClientMessage), ("pad", ctypes.c_long * 24)]


class Window:
    def __init__(self, window):
        self.window = window
        self.display = ctypes.c_void_p(x11.XOpenDisplay(None))
        self.root = x11.XDefaultRootWindow(self.display)
        self.protocols = x11.XInternAtom(self.display, b"WM_PROTOCOLS", 0)
        self.ping = x11.XInternAtom(self.display, b"_NET_WM_PING", 0)
        x11.XSelectInput(self.display, ctypes.c_ulong(self.root), ctypes.c_long(SUBSTRUCTURE))

    def wait(self, seconds):
        select.select([x11.XConnectionNumber(self.display)], [], [], seconds)

    def ask(self, number):
        event = Event()
        event.client.type, event.client.window, event.client.message = CLIENT_MESSAGE, self.window, self.protocols
        event.client.format = 32
        event.client.data[:] = [self.ping, number, self.window, 0, 0]
        x11.XSendEvent(self.display, ctypes.c_ulong(self.window), 0, ctypes.c_long(0), ctypes.byref(event))
        x11.XFlush(self.display)

    def answers(self):
        event = Event()
        while x11.XPending(self.display):
            x11.XNextEvent(self.display, ctypes.byref(event))
            if event.type == CLIENT_MESSAGE and event.client.data[0] == self.ping:
                yield event.client.data[1]


def cpu(pid):
    with open(f"/proc/{pid}/stat") as stat:
        fields = stat.read().rpartition(")")[2].split()
    return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")


def main():
    window, pid = Window(int(sys.argv[1])), int(sys.argv[2])
    before, asked, number = cpu(pid), None, 0
    late = longest = 0.0
    stop = []
    signal.signal(signal.SIGTERM, lambda *_: stop.append(True))

    def account(waited):
        nonlocal late, longest
        if waited > LATE:
            late, longest = late + waited, max(longest, waited)

    while not stop:
        window.wait(EVERY)
        for answer in window.answers():
            if answer == number and asked:
                account(time.monotonic() - asked)
                asked = None
        if asked is None:
            time.sleep(EVERY)
            number, asked = number + 1, time.monotonic()
            window.ask(number)
    if number > 1 and asked:
        account(time.monotonic() - asked)
    print(f"{late:.2f} {longest:.2f} {cpu(pid) - before:.2f} {number}")


if __name__ == "__main__":
    main()
