#include "probes/practice/pki.h"

#include <boost/json.hpp>
#include <functional>
#include <map>
#include <stdexcept>
#include <utility>

#include "probes/practice/pki_issue.h"
#include "probes/practice/pki_table.h"
#include "src/base/digest.h"
#include "src/x509/certificate.h"

namespace chaintier {
namespace {

namespace issue = practice_issue;
using NameParts = std::vector<std::pair<std::string_view, std::string>>;

NameParts name_of(const PracticeCa& ca) {
  NameParts name{{"C", "TW"}, {"O", ca.in_catalogue ? "PRACTICE-CA" : "Foreign Practice CA Inc."}};
  if (!ca.unit.empty()) name.emplace_back("OU", ca.unit);
  name.emplace_back("CN", ca.name);
  return name;
}

const PracticeCa& spec_of(std::string_view slug) {
  for (const auto& ca : practice_cas())
    if (ca.slug == slug) return ca;
  throw std::logic_error("no practice CA is called " + std::string(slug));
}

std::string_view digest_name(PracticeDigest digest) {
  switch (digest) {
    case PracticeDigest::sha1:
      return "SHA1";
    case PracticeDigest::sha256:
      return "SHA256";
    case PracticeDigest::sha384:
      return "SHA384";
  }
  throw std::logic_error("a digest without a name");
}

std::string_view eku_text(PracticeEku eku) {
  switch (eku) {
    case PracticeEku::absent:
      return "";
    case PracticeEku::server:
      return "serverAuth";
    case PracticeEku::server_and_client:
      return "serverAuth,clientAuth";
  }
  throw std::logic_error("an extended key usage without a text");
}

std::string url(std::string_view base, std::string_view file) {
  return file.empty() ? std::string() : std::string(base) + std::string(file);
}

// RSA only where the shape needs it (SHA-1 with RSA at the oldest root): such a key takes 0.1 s and more to
// make.
PracticeKey key_kind(std::string_view key) {
  return key == "root-2008" ? PracticeKey::rsa_2048 : PracticeKey::ec_p256;
}

issue::Draft draft_of(const PracticeCa& ca, const EvpPkeyPtr& subject_key, const EvpPkeyPtr& issuer_key) {
  issue::Draft draft;
  draft.subject = name_of(ca);
  draft.issuer = name_of(spec_of(ca.issuer));
  if (!ca.serial.empty()) draft.serial = from_hex(ca.serial).value();
  draft.not_before = ca.not_before;
  draft.not_after = ca.not_after;
  draft.digest = digest_name(ca.digest);
  draft.ca = true;
  if (ca.path_length_zero) draft.path_length = 0;
  draft.key_usage = "critical,keyCertSign,cRLSign";
  draft.extended_key_usage = eku_text(ca.eku);
  draft.policies = ca.policies;
  draft.crl = url(practice_crls, ca.crl);
  draft.aia_issuer = url(practice_downloads, ca.aia);
  if (!ca.crl.empty()) draft.ocsp = practice_ocsp;
  if (ca.subject_key_id) draft.subject_key_id = issue::key_id(subject_key);
  if (ca.authority_key_id) draft.authority_key_id = issue::key_id(issuer_key);
  return draft;
}

issue::Draft draft_of(const PracticeLeaf& leaf, const EvpPkeyPtr& key) {
  if (leaf.dns_names.empty() && leaf.addresses.empty())
    throw std::logic_error("a practice leaf needs a name or an address");
  issue::Draft draft;
  draft.subject = {{"C", "TW"}, {"L", "Taipei"}, {"O", "Practice Site"}};
  const std::string name = leaf.dns_names.empty() ? leaf.addresses.front().text() : leaf.dns_names.front();
  if (name.size() <= 64) draft.subject.emplace_back("CN", name);  // ub-common-name, RFC 5280 A.1
  draft.not_before = leaf.not_before;
  draft.not_after = leaf.not_after;
  draft.key_usage = leaf.key == PracticeKey::rsa_2048 ? "critical,digitalSignature,keyEncipherment"
                                                      : "critical,digitalSignature";
  draft.extended_key_usage = leaf.client_auth ? "serverAuth,clientAuth" : "serverAuth";
  draft.dns_names = leaf.dns_names;
  draft.addresses = leaf.addresses;
  draft.subject_key_id = issue::key_id(key);
  return draft;
}

// Failures of libcrypto as values; whatever else is thrown is a bug and goes on.
template <class Make>
auto guarded(Make make) -> Result<decltype(make())> {
  const ErrorQueueScope clean;
  try {
    return make();
  } catch (const issue::CryptoFailed& failed) {
    return Error{Stage::usage, Fault::internal, failed.what()};
  }
}

}  // namespace

struct PracticePki::State {
  std::map<std::string, EvpPkeyPtr, std::less<>> keys;     // by key name
  std::map<std::string, Bytes, std::less<>> certificates;  // DER by slug
  issue::SctLog log;
};

Result<PracticePki> PracticePki::create() {
  return guarded([] {
    auto state = std::make_shared<State>();
    state->log = issue::make_log();
    for (const auto& ca : practice_cas()) {
      auto& key = state->keys[std::string(ca.key)];
      if (!key) key = issue::make_key(key_kind(ca.key));
      const auto& issuer_key = state->keys.at(std::string(spec_of(ca.issuer).key));
      state->certificates[std::string(ca.slug)] =
          issue::sign(draft_of(ca, key, issuer_key), key, issuer_key, state->log);
    }
    return PracticePki(std::move(state));
  });
}

const Bytes& PracticePki::certificate(std::string_view slug) const {
  return state_->certificates.at(std::string(spec_of(slug).slug));
}

Result<PracticeIdentity> PracticePki::issue(const PracticeLeaf& leaf) const {
  const auto& ca = spec_of(leaf.issuer);
  return guarded([&] {
    const auto& issuer_key = state_->keys.at(std::string(ca.key));
    const auto key = issue::make_key(leaf.key);
    auto draft = draft_of(leaf, key);
    draft.issuer = name_of(ca);
    draft.authority_key_id = issue::key_id(issuer_key);
    draft.policies = ca.validation == "EV" ? "1.3.6.1.4.1.40869.1.1.22.3,2.23.140.1.1"
                     : ca.in_catalogue     ? "1.3.6.1.4.1.40869.1.1.21,2.23.140.1.2.2"
                                           : "2.23.140.1.2.2";
    draft.aia_issuer = url(practice_downloads, leaf_aia_of(ca.slug));
    draft.crl = url(practice_crls, std::string(ca.slug) + ".crl");
    draft.ocsp = practice_ocsp;
    draft.scts = leaf.scts;
    return PracticeIdentity{issue::sign(draft, key, issuer_key, state_->log), issue::private_key_pem(key)};
  });
}

Result<PracticeIdentity> PracticePki::issue_self_signed(const PracticeLeaf& leaf) const {
  return guarded([&] {
    const auto key = issue::make_key(leaf.key);
    auto draft = draft_of(leaf, key);
    draft.issuer = draft.subject;
    return PracticeIdentity{issue::sign(draft, key, key, state_->log), issue::private_key_pem(key)};
  });
}

std::vector<Catalogue::File> PracticePki::catalogue_files() const {
  constexpr std::string_view source = "made in memory by the practice PKI";
  std::vector<Catalogue::File> files;
  boost::json::array entries;
  for (const auto& ca : practice_cas()) {
    if (!ca.in_catalogue) continue;
    const auto& der = certificate(ca.slug);
    files.push_back({std::string(ca.slug) + ".pem", to_pem(der)});
    std::string name(ca.name);
    if (ca.role == CaRole::cross) name += " (cross certificate)";
    boost::json::value revoked = nullptr;
    if (!ca.revoked.empty()) revoked = ca.revoked;
    entries.push_back({{"slug", ca.slug},
                       {"role", id(ca.role)},
                       {"hierarchy", id(ca.hierarchy)},
                       {"validation", ca.validation},
                       {"generation", ca.generation},
                       {"name", name},
                       {"note", ca.note},
                       {"revoked", revoked},
                       {"for_tls", ca.for_tls},
                       {"sha256", CertFingerprint::of(der).hex()},
                       {"source", source},
                       {"source_date", "2026-11-22"}});
  }
  boost::json::array aia;
  for (const auto& download : practice_download_files())
    aia.push_back({{"url", url(practice_downloads, download.file)},
                   {"slug", download.slug},
                   {"source", source},
                   {"confirmed", download.confirmed}});
  const boost::json::object document{{"date", "2026-11-22"}, {"entries", entries}, {"aia", aia}};
  files.push_back({"catalogue.json", boost::json::serialize(document)});
  return files;
}

std::string PracticePki::machine_store() const {
  std::string pem;
  for (const auto slug : {"twca-root-ca-2008.self-signed", "twca-global-root-ca.self-signed",
                          "twca-cyber-root-ca.self-signed", "foreign-root"})
    pem += to_pem(certificate(slug));
  return pem;
}

}  // namespace chaintier
