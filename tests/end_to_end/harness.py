"""What the whole-program tests share: running the program, counting checks, ports, the practice chains."""

import contextlib
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# Leaf certificates of the practice chains are dated by it, and everything is judged as of it.
JUDGED_AT = "2026-11-22T00:00:00Z"
ADDRESS = "127.88.0.1"


class Checks:
    """Counts; says at once what failed, and why."""

    def __init__(self):
        self.passed = 0
        self.failed = 0

    def check(self, what, good, detail=""):
        if good:
            self.passed += 1
            return True
        self.failed += 1
        print(f"FAILED: {what}")
        if detail != "":
            print("        " + str(detail).replace("\n", "\n        "))
        return False

    def equal(self, what, found, expected):
        return self.check(what, found == expected, f"found    {found!r}\nexpected {expected!r}")

    def finish(self):
        print(f"{self.passed} passed, {self.failed} failed")
        # A script that checked nothing did not pass.
        sys.exit(1 if self.failed or not self.passed else 0)


class Program:
    """The program under test, with the practice roots as the machine's store and no language from outside."""

    def __init__(self, path, machine_store=None):
        self.path = str(Path(path).resolve())
        self.environment = {
            "PATH": "/usr/bin:/bin",
            "HOME": "/nonexistent",
            "LC_ALL": "C.UTF-8",
            "SSL_CERT_DIR": "/nonexistent",
            "SSL_CERT_FILE": str(machine_store) if machine_store else "/nonexistent/store.pem",
        }
        # A sanitizer's or allocator's settings must reach the program.
        for name, value in os.environ.items():
            if name.endswith("SAN_OPTIONS"):
                self.environment[name] = value

    @staticmethod
    def on_loopback(arguments):
        """Nothing is fetched from the internet, except where a test is about fetching and says so itself."""
        fetching = {"--no-aia", "--aia-allow-private"} & set(arguments)
        return [*arguments[:1], "--no-aia", *arguments[1:]] if arguments[:1] == ["scan"] and not fetching else arguments

    def run(self, *arguments, timeout=60, **options):
        options.setdefault("stdin", subprocess.DEVNULL)
        options.setdefault("stdout", subprocess.PIPE)
        options.setdefault("stderr", subprocess.PIPE)
        return subprocess.run([self.path, *self.on_loopback([*map(str, arguments)])], env=self.environment, timeout=timeout, **options)

    def start(self, *arguments, **options):
        options.setdefault("stdin", subprocess.DEVNULL)
        options.setdefault("stdout", subprocess.PIPE)
        options.setdefault("stderr", subprocess.PIPE)
        return subprocess.Popen([self.path, *self.on_loopback([*map(str, arguments)])], env=self.environment, **options)


class PracticeChains:
    """The folder that practice_chains writes."""

    def __init__(self, tool, folder):
        self.folder = Path(folder)
        subprocess.run([tool, str(folder), JUDGED_AT], check=True, timeout=60)
        self.list = json.loads((self.folder / "chains.json").read_text())
        self.catalogue = self.folder / "catalogue"
        self.machine_store = self.folder / "machine_store.pem"

    def file(self, identifier, name="fullchain.pem"):
        return self.folder / "chains" / identifier / name

    def fingerprints(self, identifier):
        """SHA-256 of each certificate, in the order of the file."""
        import hashlib
        import ssl

        pem = self.file(identifier).read_text()
        end = "-----END CERTIFICATE-----\n"
        return [
            hashlib.sha256(ssl.PEM_cert_to_DER_cert(block + end)).hexdigest() for block in pem.split(end) if block.strip()
        ]


def validator():
    """Checks a report against the schema; yields nothing when it is valid."""
    import jsonschema

    schema = json.loads((ROOT / "data/schema/report.schema.json").read_text())
    checker = jsonschema.Draft202012Validator(schema)
    return lambda report: [f"{list(error.absolute_path)}: {error.message[:300]}" for error in checker.iter_errors(report)]


def free_ports(count, address=ADDRESS):
    sockets = [socket.socket() for _ in range(count)]
    try:
        for one in sockets:
            one.bind((address, 0))
        return [one.getsockname()[1] for one in sockets]
    finally:
        for one in sockets:
            one.close()


def wait_until_listening(port, process, address=ADDRESS, seconds=15):
    """Nothing when the port answers; else what went wrong."""
    limit = time.monotonic() + seconds
    while time.monotonic() < limit:
        try:
            socket.create_connection((address, port), timeout=2).close()
            return None
        except OSError as error:
            last = error
        try:
            # Waits a moment, and notices a server that ended.
            process.wait(timeout=0.02)
            return f"the server ended with status {process.returncode}"
        except subprocess.TimeoutExpired:
            pass
    return f"port {port} did not answer within {seconds} s: {last}"


def codes(target):
    return sorted({finding["code"] for finding in target["findings"]})


def temporary_folder():
    # Characters that a careless program trips over.
    return tempfile.TemporaryDirectory(prefix="chaintier test ")


@contextlib.contextmanager
def practice():
    """What most scripts begin and end with: checks, a folder with the practice chains in it, and the program with their
    roots as its machine's store. The result of the checks is the script's."""
    path, tool = arguments()
    checks = Checks()
    with temporary_folder() as name:
        folder = Path(name)
        chains = PracticeChains(tool, folder / "practice")
        yield checks, Program(path, chains.machine_store), chains, folder
    checks.finish()


def arguments():
    """The program and the practice_chains tool, as ctest gives them."""
    if len(sys.argv) != 3:
        sys.exit(f"usage: {Path(sys.argv[0]).name} PROGRAM PRACTICE_CHAINS")
    return sys.argv[1], sys.argv[2]
