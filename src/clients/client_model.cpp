#include "src/clients/client_model.h"

#include <algorithm>
#include <stdexcept>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "src/base/embedded.h"
#include "src/base/json.h"
#include "src/base/text.h"
#include "src/x509/certificate_file.h"

namespace chaintier {

namespace {

// Our own data: a mistake in it is a bug, which the tests find.
std::optional<Time> date(const boost::json::object& object, std::string_view key) {
  const std::string text = json_text(object, key);
  if (text.empty()) return std::nullopt;
  const auto time = parse_rfc3339(text.size() == 10 ? text + "T00:00:00Z" : text);
  if (!time) throw std::logic_error("clients.json: bad date " + text);
  return time;
}

std::vector<std::string> texts(const boost::json::object& object, std::string_view key) {
  std::vector<std::string> result;
  if (const auto* list = json_list(object, key))
    for (const auto& value : *list) result.emplace_back(value.as_string());
  return result;
}

// Every root of the published bundles, once.
std::vector<Bytes> bundled_roots() {
  return certificates_in(bytes_of(embedded_file("stores/roots.pem"))).value();
}

ClientModel read(const boost::json::object& object) {
  ClientModel client;
  client.id = json_text(object, "id");
  client.store = json_text(object, "store");
  client.store_date = json_text(object, "store_date");
  client.note = json_text(object, "note");
  client.current = json_flag(object, "current", false);
  client.fetches_aia = json_flag(object, "fetches_aia", false);
  client.strict = json_flag(object, "strict", false);
  client.machine_store = json_flag(object, "machine_store", false);
  client.trusted_first = json_flag(object, "trusted_first", false);
  client.assumed = client.note.starts_with("Assumed");
  for (const auto& [language, text] : object.at("label").as_object())
    client.label.emplace(std::string(language), std::string(text.as_string()));
  client.bundle = json_text(object, "bundle");
  if (!client.bundle.empty())
    client.whole_store = std::make_shared<const CertificateStore>(
        embedded_file("stores/" + client.bundle + ".txt"), bundled_roots);
  client.sources = texts(object, "sources");
  client.preloaded = texts(object, "preloaded");
  client.revokes = texts(object, "revokes");
  if (const auto* rules = json_list(object, "lifetimes"))
    for (const auto& value : *rules)
      client.lifetimes.push_back({date(value.as_object(), "issued_from").value(),
                                  std::chrono::days(value.at("days").to_number<int>())});
  if (const auto* anchors = json_list(object, "anchors"))
    for (const auto& value : *anchors) {
      const auto& anchor = value.as_object();
      client.anchors.push_back({json_text(anchor, "slug"), date(anchor, "since"), date(anchor, "until"),
                                date(anchor, "sct_not_after"), json_text(anchor, "source")});
    }
  return client;
}

}  // namespace

ClientData built_in_clients() {
  const auto value = boost::json::parse(embedded_file("clients.json"));
  ClientData data;
  data.date = json_text(value.as_object(), "date");
  for (const auto& client : value.at("clients").as_array()) data.clients.push_back(read(client.as_object()));
  return data;
}

std::map<std::string, std::string> label_of_given(const std::string& id, std::string_view file) {
  const std::string_view name = file.substr(file.find_last_of("/\\") + 1);
  if (id != "custom" || name.empty()) return {{"en", id}, {"zh-TW", id}};
  return {{"en", fmt::format("clients that trust {}", name)},
          {"zh-TW", fmt::format("信任 {} 的用戶端", name)}};
}

ClientModel given_client(std::string id, std::string file, std::vector<CertificatePtr> anchors) {
  ClientModel client;
  client.label = label_of_given(id, file);
  client.id = std::move(id);
  client.store = std::move(file);
  client.current = true;
  client.given = true;
  client.whole_store = std::make_shared<const CertificateStore>(std::move(anchors));
  return client;
}

Result<std::vector<ClientModel>> select_clients(std::vector<ClientModel> all,
                                                const std::vector<std::string>& ids) {
  for (const std::string& id : ids)
    if (std::ranges::find(all, id, &ClientModel::id) == all.end()) {
      std::vector<std::string> known;
      for (const ClientModel& client : all) known.push_back(client.id);
      return input_error(Stage::usage, fmt::format("no client \"{}\"; there are: {}", printable(id),
                                                   fmt::join(known, ", ")));
    }
  std::erase_if(all,
                [&](const ClientModel& client) { return std::ranges::find(ids, client.id) == ids.end(); });
  return all;
}

}  // namespace chaintier
