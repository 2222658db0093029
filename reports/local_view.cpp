#include "reports/local_view.h"

#include <algorithm>

#include <fmt/format.h>

#include "reports/view.h"
#include "src/base/text.h"

namespace chaintier {

namespace {

std::string name_of(const Report& report, const Certificate& certificate) {
  const KnownCa* known = report.catalogue->find(certificate.fingerprint);
  return known ? known->full_name() : certificate.subject.short_text();
}

std::string short_path(const std::string& path) {
  const std::size_t slash = path.find_last_of('/');
  return slash == std::string::npos || slash + 1 == path.size() ? path : path.substr(slash + 1);
}

std::vector<std::string> short_paths(std::vector<std::string> paths) {
  for (std::string& path : paths) path = short_path(path);
  return paths;
}

Verdict worst(const std::vector<Finding>& findings, Verdict otherwise) {
  Verdict verdict = otherwise;
  for (const Finding& finding : findings)
    verdict = std::max(verdict, finding.severity == Severity::error     ? Verdict::error
                                : finding.severity == Severity::warning ? Verdict::warning
                                                                        : Verdict::note);
  return verdict;
}

// "www.example.tw (server.crt, fullchain.pem)", each certificate once.
std::vector<std::string> certificates_matched(const Report& report, const LocalItem& item) {
  std::vector<std::string> names;
  for (const CertFingerprint& fingerprint : item.matches) {
    std::string name;
    std::vector<std::string> files;
    for (const LocalFile& file : report.local->files)
      for (const LocalItem& other : file.items) {
        if (!other.certificate || other.certificate->fingerprint != fingerprint) continue;
        name = name_of(report, *other.certificate);
        std::string path = short_path(file.path);
        if (std::ranges::find(files, path) == files.end()) files.push_back(std::move(path));
      }
    names.push_back(fmt::format("{} ({})", name, joined(files, comma(report.language))));
  }
  return names;
}

std::vector<std::string> other_places(const Report& report, const LocalFile& file, const LocalItem& item) {
  std::vector<std::string> paths;
  for (const LocalFile& other : report.local->files)
    if (&other != &file && std::ranges::any_of(other.items, [&](const LocalItem& one) {
          return one.sent && item.sent && one.sent->fingerprint == item.sent->fingerprint;
        }))
      paths.push_back(short_path(other.path));
  return paths;
}

void certificate_notes(const Report& report, const LocalFile& file, const LocalItem& item,
                       std::vector<std::string>& notes) {
  const Texts& texts = Texts::of(report.language);
  const Certificate& certificate = *item.certificate;
  notes.push_back(texts.phrase(
      "say.leaf_facts", {{"issuer", certificate.issuer.short_text()}, {"date", certificate.not_after}}));
  if (!item.key_state.empty())
    notes.push_back(texts.phrase("local.key." + item.key_state, {{"files", short_paths(item.key_files)}}));
  if (!item.chain.empty()) {
    std::vector<std::string> links;
    for (const LocalItem::Link& link : item.chain)
      links.push_back(fmt::format(
          "{} ({})", link.name, link.file.empty() ? texts.word("local.not_at_hand") : short_path(link.file)));
    notes.push_back(texts.word("local.chain") + std::string(colon(report.language)) + joined(links, " → "));
  }
  if (const auto others = other_places(report, file, item); !others.empty())
    notes.push_back(texts.phrase("local.also_in", {{"files", others}}));
}

}  // namespace

std::string reason_text(const Texts& texts, const Reason& reason) {
  return texts.phrase("local.reason." + reason.id, reason.facts);
}

FindingText local_texts(const Report& report, const Finding& finding) {
  const Texts& texts = Texts::of(report.language);
  return texts.finding(finding, report.clients, report.of_twca);
}

std::string item_text(const Texts& texts, const LocalItem& item) {
  std::string text = texts.word("local.item." + std::string(id(item.kind)));
  if (item.certificate)
    text += " " + item.certificate->subject.short_text();
  else if (item.csr)
    text += " " + item.csr->subject.short_text();
  if (!item.key.empty() && item.kind != ItemKind::certificate) text += " · " + item.key;
  if (item.encrypted) text += " · " + texts.word("local.encrypted");
  if (item.alias && !item.alias->empty()) text += fmt::format(" [{}]", *item.alias);
  return text;
}

std::vector<std::string> item_notes(const Report& report, const LocalFile& file, const LocalItem& item) {
  const Texts& texts = Texts::of(report.language);
  std::vector<std::string> notes;
  if (item.problem && item.problem != file.reason) notes.push_back(reason_text(texts, *item.problem));
  if (!item.checked && item.kind == ItemKind::private_key)
    notes.push_back(texts.word("local.could_not_tell"));
  if (item.certificate) certificate_notes(report, file, item, notes);
  if (item.csr) {
    notes.push_back(item.csr->subject.text());
    if (!item.csr->dns_names.empty())
      notes.push_back(texts.word("label.dns_names") + std::string(colon(report.language)) +
                      joined(item.csr->dns_names, comma(report.language)));
  }
  if (!item.matches.empty())
    notes.push_back(texts.phrase("local.belongs_to", {{"certificates", certificates_matched(report, item)}}));
  else if (item.checked && (item.kind == ItemKind::private_key || item.kind == ItemKind::csr))
    notes.push_back(texts.word("local.belongs_to_none"));
  return notes;
}

Verdict verdict_of(const LocalFile& file) {
  const bool open =
      !file.readable || std::ranges::any_of(file.items, [](const LocalItem& item) { return !item.checked; });
  const Verdict verdict = worst(file.findings, Verdict::ok);
  return open && verdict != Verdict::error ? Verdict::unjudged : verdict;
}

Verdict verdict_of(const ServerSite& site) {
  const Verdict verdict = worst(site.findings, Verdict::ok);
  return site.reason && verdict != Verdict::error ? Verdict::unjudged : verdict;
}

Verdict verdict_of(const TrustStore& store) {
  return store.readable ? worst(store.findings, Verdict::ok) : Verdict::unjudged;
}

std::string site_place(const ServerSite& site) {
  return site.line ? fmt::format("{} {}:{}", site.kind, site.file, site.line)
                   : fmt::format("{} {}", site.kind, site.file);
}

std::vector<std::string> site_notes(const Report& report, const ServerSite& site) {
  const Texts& texts = Texts::of(report.language);
  const std::string separator(colon(report.language));
  std::vector<std::string> notes;
  if (site.reason) notes.push_back(reason_text(texts, *site.reason));
  const auto list = [&](std::string_view key, const std::vector<std::string>& values) {
    if (!values.empty())
      notes.push_back(texts.word(key) + separator + joined(values, comma(report.language)));
  };
  list("local.server.names", site.names);
  list("local.server.listen", site.listen);
  const auto file = [&](std::string_view key, const std::string& path) {
    if (!path.empty()) notes.push_back(texts.word(key) + separator + path);
  };
  file("local.server.certificate", site.certificate_file);
  file("local.server.key", site.key_file);
  file("local.server.chain", site.chain_file);
  if (site.key_matches)
    notes.push_back(texts.word(*site.key_matches ? "local.server.key_fits" : "local.server.key_other"));
  else if (!site.reason)
    notes.push_back(texts.word("local.server.key_unknown"));
  list("local.server.covered", site.covered);
  list("local.server.not_covered", site.not_covered);
  return notes;
}

std::vector<std::string> store_notes(const Report& report, const TrustStore& store) {
  const Texts& texts = Texts::of(report.language);
  std::vector<std::string> notes;
  if (store.reason) notes.push_back(reason_text(texts, *store.reason));
  if (!store.readable) return notes;
  notes.push_back(
      texts.phrase("local.store.holds", {{"count", static_cast<std::int64_t>(store.certificates)}}));
  for (const TrustStore::Known& known : store.known) {
    const KnownCa* ca = report.catalogue->find(known.slug);
    const std::string name = ca ? ca->full_name() : known.slug;
    notes.push_back(known.enabled ? texts.phrase("local.store.has", {{"name", name}})
                                  : texts.phrase("local.store.disabled", {{"name", name}}));
  }
  return notes;
}

}  // namespace chaintier
