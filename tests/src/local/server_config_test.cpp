#include "src/local/server_config.h"

#include <map>

#include <doctest/doctest.h>

#include "tests/support/fake_files.h"

using namespace chaintier;

TEST_CASE("nginx: server blocks, includes, inheritance, pairs") {
  FakeFiles files;
  files.files["/etc/sites/a.conf"] =
      "server {\n  listen 443 ssl http2;\n  server_name a.test \"b.test\";\n"
      "  ssl_certificate a.crt; # first\n  ssl_certificate_key a.key;\n"
      "  ssl_certificate a-ec.crt; ssl_certificate_key a-ec.key;\n"
      "  location / { if ($x = \"}\") { return 301 https://${host}/; } }\n}\n";
  const auto found = sites("nginx",
                           "events {}\nhttp {\n  include sites/*.conf;\n"
                           "  server { listen 443 ssl; server_name c.test; }\n"
                           "  server { listen 80; server_name plain.test; }\n"
                           "  ssl_certificate /c/c.crt;\n  ssl_certificate_key /c/c.key;\n}\n",
                           files);
  REQUIRE(found.size() == 3);
  CHECK(found[0].names == Names{"a.test", "b.test"});
  CHECK(found[0].certificate_file == "/etc/a.crt");
  CHECK(found[0].key_file == "/etc/a.key");
  CHECK(found[0].file == "/etc/sites/a.conf");
  CHECK(found[0].line == 1);
  CHECK(found[1].certificate_file == "/etc/a-ec.crt");
  CHECK(found[1].key_file == "/etc/a-ec.key");
  CHECK(found[2].names == Names{"c.test"});
  CHECK(found[2].certificate_file == "/c/c.crt");
  CHECK(found[2].line == 4);
}

TEST_CASE("nginx: what includes itself ends, and what is broken is read as far as it goes") {
  FakeFiles files;
  CHECK(sites("nginx", "include main; include main;", files).empty());
  CHECK(sites("nginx", "http { server { listen 443 ssl; ssl_certificate /x; ", files).size() == 1);
  CHECK(sites("nginx", "} } ; ; { \" '", files).empty());
  CHECK(read_server("nginx", "/none", files).reason);
}

TEST_CASE("Apache: virtual hosts, includes, definitions, conditions") {
  FakeFiles files;
  files.folders["/etc/on"] = {"a.conf"};
  files.files["/etc/on/a.conf"] =
      "<IfModule mod_ssl.c>\n<VirtualHost *:443>\n ServerName https://a.test:443\n ServerAlias b.test "
      "c.test\n"
      " SSLEngine On\n SSLCertificateFile ${C}/a.crt\n SSLCertificateKeyFile \\\n   \"${C}/a.key\"\n"
      " SSLCertificateChainFile chain.pem\n</VirtualHost>\n</IfModule>\n"
      "<IfDefine NOT_HERE>\n<VirtualHost *:443>\nSSLEngine on\nSSLCertificateFile "
      "/no\n</VirtualHost>\n</IfDefine>\n"
      "<VirtualHost *:80>\nServerName plain.test\n</VirtualHost>\n";
  const auto found = sites("apache", "Define C /certs\nInclude on\n# SSLEngine on\n", files);
  REQUIRE(found.size() == 2);
  CHECK(found[0].names == Names{"a.test", "b.test", "c.test"});
  CHECK(found[0].listen == Names{"*:443"});
  CHECK(found[0].certificate_file == "/certs/a.crt");
  CHECK(found[0].key_file == "/certs/a.key");
  CHECK(found[0].chain_file == "/etc/chain.pem");
  CHECK(found[0].line == 2);
  // What is defined on the command line is not known.
  CHECK(found[1].reason == Reason{"condition", {{"condition", std::string("IfDefine NOT_HERE")}}});
}

