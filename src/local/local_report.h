// What the local side holds, as plain values: files and what is in them, server configurations, trust stores.
// No private key is ever in here: of a key only its public half is kept, as a fingerprint.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/digest.h"
#include "src/findings/finding.h"
#include "src/observe/observation.h"
#include "src/report/report.h"
#include "src/x509/certificate.h"

namespace chaintier {

// Why something could not be read, or what it is instead. `id` names the phrase "local.reason.<id>".
struct Reason {
  std::string id;
  std::map<std::string, Fact> facts;

  friend bool operator==(const Reason&, const Reason&) = default;
};

enum class FileKind { pem, der, pkcs7, pkcs12, jks, jceks, zip, other };
std::string_view id(FileKind kind);

enum class ItemKind { certificate, private_key, csr, crl };
std::string_view id(ItemKind kind);

// A certificate request (RFC 2986), as TWCA's page echoes it (manual 5.2.6).
struct CsrFacts {
  Name subject;
  PublicKey key;
  std::vector<std::string> dns_names;  // of a requested SAN
  std::string signature;               // name of the algorithm
  bool signature_good = false;         // its own, by the key it asks a certificate for
};

struct LocalItem {
  ItemKind kind = ItemKind::certificate;
  SentPtr sent;                        // of a certificate: its octets
  CertificatePtr certificate;          // null where it does not parse, and for every other kind
  std::optional<KeyFingerprint> spki;  // nothing for a key that could not be opened
  std::optional<std::string> alias;    // its name within a container, or within an archive
  std::string key;                     // "RSA 2048", "EC P-256"; empty when not known
  bool encrypted = false;
  bool checked = true;    // false: it could not be told what this is worth
  std::size_t entry = 0;  // items of one container entry have the same number; 0 for none
  std::optional<CsrFacts> csr;
  std::optional<Reason> problem;         // why it was not checked
  std::vector<CertFingerprint> matches;  // certificates that this key or request belongs to

  // Of a server certificate only. `key_state`: "found", "missing", "other" (the key at hand is another one)
  // or "unknown" (a key at hand could not be opened).
  std::string key_state;
  std::vector<std::string> key_files;  // where its key, or the one that is not it, lies
  struct Link {
    CertificatePtr certificate;
    std::string name;
    std::string file;  // empty: not among what was read
  };
  std::vector<Link> chain;  // from its issuer upwards, as far as it is known
};

// How a PKCS#12 file is locked, as far as its outside tells.
struct Pkcs12Locks {
  std::vector<std::string> algorithms;  // "pbeWithSHA1And40BitRC2-CBC", "PBES2 aes-256-cbc hmacWithSHA256"
  std::string mac;                      // digest of the MAC, "sha1"; empty without one
  bool old = false;                     // RC2, 3DES or a SHA-1 MAC
  bool modern = false;                  // PBES2 or a MAC other than SHA-1
};

struct LocalFile {
  std::string path;
  FileKind kind = FileKind::other;
  bool readable = false;
  std::optional<Reason> reason;
  bool named = false;        // on the command line, not found in a folder
  bool open_to_all = false;  // by its mode bits
  std::vector<LocalItem> items;
  std::optional<Pkcs12Locks> locks;  // of a PKCS#12 file
  std::vector<Finding> findings;
};

// One certificate that one server is configured to use.
struct ServerSite {
  std::string kind;  // "nginx"
  std::string file;  // where it is configured
  std::size_t line = 0;
  std::vector<std::string> names;                      // host names it answers to, as written
  std::vector<std::string> listen;                     // as written
  std::string certificate_file, key_file, chain_file;  // empty for none; a keystore is a certificate_file
  std::optional<std::string> alias;                    // entry of a keystore
  // CA certificates from which the server completes a chain that is the server certificate alone.
  std::vector<std::string> completed_from;

  std::optional<Reason> reason;     // what kept it from being judged
  std::optional<bool> key_matches;  // nothing: could not tell
  std::vector<std::string> covered, not_covered;
  std::optional<TargetReport> judged;  // what clients will make of it; its findings are in `findings` too
  std::vector<Finding> findings;
};

struct TrustStore {
  std::string kind;  // "system", "java", "windows"
  std::string path;
  bool readable = false;
  std::optional<Reason> reason;
  std::size_t certificates = 0;
  struct Known {
    std::string slug;
    bool enabled = true;  // false: there, but disabled for all purposes (Windows, manual 5.4.10)
  };
  std::vector<Known> known;  // CA certificates of the catalogue that it holds
  std::vector<Finding> findings;
};

// What was configured here against what the public address serves.
struct Comparison {
  std::string target;
  std::string result;  // "same", "reload", "device", "elsewhere", "differs", "nothing_local", "unjudged"
};

struct LocalReport {
  std::vector<LocalFile> files;
  std::vector<ServerSite> servers;
  std::vector<TrustStore> stores;
  std::vector<Comparison> comparisons;
  // A limit ended the walk through the folders; "local.limit.<id>".
  std::optional<Reason> limit;
};

}  // namespace chaintier
