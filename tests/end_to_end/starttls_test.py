"""STARTTLS on real servers: the chain as served, what a server without TLS gets, and what the wrong server gets."""

import contextlib
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import harness
import starttls_servers

PROTOCOLS = ("smtp", "imap", "pop3", "ftp", "ldap", "postgres", "mysql", "xmpp")
# How the report names who answers, for those that speak first.
GREETING = {
    "smtp": "a mail server (SMTP) answers on this port",
    "imap": "an IMAP server answers on this port",
    "pop3": "a POP3 server answers on this port",
    "ftp": "an FTP server answers on this port",
    "mysql": "a MySQL or MariaDB server answers on this port",
}
# What a server says that is configured without TLS.
REFUSALS = {
    "smtp": "the mail server does not offer STARTTLS",
    "imap": "the IMAP server does not offer STARTTLS",
    "pop3": "the POP3 server does not offer STLS",
    "ftp": "the FTP server refuses AUTH TLS: ",
    "ldap": "the LDAP server refuses StartTLS (result 2): ",
    "postgres": "the PostgreSQL server does not offer TLS",
    "mysql": "the MySQL server does not offer TLS",
    "xmpp": "the XMPP server does not offer STARTTLS",
}
AT_ONCE = {"smtp": "smtps", "imap": "imaps", "pop3": "pop3s", "ldap": "ldaps"}


class Scanner:
    def __init__(self, program, chains, validate, checks):
        self.program = program
        self.chains = chains
        self.validate = validate
        self.checks = checks

    def scan(self, label, targets, names, status, *options):
        """The report's targets, in the order of `targets`."""
        resolve = [word for name in names for word in ("--resolve", f"{name}={harness.ADDRESS}")]
        done = self.program.run(
            "scan", *targets, *resolve, "--catalogue", self.chains.catalogue, "--time", harness.JUDGED_AT, "--json", "-",
            *options, timeout=120,
        )  # fmt: skip
        if not self.checks.equal(f"{label}: exit code", done.returncode, status):
            print(done.stderr.decode(errors="replace"))
        report = json.loads(done.stdout)
        self.checks.equal(f"{label}: report is valid", self.validate(report), [])
        self.checks.equal(f"{label}: targets", [target["target"] for target in report["targets"]], list(targets))
        return report["targets"]


def samples_of(target):
    return [sample for endpoint in target["endpoints"] for sample in endpoint["samples"]]


def error_of(target):
    errors = [sample["error"] for sample in samples_of(target)]
    return errors[0] if len(errors) == 1 and errors[0] else {"code": None, "stage": None, "detail": f"{errors}"}


def check_chains(scanner, kind, ports):
    """Each server by its own protocol."""
    checks, label = scanner.checks, kind.__name__
    by_id = {chain["id"]: chain for chain in scanner.chains.list}
    targets = {name: f"{kind.protocol}://{name}.practice.test:{port}" for name, port in ports.items()}
    # Errors among the findings come before what could not be judged.
    found = scanner.scan(label, targets.values(), [f"{name}.practice.test" for name in targets], 1)
    for name, target in zip(targets, found):
        what = f"{label}, {name}"
        checks.equal(f"{what}: protocol", target["protocol"], kind.protocol)
        samples = samples_of(target)
        checks.equal(f"{what}: one sample", len(samples), 1)
        if name == starttls_servers.PLAIN:
            checks.equal(f"{what}: verdict", (target["verdict"], harness.codes(target)), ("unjudged", ["net.starttls"]))
            error = error_of(target)
            checks.equal(f"{what}: error", (error["code"], error["stage"]), ("net.starttls", "starttls"))
            checks.check(f"{what}: the reason", error["detail"].startswith(REFUSALS[kind.protocol]), error["detail"])
            checks.check(f"{what}: no other server is suspected", "answers on this port" not in error["detail"], error["detail"])
            continue
        checks.equal(f"{what}: findings", harness.codes(target), by_id[name]["findings"])
        checks.equal(f"{what}: verdict", target["verdict"], by_id[name]["verdict"])
        for sample in samples:
            checks.equal(f"{what}: captured, with the key", (sample["outcome"], sample["key_proved"]), ("captured", True))
            checks.equal(f"{what}: certificates as served", sample["served"], scanner.chains.fingerprints(name))
            checks.check(f"{what}: the dialogue was timed", sample["ms"]["starttls"] is not None)


