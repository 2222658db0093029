// What the judging of every chain stands on, worked out once for a run: who the clients are and what they
// hold, and which certificates there are besides the served ones. It also remembers what was read and
// checked.
#pragma once

#include <map>
#include <memory>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "src/clients/client_verdict.h"
#include "src/findings/knowledge.h"
#include "src/observe/observation.h"
#include "src/paths/path_search.h"

namespace chaintier {

// Not safe for use by two threads at once; make one for each. Stays where it was made: others refer into it.
class Ground {
 public:
  explicit Ground(Knowledge knowledge);
  Ground(const Ground&) = delete;
  Ground& operator=(const Ground&) = delete;

  const Knowledge& knowledge() const { return knowledge_; }
  const Catalogue& catalogue() const { return *knowledge_.catalogue; }
  SignatureChecker& signatures() { return signatures_; }

  // Those to judge.
  const std::vector<ClientJudge>& clients() const { return clients_; }
  // For questions about clients at large.
  const std::vector<ClientJudge>& all_clients() const { return all_clients_; }
  // Of everything but the served ones.
  const CandidatePool& pool() const { return pool_; }
  // Of judged clients and the catalogue.
  const std::unordered_set<CertFingerprint>& anchors() const { return anchors_; }
  bool data_apply() const { return data_apply_; }  // see data_apply_to()

  VerdictContext context(bool under_catalogue);

  // Null when it does not parse. A certificate seen before is not read again.
  CertificatePtr read(const SentCertificate& sent);
  // The certificates of an answer that was fetched; empty when it holds none. Worked out once for a body.
  const std::vector<CertificatePtr>& read_answer(const Fetched& fetched);
  const std::vector<const KnownCa*>& delivered_by(const Certificate& certificate);  // Catalogue::aia_delivers

 private:
  Knowledge knowledge_;
  SignatureChecker signatures_;
  std::vector<ClientJudge> clients_, all_clients_;
  CandidatePool pool_;
  std::unordered_set<CertFingerprint> anchors_;
  bool data_apply_;
  std::unordered_map<CertFingerprint, CertificatePtr> read_;
  std::map<Bytes, std::vector<CertificatePtr>> answers_;  // by body
  std::unordered_map<CertFingerprint, std::vector<const KnownCa*>> delivered_;
};

}  // namespace chaintier
