#include "src/local/judge_servers.h"

#include <algorithm>
#include <array>

#include "src/base/text.h"
#include "src/local/judge_files.h"
#include "src/local/server_config.h"
#include "src/x509/host_match.h"
#include "src/x509/signature.h"

namespace chaintier {

namespace {

bool is_container(const LocalFile& file) {
  return file.kind == FileKind::pkcs12 || file.kind == FileKind::jks || file.kind == FileKind::jceks;
}

constexpr std::size_t longest_chain = 10;

// What stands for one name only: no patterns, and none of the words that servers use for "any".
bool is_plain_name(std::string_view name) {
  return name.find('.') != std::string_view::npos &&
         name.find_first_of("*~^$_\\/ ()") == std::string_view::npos && !name.starts_with('.');
}

// How a kind of server makes what it sends from its files; each was compared with the server itself.
struct Habits {
  std::string_view kind;
  bool chain_replaces = false;    // the chain file's certificates instead of those behind the first one
  bool completes_root = true;     // a chain that it completes by itself ends with the root
  bool pkcs12_leaf_only = false;  // what else a PKCS#12 file holds is not sent
};
constexpr std::array<Habits, 3> special_habits{
    {{"apache", true, true, false}, {"lighttpd", false, false, false}, {"stunnel", false, true, true}}};

Habits habits_of(std::string_view kind) {
  for (const Habits& one : special_habits)
    if (one.kind == kind) return one;
  return {};
}

bool covers(const Certificate& leaf, const std::string& name) {
  if (is_plain_name(name)) {
    const auto address = IpAddress::parse(name);
    return matches_host(leaf, address ? ReferenceName{{}, address} : ReferenceName{lower_ascii(name), {}});
  }
  // A wildcard of the configuration is covered by the same one of the certificate.
  const std::string wanted = lower_ascii(name.starts_with('.') ? "*" + name : name);
  return leaf.subject_alt_name &&
         std::ranges::any_of(leaf.subject_alt_name->dns,
                             [&](const std::string& dns) { return lower_ascii(dns) == wanted; });
}

// Regular expressions, variables and patterns other than "*.name" and ".name": which names they stand for is
// not known, so nothing is said of them.
bool is_definite(std::string_view name) {
  if (name.starts_with("*.")) name.remove_prefix(1);
  return !name.starts_with('_') && name.find_first_of("*~^$\\/ ()") == std::string_view::npos;
}

class Judge {
 public:
  Judge(ServerSite& site, const LoadFile& load, Diagnoser& diagnoser)
      : site_(site), load_(load), diagnoser_(diagnoser) {}

  void run() {
    for (const std::string* path : {&site_.certificate_file, &site_.key_file, &site_.chain_file})
      if (path->find('$') != std::string::npos) {
        site_.reason = Reason{"variable_path", {{"file", *path}}};
        return;
      }
    if (is_no_file(site_.certificate_file)) {
      site_.reason = Reason{"not_a_file", {{"file", site_.certificate_file}}};
      return;
    }
    const LocalFile file = load_(site_.certificate_file);
    if (!collect(file)) return;
    check_key(file);
    names();
    diagnose();
  }

 private:
  Finding about(Code code, Severity severity, const std::string& file) const {
    Finding finding = about_file(code, severity, file);
    if (leaf_) {
      finding.where.front().certificate = leaf_->fingerprint;
      finding.facts.emplace("subject", leaf_->subject.short_text());
    }
    return finding;
  }

  bool unreadable(const LocalFile& file) {
    if (!file.reason || file.reason->id != "cannot_open") return false;
    site_.reason = file.reason;
    return true;
  }

  // The certificates that the server will send, in its order.
  bool collect(const LocalFile& file) {
    if (unreadable(file)) return false;
    entry_ = entry_of(file);
    if (is_container(file) && site_.alias && !has_entry(file)) {
      site_.reason = Reason{"no_entry", {{"file", file.path}, {"alias", *site_.alias}}};
      return false;
    }
    for (const LocalItem& item : file.items) {
      if (item.kind != ItemKind::certificate) continue;
      // Entries of a Java keystore hold their whole chain; in PKCS#12 the others belong to no entry.
      if (is_container(file) && entry_ != 0 && item.entry != entry_ &&
          (file.kind != FileKind::pkcs12 || item.entry != 0))
        continue;
      const bool first = is_container(file) && entry_ != 0 && item.entry == entry_ && served_.empty();
      (first ? served_.insert(served_.begin(), item.sent) : served_.insert(served_.end(), item.sent));
    }
    if (served_.empty()) {
      const bool request =
          std::ranges::any_of(file.items, [](const LocalItem& item) { return item.kind == ItemKind::csr; });
      site_.reason = file.reason && !file.readable && !request
                         ? *file.reason
                         : Reason{request ? "is_csr_here" : "no_certificate_here", {{"file", file.path}}};
      return false;
    }
    if (const auto parsed = parse_certificate(served_.front()->der)) leaf_ = *parsed;
    const Habits habits = habits_of(site_.kind);
    if (habits.pkcs12_leaf_only && file.kind == FileKind::pkcs12) served_.resize(1);
    if (!site_.chain_file.empty()) {
      const LocalFile more = load_(site_.chain_file);
      if (unreadable(more)) return false;
      if (habits.chain_replaces) served_.resize(1);
      for (const LocalItem& item : more.items)
        if (item.kind == ItemKind::certificate) served_.push_back(item.sent);
    }
    if (served_.size() == 1 && leaf_) complete(habits.completes_root);
    return true;
  }

