#include "src/x509/certificate_store.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>
#include <stdexcept>

#include "src/x509/name.h"
#include "src/x509/tlv.h"

namespace chaintier {

namespace {

// The subject alone (RFC 5280 4.1), which costs a tenth of reading the whole certificate.
std::optional<std::uint64_t> subject_of(ByteView der) {
  constexpr std::uint8_t version = 0xa0;
  const auto certificate = tlv::take(der);
  if (!certificate) return std::nullopt;
  ByteView rest = certificate->content;
  const auto tbs = tlv::take(rest);
  if (!tbs) return std::nullopt;
  rest = tbs->content;
  auto field = tlv::take(rest);
  if (field && field->identifier == version) field = tlv::take(rest);
  for (int skipped = 0; field && skipped < 4; ++skipped)  // serial, algorithm, issuer, validity
    field = tlv::take(rest);
  if (!field) return std::nullopt;
  bool bad = false;
  const auto name = read_name(field->whole, bad);
  return name ? std::optional(name->digest) : std::nullopt;
}

// Exactly 16 hexadecimal digits.
std::optional<std::uint64_t> hex_number(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, 16);
  if (text.size() != 16 || error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    if (end > 0 && text.front() != '#') lines.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

}  // namespace

CertificateStore::CertificateStore(std::vector<Bytes> ders) : ders_(std::move(ders)) {
  fingerprints_.reserve(ders_.size());
  for (const Bytes& der : ders_) know(CertFingerprint::of(der));
}

CertificateStore::CertificateStore(std::vector<CertificatePtr> certificates)
    : parsed_(std::move(certificates)) {
  for (const CertificatePtr& certificate : parsed_) {
    by_subject_.emplace(certificate->subject.digest, fingerprints_.size());
    know(certificate->fingerprint);
    ders_.push_back(certificate->der);
  }
}

CertificateStore::CertificateStore(std::string_view index, std::function<std::vector<Bytes>()> load)
    : load_(std::move(load)) {
  for (const std::string_view line : lines_of(index)) {
    const auto fingerprint = CertFingerprint::parse(line.substr(0, line.find(' ')));
    const std::size_t blank = line.find(' ');
    const auto digest = blank == std::string_view::npos ? std::nullopt : hex_number(line.substr(blank + 1));
    if (!fingerprint || !digest)
      throw std::logic_error("bad line in the index of a store: " + std::string(line));
    by_subject_.emplace(*digest, fingerprints_.size());
    know(*fingerprint);
  }
}

void CertificateStore::know(const CertFingerprint& fingerprint) {
  position_.try_emplace(fingerprint, fingerprints_.size());
  fingerprints_.push_back(fingerprint);
}

void CertificateStore::read_subjects() const {
  for (std::size_t i = 0; i < ders_.size(); ++i)
    if (const auto subject = subject_of(ders_[i])) by_subject_.emplace(*subject, i);
}

std::vector<CertFingerprint> CertificateStore::named(const Name& subject) const {
  const std::scoped_lock lock(filling_);
  if (by_subject_.empty()) read_subjects();
  std::vector<CertFingerprint> result;
  const auto [first, last] = by_subject_.equal_range(subject.digest);
  for (auto it = first; it != last; ++it) result.push_back(fingerprints_[it->second]);
  return result;
}

const std::vector<Bytes>& CertificateStore::ders() const {
  const std::scoped_lock lock(filling_);
  return loaded();
}

const std::vector<Bytes>& CertificateStore::loaded() const {
  if (!load_ || !ders_.empty()) return ders_;
  std::unordered_map<CertFingerprint, Bytes> loaded;
  for (Bytes& der : load_()) {
    const CertFingerprint fingerprint = CertFingerprint::of(der);
    loaded.emplace(fingerprint, std::move(der));
  }
  for (const CertFingerprint& fingerprint : fingerprints_) ders_.push_back(loaded.at(fingerprint));
  return ders_;
}

CertificatePtr CertificateStore::find(const CertFingerprint& fingerprint) const {
  const auto known = position_.find(fingerprint);
  if (known == position_.end()) return nullptr;
  const std::scoped_lock lock(filling_);
  const Bytes& der = loaded()[known->second];
  if (parsed_.empty()) parsed_.resize(fingerprints_.size());
  CertificatePtr& parsed = parsed_[known->second];
  if (!parsed)
    if (auto certificate = parse_certificate(der)) parsed = *certificate;
  return parsed;
}

}  // namespace chaintier
