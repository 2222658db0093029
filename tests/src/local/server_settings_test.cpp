// Settings that decide whether a certificate is used at all, and where its file is: each was compared with
// the server itself.
#include <doctest/doctest.h>

#include "src/local/server_config.h"
#include "tests/support/fake_files.h"

using namespace chaintier;

namespace {

std::string reason(const ServerSite& site) { return site.reason ? site.reason->id : ""; }

}  // namespace

TEST_CASE("nginx: a socket speaks TLS for all blocks that use it, or for none") {
  const auto found = sites("nginx",
                           "http { ssl_certificate /h.crt; ssl_certificate_key /h.key;\n"
                           "server { listen 443 ssl; server_name a.test; }\n"
                           "server { listen *:443; server_name ~^b\\.test$; }\n"
                           "server { listen 80; ssl_certificate /x; }\n"
                           "server { listen 80; server_name plain.test; }\n"
                           "server { listen 444 ssl; ssl_reject_handshake on; }\n"
                           "content_by_lua_block { -- don't } \n local a = \"}\" }\n"
                           "server { listen 80; ssl on; }\n}\n"
                           "mail { server { listen 143; starttls on; } }\n");
  REQUIRE(found.size() == 5);
  CHECK(found[0].listen == Names{"443"});
  CHECK(found[1].names == Names{"~^b\\.test$"});
  CHECK(found[1].certificate_file == "/h.crt");
  CHECK(found[1].key_file == "/h.key");
  CHECK(reason(found[2]) == "tls_off");
  CHECK(found[3].listen == Names{"80"});
  CHECK(found[3].certificate_file == "/h.crt");
  CHECK(reason(found[4]) == "no_certificate_set");
  const auto everywhere = sites("nginx", "http { ssl on; ssl_certificate /a; server { listen 1; } }");
  REQUIRE(everywhere.size() == 1);
  CHECK(reason(everywhere[0]).empty());
}

TEST_CASE("nginx: a block without a certificate serves that of its socket's default") {
  const auto found =
      sites("nginx",
            "http {\nserver { listen 443 ssl; ssl_certificate /first; ssl_certificate_key /k1; }\n"
            "server { listen 443 ssl default_server; ssl_certificate /a; ssl_certificate_key /k2; }\n"
            "server { listen *:443; server_name b.test; }\n"
            "server { listen 8443 ssl; ssl_certificate /c; ssl_certificate_key /k3; }\n"
            "server { listen 8443; server_name d.test; }\n"
            "server { listen 9443 ssl; server_name none.test; }\n}\n");
  REQUIRE(found.size() == 6);
  CHECK(found[2].names == Names{"b.test"});
  CHECK(found[2].certificate_file == "/a");
  CHECK(found[2].key_file == "/k2");
  CHECK(reason(found[2]).empty());
  CHECK(found[4].certificate_file == "/c");
  CHECK(reason(found[5]) == "no_certificate_set");
}

TEST_CASE("secrets that stand in place of a file are not in what is read") {
  const std::string key = "-----BEGIN PRIVATE KEY-----MIGHAgEAMBMG";
  const auto data =
      sites("nginx", "http { server { listen 1 ssl; ssl_certificate /a; ssl_certificate_key \"data:" + key +
                         "\"; } }");
  REQUIRE(data.size() == 1);
  CHECK(data[0].key_file == "data:\u2026");
  const auto engine =
      sites("nginx",
            "http { server { listen 1 ssl; ssl_certificate /a;\n"
            "ssl_certificate_key \"engine:pkcs11:pkcs11:token=t;object=k?pin-value=1234\"; } }");
  REQUIRE(engine.size() == 1);
  CHECK(engine[0].key_file == "engine:pkcs11:pkcs11:token=t;object=k\u2026");
  const auto apache = sites("apache",
                            "<VirtualHost *:443>\nSSLEngine on\nSSLCertificateFile pkcs11:object=c\n"
                            "SSLCertificateKeyFile pkcs11:object=k;pin-value=1234\n</VirtualHost>\n");
  REQUIRE(apache.size() == 1);
  CHECK(apache[0].certificate_file.ends_with("pkcs11:object=c"));
  CHECK(apache[0].key_file.find("1234") == std::string::npos);
  const auto dovecot = sites("dovecot", "ssl = yes\nssl_cert = </a\nssl_key = " + key + "\n");
  REQUIRE_FALSE(dovecot.empty());
  for (const ServerSite& site : dovecot) CHECK(site.key_file.find("MIGH") == std::string::npos);
}