  // What OpenSSL does with the CA certificates at hand when nobody gave it a chain.
  void complete(bool with_root) {
    std::vector<LocalItem> known;
    for (const std::string& path : site_.completed_from)
      for (LocalItem& item : load_(path).items)
        if (item.certificate) known.push_back(std::move(item));
    SignatureChecker signatures;
    CertificatePtr at = leaf_;
    while (!at->self_issued() && served_.size() < longest_chain) {
      const auto issuer = std::ranges::find_if(known, [&](const LocalItem& item) {
        return item.certificate->subject.canonical == at->issuer.canonical &&
               signatures.check(*at, item.certificate->key) == SignatureState::good;
      });
      if (issuer == known.end() || (issuer->certificate->self_issued() && !with_root)) return;
      served_.push_back(issuer->sent);
      at = issuer->certificate;
    }
  }

  bool has_entry(const LocalFile& file) const {
    return std::ranges::any_of(file.items, [&](const LocalItem& item) {
      return item.alias && lower_ascii(*item.alias) == lower_ascii(*site_.alias);
    });
  }

  std::size_t entry_of(const LocalFile& file) const {
    if (!is_container(file)) return 0;
    for (const LocalItem& item : file.items)
      if (item.kind == ItemKind::private_key &&
          (!site_.alias || (item.alias && lower_ascii(*item.alias) == lower_ascii(*site_.alias))))
        return item.entry;
    return 0;
  }

  void check_key(const LocalFile& certificate_file) {
    if (is_no_file(site_.key_file)) {
      site_.reason = Reason{"not_a_file", {{"file", site_.key_file}}};
      return;
    }
    const bool separate = !site_.key_file.empty() && site_.key_file != site_.certificate_file;
    const LocalFile other = separate ? load_(site_.key_file) : LocalFile();
    if (separate && unreadable(other)) return;
    const LocalFile& file = separate ? other : certificate_file;
    std::size_t keys = 0, closed = 0;
    bool open_key = false;
    for (const LocalItem& item : file.items) {
      if (item.kind != ItemKind::private_key) continue;
      if (!separate && is_container(file) && entry_ != 0 && item.entry != entry_) continue;
      ++keys;
      open_key = open_key || !item.encrypted;
      if (!item.checked) ++closed;
      if (item.spki && leaf_ && *item.spki == leaf_->key.fingerprint) site_.key_matches = true;
    }
    if (file.open_to_all && open_key)
      site_.findings.push_back(about_file(Code::key_exposed, Severity::warning, file.path));
    if (site_.key_matches || !leaf_) return;
    if (keys == 0 && file.readable) {
      site_.key_matches = false;
      site_.findings.push_back(about(Code::key_missing, Severity::error, file.path));
    } else if (keys > 0 && closed == 0) {
      site_.key_matches = false;
      Finding finding = about(Code::key_mismatch, Severity::error, certificate_file.path);
      finding.facts.emplace("key_file", file.path);
      site_.findings.push_back(std::move(finding));
    } else if (closed > 0 || !file.readable) {
      // Could not tell, and why.
      for (const LocalItem& item : file.items)
        if (!item.checked && item.problem && !site_.reason) site_.reason = item.problem;
      if (!site_.reason) site_.reason = file.reason;
    }
  }

  void names() {
    if (!leaf_) return;
    for (const std::string& name : site_.names)
      if (is_definite(name)) (covers(*leaf_, name) ? site_.covered : site_.not_covered).push_back(name);
  }

  void diagnose() {
    Observation observation;
    observation.name_checked = false;
    // A name that is not covered is what a client of that name will complain about.
    for (const auto* list : {&site_.not_covered, &site_.covered})
      for (const std::string& name : *list) {
        if (observation.name_checked || !is_plain_name(name)) continue;
        auto target = parse_target(name);
        if (!target) continue;
        observation.target = std::move(*target);
        observation.name_checked = true;
      }
    observation.target.text = site_.certificate_file;
    if (observation.target.shown_host.empty()) observation.target.shown_host = site_.certificate_file;
    Sample sample;
    sample.at = diagnoser_.knowledge().at;
    sample.outcome = Outcome::partial;  // no server, so no proof of the key
    sample.served = served_;
    observation.endpoints.push_back(
        {std::nullopt, observation.target.port, EndpointRole::file, {std::move(sample)}});
    site_.judged = diagnoser_.diagnose(std::move(observation));
    for (const Finding& finding : site_.judged->findings) site_.findings.push_back(finding);
    std::ranges::stable_sort(site_.findings, [](const Finding& a, const Finding& b) {
      return std::pair(-static_cast<int>(a.severity), rank(a.code)) <
             std::pair(-static_cast<int>(b.severity), rank(b.code));
    });
  }

  ServerSite& site_;
  const LoadFile& load_;
  Diagnoser& diagnoser_;
  CertificatePtr leaf_;
  std::vector<SentPtr> served_;
  std::size_t entry_ = 0;
};

}  // namespace

void judge_site(ServerSite& site, const LoadFile& load, Diagnoser& diagnoser) {
  Judge(site, load, diagnoser).run();
}

}  // namespace chaintier
