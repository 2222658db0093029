#include <algorithm>
#include <array>
#include <boost/json.hpp>

#include "reports/json_reader_parts.h"
#include "src/base/host_name.h"
#include "src/base/json_members.h"
#include "src/observe/observation_json.h"

namespace chaintier {

namespace json = boost::json;
using namespace json_members;

namespace {

Target read_target(const json::object& in) {
  Target target;
  target.text = text(in, "target");
  target.host = text(in, "host");
  target.shown_host = target.host.empty() ? target.text : to_shown_host(target.host);
  target.host_address = IpAddress::parse(target.host);
  target.connect_to = address_or_null(in, "connect_to");
  target.port = port_of(in);
  target.protocol = one_of(text(in, "protocol"), Protocol::xmpp, "protocol");
  target.tag = text(in, "tag");
  return target;
}

std::optional<Bytes> read_staple(const json::value& value, std::map<Bytes, StapleJudgement>& staples) {
  if (value.is_null()) return std::nullopt;
  const json::object& in = object_of(value, "\"staple\"");
  Bytes response = base64_of(text(in, "response"), "response");
  StapleJudgement judged;
  judged.status = text(in, "status");
  constexpr std::array<std::string_view, 5> known{"good", "revoked", "unknown", "invalid", "unread"};
  if (std::ranges::find(known, judged.status) == known.end()) none_of_its_values("status", judged.status);
  if (!in.contains("reason")) return response;  // it was not judged
  judged.reason = text_or_null(in, "reason").value_or("");
  judged.this_update = time_or_null(in, "this_update");
  judged.next_update = time_or_null(in, "next_update");
  judged.revoked_at = time_or_null(in, "revoked_at");
  staples.emplace(response, std::move(judged));
  return response;
}

Sample read_sample(const json::object& in, const ReadCertificates& certificates,
                   std::map<Bytes, StapleJudgement>& staples) {
  Sample sample;
  sample.at = time_of(in, "at");
  const json::object& asked = object(in, "asked");
  sample.asked.sni = text_or_null(asked, "sni");
  sample.asked.key_type = one_of(text(asked, "key_type"), KeyType::ecdsa, "key_type");
  sample.outcome = one_of(text(in, "outcome"), Outcome::not_started, "outcome");
  sample.key_proved = flag(in, "key_proved");
  sample.error = read_error(member(in, "error"));
  if (const json::value& tls = member(in, "tls"); !tls.is_null()) {
    const json::object& facts = object_of(tls, "\"tls\"");
    sample.tls =
        TlsFacts{text(facts, "version"), text(facts, "cipher"), text(facts, "group"), text(facts, "alpn")};
  }
  for (const std::string& fingerprint : texts(in, "served"))
    sample.served.push_back(certificates.sent(fingerprint));
  sample.staple = read_staple(member(in, "staple"), staples);
  const json::object& ms = object(in, "ms");
  sample.ms = {millis_or_null(ms, "resolve"), millis_or_null(ms, "connect"), millis_or_null(ms, "starttls"),
               millis_or_null(ms, "handshake")};
  return sample;
}

// The report has the certificates and not the octets that they came in.
FetchedPtr read_fetched(const json::object& in, const ReadCertificates& certificates) {
  Fetched fetched;
  fetched.url = text(in, "url");
  fetched.at = time_of(in, "at");
  if (const auto error = text_or_null(in, "error")) fetched.error = Error{Stage::read, Fault::peer, *error};
  for (const std::string& fingerprint : texts(in, "certificates")) {
    const std::string pem = to_pem(certificates.sent(fingerprint)->der);
    const ByteView octets = bytes_of(pem);
    fetched.body.insert(fetched.body.end(), octets.begin(), octets.end());
  }
  return std::make_shared<const Fetched>(std::move(fetched));
}

}  // namespace

Observation read_observation_of(const json::object& in, const ReadCertificates& certificates,
                                std::map<Bytes, StapleJudgement>& staples) {
  Observation observation;
  observation.target = read_target(in);
  observation.cnames = texts(in, "cname");
  observation.name_checked = flag(in, "name_checked");
  for (const json::value& value : list(in, "endpoints")) {
    const json::object& endpoint = object_of(value, "an endpoint");
    EndpointSeen seen{address_or_null(endpoint, "address"),
                      port_of(endpoint),
                      one_of(text(endpoint, "role"), EndpointRole::file, "role"),
                      {}};
    for (const json::value& sample : list(endpoint, "samples"))
      seen.samples.push_back(read_sample(object_of(sample, "a sample"), certificates, staples));
    seen.this_machine = flag(endpoint, "this_machine");
    observation.endpoints.push_back(std::move(seen));
  }
  for (const json::value& value : list(in, "fetched"))
    observation.fetched.push_back(read_fetched(object_of(value, "what was fetched"), certificates));
  return observation;
}

}  // namespace chaintier
