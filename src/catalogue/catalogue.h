// The CA certificates that a chain is compared with: TWCA's, built in, or those of a folder (--catalogue).
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/digest.h"
#include "src/base/result.h"
#include "src/base/time.h"
#include "src/x509/certificate.h"

namespace chaintier {

enum class CaRole { root, cross, intermediate };
std::string_view id(CaRole role);

// The product chain that an issuing CA belongs to (TWCA notice of 2025-07-01; catalogue.json of others).
// `old_hierarchy` ends at the older root; `new_hierarchy` at the newer one, or through the cross certificate at the older.
enum class Hierarchy { none, old_hierarchy, new_hierarchy };
std::string_view id(Hierarchy hierarchy);  // "none", "old", "new"

struct KnownCa {
  std::string slug;
  CertificatePtr certificate;
  CaRole role = CaRole::intermediate;
  Hierarchy hierarchy = Hierarchy::none;
  std::string validation;   // "OV", "EV" or empty
  std::string generation;   // "2023 G3"; empty for roots
  std::string name;         // short, for people: "TWCA CYBER Root CA (cross certificate)"
  std::string note;         // what it is used for, English
  std::optional<std::string> revoked;  // who says so, when the CA certificate is revoked
  bool for_tls = true;      // false for hierarchies that no server certificate should come from
  std::string source, source_date;
};

// What fetching a caIssuers URL delivers, where that is known (RFC 5280 4.2.2.1).
struct AiaFact {
  std::string url;
  std::string slug;    // of the catalogue entry delivered
  std::string source;
  bool confirmed = false;
};

class Catalogue {
 public:
  // The built-in TWCA catalogue. Its files are compiled in; it cannot fail.
  static Catalogue twca();
  // The same from files in memory: `catalogue.json` is the description, every other one holds PEM certificates.
  struct File {
    std::string name;  // "twca-cyber-root-ca.self-signed.pem": the slug is the name without its ending
    std::string content;
  };
  static Result<Catalogue> from_files(const std::vector<File>& files);
  // PEM files of a folder, and its catalogue.json if there is one.
  static Result<Catalogue> from_directory(const std::filesystem::path& folder);

  const std::vector<KnownCa>& all() const { return entries_; }
  const KnownCa* find(const CertFingerprint& fingerprint) const;
  const KnownCa* find(std::string_view slug) const;
  // Every entry with this name (RFC 5280 7.1); names do not identify a CA, so there may be several.
  std::vector<const KnownCa*> named(const Name& subject) const;
  // Every entry with this name and key: a root and its cross certificates.
  std::vector<const KnownCa*> twins_of(const Certificate& certificate) const;
  // The entry whose key signed the certificate, by name and by key identifier where both have one.
  const KnownCa* issuer_of(const Certificate& certificate) const;

  const std::vector<AiaFact>& aia() const { return aia_; }
  const std::string& date() const { return date_; }  // of the data, "2026-11-22"
  bool built_in() const { return built_in_; }

 private:
  void add(KnownCa entry);

  std::vector<KnownCa> entries_;
  std::map<CertFingerprint, std::size_t> by_fingerprint_;
  std::multimap<std::string, std::size_t> by_subject_;  // canonical name
  std::vector<AiaFact> aia_;
  std::string date_;
  bool built_in_ = false;
};

}  // namespace chaintier
