// The exercises of the practice fleet as plans: which servers stand where, what they serve, what is expected.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "probes/practice/pki.h"
#include "src/base/address.h"
#include "src/base/bytes.h"
#include "src/base/result.h"
#include "src/base/time.h"

namespace chaintier {

enum class PracticeBehaviour {
  tls,
  old_tls,           // nothing above TLS 1.0
  asks_client,       // requests a client certificate and does without
  smtp,              // STARTTLS (RFC 3207)
  smtp_without_tls,  // does not offer it
  stall,             // accepts and stays silent
  plain_http,
  ssh_banner,
  alert,  // ends every handshake with unrecognized_name
  reset,
  closed,  // holds the port without listening: connections are refused
};

struct PracticeServer {
  IpAddress address;
  PracticeBehaviour behaviour = PracticeBehaviour::tls;
  std::vector<Bytes> served;  // DER, sent exactly so; the first belongs to the key
  std::string key_pem;
  // What a client gets that names the host; `served` is then for all others. Empty: no difference.
  std::vector<Bytes> served_by_name;
  std::string key_by_name_pem;
};

struct PracticePlan {
  std::string id;
  std::map<std::string, std::string> description;
  std::string scheme;  // "smtp://" or empty
  std::string host;
  std::vector<PracticeServer> servers;  // all on one port
  std::vector<std::string> findings;
  std::string verdict;
};

// The fleet at `now`. `with_v6`: a case may stand at ::1 too.
Result<std::vector<PracticePlan>> practice_plans(const PracticePki& pki, Time now, bool with_v6);

}  // namespace chaintier