TEST_CASE("Apache: settings of TLS under a condition within a host") {
  const auto host = [](const std::string& inside) {
    return sites("apache", "<VirtualHost *:443>\nServerName a.test\n" + inside + "</VirtualHost>\n");
  };
  const std::string begin = "<IfDefine SSL>\n", end = "</IfDefine>\n", engine = "SSLEngine on\n",
                    file = "SSLCertificateFile /a\n";
  for (const auto& found : {host(engine + begin + file + end), host(begin + engine + file + end)}) {
    REQUIRE(found.size() == 1);
    CHECK(found[0].reason == Reason{"condition", {{"condition", std::string("IfDefine SSL")}}});
  }
  CHECK(host(begin + "DocumentRoot /srv\n" + end).empty());
  const auto managed = sites("apache", "MDomain a.test\n<VirtualHost *:443>\nSSLEngine on\n</VirtualHost>\n");
  REQUIRE(managed.size() == 1);
  CHECK(reason(managed[0]) == "managed");
}

TEST_CASE("Postfix: TLS that is meant to have no certificate") {
  CHECK(sites("postfix", "smtpd_tls_security_level = may\nsmtpd_tls_cert_file = none\n").empty());
  const auto missing = sites("postfix", "smtpd_tls_security_level = may\n");
  REQUIRE(missing.size() == 1);
  CHECK(reason(missing[0]) == "no_certificate_set");
}

TEST_CASE("Apache: without SSLEngine, what Listen says of the same address counts") {
  const auto host = [](const std::string& listen, const std::string& address) {
    return listen + "\n<VirtualHost " + address + ">\nSSLCertificateFile /a\n</VirtualHost>\n";
  };
  const auto off = [&](const std::string& listen, const std::string& address) {
    const auto found = sites("apache", host(listen, address));
    REQUIRE(found.size() == 1);
    return reason(found[0]);
  };
  CHECK(off("Listen 443", "*:443").empty());
  CHECK(off("Listen [::]:443", "_default_:443").empty());
  CHECK(off("Listen 10.0.0.1:8443 https", "10.0.0.1:8443").empty());
  CHECK(off("", "*:8443").empty());  // a part of a configuration
  CHECK(off("Listen 8443", "*:8443") == "tls_off");
  CHECK(off("Listen 10.0.0.1:443", "*:443") == "tls_off");
  CHECK(off("Listen 443\nSSLEngine off", "*:443") == "tls_off");
  CHECK(reason(sites("apache", "<VirtualHost *:1>\nSSLEngine on\n</VirtualHost>\n").at(0)) ==
        "no_certificate_set");
}

TEST_CASE("Apache: what a host takes over, folders in folders, versions, paths of Windows") {
  FakeFiles files;
  files.folders["/etc/on"] = {"deep"};
  files.folders["/etc/on/deep"] = {"a.conf"};
  files.files["/etc/on/deep/a.conf"] =
      "<VirtualHost *:1>\nServerName first\nServerName last\nSSLEngine on\nSSLCertificateFile "
      "/own\n</VirtualHost>\n";
  const auto found =
      sites("apache",
            "SSLCertificateFile /m\nSSLCertificateKeyFile /m.key\nInclude on\n<IfVersion < 2.4>\n"
            "<VirtualHost *:1>\nSSLEngine on\n</VirtualHost>\n</IfVersion>\n<IfVersion >= 2.4>\n"
            "<VirtualHost *:2>\nSSLEngine on\nSSLCertificateFile \"C:\\x\\a "
            "\\\"b\\\".crt\"\n</VirtualHost>\n</IfVersion>\n",
            files);
  REQUIRE(found.size() == 2);
  CHECK(found[0].names == Names{"last"});
  CHECK(found[0].certificate_file == "/own");
  CHECK(found[0].key_file == "/m.key");
  CHECK(found[1].certificate_file == "C:\\x\\a \"b\".crt");
}