TEST_CASE("haproxy: bind lines, folders, lists") {
  FakeFiles files;
  files.folders["/certs/all"] = {".hidden", "a.pem", "b.pem", "b.pem.key", "b.pem.ocsp"};
  for (const char* name : {"/certs/all/a.pem", "/certs/all/b.pem", "/certs/all/b.pem.key"})
    files.files[name] = "";
  files.files["/list"] = "/certs/x.pem [alpn h2] x.test !no.test\n\n# comment\ny.pem\n";
  files.files["/certs/two.pem.rsa"] = "";
  const auto found =
      sites("haproxy",
            "global\n crt-base /certs\nfrontend f\n bind :443 ssl crt all crt two.pem\n"
            " bind :444 ssl crt-list /list\nbackend b\n server s 10.0.0.1:443 ssl crt /client.pem\n",
            files);
  REQUIRE(found.size() == 5);
  CHECK(found[0].certificate_file == "/certs/all/a.pem");
  CHECK(found[0].key_file.empty());
  CHECK(found[1].key_file == "/certs/all/b.pem.key");
  CHECK(found[2].certificate_file == "/certs/two.pem.rsa");
  CHECK(found[3].certificate_file == "/certs/x.pem");
  CHECK(found[3].names == Names{"x.test"});
  CHECK(found[4].certificate_file == "/certs/y.pem");
  CHECK(found[4].line == 4);
}

