#include "src/local/judge_files.h"

#include <algorithm>
#include <map>
#include <set>

#include "src/base/text.h"
#include "src/findings/judge_chain.h"
#include "src/findings/rules.h"

namespace chaintier {

namespace {

constexpr std::size_t deepest_chain = 8;

struct Place {
  LocalFile* file = nullptr;
  LocalItem* item = nullptr;
};

std::string folder_of(std::string_view path) {
  const std::size_t slash = path.find_last_of('/');
  return slash == std::string_view::npos ? "." : std::string(path.substr(0, slash));
}

// "www" of "www.example.crt", "www-key.pem", "www.key": what people give files that belong together.
std::string stem_of(std::string_view path) {
  const std::size_t slash = path.find_last_of('/');
  std::string name = lower_ascii(slash == std::string_view::npos ? path : path.substr(slash + 1));
  if (const std::size_t dot = name.find_last_of('.'); dot != std::string::npos && dot > 0) name.resize(dot);
  for (const std::string_view tail : {"-key", "_key", ".key", "-cert", "_cert", ".cert", "-csr", "_csr",
                                      ".csr", ".crt", ".cer", "-fullchain", ".fullchain"})
    if (name.size() > tail.size() && name.ends_with(tail)) {
      name.resize(name.size() - tail.size());
      break;
    }
  return name;
}

bool together(const Place& a, const Place& b) {
  return a.file == b.file || (folder_of(a.file->path) == folder_of(b.file->path) &&
                              stem_of(a.file->path) == stem_of(b.file->path));
}

bool same_entry(const Place& a, const Place& b) {
  return a.file == b.file && a.item->entry != 0 && a.item->entry == b.item->entry;
}

bool is_container(const LocalFile& file) {
  return file.kind == FileKind::pkcs12 || file.kind == FileKind::jks || file.kind == FileKind::jceks;
}

class Judge {
 public:
  Judge(std::vector<LocalFile>& files, Ground& ground, bool all_read) : ground_(ground), all_read_(all_read) {
    for (const LocalFile& file : files)
      if (file.reason && file.reason->id == "cannot_open") all_read_ = false;
    for (LocalFile& file : files)
      for (LocalItem& item : file.items) {
        const Place place{&file, &item};
        if (item.kind == ItemKind::private_key) keys_.push_back(place);
        if (item.kind == ItemKind::csr) requests_.push_back(place);
        if (item.kind != ItemKind::certificate || !item.certificate) continue;
        certificates_.push_back(place);
        if (!item.certificate->is_ca()) leaves_[item.certificate->fingerprint].push_back(place);
      }
    outside_archives_ = std::ranges::any_of(
        files, [](const LocalFile& file) { return file.kind != FileKind::zip && !file.items.empty(); });
  }

  void run(std::vector<LocalFile>& files) {
    for (const auto* list : {&keys_, &requests_})
      for (const Place& place : *list) match(place);
    for (auto& [fingerprint, places] : leaves_) leaf(places);
    for (const Place& request : requests_) csr(request);
    for (LocalFile& file : files) {
      const bool open_key = std::ranges::any_of(file.items, [](const LocalItem& item) {
        return item.kind == ItemKind::private_key && !item.encrypted;
      });
      if (file.open_to_all && open_key)
        file.findings.push_back(about_file(Code::key_exposed, Severity::warning, file.path));
      if (file.kind == FileKind::pkcs12)
        for (Finding& finding : pfx_findings(file, ground_)) file.findings.push_back(std::move(finding));
    }
  }

 private:
  void match(const Place& place) const {
    if (!place.item->spki) return;
    std::set<CertFingerprint> found;
    for (const Place& certificate : certificates_)
      if (certificate.item->spki == place.item->spki)
        found.insert(certificate.item->certificate->fingerprint);
    place.item->matches.assign(found.begin(), found.end());
  }

  void leaf(const std::vector<Place>& places) {
    std::vector<std::string> right, wrong;
    bool unknown = false;
    for (const Place& key : keys_) {
      if (key.item->spki && key.item->spki == places.front().item->spki) {
        right.push_back(key.file->path);
      } else if (!key.item->checked) {
        unknown =
            unknown || std::ranges::any_of(places, [&](const Place& place) { return may_be(key, place); });
      } else if (std::ranges::any_of(places, [&](const Place& place) { return meant_for(key, place); })) {
        wrong.push_back(key.file->path);
      }
    }
    const std::string state = !right.empty()          ? "found"
                              : !wrong.empty()        ? "other"
                              : unknown || !all_read_ ? "unknown"
                                                      : "missing";
    const auto links = chain_of(places.front());
    for (const Place& place : places) {
      place.item->key_state = state;
      place.item->key_files = state == "found" ? right : wrong;
      place.item->chain = links;
    }
    mixed_entries(places);
    dates(places);
    if (state == "other") tell(places, Code::key_mismatch, wrong.front());
    // What a CA mails never holds the key; alone it says nothing about where the key is.
    const bool mailed =
        std::ranges::all_of(places, [](const Place& place) { return place.file->kind == FileKind::zip; });
    const bool in_pfx = std::ranges::all_of(places, [](const Place& place) {
      return place.file->kind == FileKind::pkcs12 && place.file->readable;
    });  // pfx.no_key says it
    if (state == "missing" && !in_pfx && (!mailed || outside_archives_)) tell(places, Code::key_missing, {});
  }

