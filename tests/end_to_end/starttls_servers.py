"""Mail, directory, database and chat servers from Debian that begin in the clear and change to TLS when asked."""

import grp
import os
import pwd
import shutil
import subprocess
import sys
from pathlib import Path

from harness import ADDRESS
from real_servers import SYSTEM_PATH, Server, program

# The instance that is configured without TLS.
PLAIN = "plain"
KEEPER = Path(__file__).with_name("keeper.py")
AS_NOBODY = ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"]


def may_become_nobody():
    """False as root of a user namespace that has no other user."""
    return os.geteuid() != 0 or subprocess.run([*AS_NOBODY, "true"], env={"PATH": SYSTEM_PATH}, capture_output=True).returncode == 0


class StarttlsServer(Server):
    """Serves one right chain, one of nothing but the leaf, and nothing at all: the instance without TLS.

    Runs as `nobody` when root starts it, from a folder of its own, with nothing of the system's configuration.
    """

    protocol = ""
    started_as_root = False

    def __init__(self, chains, folder):
        super().__init__(chains, folder)
        # Chains and folders are opened for the server's user before it starts.
        for name in ("new-right", "leaf-only"):
            for file in ("fullchain.pem", "key.pem"):
                shutil.copyfile(chains.file(name, file), self.folder / f"{name}.{file}")

    def identifiers(self):
        return ["new-right", "leaf-only", PLAIN]

    def certificate(self, name):
        return self.folder / f"{name}.fullchain.pem"

    def key(self, name):
        return self.folder / f"{name}.key.pem"

    def write(self, name, text):
        (self.folder / name).write_text(text)
        return self.folder / name

    def room(self, name):
        (self.folder / name).mkdir(exist_ok=True)
        return self.folder / name

    def give_away(self):
        """The folder, to the user that the server will be."""
        if os.geteuid() == 0:
            user, group = pwd.getpwnam("nobody").pw_uid, grp.getgrnam("nogroup").gr_gid
            for parent, _, files in os.walk(self.folder):
                for path in (parent, *(os.path.join(parent, file) for file in files)):
                    os.chown(path, user, group)
        for path in self.folder.glob("*.key.pem"):
            path.chmod(0o600)

    def command(self, *command):
        prefix = AS_NOBODY if os.geteuid() == 0 and not self.started_as_root else []
        return [*prefix, *map(str, command)]

    def prepare(self, *command):
        """A command that ends by itself."""
        subprocess.run(
            self.command(*command), check=True, timeout=60, cwd=self.folder, stdin=subprocess.DEVNULL, capture_output=True,
            env={"PATH": SYSTEM_PATH, "LC_ALL": "C.UTF-8"},
        )  # fmt: skip

    def launch(self, *command):
        log = open(self.folder / f"log{len(self.processes)}", "wb")
        process = subprocess.Popen(
            [sys.executable, KEEPER, *self.command(*command)], stdin=subprocess.PIPE, stdout=log, stderr=log,
            cwd=self.folder, env={"PATH": SYSTEM_PATH, "LC_ALL": "C.UTF-8"}, start_new_session=True,
        )  # fmt: skip
        log.close()
        self.processes.append(process)
        return process

    def stop(self):
        for process in self.processes:
            process.stdin.close()
        for process in self.processes:
            process.wait(timeout=30)
        self.processes = []


class Postfix(StarttlsServer):
    """Its master has to be root; what talks to the network is the package's user."""

    protocol = "smtp"
    started_as_root = True

    def begin(self, ports):
        data = self.room("data")
        for name in ("queue", "queue/pid", "queue/private", "queue/public"):
            self.room(name)
        os.chown(data, pwd.getpwnam("postfix").pw_uid, -1)
        for name in ("private", "public"):
            os.chown(self.folder / "queue" / name, pwd.getpwnam("postfix").pw_uid, -1)
        for path in self.folder.glob("*.key.pem"):
            path.chmod(0o600)
        self.write(
            "main.cf",
            f"""
compatibility_level = 3.6
queue_directory = {self.folder}/queue
data_directory = {data}
maillog_file = /dev/stdout
myhostname = mail.practice.test
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
local_recipient_maps =
alias_maps =
smtpd_relay_restrictions = reject
smtpd_tls_loglevel = 1
""",
        )
        services = "".join(
            f"{ADDRESS}:{port} inet n - n - - smtpd"
            + (
                f" -o smtpd_tls_security_level=may -o smtpd_tls_cert_file={self.certificate(name)} -o smtpd_tls_key_file={self.key(name)}\n"
                if name != PLAIN
                else " -o smtpd_tls_security_level=none\n"
            )
            for name, port in ports.items()
        )
        self.write(
            "master.cf",
            f"""{services}tlsmgr unix - - n 1000? 1 tlsmgr
anvil unix - - n - 1 anvil
postlog unix-dgram n - n - 1 postlogd
""",
        )
        process = self.launch("/usr/lib/postfix/sbin/master", "-d", "-c", self.folder)
        return dict.fromkeys(ports, process)


