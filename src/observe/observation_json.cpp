#include "src/observe/observation_json.h"

#include <boost/json.hpp>
#include <map>
#include <set>

#include <fmt/format.h>

#include "src/base/base64.h"
#include "src/base/json_members.h"
#include "src/base/text.h"

namespace chaintier {

namespace {

namespace json = boost::json;

constexpr std::string_view schema = "chaintier.observation/1";

// --- writing ---

json::value millis(const std::optional<Milliseconds>& time) {
  return time ? json::value(time->count()) : json::value(nullptr);
}

json::object target_json(const Target& target) {
  json::object out;
  out["text"] = valid_utf8(target.text);
  out["host"] = target.host;
  out["shown_host"] = valid_utf8(target.shown_host);
  out["address"] = target.host_address.has_value();
  out["connect_to"] = target.connect_to ? json::value(target.connect_to->text()) : json::value(nullptr);
  out["port"] = target.port;
  out["protocol"] = id(target.protocol);
  out["tag"] = valid_utf8(target.tag);
  return out;
}

json::value error_json(const std::optional<Error>& error) {
  if (!error) return nullptr;
  json::object out;
  out["code"] = id(error->cause);
  out["stage"] = id(error->stage);
  out["fault"] = id(error->fault);
  out["alert"] = error->alert ? json::value(*error->alert) : json::value(nullptr);
  out["detail"] = valid_utf8(error->detail);
  return out;
}

json::object sample_json(const Sample& sample) {
  json::object out;
  out["at"] = format_rfc3339(sample.at);
  out["sni"] = sample.asked.sni ? json::value(*sample.asked.sni) : json::value(nullptr);
  out["key_type"] = id(sample.asked.key_type);
  out["outcome"] = id(sample.outcome);
  out["key_proved"] = sample.key_proved;
  out["error"] = error_json(sample.error);
  if (sample.tls)
    out["tls"] = {{"version", sample.tls->version},
                  {"cipher", sample.tls->cipher},
                  {"group", sample.tls->group},
                  {"alpn", valid_utf8(sample.tls->alpn)}};
  else
    out["tls"] = nullptr;
  json::array served;
  for (const SentPtr& sent : sample.served) served.emplace_back(sent->fingerprint.hex());
  out["served"] = std::move(served);
  out["staple"] = sample.staple ? json::value(to_base64(*sample.staple)) : json::value(nullptr);
  out["ms"] = {{"resolve", millis(sample.ms.resolve)},
               {"connect", millis(sample.ms.connect)},
               {"starttls", millis(sample.ms.starttls)},
               {"handshake", millis(sample.ms.handshake)}};
  return out;
}

json::object observation_json(const Observation& observation) {
  json::object out;
  out["target"] = target_json(observation.target);
  out["name_checked"] = observation.name_checked;
  json::array cnames;
  for (const std::string& name : observation.cnames) cnames.emplace_back(valid_utf8(name));
  out["cnames"] = std::move(cnames);
  json::array endpoints;
  for (const EndpointSeen& endpoint : observation.endpoints) {
    json::array samples;
    for (const Sample& sample : endpoint.samples) samples.push_back(sample_json(sample));
    endpoints.push_back(
        {{"address", endpoint.address ? json::value(endpoint.address->text()) : json::value(nullptr)},
         {"port", endpoint.port},
         {"role", id(endpoint.role)},
         {"this_machine", endpoint.this_machine},
         {"samples", std::move(samples)}});
  }
  out["endpoints"] = std::move(endpoints);
  json::array fetched;
  for (const FetchedPtr& one : observation.fetched) fetched.emplace_back(valid_utf8(one->url));
  out["fetched"] = std::move(fetched);
  return out;
}

json::object fetched_json(const Fetched& fetched) {
  return {{"at", format_rfc3339(fetched.at)},
          {"body", to_base64(fetched.body)},
          {"error", error_json(fetched.error)}};
}

// --- reading ---

using namespace json_members;

Target read_target(const json::object& in) {
  Target target;
  target.text = text(in, "text");
  target.host = text(in, "host");
  target.shown_host = text(in, "shown_host");
  if (flag(in, "address")) {
    target.host_address = IpAddress::parse(target.host);
    if (!target.host_address) throw Wrong{"\"host\" is no IP address"};
  }
  target.connect_to = address_or_null(in, "connect_to");
  target.port = port_of(in);
  target.protocol = one_of(text(in, "protocol"), Protocol::xmpp, "protocol");
  target.tag = text(in, "tag");
  return target;
}

using Certificates = std::map<std::string, SentPtr, std::less<>>;

Sample read_sample(const json::object& in, const Certificates& certificates) {
  Sample sample;
  sample.at = time_of(in, "at");
  sample.asked.sni = text_or_null(in, "sni");
  sample.asked.key_type = one_of(text(in, "key_type"), KeyType::ecdsa, "key_type");
  sample.outcome = one_of(text(in, "outcome"), Outcome::not_started, "outcome");
  sample.key_proved = flag(in, "key_proved");
  sample.error = read_error(member(in, "error"));
  if (const json::value& tls = member(in, "tls"); !tls.is_null()) {
    const json::object& facts = object_of(tls, "\"tls\"");
    sample.tls =
        TlsFacts{text(facts, "version"), text(facts, "cipher"), text(facts, "group"), text(facts, "alpn")};
  }
  for (const json::value& served : list(in, "served")) {
    const auto known =
        served.is_string() ? certificates.find(std::string_view(served.get_string())) : certificates.end();
    if (known == certificates.end()) throw Wrong{"\"served\" names a certificate that is not in the file"};
    sample.served.push_back(known->second);
  }
  if (const auto staple = text_or_null(in, "staple")) sample.staple = base64_of(*staple, "staple");
  const json::object& ms = object_of(member(in, "ms"), "\"ms\"");
  sample.ms = {millis_or_null(ms, "resolve"), millis_or_null(ms, "connect"), millis_or_null(ms, "starttls"),
               millis_or_null(ms, "handshake")};
  return sample;
}

using FetchedByUrl = std::map<std::string, FetchedPtr, std::less<>>;

FetchedPtr read_fetched(const std::string& url, const json::object& in) {
  return std::make_shared<const Fetched>(
      Fetched{url, time_of(in, "at"), base64_of(text(in, "body"), "body"), read_error(member(in, "error"))});
}

Observation read_observation(const json::object& in, const Certificates& certificates,
                             const FetchedByUrl& fetched) {
  Observation observation;
  observation.target = read_target(object_of(member(in, "target"), "\"target\""));
  observation.name_checked = flag(in, "name_checked");
  for (const json::value& name : list(in, "cnames")) {
    if (!name.is_string()) throw Wrong{"\"cnames\" holds something that is no text"};
    observation.cnames.emplace_back(name.get_string());
  }
  for (const json::value& value : list(in, "endpoints")) {
    const json::object& endpoint = object_of(value, "an endpoint");
    EndpointSeen seen{address_or_null(endpoint, "address"),
                      port_of(endpoint),
                      one_of(text(endpoint, "role"), EndpointRole::file, "role"),
                      {}};
    for (const json::value& sample : list(endpoint, "samples"))
      seen.samples.push_back(read_sample(object_of(sample, "a sample"), certificates));
    // Files of the first version have neither this nor what was fetched.
    if (endpoint.contains("this_machine")) seen.this_machine = flag(endpoint, "this_machine");
    observation.endpoints.push_back(std::move(seen));
  }
  if (in.contains("fetched"))
    for (const json::value& url : list(in, "fetched")) {
      const auto known = url.is_string() ? fetched.find(std::string_view(url.get_string())) : fetched.end();
      if (known == fetched.end()) throw Wrong{"\"fetched\" names a URL that is not in the file"};
      observation.fetched.push_back(known->second);
    }
  return observation;
}

SavedObservations read(const json::object& in) {
  if (text(in, "schema") != schema) throw Wrong{fmt::format("its schema is not {}", schema)};
  SavedObservations saved;
  saved.saved_at = time_of(in, "saved_at");
  for (const json::value& der : list(in, "machine_store")) {
    if (!der.is_string()) throw Wrong{"\"machine_store\" holds something that is no text"};
    saved.machine_store.push_back(base64_of(der.get_string(), "machine_store"));
  }
  if (in.contains("options"))
    for (const json::value& value : list(in, "options")) {
      const json::object& given = object_of(value, "an option");
      saved.options.push_back({text(given, "option"), text_or_null(given, "value")});
    }
  Certificates certificates;
  for (const auto& [name, der] : object_of(member(in, "certificates"), "\"certificates\"")) {
    if (!der.is_string()) throw Wrong{"\"certificates\" holds something that is no text"};
    SentPtr sent = make_sent(base64_of(der.get_string(), "certificates"));
    if (sent->fingerprint.hex() != std::string_view(name))
      throw Wrong{"a certificate does not have the SHA-256 that it stands under"};
    certificates.emplace(std::string(name), std::move(sent));
  }
  FetchedByUrl fetched;
  if (const auto* all = in.if_contains("fetched"))
    for (const auto& [url, one] : object_of(*all, "\"fetched\""))
      fetched.emplace(std::string(url), read_fetched(std::string(url), object_of(one, "what was fetched")));
  for (const json::value& target : list(in, "targets"))
    saved.targets.push_back(read_observation(object_of(target, "a target"), certificates, fetched));
  return saved;
}

}  // namespace

std::optional<Error> read_error(const json::value& value) {
  if (value.is_null()) return std::nullopt;
  const json::object& in = object_of(value, "\"error\"");
  Error error;
  error.cause = one_of(text_or_null(in, "code").value_or(""), Cause::limit, "code");
  error.stage = one_of(text(in, "stage"), Stage::write, "stage");
  error.fault = one_of(text(in, "fault"), Fault::internal, "fault");
  error.detail = text(in, "detail");
  if (const json::value& alert = member(in, "alert"); !alert.is_null())
    error.alert = static_cast<std::uint8_t>(number_of(alert, "alert", 0, 255));
  return error;
}

void write_observations(const SavedObservations& saved, std::ostream& out) {
  std::map<std::string, SentPtr> certificates;
  std::map<std::string, FetchedPtr> fetched;
  for (const Observation& observation : saved.targets)
    for (const FetchedPtr& one : observation.fetched) fetched.emplace(valid_utf8(one->url), one);
  for (const Observation& observation : saved.targets)
    for (const EndpointSeen& endpoint : observation.endpoints)
      for (const Sample& sample : endpoint.samples)
        for (const SentPtr& sent : sample.served) certificates.emplace(sent->fingerprint.hex(), sent);

  json::array options;
  for (const GivenOption& given : saved.options)
    options.push_back({{"option", given.option},
                       {"value", given.value ? json::value(json::string(*given.value)) : json::value()}});
  json::array store;
  for (const Bytes& der : saved.machine_store) store.emplace_back(to_base64(der));
  out << "{\"schema\":" << json::serialize(json::string(schema))
      << ",\"saved_at\":" << json::serialize(json::string(format_rfc3339(saved.saved_at)))
      << (options.empty() ? "" : ",\n\"options\":" + json::serialize(options))
      << ",\n\"machine_store\":" << json::serialize(store) << ",\n\"certificates\":{";
  const char* separator = "\n";
  for (const auto& [name, sent] : certificates) {
    out << separator << '"' << name << "\":\"" << to_base64(sent->der) << '"';
    separator = ",\n";
  }
  out << "},\n\"fetched\":{";
  separator = "\n";
  for (const auto& [url, one] : fetched) {
    out << separator << json::serialize(json::string(url)) << ':' << json::serialize(fetched_json(*one));
    separator = ",\n";
  }
  out << "},\n\"targets\":[";
  separator = "\n";
  for (const Observation& observation : saved.targets) {
    out << separator << json::serialize(observation_json(observation));
    separator = ",\n";
  }
  out << "]}\n";
}

Result<SavedObservations> read_observations(std::string_view text) {
  boost::system::error_code failed;
  const json::value value = json::parse(text, failed);
  if (failed) return input_error(Stage::parse, "it is no JSON: " + failed.message());
  try {
    return read(object_of(value, "the file"));
  } catch (const Wrong& wrong) {
    return input_error(Stage::parse, "it holds no saved observations: " + wrong.detail);
  }
}

}  // namespace chaintier
