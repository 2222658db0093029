"""A name server that is silent, lies or answers nonsense for half of the names: over in time, the other half right."""

import asyncio
import json
import struct
import time
from pathlib import Path

import harness
import hostile_servers

NAME_SERVER = "127.92.0.1"
HOST = "127.92.0.2"
EACH = 20
TARGET_TIMEOUT = 12
MARGIN = 12  # the machine may be busy with other things
A, AAAA, CNAME = 1, 28, 5


def encoded(name):
    return b"".join(bytes([len(label)]) + label.encode() for label in name.split(".")) + b"\0"


class Query:
    """One question (RFC 1035 4.1)."""

    def __init__(self, packet):
        self.id, labels, at = packet[:2], [], 12
        while packet[at]:
            labels.append(packet[at + 1 : at + 1 + packet[at]].decode())
            at += 1 + packet[at]
        self.name = ".".join(labels).lower()
        self.question = packet[12 : at + 5]
        self.type = struct.unpack(">H", packet[at + 1 : at + 3])[0]

    def answer(self, *records, code=0, truncated=False, identifier=None, question=None):
        flags = 0x8180 | code | (0x0200 if truncated else 0)
        head = (identifier or self.id) + struct.pack(">HHHHH", flags, 1, len(records), 0, 0)
        return head + (question or self.question) + b"".join(records)

    def record(self, kind, data, owner=None):
        return encoded(owner or self.name) + struct.pack(">HHIH", kind, 1, 60, len(data)) + data

    def address(self):
        """Of the good server; there is no IPv6."""
        return self.answer(*([self.record(A, bytes(map(int, HOST.split("."))))] if self.type == A else []))


def other_identifier(query):
    return query.answer(identifier=bytes([query.id[0] ^ 1, query.id[1]]), code=3)


def other_question(query):
    name = encoded("elsewhere.test") + struct.pack(">HH", query.type, 1)
    return query.answer(question=name, code=3)


def cname_loop(query):
    there = query.name.replace("cname-loop", "cname-back")
    return query.answer(query.record(CNAME, encoded(there)), query.record(CNAME, encoded(query.name), there))


# What the name server does with names that begin so, and the findings of such a target.
NOTHING_CAME = ["net.resolve"], ["net.timeout"]  # whichever limit comes first
NO_ADDRESS = (["net.resolve"],)
LIES = {
    "silent": (lambda query: None, NOTHING_CAME),
    "other-identifier": (other_identifier, NOTHING_CAME),
    "other-question": (other_question, NOTHING_CAME),
    "no-such-name": (lambda query: query.answer(code=3), NO_ADDRESS),
    "empty": (lambda query: query.answer(), NO_ADDRESS),
    "fails": (lambda query: query.answer(code=2), NO_ADDRESS),
    "refuses": (lambda query: query.answer(code=5), NO_ADDRESS),
    "cname-loop": (cname_loop, NO_ADDRESS),
    "nonsense": (lambda query: query.id + bytes(range(60)), NOTHING_CAME),
    "half": (lambda query: query.address()[:-3] if query.type == A else query.answer(), NO_ADDRESS),
    "truncated": (lambda query: query.answer(truncated=True), NO_ADDRESS),
}


class NameServer(hostile_servers.InThread, asyncio.DatagramProtocol):
    async def serve(self):
        self.loop, self.over = asyncio.get_running_loop(), asyncio.Event()
        transport, _ = await self.loop.create_datagram_endpoint(lambda: self, local_addr=(NAME_SERVER, 0))
        self.port = transport.get_extra_info("sockname")[1]
        self.ready.set()
        await self.over.wait()
        transport.close()

    def connection_made(self, transport):
        self.transport = transport

    def datagram_received(self, packet, sender):
        query = Query(packet)
        kind = query.name.split(".")[0].rstrip("0123456789").rstrip("-")
        answer = LIES[kind][0](query) if kind in LIES else query.address()
        if answer is not None:
            self.transport.sendto(answer, sender)


def main():
    path, tool = harness.arguments()
    checks = harness.Checks()
    with harness.temporary_folder() as name:
        folder = Path(name)
        chains = harness.PracticeChains(tool, folder / "practice")
        program = harness.Program(path, chains.machine_store)
        files = chains.file("wildcard"), chains.file("wildcard", "key.pem")
        port = harness.free_ports(1, HOST)[0]
        expected = {}
        right = next(chain["findings"] for chain in chains.list if chain["id"] == "wildcard")
        for number in range(EACH):
            for kind, (_, findings) in LIES.items():
                expected[f"{kind}-{number}.practice.test:{port}"] = findings
                # A name that was looked up and leads to loopback is this machine.
                expected[f"good-{kind}-{number}.practice.test:{port}"] = (sorted([*right, "server.is_this_machine"]),)
        (folder / "targets.txt").write_text("\n".join(expected) + "\n")
        with hostile_servers.Servers([(HOST, None)], port, *files), NameServer() as names:
            began = time.monotonic()
            done = program.run(
                "scan", "--targets", folder / "targets.txt", "--catalogue", chains.catalogue, "--time", harness.JUDGED_AT,
                "--dns", f"{NAME_SERVER}:{names.port}", "--target-timeout", TARGET_TIMEOUT, "--concurrency", 1000,
                "--per-address", 50, "--jsonl", "-", timeout=TARGET_TIMEOUT + 120,
            )  # fmt: skip
            took = time.monotonic() - began
    print(f"{took:.1f} s")
    checks.check("over within the target timeout and a margin", took < TARGET_TIMEOUT + MARGIN, f"{took:.1f} s")
    checks.equal("exit code", done.returncode, 3)
    found = {target["target"]: target for target in map(json.loads, done.stdout.splitlines())}
    checks.equal("a line for each", sorted(found), sorted(expected))
    for text, findings in expected.items():
        if text in found:
            codes = harness.codes(found[text])
            checks.check(f"{text}: findings", codes in findings, f"found    {codes}\nexpected {findings}")
    checks.finish()


main()