TEST_CASE("Tomcat: new and old connectors, and no tricks of XML") {
  FakeFiles files;
  files.files["/opt/t/conf/server.xml"] =
      "<Server><Service>\n<Connector port=\"8443\" SSLEnabled=\"true\">\n<SSLHostConfig "
      "hostName=\"a.test\">\n"
      "<Certificate certificateFile=\"conf/a.crt\" certificateKeyFile=\"${catalina.base}/conf/a.key\" "
      "certificateChainFile=\"conf/c.crt\"/>\n</SSLHostConfig></Connector>\n"
      "<Connector port=\"9443\" SSLEnabled=\"true\" keystoreFile=\"/ks.jks\" keystorePass=\"pw\" "
      "keyAlias=\"tc\"/>\n"
      "<Connector port=\"8080\"/></Service></Server>";
  ServerConfig config = read_server("tomcat", "/opt/t/conf/server.xml", files);
  CHECK(!config.reason);
  REQUIRE(config.sites.size() == 2);
  CHECK(config.sites[0].certificate_file == "/opt/t/conf/a.crt");
  CHECK(config.sites[0].key_file == "/opt/t/conf/a.key");
  CHECK(config.sites[0].chain_file == "/opt/t/conf/c.crt");
  CHECK(config.sites[0].names == Names{"a.test"});
  CHECK(config.sites[0].listen == Names{"8443"});
  CHECK(config.sites[1].certificate_file == "/ks.jks");
  CHECK(config.sites[1].alias == "tc");
  REQUIRE(config.passwords.size() == 2);
  CHECK(config.passwords[1].text() == "pw");

  files.files["/opt/t/conf/catalina.properties"] = "# of ours\nstore=/v/${x}.p12\nsecret = p=w\n";
  files.files["/opt/t/word"] = "from file\nand not this\n";
  files.files["/opt/t/conf/server.xml"] =
      "<Server><Connector port=\"1\" SSLEnabled=\"TRUE\"><SSLHostConfig>"
      "<Certificate certificateKeystoreFile=\"${store}\" certificateKeystorePassword=\"a${secret}b\" "
      "certificateKeyPasswordFile=\"word\"/></SSLHostConfig></Connector>"
      "<Connector port=\"2\"><SSLHostConfig><Certificate certificateFile=\"x\"/></SSLHostConfig></Connector>"
      "<Connector port=\"3\" SSLEnabled=\"true\"><SSLHostConfig><Certificate/></SSLHostConfig></Connector>"
      "</Server>";
  config = read_server("tomcat", "/opt/t/conf/server.xml", files);
  REQUIRE(config.sites.size() == 3);
  CHECK(config.sites[0].certificate_file == "/v/${x}.p12");  // "${x}" nobody knows
  CHECK(config.sites[1].reason->id == "tls_off");
  CHECK(config.sites[2].reason->id == "default_keystore");
  REQUIRE(config.passwords.size() == 3);
  CHECK(config.passwords[1].text() == "ap=wb");
  CHECK(config.passwords[2].text() == "from file");

  files.files["/e"] = "<!DOCTYPE a [<!ENTITY b \"x\">]><Server>&b;</Server>";
  CHECK(read_server("tomcat", "/e", files).reason->id == "xml_entity");
  std::string deep;
  for (int i = 0; i < 100'000; ++i) deep += "<a>";
  files.files["/d"] = deep;
  CHECK(read_server("tomcat", "/d", files).reason);
  files.files["/x"] = "<Server><Connector";
  CHECK(read_server("tomcat", "/x", files).reason->facts.at("line") == Fact{std::int64_t{1}});
}

TEST_CASE("lighttpd: sockets and hosts") {
  const auto found =
      sites("lighttpd",
            "$SERVER[\"socket\"] == \":443\" {\n ssl.engine = \"enable\"\n ssl.pemfile = \"/a\" + \".pem\"\n"
            " ssl.ca-file = \"ca.pem\"\n $HTTP[\"host\"] == \"b.test\" {\n  ssl.pemfile = \"/b.pem\"\n"
            "  ssl.privkey = \"/b.key\"\n }\n}\n");
  REQUIRE(found.size() == 2);
  CHECK(found[1].certificate_file == "/b.pem");
  CHECK(found[1].key_file == "/b.key");
  CHECK(found[1].names == Names{"b.test"});
  CHECK(found[0].certificate_file == "/a.pem");
  CHECK(found[0].completed_from == Names{"/etc/ca.pem"});
  CHECK(found[0].listen == Names{":443"});
}

TEST_CASE("stunnel, postfix, dovecot") {
  const auto stunnel =
      sites("stunnel",
            "cert = /g.pem\n[in]\naccept = 993\nconnect = 143\n[out]\nclient = yes\naccept = 1\n"
            "[own]\ncert=o.pem\nkey=o.key\nsni = in:o.test\n");
  REQUIRE(stunnel.size() == 2);
  CHECK(stunnel[0].certificate_file == "/g.pem");
  CHECK(stunnel[0].listen == Names{"993"});
  CHECK(stunnel[1].certificate_file == "/etc/o.pem");
  CHECK(stunnel[1].key_file == "/etc/o.key");
  CHECK(stunnel[1].names == Names{"o.test"});

  const auto postfix =
      sites("postfix",
            "# c\nmydomain = a.test\nmyhostname = mail.$mydomain\nd = ${e}\ne = $d\n"
            "smtpd_tls_cert_file = /c/\n  x.pem\nsmtpd_tls_key_file = $smtpd_tls_cert_file\n");
  REQUIRE(postfix.size() == 1);
  CHECK(postfix[0].names == Names{"mail.a.test"});
  CHECK(postfix[0].certificate_file == "/c/ x.pem");
  CHECK(postfix[0].key_file == postfix[0].certificate_file);
  const auto chain = sites("postfix", "smtpd_tls_chain_files = /k.pem, /c.pem\nsmtpd_tls_cert_file = /old\n");
  REQUIRE(chain.size() == 1);
  CHECK(chain[0].certificate_file == "/c.pem");
  CHECK(chain[0].key_file == "/k.pem");
  CHECK(sites("postfix", "smtpd_tls_cert_file = none\na = $a\nsmtpd_tls_eccert_file = $a\n").size() <= 1);

  const auto dovecot =
      sites("dovecot",
            "ssl_cert = </d.pem\nssl_key = </d.key\nlocal_name m.test {\n ssl_cert = <m.pem\n}\n"
            "service imap {\n}\n!include_try none/*.conf\n");
  REQUIRE(dovecot.size() == 2);
  CHECK(dovecot[0].names == Names{"m.test"});
  CHECK(dovecot[0].certificate_file == "/etc/m.pem");
  CHECK(dovecot[0].key_file == "/d.key");
  CHECK(dovecot[1].certificate_file == "/d.pem");
}

TEST_CASE("dovecot: each certificate is placed in the file that names it") {
  FakeFiles files;
  files.files["/etc/conf.d/m.conf"] = "local_name m.test {\n ssl_cert = </m.pem\n}\n";
  const auto found = sites("dovecot", "ssl_cert = </d.pem\n!include conf.d/*.conf\n!include \"\"\n", files);
  REQUIRE(found.size() == 2);
  CHECK(found[0].file == "/etc/conf.d/m.conf");
  CHECK(found[1].file == "/etc/main");
}

TEST_CASE("a file that is included and is not there is a site that could not be read") {
  for (const auto& [kind, text] : std::map<std::string, std::string>{{"nginx", "http { include none.conf; }"},
                                                                     {"apache", "Include none.conf\n"},
                                                                     {"lighttpd", "include \"none.conf\"\n"},
                                                                     {"dovecot", "!include none.conf\n"},
                                                                     {"stunnel", "include = none.conf\n"}}) {
    CAPTURE(kind);
    const auto found = sites(kind, text);
    REQUIRE(found.size() == 1);
    CHECK(found[0].line == 1);
    REQUIRE(found[0].reason);
    CHECK(*found[0].reason == Reason{"include_missing", {{"included", std::string("/etc/none.conf")}}});
  }
  CHECK(sites("nginx", "http { include none/*.conf; }").empty());
  CHECK(sites("apache", "IncludeOptional none.conf\n").empty());
  CHECK(sites("dovecot", "!include_try none.conf\n").empty());
}

TEST_CASE("Apache: macros, and conditions on files") {
  const std::string text =
      "<Macro Host $n $name>\n<VirtualHost *:443>\nServerName $name.test\nSSLEngine on\n"
      "SSLCertificateFile /c/$n$name.pem\n</VirtualHost>\n</Macro>\n<Macro Loop>\nUse Loop\nUse "
      "Loop\n</Macro>\n"
      "Use host 1 a\nUse Host 2\nUse Nobody x\nUse Loop\n"
      "<IfFile /etc/main>\n<VirtualHost *:1>\nSSLEngine on\nSSLCertificateFile "
      "/there\n</VirtualHost>\n</IfFile>\n"
      "<IfFile /none>\n<VirtualHost *:1>\nSSLEngine on\nSSLCertificateFile /not\n</VirtualHost>\n</IfFile>\n";
  std::vector<std::string> certificates, macros;
  for (const ServerSite& site : sites("apache", text)) {
    if (site.reason)
      macros.push_back(std::get<std::string>(site.reason->facts.at("name")));
    else
      certificates.push_back(site.certificate_file);
  }
  CHECK(certificates == Names{"/c/1a.pem", "/there"});
  CHECK(macros.size() > 2);
  CHECK(macros[0] == "Host");  // too few arguments
  CHECK(macros[1] == "Nobody");
  CHECK(macros[2] == "Loop");
  CHECK(macros.size() < 1000);
}

TEST_CASE("haproxy: crt-store of 3.0") {
  const auto found = sites("haproxy",
                           "crt-store\n load crt \"/a.pem\" key \"/a.key\" alias \"one\"\ncrt-store web\n "
                           "crt-base /w/\n key-base /k/\n"
                           " load crt \"b.pem\" key \"b.key\"\nfrontend f\n bind :1 ssl crt \"@/one\" crt "
                           "\"@web/b.pem\" crt @web/none\n");
  REQUIRE(found.size() == 3);
  CHECK(found[0].certificate_file == "/a.pem");
  CHECK(found[0].key_file == "/a.key");
  CHECK(found[1].certificate_file == "/w/b.pem");
  CHECK(found[1].key_file == "/k/b.key");
  CHECK(found[2].reason->id == "include_missing");
}

TEST_CASE("postfix: services of master.cf, and values that would take forever") {
  FakeFiles files;
  files.files["/etc/master.cf"] =
      "smtp inet n - y - - smtpd\n465 inet n - y - - smtpd\n -o { smtpd_tls_chain_files = /k /c }\n"
      "26 inet n - y - - smtpd -o smtpd_tls_security_level=none\n";
  files.files["/k"] = "-----BEGIN PRIVATE KEY-----\n";
  files.files["/c"] = "-----BEGIN CERTIFICATE-----\n";
  const auto found = sites("postfix", "smtpd_tls_security_level = may\nsmtpd_tls_cert_file = /m\n", files);
  REQUIRE(found.size() == 2);
  CHECK(found[0].listen == Names{"465"});
  CHECK(found[0].file == "/etc/master.cf");
  CHECK(found[0].certificate_file == "/c");
  CHECK(found[0].key_file == "/k");
  CHECK(found[1].listen == Names{"smtp"});
  CHECK(found[1].line == 2);
  // TLS is nowhere switched on.
  CHECK(sites("postfix", "smtpd_tls_cert_file = /m\n")[0].reason->id == "tls_off");

  std::string many = "smtpd_tls_security_level = may\nsmtpd_tls_cert_file = $a0\n";
  for (int i = 0; i < 9; ++i) {
    many += "a" + std::to_string(i) + " = ";
    for (int k = 0; k < 200; ++k) many += "$a" + std::to_string(i + 1);
    many += "\n";
  }
  CHECK(sites("postfix", many + "a9 =\n").size() == 1);
}

TEST_CASE("every kind that is offered can be read, and says when there is nothing") {
  FakeFiles files;
  CHECK(server_kinds().size() == 8);
  for (const std::string& kind : server_kinds()) {
    CAPTURE(kind);
    CHECK(!usual_places(kind).empty());
    CHECK(read_server(kind, "/none", files).reason);
  }
}