  // An old certificate beside the one that replaced it is nothing to act upon.
  void dates(const std::vector<Place>& places) {
    const Certificate& own = *places.front().item->certificate;
    auto finding = date_finding(own, ground_.knowledge().at);
    if (!finding) return;
    const bool replaced = std::ranges::any_of(leaves_, [&](const auto& other) {
      const Certificate& leaf = *other.second.front().item->certificate;
      return leaf.not_after > own.not_after && leaf.subject_alt_name && own.subject_alt_name &&
             leaf.subject_alt_name->dns == own.subject_alt_name->dns &&
             !date_finding(leaf, ground_.knowledge().at);
    });
    if (!replaced) tell(places, std::move(*finding));
  }

  // One entry of a container whose key is another one than its certificate's.
  void mixed_entries(const std::vector<Place>& places) {
    for (const Place& place : places) {
      if (place.item->key_state != "found") continue;
      for (const Place& key : keys_)
        if (same_entry(key, place) && key.item->spki && key.item->spki != place.item->spki &&
            first_of_entry(place))
          tell({place}, Code::key_mismatch, key.file->path);
      if (holds_only_strange_keys(*place.file)) tell({place}, Code::key_mismatch, place.file->path);
    }
  }

  // A PKCS#12 file all of whose keys were opened and belong to no certificate in it.
  static bool holds_only_strange_keys(const LocalFile& file) {
    if (file.kind != FileKind::pkcs12 || !file.readable) return false;
    bool any = false;
    for (const LocalItem& key : file.items) {
      if (key.kind != ItemKind::private_key) continue;
      any = true;
      if (!key.spki || std::ranges::any_of(file.items, [&](const LocalItem& item) {
            return item.kind == ItemKind::certificate && item.spki == key.spki;
          }))
        return false;
    }
    return any;
  }

  // In a container only the first certificate of an entry belongs to its key.
  static bool first_of_entry(const Place& place) {
    for (const LocalItem& item : place.file->items)
      if (item.kind == ItemKind::certificate && item.entry == place.item->entry) return &item == place.item;
    return false;
  }

  // Could a key that was not opened be this certificate's?
  static bool may_be(const Place& key, const Place& certificate) {
    if (key.file == certificate.file)
      return key.item->entry == 0 || certificate.item->entry == 0 || same_entry(key, certificate);
    if (is_container(*key.file) && key.item->entry != 0 && !key.file->items.empty()) {
      // An entry with a certificate of its own says whose key it is.
      const bool told = std::ranges::any_of(key.file->items, [&](const LocalItem& item) {
        return item.kind == ItemKind::certificate && item.entry == key.item->entry;
      });
      if (told) return false;
    }
    return key.file->named || certificate.file->named ||
           folder_of(key.file->path) == folder_of(certificate.file->path) || together(key, certificate);
  }

  // Is an opened key the one that somebody took for this certificate's?
  bool meant_for(const Place& key, const Place& certificate) const {
    if (!key.item->spki) return false;
    if (certificate.file->kind == FileKind::zip) return false;
    if (key.file == certificate.file)
      return !is_container(*key.file) || key.item->entry == certificate.item->entry || key.item->entry == 0 ||
             certificate.item->entry == 0 || holds_only_strange_keys(*key.file);
    if (is_container(*key.file)) return false;
    if (together(key, certificate)) return true;
    if (!key.item->matches.empty()) return false;
    // One certificate and one key, side by side or both named.
    const bool near = folder_of(key.file->path) == folder_of(certificate.file->path) ||
                      (key.file->named && certificate.file->named);
    return near && leaves_.size() == 1 &&
           std::ranges::count_if(keys_,
                                 [&](const Place& other) {
                                   return folder_of(other.file->path) == folder_of(key.file->path) &&
                                          other.item->matches.empty();
                                 }) == 1 &&
           !answers_request(key);
  }

  // The key of a request that is still to be answered belongs to a certificate to come.
  bool answers_request(const Place& key) const {
    return std::ranges::any_of(requests_,
                               [&](const Place& request) { return request.item->spki == key.item->spki; });
  }

  void tell(const std::vector<Place>& places, Code code, const std::string& key_file) {
    Finding finding{code, Severity::error, {}, {}};
    const Place& first = main_place(places);
    finding.facts.emplace("file", first.file->path);
    finding.facts.emplace("subject", first.item->certificate->subject.short_text());
    if (code == Code::key_mismatch) finding.facts.emplace("key_file", key_file);
    tell(places, std::move(finding));
  }

  static const Place& main_place(const std::vector<Place>& places) {
    // Told where the user looks first: not in the archive that the certificate came in.
    const auto main =
        std::ranges::find_if(places, [](const Place& place) { return place.file->kind != FileKind::zip; });
    return main == places.end() ? places.front() : *main;
  }

