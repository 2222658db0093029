// What the probes saw, as plain data. Nothing here judges: rules read it, writers show it, `--save` keeps it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/bytes.h"
#include "src/base/digest.h"
#include "src/base/result.h"
#include "src/base/time.h"
#include "src/observe/target.h"

namespace chaintier {

struct Certificate;

// One certificate exactly as it was sent; it need not parse.
struct SentCertificate {
  CertFingerprint fingerprint;
  Bytes der;
  // What parse_certificate() made of `der`, where a probe needed it: nobody has to read it again. Null says
  // nothing.
  std::shared_ptr<const Certificate> parsed = nullptr;
};
using SentPtr = std::shared_ptr<const SentCertificate>;

// Content-addressed: the chain of a thousand samples is stored once.
SentPtr make_sent(ByteView der);

enum class KeyType { any, rsa, ecdsa };
enum class Outcome {
  captured,     // chain seen and the server proved that it holds the leaf's key
  partial,      // chain seen, no proof
  failed,       // no chain; `error` says why
  not_started,  // the run or the target ended before this was begun
};
enum class EndpointRole { edge, origin, file };

std::string_view id(KeyType type);
std::string_view id(Outcome outcome);
std::string_view id(EndpointRole role);

struct Asked {
  std::optional<std::string> sni;  // RFC 6066 3; nothing when none was sent
  KeyType key_type = KeyType::any;

  friend bool operator==(const Asked&, const Asked&) = default;
};

struct TlsFacts {
  std::string version;  // "TLSv1.3"
  std::string cipher;   // IANA name
  std::string group;    // empty when the key exchange has none
  std::string alpn;     // empty when none was chosen
};

struct StageTimes {  // nothing when the stage was not reached
  std::optional<Milliseconds> resolve, connect, starttls, handshake;
};

struct Sample {
  Time at{};
  Asked asked;
  Outcome outcome = Outcome::not_started;
  bool key_proved = false;
  std::optional<Error> error;  // also set beside a chain when the handshake ended badly after it
  std::optional<TlsFacts> tls;
  std::vector<SentPtr> served;  // in the order sent, duplicates included
  std::optional<Bytes> staple;  // RFC 6066 8: the stapled OCSP response, DER
  StageTimes ms;
};

struct EndpointSeen {
  std::optional<IpAddress> address;  // nothing for a file, or a name without an address
  std::uint16_t port = 0;
  EndpointRole role = EndpointRole::edge;
  std::vector<Sample> samples;
  // An address of the scanning machine itself. A loopback address counts where the name led to it, not where
  // it was asked for.
  bool this_machine = false;
};

// What lies at a caIssuers URL (RFC 5280 4.2.2.1). Fetched, never served.
struct Fetched {
  std::string url;
  Time at{};
  Bytes body;                  // as it came; empty with an error
  std::optional<Error> error;  // why nothing came
};
using FetchedPtr = std::shared_ptr<const Fetched>;

// Everything seen for one target.
struct Observation {
  Target target;
  std::vector<std::string> cnames;  // the names on the way from the target's name to its addresses
  std::vector<EndpointSeen> endpoints;
  bool name_checked = true;         // false for a file without --host: no name rule applies
  std::vector<FetchedPtr> fetched;  // each URL once; many targets share one answer
};

}  // namespace chaintier
