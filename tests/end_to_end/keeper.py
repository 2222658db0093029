"""Runs a command until standard input ends; then ends it, and every process that came of it.

Whoever starts it holds the other end of the pipe. So the command ends with its user, however that one ends, and what
the command has put into other sessions or given to other users ends too: this process inherits and outlives them all.
"""

import ctypes
import os
import select
import signal
import subprocess
import sys
import time

PR_SET_CHILD_SUBREAPER = 36
GRACE = 5


def children():
    found = []
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                with open(f"/proc/{entry}/stat", encoding="latin-1") as file:
                    # The name in parentheses may hold anything; state and parent follow it.
                    parent = int(file.read().rsplit(")", 1)[1].split()[1])
            except (OSError, IndexError):
                continue
            if parent == os.getpid():
                found.append(int(entry))
    return found


def send(number):
    for child in children():
        try:
            os.kill(child, number)
        except ProcessLookupError:
            pass


def reap(seconds):
    """True when no child is left."""
    limit = time.monotonic() + seconds
    while True:
        try:
            done, _ = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return True
        if done:
            continue
        left = limit - time.monotonic()
        if left <= 0:
            return False
        signal.sigtimedwait([signal.SIGCHLD], min(left, 1))


def main():
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGCHLD])
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    # Its own session: some servers signal their whole process group when they end.
    child = subprocess.Popen(
        sys.argv[1:], stdin=subprocess.DEVNULL, start_new_session=True,
        preexec_fn=lambda: signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGCHLD]),
    )  # fmt: skip
    ended = os.pidfd_open(child.pid)
    ready, _, _ = select.select([sys.stdin, ended], [], [])
    # A command that ends by itself says so by this status; what it left behind is ended all the same.
    status = (child.wait() if ended in ready else 0) & 0xFF
    send(signal.SIGTERM)
    if not reap(GRACE):
        # Killing a parent brings its children here.
        while not reap(0.2):
            send(signal.SIGKILL)
    sys.exit(status)


main()