TEST_CASE("lighttpd: what is set later holds too, and one condition written twice is one") {
  FakeFiles files;
  files.files["/etc/more.conf"] = "$SERVER[\"socket\"] == \":444\" { ssl.privkey = \"/c.key\" }\n";
  const auto found =
      sites("lighttpd",
            "$SERVER[\"socket\"] == \":443\" { ssl.engine = \"enable\" }\n"
            "$SERVER[\"socket\"] == \":444\" { ssl.engine = \"enable\"\nssl.pemfile = \"/c\" }\n"
            "include_shell \"cat /etc/more.conf\"\ninclude_shell \"/opt/make-sites\"\n"
            "$HTTP[\"host\"] =~ \"^b\" { ssl.privkey = \"/b.key\"\nssl.pemfile = \"/b\" }\n"
            "ssl.privkey = \"/g.key\"\nssl.pemfile = \"/g\"\n",
            files);
  REQUIRE(found.size() == 4);
  CHECK(reason(found[0]) == "include_command");
  CHECK(found[1].certificate_file == "/g");
  CHECK(found[1].key_file == "/g.key");
  CHECK(found[2].certificate_file == "/c");
  CHECK(found[2].key_file == "/c.key");
  CHECK(found[3].key_file == "/b.key");
  CHECK(found[3].listen == Names{":443", ":444"});
  CHECK(reason(sites("lighttpd", "ssl.pemfile = \"/a\"").at(0)) == "tls_off");
  CHECK(reason(sites("lighttpd", "ssl.engine = \"enable\"").at(0)) == "no_certificate_set");
}

TEST_CASE("HAProxy: keys beside a certificate, TLS not switched on, conditions") {
  FakeFiles files;
  files.files["/c/both.pem"] = "-----BEGIN PRIVATE KEY-----\n-----BEGIN CERTIFICATE-----\n";
  for (const char* name : {"/c/both.pem.key", "/c/a.crt", "/c/a.key", "/c/a.crt.key"}) files.files[name] = "";
  const auto found = sites("haproxy",
                           "global\n ssl-load-extra-del-ext\n default-path origin /c\nfrontend f\n"
                           " bind :1 ssl crt both.pem crt a.crt\n bind :2 crt a.crt\n bind :3 ssl\n"
                           ".if defined(X)\n bind :4 ssl crt a.crt\n.endif\n bind :5 ssl crt a.crt\n",
                           files);
  REQUIRE(found.size() == 6);
  CHECK(found[0].certificate_file == "/c/both.pem");
  CHECK(found[0].key_file.empty());
  CHECK(found[1].key_file == "/c/a.key");
  CHECK(reason(found[2]) == "tls_off");
  CHECK(reason(found[3]) == "no_certificate_set");
  CHECK(reason(found[4]) == "condition");
  CHECK(reason(found[5]).empty());
}

TEST_CASE("dovecot: comments end a line wherever they stand, and what is no file is said") {
  const auto found =
      sites("dovecot",
            "ssl_cert = </d.pem # new\nssl_key = </d.key#x\nlocal_name m.test { # mail\n"
            "  ssl_cert = <\"/m#1.pem\"\n} # end\nlocal_name n.test {\n ssl_cert = /n.pem\n}\n");
  REQUIRE(found.size() == 3);
  CHECK(found[0].names == Names{"m.test"});
  CHECK(found[0].key_file == "/d.key");
  CHECK(reason(found[1]) == "dovecot_no_file");
  CHECK(found[2].certificate_file == "/d.pem");
  CHECK(found[2].names.empty());
  CHECK(reason(sites("dovecot", "ssl = no\nssl_cert = </a\n").at(0)) == "tls_off");
}

