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
#include "src/x509/signature.h"

namespace chaintier {

enum class CaRole { root, cross, intermediate };
std::string_view id(CaRole role);

// The product chain that an issuing CA belongs to (TWCA notice of 2025-07-01; catalogue.json of others).
// `old_hierarchy` ends at the older root; `new_hierarchy` at the newer one, or through the cross certificate
// at the older.
enum class Hierarchy { none, old_hierarchy, new_hierarchy };
std::string_view id(Hierarchy hierarchy);  // "none", "old", "new"

struct KnownCa {
  std::string slug;
  CertificatePtr certificate;
  CaRole role = CaRole::intermediate;
  Hierarchy hierarchy = Hierarchy::none;
  std::string validation;              // "OV", "EV" or empty
  std::string generation;              // "2023 G3"; empty for roots
  std::string name;                    // short, for people: "TWCA CYBER Root CA (cross certificate)"
  std::string note;                    // what it is used for, English
  std::optional<std::string> revoked;  // who says so, when the CA certificate is revoked
  bool for_tls = true;                 // false for hierarchies that no server certificate should come from
  std::string source, source_date;

  // With the generation, since several certificates of one CA name are told apart by nothing else.
  std::string full_name() const { return generation.empty() ? name : name + " (" + generation + ")"; }
};

// What fetching a caIssuers URL delivers, where that is known (RFC 5280 4.2.2.1).
struct AiaFact {
  std::string url;
  std::string of;    // slug of the CA certificate that carries the URL; empty for a URL of leaves
  std::string slug;  // of the catalogue entry delivered
  std::string source;
  bool confirmed = false;
};

class Catalogue {
 public:
  // The built-in TWCA catalogue. Its files are compiled in; it cannot fail.
  static Catalogue twca();
  // From files in memory: `catalogue.json` is the description, every other one holds PEM certificates.
  struct File {
    std::string name;  // "twca-cyber-root-ca.self-signed.pem": the slug is the name without its ending
    std::string content;
  };
  static Result<Catalogue> from_files(const std::vector<File>& files);
  // The same from a folder. Without catalogue.json: self-signed = root; name and key of a root under another
  // issuer = cross certificate; the rest = intermediates. A slug that the built-in catalogue has too takes
  // that entry's facts: the folder is then a copy of TWCA's structure, and the client data apply to it.
  static Result<Catalogue> from_directory(const std::filesystem::path& folder);

  const std::vector<KnownCa>& all() const { return entries_; }
  const KnownCa* find(const CertFingerprint& fingerprint) const;
  const KnownCa* find(std::string_view slug) const;
  // Every entry with this name (RFC 5280 7.1); names do not identify a CA, so there may be several.
  std::vector<const KnownCa*> named(const Name& subject) const;
  // Every entry with this name and key: a root and its cross certificates.
  std::vector<const KnownCa*> twins_of(const Certificate& certificate) const;
  // The entry of that name whose key signed the certificate; roots before cross certificates.
  const KnownCa* issuer_of(const Certificate& certificate, SignatureChecker& signatures) const;

  // Whether the certificate says, by name and key identifier, that a CA of the catalogue issued it; the
  // signature may be another matter.
  bool names_issuer_of(const Certificate& certificate) const;

  // What a client gets that follows the caIssuers URLs of the certificate, as far as it is known: a URL that
  // is on record; else, for a CA of the catalogue, what is on record for that CA; else, for a leaf, the CA
  // that issued it, since that is what the URL is for (RFC 5280 4.2.2.1). Nothing without a URL.
  std::vector<const KnownCa*> aia_delivers(const Certificate& certificate,
                                           SignatureChecker& signatures) const;
  const std::string& date() const { return date_; }  // of the data, "2026-11-22"
  bool built_in() const { return built_in_; }
  // Whether TWCA's manual and the files that TWCA delivers fit: the built-in one, a folder with one of its
  // certificates, or a copy of its structure.
  bool of_twca() const { return of_twca_; }

 private:
  static Result<Catalogue> build(const std::vector<File>& files, const Catalogue* model);
  void add(KnownCa entry);

  std::vector<KnownCa> entries_;
  std::map<CertFingerprint, std::size_t> by_fingerprint_;
  std::multimap<std::uint64_t, std::size_t> by_subject_;  // Name::digest
  std::vector<AiaFact> aia_;
  std::string date_;
  bool built_in_ = false, of_twca_ = false;
};

}  // namespace chaintier
