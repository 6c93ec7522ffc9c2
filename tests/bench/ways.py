# SPDX-License-Identifier: GPL-2.0-or-later
"""Ways of capturing: how each is started, seen to be ready, and ended; what it says it lost."""
import fcntl
import os
import re
import signal
import subprocess
import time

BUFFER_MIB = 32  # the same for all
READY_SECONDS = 60


class Place:
    """Where a capture stands: programs, files, the namespace and its device."""

    def __init__(self, engine, tools, files):
        self.engine, self.tools, self.files = engine, tools, files
        self.ns = self.work = None

    def set(self, work):
        self.ns, self.work = work.at, work

    @property
    def device(self):
        return self.work.device or f"v{self.ns}"

    @property
    def blocks(self):
        return f"{self.files}/blocks.{self.work.name}"

    def forget(self):
        if os.path.exists(self.blocks):
            os.unlink(self.blocks)

    def run(self, *command, **more):
        return subprocess.Popen(["nsenter", f"--net=/run/netns/{self.ns}", *map(str, command)],
                                stdin=subprocess.DEVNULL, **more)


def wait_for(test, what):
    until = time.monotonic() + READY_SECONDS
    while not test():
        if time.monotonic() > until:
            raise RuntimeError(f"{what}: not ready after {READY_SECONDS} s")
        time.sleep(0.005)


def said(path, words):
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return re.search(words, file.read())
    except FileNotFoundError:
        return None


def parent_of(pid):
    with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
        return int(file.read().rsplit(")", 1)[1].split()[1])


def descendants(pid):
    """A process and all that came of it."""
    parents = {}
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                parents[int(entry)] = parent_of(entry)
            except (FileNotFoundError, ProcessLookupError):
                pass
    family = [pid]
    for member in family:
        family += [child for child, parent in parents.items() if parent == member]
    return family


class Way:
    """No capture at all, and what the others have in common."""

    words = "no capture"
    quiet = 0.1  # s without a further byte: it has written what it has
    process = None

    def __init__(self, place):
        self.place = place
        self.file = f"{place.files}/capture"
        self.log = f"{place.files}/log"
        for path in (self.file, self.log):
            if os.path.exists(path):
                os.unlink(path)

    def begin(self):
        pass

    def pids(self):
        return descendants(self.process.pid) if self.process else []

    def work_begins(self):
        pass

    def work_is_done(self):
        pass

    def end(self):
        if self.process:
            self.process.send_signal(signal.SIGINT)
            self.wait(self.process)

    def wait(self, process):
        if process.wait(timeout=120):
            raise RuntimeError(f"{self.words}: status {process.returncode}: {open(self.log).read()[-500:]}")

    def lost(self, counts):
        """What it reports as lost, of what is in the file or was said."""
        return 0

    def unwanted(self, counts):
        """What it reports as of others than selected."""
        return 0

    def number_said(self, words):
        found = said(self.log, words)
        return int(found.group(1)) if found else 0


class Tcpdump(Way):
    words = "tcpdump -w"
    quiet = 1.3  # it looks once a second at a block that is not full

    def begin(self):
        work = self.place.work
        with open(self.log, "w", encoding="utf-8") as log:
            self.process = self.place.run("tcpdump", "-n", "-i", self.place.device, "-w", self.file, "-s", work.snaplen,
                                          "-B", BUFFER_MIB * 1024, "-Z", "root",
                                          *([work.filter] if work.filter else []), stderr=log)
        wait_for(lambda: said(self.log, "listening on"), self.words)

    def lost(self, counts):
        return self.number_said(r"(\d+) packets? dropped by kernel")


class Dumpcap(Way):
    words = "dumpcap -w"
    quiet = 0.6

    def begin(self):
        work = self.place.work
        with open(self.log, "w", encoding="utf-8") as log:
            self.process = self.place.run("dumpcap", "-q", "-i", self.place.device, "-w", self.file, "-s", work.snaplen,
                                          "-B", BUFFER_MIB, stderr=log)
        wait_for(lambda: said(self.log, "File:"), self.words)

    def lost(self, counts):
        return self.number_said(r"received/dropped on interface .*: \d+/(\d+)")


class Engine(Way):
    words = "our engine, a file"
    quiet = 0.3

    def begin(self):
        work = self.place.work
        wanted = ("--extcap-capture-filter", work.filter) if work.filter else ()
        self.process = self.place.run(
            self.place.engine, "--capture", "--extcap-interface", f"ptcpdump.if.{self.place.device}", "--fifo",
            self.file, "--log-file", f"{self.log}.info", "--log-level", "info", "--buffer-size", BUFFER_MIB,
            "--snapshot-length", work.snaplen, *work.options, *wanted,
            stderr=open(self.log, "w", encoding="utf-8"))
        wait_for(lambda: said(f"{self.log}.info", "capturing on"), self.words)

    def end(self):
        super().end()
        os.unlink(f"{self.log}.info")
        if os.path.exists(self.place.blocks):
            os.unlink(self.place.blocks)
        os.link(self.file, self.place.blocks)

    def lost(self, counts):
        return counts.dropped

    def unwanted(self, counts):
        return counts.seen - counts.accepted


class Tshark(Way):
    words = "our source, tshark -w"
    quiet = 0.6

    def begin(self):
        work = self.place.work
        prefix = f"extcap.ptcpdump_if_{self.place.device}"
        options = {"logfile": f"{self.log}.info", "loglevel": "info", "buffersize": BUFFER_MIB,
                   "snapshotlength": work.snaplen}
        settings = [word for name, value in options.items() for word in ("-o", f"{prefix}.{name}:{value}")]
        with open(self.log, "w", encoding="utf-8") as log:
            self.process = self.place.run("tshark", "-q", "-i", f"ptcpdump.if.{self.place.device}", "-w", self.file,
                                          *settings, stderr=log)
        wait_for(lambda: said(f"{self.log}.info", "capturing on"), self.words)
        self.engine = next(pid for pid in self.pids() if os.readlink(f"/proc/{pid}/exe").endswith("ptcpdump-capture"))

    def end(self):
        # The engine's own end, or what stands in the pipe would be thrown away.
        os.kill(self.engine, signal.SIGINT)
        self.wait(self.process)
        os.unlink(f"{self.log}.info")

    def lost(self, counts):
        return max(counts.dropped, counts.told)


class Cat(Way):
    """Ready-made blocks of the same work, poured into dumpcap while the work runs uncaptured."""

    words = "cat into dumpcap"
    quiet = 0.6
    cat = None

    def begin(self):
        fifo = f"{self.place.files}/fifo"
        if not os.path.exists(fifo):
            os.mkfifo(fifo)
        with open(self.log, "w", encoding="utf-8") as log:
            self.process = self.place.run("dumpcap", "-q", "-i", fifo, "-w", self.file, stderr=log)
        self.pipe = os.open(fifo, os.O_WRONLY)
        fcntl.fcntl(self.pipe, fcntl.F_SETPIPE_SZ, 1 << 20)  # as the engine does

    def work_begins(self):
        self.cat = subprocess.Popen(["cat", self.place.blocks], stdout=self.pipe)
        os.close(self.pipe)

    def work_is_done(self):
        self.cat.kill()
        self.cat.wait()

    def end(self):
        self.process.wait(timeout=120)  # whatever it says of a block that was cut


WAYS = {"none": Way, "tcpdump": Tcpdump, "dumpcap": Dumpcap, "engine": Engine, "tshark": Tshark, "cat": Cat}
