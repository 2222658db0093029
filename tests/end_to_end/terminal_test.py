"""The terminal report on a terminal: colours, links and symbols where it takes them, columns counted as it shows them."""

import os
import pty
import re
import select
import subprocess
import time
import unicodedata

import fcntl
import struct
import termios

import harness

LINK = re.compile(r"\x1b\]8;;([^\x1b]*)\x1b\\")
COLOUR = re.compile(r"\x1b\[[0-9;]*m")


def on_terminal(program, arguments, columns, seconds=60, **environment):
    """What the program writes to a terminal of that width."""
    ours, its = pty.openpty()
    fcntl.ioctl(its, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
    started = subprocess.Popen([program.path, *map(str, arguments)], stdin=subprocess.DEVNULL, stdout=its, stderr=subprocess.PIPE,
                               env=program.environment | environment)
    os.close(its)
    text, limit = b"", time.monotonic() + seconds
    while select.select([ours], [], [], max(0, limit - time.monotonic()))[0]:
        try:
            piece = os.read(ours, 1 << 16)
        except OSError:  # Linux says so when the other side is closed
            break
        if not piece:
            break
        text += piece
    os.close(ours)
    started.stderr.close()
    started.wait(timeout=seconds)
    return text.decode().replace("\r\n", "\n")


def width(line):
    """Columns by Unicode's East Asian width (UAX 11); combining marks take none."""
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in line)


def main():
    with harness.practice() as (checks, program, chains, folder):
        judge = ["inspect", "--served", chains.file("cross-missing"), "--host", "cross-missing.practice.test",
                 "--catalogue", chains.catalogue, "--time", harness.JUDGED_AT]
        for language, locale in (("zh-TW", "zh_TW.UTF-8"), ("en", "en_US.UTF-8")):
            for columns in (60, 80, 100, 160):
                text = on_terminal(program, [*judge, "--lang", language], columns, TERM="xterm-256color", LC_ALL=locale)
                what = f"{language}, {columns} columns"
                checks.check(f"{what}: colours", COLOUR.search(text), text[:300])
                bare = LINK.sub("", COLOUR.sub("", text))
                checks.check(f"{what}: no other escape", "\x1b" not in bare)
                long = [line for line in bare.splitlines() if width(line) > columns]
                checks.equal(f"{what}: no line is longer", long[:3], [])
                checks.check(f"{what}: symbols", "✗" in bare)
                checks.check(f"{what}: the report", "chain.cross_missing" in bare)
                opened = text.count("\x1b[") - text.count("\x1b[0m")
                checks.equal(f"{what}: every colour ends", opened, text.count("\x1b[0m"))
            plain = program.run(*judge, "--lang", language).stdout.decode()
            for name, environment in (("NO_COLOR", {"NO_COLOR": "1"}), ("TERM=dumb", {"TERM": "dumb"})):
                text = on_terminal(program, [*judge, "--lang", language], 100, **({"TERM": "xterm", "LC_ALL": locale} | environment))
                checks.check(f"{language}, {name}: no escape", "\x1b" not in text and "chain.cross_missing" in text, text[:200])
            checks.check(f"{language}, a pipe: no escape", "\x1b" not in plain and "chain.cross_missing" in plain)
        text = on_terminal(program, [*judge, "--lang", "en"], 100, TERM="xterm", LC_ALL="C")
        checks.check("a terminal without UTF-8: symbols in ASCII", not re.search("[✓✗↕]", text) and "\nx Error" in "\n" + COLOUR.sub("", text), text[:200])

        # A port that refuses is enough: the name is a link all the same.
        port, = harness.free_ports(1)
        scan = ["scan", f"a.practice.test@{harness.ADDRESS}:{port}", f"b.practice.test@{harness.ADDRESS}:{port}", "--lang", "zh-TW", "--no-aia"]
        for name, environment, linked in (("a terminal that takes links", {"TERM": "xterm", "WT_SESSION": "x"}, True),
                                          ("one that is not known to", {"TERM": "xterm"}, False),
                                          ("a multiplexer", {"TERM": "screen", "WT_SESSION": "x"}, False)):
            text = on_terminal(program, scan, 100, LC_ALL="zh_TW.UTF-8", **environment)
            links = LINK.findall(text)
            checks.equal(f"{name}: links", bool(links), linked)
            checks.check(f"{name}: each link is closed and leads to the site", len(links) % 2 == 0 and all(
                link.startswith("https://") if at % 2 == 0 else link == "" for at, link in enumerate(links)), links)
        for how in ([], ["--colour", "always"]):
            text = on_terminal(program, [*scan, "--quiet", *how], 80, TERM="xterm", LC_ALL="zh_TW.UTF-8")
            lines = LINK.sub("", COLOUR.sub("", text)).splitlines()
            checks.equal("--quiet: a line a target", [re.search(r"\b([ab])\.practice", line)[1] if "practice" in line else line for line in lines], ["a", "b"])
            checks.check("--quiet: within the width", all(width(line) <= 80 for line in lines), lines)


main()
