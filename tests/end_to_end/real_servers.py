"""Servers from Debian that serve given chains on loopback. Each class starts one kind and stops what it started."""

import shutil
import subprocess

from harness import ADDRESS, free_ports, wait_until_listening

SYSTEM_PATH = "/usr/sbin:/usr/bin:/sbin:/bin"


def program(name):
    found = shutil.which(name, path=SYSTEM_PATH)
    if not found:
        raise FileNotFoundError(f"{name} is not installed")
    return found


class Server:
    """with SomeServer(chains, folder) as ports: {chain id: port}"""

    def __init__(self, chains, folder):
        self.chains = chains
        self.folder = folder / type(self).__name__
        self.folder.mkdir()
        self.processes = []

    # What a kind can serve; the others can serve all.
    def serves(self, identifier):
        return True

    def identifiers(self):
        return [chain["id"] for chain in self.chains.list if self.serves(chain["id"])]

    def begin(self, ports):
        """Starts the processes; returns them by chain id."""
        raise NotImplementedError

    def launch(self, *command):
        log = open(self.folder / f"log{len(self.processes)}", "wb")
        process = subprocess.Popen(
            [str(part) for part in command], stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=self.folder
        )
        log.close()
        self.processes.append(process)
        return process

    def __enter__(self):
        identifiers = self.identifiers()
        # Somebody may take a port between the choice and the server's start: then other ports are tried.
        for attempt in range(3):
            ports = dict(zip(identifiers, free_ports(len(identifiers))))
            by_chain = self.begin(ports)
            problems = [wait_until_listening(port, by_chain[name]) for name, port in ports.items()]
            problems = [problem for problem in problems if problem]
            if not problems:
                return ports
            logs = "\n".join(path.read_text(errors="replace")[-2000:] for path in self.folder.glob("log*"))
            self.stop()
        raise RuntimeError(f"{type(self).__name__}: {problems[0]}\n{logs}")

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        for process in self.processes:
            process.terminate()
        for process in self.processes:
            try:
                process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(timeout=10)
        self.processes = []


class Nginx(Server):
    def begin(self, ports):
        blocks = "".join(
            f"""
    server {{
        listen {ADDRESS}:{port} ssl;
        ssl_certificate "{self.chains.file(name)}";
        ssl_certificate_key "{self.chains.file(name, "key.pem")}";
        return 204;
    }}"""
            for name, port in ports.items()
        )
        temporary = "".join(
            f"\n    {kind}_temp_path \"{self.folder}/{kind}\";" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        (self.folder / "nginx.conf").write_text(
            f"""
daemon off;
master_process off;
pid "{self.folder}/pid";
error_log stderr;
events {{ }}
http {{
    access_log off;{temporary}{blocks}
}}
"""
        )
        process = self.launch(program("nginx"), "-p", self.folder, "-c", self.folder / "nginx.conf", "-e", "stderr")
        return dict.fromkeys(ports, process)


class Haproxy(Server):
    def begin(self, ports):
        binds = ""
        for name, port in ports.items():
            pem = self.folder / f"{name}.pem"
            pem.write_text(self.chains.file(name).read_text() + self.chains.file(name, "key.pem").read_text())
            binds += f'    bind {ADDRESS}:{port} ssl crt "{pem}"\n'
        (self.folder / "haproxy.cfg").write_text(
            f"""
global
    log stderr local0 err
defaults
    mode http
    timeout client 30s
    timeout connect 5s
    timeout server 30s
frontend all
{binds}    http-request return status 204
"""
        )
        process = self.launch(program("haproxy"), "-db", "-f", self.folder / "haproxy.cfg")
        return dict.fromkeys(ports, process)


class Apache(Server):
    def begin(self, ports):
        modules = "".join(
            f"LoadModule {name}_module /usr/lib/apache2/modules/mod_{name}.so\n" for name in ("mpm_event", "authz_core", "ssl")
        )
        hosts = "".join(
            f"""
Listen {ADDRESS}:{port}
<VirtualHost {ADDRESS}:{port}>
    ServerName {name}.practice.test
    SSLEngine on
    SSLCertificateFile "{self.chains.file(name)}"
    SSLCertificateKeyFile "{self.chains.file(name, "key.pem")}"
</VirtualHost>"""
            for name, port in ports.items()
        )
        (self.folder / "apache.conf").write_text(
            f"""{modules}
ServerRoot "{self.folder}"
DocumentRoot "{self.folder}"
DefaultRuntimeDir "{self.folder}"
PidFile "{self.folder}/pid"
ErrorLog "{self.folder}/log-errors"
ServerName practice.test
{hosts}
"""
        )
        process = self.launch(program("apache2"), "-f", self.folder / "apache.conf", "-DFOREGROUND")
        return dict.fromkeys(ports, process)


class OpensslServer(Server):
    def begin(self, ports):
        command = [program("openssl"), "s_server", "-www", "-quiet"]
        started = {}
        for name, port in ports.items():
            extra = []
            if self.chains.file(name, "chain.pem").stat().st_size:
                extra = ["-cert_chain", self.chains.file(name, "chain.pem")]
            started[name] = self.launch(
                *command, "-accept", f"{ADDRESS}:{port}", "-cert", self.chains.file(name, "leaf.pem"),
                "-key", self.chains.file(name, "key.pem"), *extra,
            )  # fmt: skip
        return started


class GnutlsServer(Server):
    # GnuTLS puts what it is given into order and drops what does not belong, so that only lists which
    # are in order already arrive as they are.
    def serves(self, identifier):
        return identifier in {"new-right", "new-right-ev", "old-right", "cross-missing", "leaf-only", "expired", "self-signed"}

    def begin(self, ports):
        return {
            name: self.launch(
                program("gnutls-serv"), "--quiet", "--http", f"--port={port}",
                f"--x509certfile={self.chains.file(name)}", f"--x509keyfile={self.chains.file(name, 'key.pem')}",
            )  # fmt: skip
            for name, port in ports.items()
        }


ALL = (Nginx, Haproxy, Apache, OpensslServer, GnutlsServer)
