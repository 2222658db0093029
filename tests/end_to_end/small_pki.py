"""A PKI of the new product chain's shape, made by the openssl program, and servers for it on loopback."""

import http.server
import socket
import ssl
import subprocess
import threading
from pathlib import Path

import harness

HOST = "www.expect.test"
CONFIGURATION = """
[ca]
default_ca = main
[main]
dir = {folder}
database = {folder}/index.txt
new_certs_dir = {folder}
rand_serial = yes
unique_subject = no
default_md = sha256
policy = any
[any]
commonName = supplied
"""
AUTHORITY = "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\nsubjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\n"
LEAF = "basicConstraints=CA:FALSE\nkeyUsage=critical,digitalSignature\nextendedKeyUsage=serverAuth\nsubjectAltName=DNS:{names}\nsubjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\n{more}"


class SmallPki:
    """Files NAME.pem and NAME.key in a folder: old_root, new_root, cross, ssl_ca, leaves by leaf()."""

    def __init__(self, folder):
        self.folder = Path(folder)
        self.folder.mkdir()
        (self.folder / "index.txt").touch()
        (self.folder / "ca.cnf").write_text(CONFIGURATION.format(folder=self.folder))
        always = ("20200101000000Z", "20400101000000Z")
        for name, subject in (("old_root", "Old Root"), ("new_root", "New Root"), ("ssl_ca", "SSL CA")):
            self.request(name, subject)
        self.sign("old_root", "old_root", "old_root", AUTHORITY, always)
        self.sign("new_root", "new_root", "new_root", AUTHORITY, always)
        self.sign("cross", "new_root", "old_root", AUTHORITY, always)
        self.sign("ssl_ca", "ssl_ca", "new_root", AUTHORITY, always)

    def openssl(self, *arguments):
        subprocess.run(["openssl", *map(str, arguments)], check=True, timeout=60, capture_output=True, cwd=self.folder)

    def request(self, name, subject):
        self.openssl(
            "req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-noenc", "-subj", f"/CN={subject}",
            "-keyout", f"{name}.key", "-out", f"{name}.csr", "-config", "/dev/null",
        )

    def sign(self, name, request, issuer, extensions, dates):
        (self.folder / f"{name}.ext").write_text(extensions)
        signer = ["-selfsign"] if issuer == request else ["-cert", f"{issuer}.pem"]
        self.openssl(
            "ca", "-batch", "-notext", "-config", "ca.cnf", "-in", f"{request}.csr", "-out", f"{name}.pem",
            "-keyfile", f"{issuer}.key", *signer, "-extfile", f"{name}.ext", "-startdate", dates[0], "-enddate", dates[1],
        )

    def leaf(self, name, dates, host=HOST, more="", issuer="ssl_ca"):
        self.request(name, host)
        self.sign(name, name, issuer, LEAF.format(names=host, more=more), dates)

    def file(self, name):
        return self.folder / f"{name}.pem"

    def pem(self, *names):
        return "".join(self.file(name).read_text() for name in names)

    def catalogue(self, folder):
        """A new folder for --catalogue; returns it."""
        folder.mkdir()
        for name in ("old_root", "new_root", "cross", "ssl_ca"):
            (folder / f"{name}.pem").write_text(self.pem(name))
        return folder

    def context(self, leaf, *rest):
        """For a server that sends exactly these certificates."""
        chain = self.folder / f"serve-{leaf}-{'-'.join(rest)}.pem"
        chain.write_text(self.pem(leaf, *rest))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(chain, self.folder / f"{leaf}.key")
        return context


class TlsServer:
    """Each connection gets the next of the contexts, as from machines behind one address."""

    def __init__(self, contexts, address=harness.ADDRESS, port=0):
        self.contexts = contexts
        self.socket = socket.create_server(
            (address, port), family=socket.AF_INET6 if ":" in address else socket.AF_INET, backlog=64
        )
        self.port = self.socket.getsockname()[1]
        self.accepted = 0
        self.thread = threading.Thread(target=self.serve, daemon=True)

    def serve(self):
        while True:
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            context = self.contexts[self.accepted % len(self.contexts)]
            self.accepted += 1
            connection.settimeout(20)
            try:
                with context.wrap_socket(connection, server_side=True) as stream:
                    stream.recv(1)
            except OSError:
                pass

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()
        self.thread.join(30)


class Downloads:
    """An HTTP server with files by path; counts what was asked for."""

    def __init__(self, files, address="127.0.0.1"):
        asked = self.asked = []

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                asked.append(self.path)
                body = files.get(self.path)
                self.send_response(200 if body is not None else 404)
                self.send_header("Content-Length", str(len(body or b"")))
                self.end_headers()
                self.wfile.write(body or b"")

            def log_message(self, *_):
                pass

        self.files = files
        self.server = http.server.ThreadingHTTPServer((address, 0), Handler)
        self.port = self.server.server_address[1]
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join(30)