TEST_CASE("postfix: relative paths, postscreen, and a level that overrules") {
  FakeFiles files;
  files.files["/etc/master.cf"] =
      "smtp inet n - y - 1 postscreen\nsmtpd pass - - y - - smtpd\n"
      "26 inet n - y - - smtpd -o smtpd_tls_security_level=none -o smtpd_use_tls=yes\n"
      "27 inet n - y - - smtpd -o {smtpd_tls_cert_file=/x} -o { smtpd_tls_key_file = /y }\n"
      "28 inet n - y - - smtpd -o smtpd_tls_cert_file=\n";
  const auto found =
      sites("postfix", "smtpd_tls_security_level = may\nsmtpd_tls_cert_file = a.pem\nqueue_directory = /q\n",
            files);
  REQUIRE(found.size() == 3);
  CHECK(found[0].certificate_file == "/x");
  CHECK(found[0].key_file == "/y");
  CHECK(reason(found[1]) == "no_certificate_set");
  CHECK(found[2].listen == Names{"smtp"});
  CHECK(found[2].certificate_file == "/q/a.pem");
}

TEST_CASE("stunnel: a byte order mark, no section at all, a service without a certificate") {
  const auto marked = sites("stunnel", "\xEF\xBB\xBF[a]\r\naccept = 1\r\ncert = /a\r\n[b]\r\naccept = 2\r\n");
  REQUIRE(marked.size() == 2);
  CHECK(marked[0].listen == Names{"1"});
  CHECK(reason(marked[1]) == "no_certificate_set");
  const auto inetd = sites("stunnel", "cert = /a\nkey = /k\n");
  REQUIRE(inetd.size() == 1);
  CHECK(inetd[0].key_file == "/k");
}

TEST_CASE("Tomcat: where paths start, and connectors that name no certificate") {
  FakeFiles files;
  const std::string connector =
      "<Server><Connector SSLEnabled=\"true\"><SSLHostConfig><Certificate certificateFile=\"conf/a\" "
      "certificateKeyFile=\"${catalina.base}/conf/k\" "
      "certificateChainFile=\"${no:-file:/c}\"/></SSLHostConfig>"
      "<SSLHostConfig hostName=\"b.test\"><Certificate certificateKeystoreType=\"PKCS11\"/></SSLHostConfig>"
      "</Connector><Connector SSLEnabled=\"true\"><SSLHostConfig/></Connector><Connector "
      "SSLEnabled=\"true\"/></Server>";
  const auto at = [&](const std::string& path) {
    files.files[path] = connector;
    return read_server("tomcat", path, files).sites;
  };
  const auto found = at("/opt/t/conf/server.xml");
  REQUIRE(found.size() == 4);
  CHECK(found[0].certificate_file == "/opt/t/conf/a");
  CHECK(found[0].key_file == "/opt/t/conf/k");
  CHECK(found[0].chain_file == "/c");
  CHECK(reason(found[1]) == "not_a_file");
  CHECK(reason(found[2]) == "default_keystore");
  CHECK(reason(found[3]) == "default_keystore");
  // Debian's folder of configurations is the "conf" of another one.
  CHECK(at("/etc/tomcat10/server.xml")[0].certificate_file == "/etc/tomcat10/a");
  files.files["/var/lib/tomcat10/conf/server.xml"] = "";
  CHECK(at("/etc/tomcat10/server.xml")[0].key_file == "/etc/tomcat10/k");
  files.files["/var/lib/tomcat10/conf/a"] = "";
  CHECK(at("/etc/tomcat10/server.xml")[0].certificate_file == "/var/lib/tomcat10/conf/a");
  CHECK(at("conf/server.xml")[0].key_file == "conf/k");
  CHECK(at("server.xml")[0].key_file == "./k");
}

TEST_CASE("the folder of a main file stands for it") {
  FakeFiles files;
  files.folders["/etc/nginx"] = {"nginx.conf"};
  files.files["/etc/nginx/nginx.conf"] = "http { server { listen 443 ssl; ssl_certificate a; } }";
  CHECK(read_server("nginx", "/etc/nginx", files).sites.at(0).certificate_file == "/etc/nginx/a");
  CHECK(read_server("postfix", "/etc/nginx", files).reason->id == "config_folder");
}
