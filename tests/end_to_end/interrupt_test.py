"""Ctrl-C at any moment of a scan: a report of what was done, however early it comes and however often at once."""

import fcntl
import json
import os
import signal
import subprocess
import time
from pathlib import Path

import harness

# Nobody listens; the system refuses at once, unless something is in the way before.
NAMES = [f"host{number}.interrupt.test" for number in range(40)]


def caught(pid):
    """Whether the process has a handler for SIGINT."""
    try:
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("SigCgt:"):
                return bool(int(line.split()[1], 16) & 1 << (signal.SIGINT - 1))
    except (OSError, ProcessLookupError):
        pass
    return False


def wait_for_handler(process):
    limit = time.monotonic() + 20
    while not caught(process.pid):
        if process.poll() is not None or time.monotonic() > limit:
            return False
    return True


def end(process, data=None, seconds=20):
    try:
        out, said = process.communicate(data, timeout=seconds)
        return process.returncode, out, said.decode(errors="replace")
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate(timeout=20)
        return "it did not end", b"", ""


class Silence:
    """A port that takes connections and never says a word."""

    def __enter__(self):
        import socket

        self.socket = socket.create_server((harness.ADDRESS, 0), backlog=128)
        self.port = self.socket.getsockname()[1]
        return self

    def __exit__(self, *_):
        self.socket.close()


def check_report(checks, label, code, out, said, validate):
    if not checks.equal(f"{label}: exit code", code, 130):
        print(said)
        return
    checks.check(f"{label}: said", "interrupted: the report holds what was done until then" in said, said)
    report = json.loads(out)
    checks.equal(f"{label}: report is valid", validate(report), [])
    checks.equal(f"{label}: every target is in it", [target["host"] for target in report["targets"]], NAMES)
    checks.equal(f"{label}: none is judged", {target["verdict"] for target in report["targets"]}, {"unjudged"})
    outcomes = {s["outcome"] for target in report["targets"] for e in target["endpoints"] for s in e["samples"]}
    checks.check(f"{label}: most were not started", outcomes in ({"not_started"}, {"not_started", "failed"}), outcomes)


def main():
    path, _ = harness.arguments()
    checks = harness.Checks()
    validate = harness.validator()
    program = harness.Program(path)
    with Silence() as silence:
        targets = [f"{name}@{harness.ADDRESS}:{silence.port}" for name in NAMES]
        command = ["scan", *targets, "--json", "-", "--time", harness.JUDGED_AT, "--lang", "en"]

        # As soon as there is a handler, which is long before the first connection.
        for signals in ([signal.SIGINT], [signal.SIGINT] * 5, [signal.SIGTERM], [signal.SIGHUP, signal.SIGINT, signal.SIGTERM]):
            label = "at once: " + " ".join(number.name for number in signals)
            process = program.start(*command)
            checks.check(f"{label}: a handler from the start", wait_for_handler(process))
            for number in signals:
                process.send_signal(number)
            check_report(checks, label, *end(process), validate)

        # Every report for people says so.
        for language, words in (("en", "the run was interrupted"), ("zh-TW", "這次執行被中斷了")):
            for number, option in ((2, None), (2, "--html"), (2, "--csv"), (2, "--junit"), (40, None)):
                label = f"the report of {number} targets says why, {language}, {option}"
                process = program.start("scan", *targets[:number], "--lang", language, *([option, "-"] if option else []))
                wait_for_handler(process)
                process.send_signal(signal.SIGINT)
                code, out, said = end(process)
                text = " ".join(out.decode().split())
                checks.equal(f"{label}: exit code", code, 130)
                checks.check(label, text.count(words) >= number, text[:2000] + said)
                for other in ("Nothing was captured", "什麼都沒有取得", "its certificate was not seen", "沒有看到憑證，所以"):
                    checks.check(f"{label}: nothing else", other not in text, text[:2000])

        # nohup's promise holds.
        process = program.start(*command[:2], "--json", "-", "--handshake-timeout", "1", "--samples", "1",
                                preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN))  # fmt: skip
        wait_for_handler(process)
        process.send_signal(signal.SIGHUP)
        checks.equal("an ignored SIGHUP stays ignored", end(process)[0], 3)

        # The list is still on its way: what comes within a moment counts.
        process = program.start("scan", "--targets", "-", *command[len(targets) + 1 :], stdin=subprocess.PIPE)
        wait_for_handler(process)
        process.send_signal(signal.SIGINT)
        check_report(checks, "while the list arrives", *end(process, "\n".join(targets).encode()), validate)

        # It never comes.
        for more, output in ((["--json", "-"], b""), (["--nagios"], b"CHAINTIER UNKNOWN")):
            label = f"the list never ends, {more[0]}"
            process = program.start("scan", "--targets", "-", *more, stdin=subprocess.PIPE)
            wait_for_handler(process)
            process.stdin.write(b"example.test\nexam")
            process.stdin.flush()
            process.send_signal(signal.SIGINT)
            code = process.wait(timeout=20)
            out, said = process.stdout.read(), process.stderr.read()
            process.stdin.close(), process.stdout.close(), process.stderr.close()
            checks.equal(f"{label}: exit code", code, 3 if output else 130)
            checks.check(f"{label}: said", b"interrupted before the list of targets had come to its end" in said, said)
            checks.check(f"{label}: output", out.startswith(output) if output else not out, out)

        # A later one ends the program at once: here while nobody takes the report, so that it cannot end by itself.
        read_end, write_end = os.pipe()
        fcntl.fcntl(write_end, fcntl.F_SETPIPE_SZ, 4096)
        process = program.start("scan", *targets[:2], "--html", "-", stdout=write_end)
        os.close(write_end)
        wait_for_handler(process)
        process.send_signal(signal.SIGINT)
        limit = time.monotonic() + 20
        while process.poll() is None and time.monotonic() < limit:
            try:
                process.wait(timeout=0.1)
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGINT)
        checks.equal("a later one ends it", process.poll(), -signal.SIGINT)
        os.close(read_end)
        process.stderr.close()

        # Input that never comes cannot hold it, and one interrupt is enough.
        with harness.temporary_folder() as folder:
            pipe = Path(folder) / "pipe"
            os.mkfifo(pipe)
            process = program.start("scan", "--targets", pipe)
            wait_for_handler(process)
            process.send_signal(signal.SIGTERM)
            code, _, said = end(process, seconds=30)
            checks.equal("a pipe that nobody writes to: exit code", code, 130)
            checks.check("a pipe that nobody writes to: said", "nothing was scanned" in said, said)

        # Where there is nothing to report, the first one ends the program.
        with harness.temporary_folder() as folder:
            pipe = Path(folder) / "pipe"
            os.mkfifo(pipe)
            process = program.start("inspect", "--served", pipe)
            # Opens as soon as the program reads.
            with open(pipe, "wb"):
                process.send_signal(signal.SIGINT)
                checks.equal("inspect ends at once", end(process)[0], -signal.SIGINT)
    checks.finish()


main()