class Dovecot(StarttlsServer):
    def begin(self, ports):
        started = {}
        for name, port in ports.items():
            place = self.room(name)
            secured = f'ssl = yes\nssl_cert = <{self.certificate(name)}\nssl_key = <{self.key(name)}' if name != PLAIN else "ssl = no"
            user = pwd.getpwnam("nobody") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())
            group = grp.getgrgid(user.pw_gid).gr_name
            file = self.write(
                f"{name}.conf",
                f"""
protocols = {self.protocol}
listen = {ADDRESS}
base_dir = {place}/run
state_dir = {place}/state
log_path = /dev/stderr
default_internal_user = {user.pw_name}
default_login_user = {user.pw_name}
default_internal_group = {group}
passdb {{
  driver = static
  args = nologin=yes
}}
{secured}
service {self.protocol}-login {{
  chroot =
  inet_listener {self.protocol} {{
    port = {port}
  }}
  inet_listener {self.protocol}s {{
    port = 0
  }}
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
""",
            )
            self.give_away()
            started[name] = self.launch(program("dovecot"), "-F", "-c", file)
        return started


class DovecotImap(Dovecot):
    protocol = "imap"


class DovecotPop3(Dovecot):
    protocol = "pop3"


class Vsftpd(StarttlsServer):
    protocol = "ftp"

    def begin(self, ports):
        started = {}
        for name, port in ports.items():
            secured = f"ssl_enable=YES\nrsa_cert_file={self.certificate(name)}\nrsa_private_key_file={self.key(name)}\n" if name != PLAIN else ""
            file = self.write(
                f"{name}.conf",
                f"""listen=YES
listen_address={ADDRESS}
listen_port={port}
background=NO
run_as_launching_user=YES
seccomp_sandbox=NO
anonymous_enable=YES
no_anon_password=YES
secure_chroot_dir={self.folder}
xferlog_enable=NO
{secured}""",
            )
            self.give_away()
            started[name] = self.launch(program("vsftpd"), file)
        return started


class Slapd(StarttlsServer):
    protocol = "ldap"

    def begin(self, ports):
        started = {}
        for name, port in ports.items():
            secured = f'TLSCertificateFile "{self.certificate(name)}"\nTLSCertificateKeyFile "{self.key(name)}"\n' if name != PLAIN else ""
            file = self.write(f"{name}.conf", f'pidfile "{self.folder}/{name}.pid"\n{secured}')
            self.give_away()
            # A debug level, even 0, keeps it in the foreground.
            started[name] = self.launch(program("slapd"), "-d", "0", "-f", file, "-h", f"ldap://{ADDRESS}:{port}")
        return started


class Postgres(StarttlsServer):
    protocol = "postgres"

    def begin(self, ports):
        (folder,) = sorted(Path("/usr/lib/postgresql").glob("*/bin"))[-1:]
        self.give_away()
        started = {}
        for name, port in ports.items():
            place = self.folder / name
            if not place.exists():
                self.prepare(folder / "initdb", "-D", place, "-U", "practice", "-A", "trust", "--no-sync", "--locale=C")
            secured = ["-c", "ssl=on", "-c", f"ssl_cert_file={self.certificate(name)}", "-c", f"ssl_key_file={self.key(name)}"]
            started[name] = self.launch(
                folder / "postgres", "-D", place, "-h", ADDRESS, "-p", port, "-c", "unix_socket_directories=",
                "-c", "fsync=off", "-c", "shared_buffers=16MB", *(secured if name != PLAIN else []),
            )  # fmt: skip
        return started


class Mariadb(StarttlsServer):
    protocol = "mysql"

    def begin(self, ports):
        started = {}
        for name, port in ports.items():
            place = self.room(name)
            self.give_away()
            secured = [f"--ssl-cert={self.certificate(name)}", f"--ssl-key={self.key(name)}"] if name != PLAIN else ["--skip-ssl"]
            # Nobody logs in: neither tables of users nor a storage engine for data are needed.
            started[name] = self.launch(
                program("mariadbd"), "--no-defaults", f"--datadir={place}", "--skip-grant-tables", "--innodb=OFF",
                "--default-storage-engine=MyISAM", f"--bind-address={ADDRESS}", f"--port={port}", "--skip-networking=0",
                f"--socket={place}/socket", f"--pid-file={place}/pid", *secured,
            )  # fmt: skip
        return started


class Prosody(StarttlsServer):
    protocol = "xmpp"

    def begin(self, ports):
        started = {}
        for name, port in ports.items():
            place = self.room(name)
            modules = '"saslauth"' + (', "tls"' if name != PLAIN else "")
            secured = f'ssl = {{ certificate = "{self.certificate(name)}"; key = "{self.key(name)}" }}\n' if name != PLAIN else ""
            file = self.write(
                f"{name}.cfg.lua",
                f"""
pidfile = "{place}/pid"
data_path = "{place}"
certificates = "{place}"
interfaces = {{ "{ADDRESS}" }}
c2s_ports = {{ {port} }}
modules_enabled = {{ {modules} }}
modules_disabled = {{ "s2s" }}
c2s_require_encryption = false
log = {{ info = "*console" }}
VirtualHost "{name}.practice.test"
{secured}""",
            )
            self.give_away()
            started[name] = self.launch(program("prosody"), "-F", "--config", file)
        return started


ALL = (Postfix, DovecotImap, DovecotPop3, Vsftpd, Slapd, Postgres, Mariadb, Prosody)