  // A finding about a certificate, in the file where it is told, with the others that hold it.
  static void tell(const std::vector<Place>& places, Finding finding) {
    const Place& first = main_place(places);
    finding.where = {{std::nullopt, first.item->certificate->fingerprint, std::nullopt, first.file->path}};
    for (const Place& place : places)
      if (place.file != first.file)
        finding.where.push_back({std::nullopt, std::nullopt, std::nullopt, place.file->path});
    if (std::ranges::find(first.file->findings, finding) == first.file->findings.end())
      first.file->findings.push_back(std::move(finding));
  }

  void csr(const Place& request) {
    LocalFile& file = *request.file;
    const CsrFacts& facts = *request.item->csr;
    if (auto rules = broken_rules(facts); !rules.empty()) {
      Finding finding = about_file(Code::csr_rule, Severity::warning, file.path);
      finding.facts.emplace("rules", std::move(rules));
      file.findings.push_back(std::move(finding));
    }
    const bool has_key = std::ranges::any_of(
        keys_, [&](const Place& key) { return key.item->spki && key.item->spki == request.item->spki; });
    if (!request.item->spki || has_key || !request.item->matches.empty()) return;
    const std::string other = other_half(request);
    if (other.empty()) return;
    Finding finding = about_file(Code::csr_mismatch, Severity::error, file.path);
    finding.facts.emplace("subject", facts.subject.short_text());
    finding.facts.emplace("other", other);
    file.findings.push_back(std::move(finding));
  }

  // A key or a certificate at hand that the request should belong to, and does not; empty when there is none
  // or a key that could not be opened may be it.
  std::string other_half(const Place& request) const {
    std::string found;
    for (const Place& key : keys_) {
      const bool near = together(key, request) ||
                        folder_of(key.file->path) == folder_of(request.file->path) ||
                        (key.file->named && request.file->named);
      if (!near || is_container(*key.file)) continue;
      if (!key.item->checked) return {};
      if (together(key, request) || (key.item->matches.empty() && keys_.size() == 1)) found = key.file->path;
    }
    const std::string name = lower_ascii(request.item->csr->subject.value("CN"));
    for (const auto& [fingerprint, places] : leaves_)
      for (const Place& place : places)
        if (together(place, request) ||
            (!name.empty() && folder_of(place.file->path) == folder_of(request.file->path) &&
             lower_ascii(place.item->certificate->subject.value("CN")) == name))
          if (found.empty()) found = place.file->path;
    return found;
  }

  // A certificate among the files; null when it is not.
  const Place* at_hand(const CertFingerprint& fingerprint) const {
    const auto found = std::ranges::find_if(certificates_, [&](const Place& place) {
      return place.item->certificate->fingerprint == fingerprint;
    });
    return found == certificates_.end() ? nullptr : &*found;
  }

  LocalItem::Link link_of(const CertificatePtr& certificate) const {
    const KnownCa* known = ground_.catalogue().find(certificate->fingerprint);
    const Place* place = at_hand(certificate->fingerprint);
    return {certificate, known ? known->full_name() : certificate->subject.short_text(),
            place ? place->file->path : std::string()};
  }

  // What the server should send, and the root behind it; of another CA's leaf what is at hand.
  std::vector<LocalItem::Link> chain_of(const Place& leaf) {
    std::vector<LocalItem::Link> links;
    CertificatePtr at = leaf.item->certificate;
    const std::vector<SentPtr> alone{leaf.item->sent};
    if (const auto wanted = judge_chain(alone, std::nullopt, ground_).should_send)
      for (std::size_t i = 1; i < wanted->size(); ++i) {
        at = (*wanted)[i];
        links.push_back(link_of(at));
      }
    while (links.size() < deepest_chain && !at->self_issued()) {
      CertificatePtr next = issuer_at_hand(*at);
      if (!next)
        if (const KnownCa* known = ground_.catalogue().issuer_of(*at, ground_.signatures()))
          next = known->certificate;
      if (!next) {
        links.push_back({nullptr, at->issuer.short_text(), {}});
        break;
      }
      links.push_back(link_of(next));
      at = next;
    }
    return links;
  }

  // Among the files; a root rather than another certificate of the same name and key.
  CertificatePtr issuer_at_hand(const Certificate& child) {
    CertificatePtr best;
    for (const Place& place : certificates_) {
      const CertificatePtr& issuer = place.item->certificate;
      if (issuer->subject.canonical != child.issuer.canonical || issuer->fingerprint == child.fingerprint ||
          ground_.signatures().check(child, issuer->key) != SignatureState::good)
        continue;
      if (!best || issuer->self_issued()) best = issuer;
    }
    return best;
  }

  Ground& ground_;
  std::vector<Place> keys_, requests_, certificates_;
  std::map<CertFingerprint, std::vector<Place>> leaves_;
  bool outside_archives_ = false;
  bool all_read_;  // else what is missing may be in what was not read
};

}  // namespace

void judge_files(std::vector<LocalFile>& files, Ground& ground, bool all_read) {
  Judge(files, ground, all_read).run(files);
}

}  // namespace chaintier
