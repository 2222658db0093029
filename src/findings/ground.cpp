#include "src/findings/ground.h"

#include "src/x509/issuer_answer.h"

namespace chaintier {

namespace {

// Intermediates recur, leaves do not: a memory that is full is emptied, and filled again by what recurs.
constexpr std::size_t memory_limit = 4096;

}  // namespace

Ground::Ground(Knowledge knowledge)
    : knowledge_(std::move(knowledge)),
      data_apply_(data_apply_to(*knowledge_.catalogue, knowledge_.all_clients)) {
  const auto hold = [&](const CertificatePtr& anchor) {
    if (!knowledge_.without_roots.contains(anchor->fingerprint)) anchors_.insert(anchor->fingerprint);
  };
  for (const CertificatePtr& certificate : knowledge_.pool) pool_.add(certificate, Source::pool);
  for (const KnownCa& ca : catalogue().all()) {
    pool_.add(ca.certificate, Source::catalogue);
    if (ca.role == CaRole::root) hold(ca.certificate);
  }
  for (const ClientModel& client : knowledge_.clients) {
    clients_.emplace_back(client, catalogue(), knowledge_.at, &knowledge_.without_roots);
    for (const CertificatePtr& anchor : anchors_of(client, catalogue(), knowledge_.at)) {
      pool_.add(anchor, Source::store);
      hold(anchor);
    }
    if (const CertificateStore* store = store_of(client, catalogue())) {
      pool_.add_store(*store);
      for (const CertFingerprint& fingerprint : store->fingerprints())
        if (!knowledge_.without_roots.contains(fingerprint)) anchors_.insert(fingerprint);
    }
    for (const std::string& slug : client.preloaded)
      if (const KnownCa* ca = catalogue().find(slug)) pool_.add(ca->certificate, Source::preloaded);
  }
  for (const ClientModel& client : knowledge_.all_clients)
    all_clients_.emplace_back(client, catalogue(), knowledge_.at, &knowledge_.without_roots);
}

VerdictContext Ground::context(bool under_catalogue) {
  return {catalogue(), signatures_, knowledge_.at, under_catalogue, data_apply_};
}

CertificatePtr Ground::read(const SentCertificate& sent) {
  if (sent.parsed) return sent.parsed;
  if (const auto known = read_.find(sent.fingerprint); known != read_.end()) return known->second;
  const auto parsed = parse_certificate(sent.der);
  if (read_.size() >= memory_limit) read_.clear();
  return read_.emplace(sent.fingerprint, parsed ? *parsed : nullptr).first->second;
}

const std::vector<CertificatePtr>& Ground::read_answer(const Fetched& fetched) {
  if (const auto known = answers_.find(fetched.body); known != answers_.end()) return known->second;
  auto issuers = issuers_in(fetched.body);
  if (answers_.size() >= memory_limit) answers_.clear();
  return answers_.emplace(fetched.body, issuers ? std::move(*issuers) : std::vector<CertificatePtr>{})
      .first->second;
}

const std::vector<const KnownCa*>& Ground::delivered_by(const Certificate& certificate) {
  if (const auto known = delivered_.find(certificate.fingerprint); known != delivered_.end())
    return known->second;
  if (delivered_.size() >= memory_limit) delivered_.clear();
  return delivered_.emplace(certificate.fingerprint, catalogue().aia_delivers(certificate, signatures_))
      .first->second;
}

}  // namespace chaintier