def expected_error(asked, server):
    """(codes that are right, words of the detail) for the protocol `asked` at a server of another one."""
    if asked in PROTOCOLS:
        if server in GREETING:
            return {"net.starttls"}, f"{GREETING[server]}: write {server}://"
        # XMPP, LDAP and PostgreSQL servers wait for the client. What the client says first may get an answer.
        if server == "xmpp" and asked in ("ldap", "postgres"):
            return {"net.starttls"}, "an XMPP server answers on this port: write xmpp://"
        return {"net.timeout", "net.reset"}, f"it may expect TLS at once (write {AT_ONCE.get(asked, 'https')}://), or speak another protocol"
    if server in GREETING:
        return {"net.not_tls"}, f"{GREETING[server]} in the clear; write {server}://: \""
    if server == "xmpp":
        return {"net.not_tls"}, "an XMPP server answers on this port in the clear; write xmpp://: \""
    return {"net.reset"}, "the server closed the connection"


def check_wrong(scanner, ports_by_protocol):
    """Every protocol at every server that does not speak it."""
    pairs = [
        (asked, server) for server in ports_by_protocol for asked in (*PROTOCOLS, "https", "imaps") if asked != server
    ]
    targets = [f"{asked}://{server}.practice.test:{ports_by_protocol[server]}" for asked, server in pairs]
    names = [f"{server}.practice.test" for server in ports_by_protocol]
    found = scanner.scan("wrong server", targets, names, 3, "--handshake-timeout", "2", "--per-address", "10", "--samples", "1")
    for (asked, server), target in zip(pairs, found):
        what = f"{asked} at a server of {server}"
        codes, words = expected_error(asked, server)
        error = error_of(target)
        scanner.checks.check(f"{what}: {error['code']}", error["code"] in codes, error["detail"])
        scanner.checks.check(f"{what}: says {words}", words in error["detail"], error["detail"])
        scanner.checks.equal(f"{what}: finding", (target["verdict"], harness.codes(target)), ("unjudged", [error["code"]]))
        printable = all(" " <= letter for letter in error["detail"])
        scanner.checks.check(f"{what}: one line", printable, error["detail"])


def check_end(checks, folder):
    """Whoever starts a server through the keeper need not live to stop it."""
    # Two generations, the second in a session of its own, and deaf to everything but the last signal.
    deaf = "trap '' TERM; setsid sh -c 'trap \"\" TERM HUP; echo started; exec sleep 1000' & wait"
    user = subprocess.Popen(
        [sys.executable, "-c", "import subprocess, sys; subprocess.run(sys.argv[1:], stdin=subprocess.PIPE)",
         sys.executable, starttls_servers.KEEPER, "sh", "-c", deaf],
        stdout=subprocess.PIPE, stdin=subprocess.PIPE, cwd=folder,
    )  # fmt: skip
    checks.equal("a kept process runs", user.stdout.readline(), b"started\n")
    user.kill()
    user.wait(timeout=10)
    # The end of the stream comes when nobody is left who could write into it.
    output = subprocess.run(["cat"], stdin=user.stdout, stdout=subprocess.PIPE, timeout=30)
    checks.equal("nothing that was started outlives its user", output.stdout, b"")


def main():
    path, tool = harness.arguments()
    checks = harness.Checks()
    kinds = starttls_servers.ALL
    if not starttls_servers.may_become_nobody():
        # PostgreSQL will not run as root, and Postfix's parts leave root behind.
        print("left out: the servers, because root is the only user here")
        kinds = ()
    if os.geteuid() != 0:
        print("left out: Postfix, which only root can start")
        kinds = tuple(kind for kind in kinds if not kind.started_as_root)
    # Short and without a blank, as the configurations of some servers need it; and open to the servers' users.
    with tempfile.TemporaryDirectory(prefix="chaintier-") as name, contextlib.ExitStack() as running:
        folder = Path(name)
        folder.chmod(0o755)
        chains = harness.PracticeChains(tool, folder / "practice")
        scanner = Scanner(harness.Program(path, chains.machine_store), chains, harness.validator(), checks)
        ports_by_protocol = {}
        for kind in kinds:
            ports = running.enter_context(kind(chains, folder))
            check_chains(scanner, kind, ports)
            ports_by_protocol[kind.protocol] = ports["new-right"]
        if kinds:
            check_wrong(scanner, ports_by_protocol)
        check_end(checks, folder)
    checks.finish()


main()
