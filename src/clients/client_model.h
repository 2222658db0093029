// How a kind of client decides: which roots it holds, and how it gets from a leaf to one. Data, not code:
// data/clients.json, each entry with its source and date.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/result.h"
#include "src/base/time.h"
#include "src/x509/certificate_store.h"

namespace chaintier {

// A root that a client holds, by its slug in the catalogue.
struct AnchorRule {
  std::string slug;
  std::optional<Time> since;          // of the client's family, for showing
  std::optional<Time> until;          // announced removal: not held from then on
  std::optional<Time> sct_not_after;  // taken only for leaves with an embedded SCT of then or earlier
  std::string source;
};

// Leaves issued (notBefore) from then on are refused when they are valid for longer.
struct LifetimeRule {
  Time issued_from{};
  std::chrono::days longest{};
};

struct ClientModel {
  std::string id;
  std::map<std::string, std::string> label;  // by language tag
  std::string store, store_date;
  bool current = false;        // a refusal is an error
  bool fetches_aia = false;    // follows caIssuers URLs (RFC 5280 4.2.2.1)
  bool strict = false;         // refuses what only strict RFC 5280 profile checks refuse
  bool trusted_first = false;  // ends at the first issuer that it holds, and tries no longer path (OpenSSL)
  bool assumed = false;
  std::string note;
  std::vector<std::string> sources;

  std::vector<AnchorRule> anchors;     // slugs, for clients of which the data know TWCA's roots only
  std::vector<std::string> preloaded;  // slugs of intermediates that it has without being sent them
  std::vector<std::string> revokes;    // slugs of CA certificates that it refuses
  std::vector<LifetimeRule> lifetimes;

  // Clients whose whole store is at hand: the scanning machine's, one given by --client, or a published
  // bundle.
  bool machine_store = false;
  bool given = false;  // --client, --trust: RFC 5280 rules, nothing of a profile decides
  // data/stores/<bundle>.txt: the roots of other CAs too, as published on `store_date`. Of TWCA's roots
  // `anchors` tells, as for every client.
  std::string bundle;
  std::shared_ptr<const CertificateStore> whole_store;  // null when it is not at hand

  bool whole_store_known() const { return given || (whole_store && !whole_store->empty()); }
};

// The clients of the data, in the order in which they are shown.
struct ClientData {
  std::string date;
  std::vector<ClientModel> clients;
};
ClientData built_in_clients();

// What a given client is called, by language tag: --client names it, --trust does not.
std::map<std::string, std::string> label_of_given(const std::string& id, std::string_view file);

// A further client with exactly these trust anchors, self-signed or not.
ClientModel given_client(std::string id, std::string file, std::vector<CertificatePtr> anchors);

// Those with the given ids, in the order of the data; an id that is not there is an error that lists them.
Result<std::vector<ClientModel>> select_clients(std::vector<ClientModel> all,
                                                const std::vector<std::string>& ids);

}  // namespace chaintier
