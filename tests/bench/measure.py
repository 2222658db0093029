"""Running programs and knowing what they cost; the fleet they are run against; tables."""

import os
import select
import signal
import socket
import statistics
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path


class Failed(Exception):
    """The benchmark cannot go on; one sentence."""


@dataclass
class Cost:
    cpu_s: float  # user and system, of the program and of all that it started and waited for
    wall_s: float
    rss_kb: int | None  # of the largest process
    status: int


def tail(path, size=600):
    return path.read_bytes()[-size:].decode(errors="replace").strip()


def run(command, output, environment, limit_s=300, peak=True):
    """The cost of a program whose standard output goes to the file `output`, its complaints to output.errors."""
    # GNU time stands between: the kernel counts the peak of a process from its parent's when it was forked. Its own
    # start costs some milliseconds, which counts where the program's is what is measured: peak=False does without.
    kept, errors = output.with_suffix(".peak"), output.with_suffix(".errors")
    between = ["/usr/bin/time", "--quiet", "-f", "%M", "-o", kept] if peak else []
    with open(output, "wb") as out, open(errors, "wb") as complaints:
        began = time.monotonic()
        child = subprocess.Popen(
            [*map(str, between), *map(str, command)],
            stdin=subprocess.DEVNULL, stdout=out, stderr=complaints, env=environment, start_new_session=True,
        )  # fmt: skip
        ends = os.pidfd_open(child.pid)
        in_time = bool(select.select([ends], [], [], limit_s)[0])
        if not in_time:
            os.killpg(child.pid, signal.SIGKILL)
        wall = time.monotonic() - began
        _, status, used = os.wait4(child.pid, 0)
        os.close(ends)
        child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode < 0:
        why = f"was ended by signal {-child.returncode}" if in_time else f"did not end by itself within {limit_s} s"
        raise Failed(f"{command[0]} {why}: {tail(errors)}")
    rss_kb = int(kept.read_text().split()[-1]) if peak else None
    return Cost(used.ru_utime + used.ru_stime, wall, rss_kb, child.returncode)


class Fleet:
    """tls_fleet at work. `targets` holds (host, address, port, fault) of each."""

    def __init__(self, program, folder, certificates, profile, listen, *options):
        self.file = folder / f"{profile}.targets"
        command = [program, "--certificates", certificates, "--profile", profile, "--staples", "--targets", self.file]
        for each in listen:
            command += ["--listen", each]
        self.process = subprocess.Popen(
            [str(part) for part in [*command, *options]], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        if not select.select([self.process.stdout], [], [], 60)[0] or not self.process.stdout.readline():
            self.process.kill()
            raise Failed(f"the fleet did not start: {self.process.communicate()[1].strip()}")
        self.targets = [line.split() for line in self.file.read_text().splitlines()]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        try:
            self.process.communicate(timeout=20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.communicate()


def addresses(first, count, port):
    """A --listen range of `count` loopback addresses that begins at 127.first.0.1."""
    last = count  # 127.first.0.0 stays unused
    if last >= 1 << 16:
        raise Failed("no more than 65535 targets")
    return f"127.{first}.0.1-127.{first}.{last >> 8}.{last & 255}:{port}"


def free_port():
    """At 127.1.0.1; the other addresses of the fleets are nobody else's."""
    with socket.socket() as one:
        one.bind(("127.1.0.1", 0))
        return one.getsockname()[1]


def spread(values, digits):
    """min / median / max"""
    return " / ".join(f"{value:.{digits}f}" for value in (min(values), statistics.median(values), max(values)))


def table(heads, rows):
    """The first column to the left, the others to the right."""
    rows = [[str(cell) for cell in row] for row in rows]
    widths = [max(len(row[i]) for row in [heads, *rows]) for i in range(len(heads))]
    for row in [heads, ["-" * width for width in widths], *rows]:
        cells = [cell.rjust(width) if i else cell.ljust(width) for i, (cell, width) in enumerate(zip(row, widths))]
        print("  ".join(cells).rstrip())
    print(flush=True)


def load_now():
    return f"load average {' '.join(f'{value:.2f}' for value in os.getloadavg())} on {os.cpu_count()} processors"


class Goals:
    """What is demanded, and whether it is met. `must` and `then` are limits that the value may not exceed,
    or, with least=True, may not fall below."""

    def __init__(self):
        self.rows = []

    def add(self, what, value, must, then, unit="", least=False, digits=2):
        def verdict(limit):
            good = value >= limit if least else value <= limit
            return f"{limit:g} {'met' if good else 'NOT MET'}"

        self.rows.append([what, f"{value:.{digits}f}{unit}", verdict(must), verdict(then)])

    def show(self):
        if self.rows:
            table(["goal", "measured", "must", "then"], self.rows)
