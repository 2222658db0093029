#include "src/catalogue/catalogue.h"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <set>

#include <fmt/format.h>

#include "src/base/embedded.h"
#include "src/base/json.h"
#include "src/base/text.h"
#include "src/x509/certificate_file.h"
#include "src/x509/key_ids.h"

namespace chaintier {

std::string_view id(CaRole role) {
  switch (role) {
    case CaRole::root:
      return "root";
    case CaRole::cross:
      return "cross";
    case CaRole::intermediate:
      return "intermediate";
  }
  std::abort();
}

std::string_view id(Hierarchy hierarchy) {
  switch (hierarchy) {
    case Hierarchy::none:
      return "none";
    case Hierarchy::old_hierarchy:
      return "old";
    case Hierarchy::new_hierarchy:
      return "new";
  }
  std::abort();
}

namespace {

constexpr std::string_view description_name = "catalogue.json";

Error in_file(std::string_view name, std::string_view problem) {
  return input_error(Stage::read, fmt::format("catalogue file {}: {}", printable(name), problem));
}

bool is_certificate_file(std::string_view name) {
  const std::string lower = lower_ascii(name);
  return std::ranges::any_of(std::array{".pem", ".crt", ".cer", ".der"},
                             [&](std::string_view ending) { return lower.ends_with(ending); });
}

std::string slug_of(std::string_view file_name) {
  return std::string(file_name.substr(0, file_name.rfind('.')));
}

// A self-signed certificate by its signature, not by its names alone (RFC 5280 3.2).
bool self_signed(const Certificate& certificate, SignatureChecker& signatures) {
  return certificate.self_issued() && signatures.check(certificate, certificate.key) == SignatureState::good;
}

// Roots first, then what shares name and key with one, then the rest. Those that the description gives a role
// to are left alone.
void assign_roles(std::vector<KnownCa>& entries, const std::set<std::string>& described) {
  SignatureChecker signatures;
  for (KnownCa& entry : entries)
    if (!described.contains(entry.slug) && self_signed(*entry.certificate, signatures))
      entry.role = CaRole::root;
  for (KnownCa& entry : entries) {
    if (entry.role == CaRole::root || described.contains(entry.slug)) continue;
    const Certificate& own = *entry.certificate;
    const bool twin = std::ranges::any_of(entries, [&](const KnownCa& other) {
      return other.role == CaRole::root && other.certificate->subject.canonical == own.subject.canonical &&
             other.certificate->key.fingerprint == own.key.fingerprint;
    });
    entry.role = twin ? CaRole::cross : CaRole::intermediate;
  }
}

std::set<std::string> described_roles(const boost::json::object& description) {
  std::set<std::string> slugs;
  if (const auto* entries = json_list(description, "entries"))
    for (const auto& entry : *entries)
      if (entry.is_object() && !json_text(entry.get_object(), "role").empty())
        slugs.insert(json_text(entry.get_object(), "slug"));
  return slugs;
}

void describe(KnownCa& entry, const boost::json::object& from) {
  const std::string role = json_text(from, "role");
  if (role == "root") entry.role = CaRole::root;
  if (role == "cross") entry.role = CaRole::cross;
  if (role == "intermediate") entry.role = CaRole::intermediate;
  const std::string hierarchy = json_text(from, "hierarchy");
  if (hierarchy == "old") entry.hierarchy = Hierarchy::old_hierarchy;
  if (hierarchy == "new") entry.hierarchy = Hierarchy::new_hierarchy;
  if (hierarchy == "none") entry.hierarchy = Hierarchy::none;
  entry.validation = json_text(from, "validation", entry.validation);
  entry.generation = json_text(from, "generation", entry.generation);
  entry.name = json_text(from, "name", entry.name);
  entry.note = json_text(from, "note", entry.note);
  entry.source = json_text(from, "source", entry.source);
  entry.source_date = json_text(from, "source_date", entry.source_date);
  entry.for_tls = json_flag(from, "for_tls", entry.for_tls);
  if (const std::string by = json_text(from, "revoked"); !by.empty()) entry.revoked = by;
}

}  // namespace

Catalogue Catalogue::twca() {
  std::vector<File> files;
  for (const EmbeddedFile& file : embedded_files())
    if (file.path.starts_with("ca/"))
      files.push_back({std::string(file.path.substr(3)), std::string(file.content)});
  Catalogue result = build(files, nullptr).value();
  result.built_in_ = result.of_twca_ = true;
  return result;
}

Result<Catalogue> Catalogue::from_files(const std::vector<File>& files) {
  const Catalogue model = twca();
  return build(files, &model);
}

Result<Catalogue> Catalogue::from_directory(const std::filesystem::path& folder) {
  const auto shown = [](const std::filesystem::path& path) {
    const auto text = path.u8string();
    return printable({reinterpret_cast<const char*>(text.data()), text.size()});
  };
  std::error_code failed;
  if (!std::filesystem::is_directory(folder, failed))
    return input_error(
        Stage::read,
        fmt::format("the catalogue {} is not a folder: give a folder of PEM files", shown(folder)));
  std::vector<File> files;
  for (const auto& item : std::filesystem::directory_iterator(folder, failed)) {
    if (!item.is_regular_file(failed)) continue;
    const auto name8 = item.path().filename().u8string();
    const std::string name(name8.begin(), name8.end());
    if (name != description_name && !is_certificate_file(name)) continue;
    std::ifstream stream(item.path(), std::ios::binary);
    std::string content((std::istreambuf_iterator<char>(stream)), {});
    if (stream.bad() || !stream.is_open()) return in_file(name, "cannot be read");
    files.push_back({name, std::move(content)});
  }
  if (failed)
    return input_error(Stage::read,
                       fmt::format("the folder {} cannot be read: {}", shown(folder), failed.message()));
  std::ranges::sort(files, {}, &File::name);  // the order of a folder is not the same everywhere
  if (std::ranges::none_of(files, [](const File& file) { return file.name != description_name; }))
    return input_error(
        Stage::read, fmt::format("the catalogue folder {} holds no .pem, .crt or .cer file", shown(folder)));
  return from_files(files);
}

Result<Catalogue> Catalogue::build(const std::vector<File>& files, const Catalogue* model) {
  Catalogue result;
  boost::json::object description;
  std::vector<KnownCa> entries;

  for (const File& file : files) {
    if (file.name == description_name) {
      boost::system::error_code failed;
      const auto value = boost::json::parse(file.content, failed);
      if (failed || !value.is_object())
        return in_file(file.name, "is not a JSON object: " + failed.message());
      description = value.get_object();
      continue;
    }
    if (!is_certificate_file(file.name)) continue;
    const auto certificates = certificates_in(bytes_of(file.content));
    if (!certificates) return in_file(file.name, certificates.error().detail);
    for (std::size_t i = 0; i < certificates->size(); ++i) {
      auto certificate = parse_certificate((*certificates)[i]);
      if (!certificate) return in_file(file.name, certificate.error().detail);
      KnownCa entry;
      entry.slug = slug_of(file.name) + (i == 0 ? "" : fmt::format("-{}", i + 1));
      entry.certificate = *certificate;
      entry.name = entry.certificate->subject.short_text();
      entries.push_back(std::move(entry));
    }
  }

  assign_roles(entries, described_roles(description));
  for (KnownCa& entry : entries)
    if (const KnownCa* known = model ? model->find(entry.slug) : nullptr) {
      KnownCa copy = *known;
      copy.certificate = entry.certificate;
      copy.role = entry.role;
      copy.name = entry.name + (entry.role == CaRole::cross ? " (cross certificate)" : "");
      copy.source.clear();
      copy.source_date.clear();
      entry = std::move(copy);
    }

  result.of_twca_ = model && std::ranges::any_of(entries, [&](const KnownCa& entry) {
                      return model->find(entry.slug) || model->find(entry.certificate->fingerprint);
                    });

  if (const auto* described = json_list(description, "entries"))
    for (const auto& value : *described) {
      if (!value.is_object())
        return in_file(description_name, "\"entries\" holds something that is no object");
      const std::string slug = json_text(value.get_object(), "slug");
      const auto entry = std::ranges::find(entries, slug, &KnownCa::slug);
      if (entry == entries.end())
        return in_file(description_name,
                       fmt::format("no certificate file for the slug \"{}\"", printable(slug)));
      const std::string wanted = json_text(value.get_object(), "sha256");
      if (!wanted.empty() && lower_ascii(wanted) != entry->certificate->fingerprint.hex())
        return in_file(description_name,
                       fmt::format("the SHA-256 of \"{}\" is another one", printable(slug)));
      describe(*entry, value.get_object());
    }
  if (const auto* facts = json_list(description, "aia")) {
    for (const auto& value : *facts)
      if (const auto* fact = value.if_object())
        result.aia_.push_back({json_text(*fact, "url"), json_text(*fact, "of"), json_text(*fact, "slug"),
                               json_text(*fact, "source"), json_flag(*fact, "confirmed", false)});
  } else if (model) {
    result.aia_ = model->aia_;
  }
  result.date_ = json_text(description, "date");
  for (KnownCa& entry : entries) result.add(std::move(entry));
  return result;
}

void Catalogue::add(KnownCa entry) {
  const std::size_t index = entries_.size();
  by_fingerprint_.emplace(entry.certificate->fingerprint, index);
  by_subject_.emplace(entry.certificate->subject.digest, index);
  entries_.push_back(std::move(entry));
}

const KnownCa* Catalogue::find(const CertFingerprint& fingerprint) const {
  const auto found = by_fingerprint_.find(fingerprint);
  return found == by_fingerprint_.end() ? nullptr : &entries_[found->second];
}

const KnownCa* Catalogue::find(std::string_view slug) const {
  const auto found = std::ranges::find(entries_, slug, &KnownCa::slug);
  return found == entries_.end() ? nullptr : &*found;
}

std::vector<const KnownCa*> Catalogue::named(const Name& subject) const {
  std::vector<const KnownCa*> result;
  const auto [first, last] = by_subject_.equal_range(subject.digest);
  for (auto it = first; it != last; ++it)
    if (entries_[it->second].certificate->subject.canonical == subject.canonical)
      result.push_back(&entries_[it->second]);
  std::ranges::sort(result, {}, [](const KnownCa* ca) { return std::pair(ca->role, ca); });
  return result;
}

std::vector<const KnownCa*> Catalogue::twins_of(const Certificate& certificate) const {
  auto result = named(certificate.subject);
  std::erase_if(result, [&](const KnownCa* ca) {
    return ca->certificate->key.fingerprint != certificate.key.fingerprint;
  });
  return result;
}

const KnownCa* Catalogue::issuer_of(const Certificate& certificate, SignatureChecker& signatures) const {
  for (const KnownCa* ca : named(certificate.issuer))
    if (signatures.check(certificate, ca->certificate->key) == SignatureState::good) return ca;
  return nullptr;
}

bool Catalogue::names_issuer_of(const Certificate& certificate) const {
  return std::ranges::any_of(named(certificate.issuer), [&](const KnownCa* ca) {
    return compare_key_ids(certificate, *ca->certificate) == KeyIds::same;
  });
}

std::vector<const KnownCa*> Catalogue::aia_delivers(const Certificate& certificate,
                                                    SignatureChecker& signatures) const {
  if (certificate.aia_issuers.empty()) return {};
  std::vector<const KnownCa*> result;
  const auto deliver = [&](const KnownCa* ca) {
    if (ca && std::ranges::find(result, ca) == result.end()) result.push_back(ca);
  };
  for (const AiaFact& fact : aia_)
    if (fact.confirmed &&
        std::ranges::find(certificate.aia_issuers, fact.url) != certificate.aia_issuers.end())
      deliver(find(fact.slug));
  if (!result.empty()) return result;

  if (const KnownCa* own = find(certificate.fingerprint)) {
    for (const AiaFact& fact : aia_)
      if (fact.confirmed && fact.of == own->slug) deliver(find(fact.slug));
    return result;
  }
  const KnownCa* issuer = issuer_of(certificate, signatures);
  if (issuer && !certificate.is_ca()) deliver(issuer);
  return result;
}

}  // namespace chaintier
