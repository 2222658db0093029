"""Servers that waste a scanner's time and memory, each at an address of its own, all in one thread of asyncio."""

import asyncio
import contextlib
import random
import socket
import ssl
import struct
import threading

import hostile

STATUS_LINE = b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n"
MEGABYTE = 1 << 20


def record(kind, body):
    """RFC 8446 5.1, RFC 5246 6.2.1"""
    return struct.pack(">BHH", kind, 0x0303, len(body)) + body


def records(kind, body):
    return b"".join(record(kind, body[at : at + 16384]) for at in range(0, len(body), 16384))


def message(kind, body, claimed=None):
    """A handshake message; `claimed` is the length that its header says."""
    return bytes([kind]) + (len(body) if claimed is None else claimed).to_bytes(3, "big") + body


# TLS 1.2, ECDHE-RSA-AES128-GCM-SHA256, with renegotiation_info as every server sends it.
SERVER_HELLO = record(
    22, message(2, b"\x03\x03" + bytes(range(32)) + b"\0" + b"\xc0\x2f" + b"\0" + b"\0\x05\xff\x01\0\x01\0"))


def certificate_list(octets):
    """A Certificate message (RFC 5246 7.4.2) of about so many octets."""
    one = hostile.certificate(b"host", b"issuer", [b"x" * 900], b"http://ca.test/")
    entry = len(one).to_bytes(3, "big") + one
    body = entry * (octets // len(entry))
    return records(22, message(11, len(body).to_bytes(3, "big") + body))


NEARLY_TOO_LONG = certificate_list(MEGABYTE - 4096)
MUCH_TOO_LONG = certificate_list(10 * MEGABYTE)
NOISE = random.Random(17).randbytes(65536)


async def hello(reader):
    return await reader.read(4096)


async def silence(reader):
    while await reader.read(4096):
        pass


async def endless(writer, octets):
    """Until the other side has had enough."""
    block = octets * max(1, 65536 // len(octets))
    while True:
        writer.write(block)
        await writer.drain()


def cut(writer):
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


# What each does with one connection. When it returns, the connection is closed.


async def stall(reader, writer):
    await silence(reader)


async def reset_at_once(reader, writer):
    cut(writer)


async def reset_after_hello(reader, writer):
    await hello(reader)
    cut(writer)


async def close_after_hello(reader, writer):
    await hello(reader)


async def trickle(reader, writer):
    """A true beginning, then an octet a second."""
    await hello(reader)
    for octet in SERVER_HELLO:
        writer.write(bytes([octet]))
        await writer.drain()
        await asyncio.sleep(1)


async def half_a_flight(reader, writer):
    await hello(reader)
    writer.write(SERVER_HELLO + NEARLY_TOO_LONG[:500])
    await silence(reader)


async def garbage(reader, writer):
    await hello(reader)
    await endless(writer, NOISE)


async def garbage_in_records(reader, writer):
    await hello(reader)
    await endless(writer, record(22, NOISE[:16000]))


async def claims_sixteen_megabytes(reader, writer):
    await hello(reader)
    writer.write(SERVER_HELLO + record(22, message(11, b"\xff\xff\xfc", claimed=0xFFFFFF)))
    await endless(writer, record(22, bytes(16384)))


async def ten_megabytes(reader, writer):
    await hello(reader)
    writer.write(SERVER_HELLO + MUCH_TOO_LONG)
    await writer.drain()


async def nearly_a_megabyte(reader, writer):
    await hello(reader)
    writer.write(SERVER_HELLO + NEARLY_TOO_LONG)
    await silence(reader)


async def empty_records(reader, writer):
    await hello(reader)
    await endless(writer, record(22, b""))


async def warnings(reader, writer):
    await hello(reader)
    await endless(writer, record(21, b"\x01\x5a"))


async def hello_requests(reader, writer):
    await hello(reader)
    await endless(writer, record(22, message(0, b"")))


async def cipher_changes(reader, writer):
    await hello(reader)
    await endless(writer, record(20, b"\x01"))


async def alert(reader, writer):
    await hello(reader)
    writer.write(record(21, b"\x02\x28"))
    await writer.drain()


async def http(reader, writer):
    await hello(reader)
    writer.write(STATUS_LINE)
    await writer.drain()


async def endless_http(reader, writer):
    await hello(reader)
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n")
    await endless(writer, b"<p>hello</p>")


async def mail_banner(reader, writer):
    writer.write(b"220 mail.practice.test ESMTP\r\n")
    await silence(reader)


# What must come of each: its findings, and nothing else. Those of the second list cost this machine work.
CHEAP = {
    stall: ["net.timeout"],
    reset_at_once: ["net.reset"],
    reset_after_hello: ["net.reset"],
    close_after_hello: ["net.reset"],
    trickle: ["net.timeout"],
    half_a_flight: ["net.timeout"],
    alert: ["net.alert"],
    http: ["net.not_tls"],
    mail_banner: ["net.not_tls"],
}
COSTLY = {
    garbage: ["net.not_tls"],
    garbage_in_records: ["net.no_certificate"],
    claims_sixteen_megabytes: ["net.limit"],
    ten_megabytes: ["net.limit"],
    # One certificate a thousand times, and no proof of its key.
    nearly_a_megabyte: ["cert.malformed", "chain.duplicate", "chain.leaf_only", "chain.unknown_ca", "leaf.name_mismatch",
                        "leaf.renewal_due", "path.client_untrusted"],
    empty_records: ["net.no_certificate"],
    warnings: ["net.no_certificate"],
    hello_requests: ["net.limit"],
    cipher_changes: ["net.no_certificate"],
    endless_http: ["net.not_tls"],
}  # fmt: skip


class InThread:
    """What serve() of a subclass does, in a thread of its own; it sets `ready` and then waits for `over`."""

    def __init__(self):
        self.ready, self.over = threading.Event(), None
        self.thread = threading.Thread(target=lambda: asyncio.run(self.serve()))

    def __enter__(self):
        self.thread.start()
        if not self.ready.wait(60):
            raise RuntimeError("the servers did not begin")
        return self

    def __exit__(self, *_):
        self.loop.call_soon_threadsafe(self.over.set)
        self.thread.join()


class Servers(InThread):
    """`plan` has (address, behaviour) pairs; the behaviour None serves TLS with the chain given."""

    def __init__(self, plan, port, chain_file, key_file):
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(chain_file, key_file)
        self.context.num_tickets = 100  # a good server may be talkative after the handshake
        self.sockets = []
        for address, behaviour in plan:
            one = socket.socket()
            one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            one.bind((address, port))
            self.sockets.append((one, behaviour))
        super().__init__()

    async def serve(self):
        self.loop, self.over = asyncio.get_running_loop(), asyncio.Event()
        for one, behaviour in self.sockets:
            if behaviour:
                await asyncio.start_server(self.guarded(behaviour), sock=one, backlog=100)
            else:
                await asyncio.start_server(self.guarded(stall), sock=one, backlog=100, ssl=self.context)
        self.ready.set()
        await self.over.wait()

    @staticmethod
    def guarded(behaviour):
        async def handle(reader, writer):
            # Cancelled when all is over.
            with contextlib.suppress(OSError, asyncio.CancelledError):
                await behaviour(reader, writer)
            with contextlib.suppress(OSError):
                writer.close()

        return handle
