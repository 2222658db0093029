#include "src/cli/setup.h"

#include <algorithm>
#include <filesystem>

#include <fmt/format.h>

#include "src/base/text.h"
#include "src/cli/expect.h"
#include "src/cli/files.h"
#include "src/cli/machine_store.h"
#include "src/x509/certificate_file.h"

namespace chaintier {

namespace {

Result<std::unordered_set<CertFingerprint>> roots_to_leave_out(const std::vector<std::string>& names,
                                                               const Catalogue& catalogue) {
  std::unordered_set<CertFingerprint> result;
  for (const std::string& name : names) {
    const KnownCa* known = catalogue.find(name);
    if (known && known->role == CaRole::intermediate)
      return input_error(Stage::usage, fmt::format("--without-root {}: that is an intermediate, not a root",
                                                   printable(name)));
    const auto fingerprint =
        known ? std::optional(known->certificate->fingerprint) : CertFingerprint::parse(name);
    if (!fingerprint)
      return input_error(
          Stage::usage, fmt::format("--without-root {}: neither a slug of the catalogue (chaintier catalogue "
                                    "lists them) nor a SHA-256 of 64 hexadecimal digits",
                                    printable(name)));
    result.insert(*fingerprint);
  }
  return result;
}

// --trust alone judges nobody but "custom": then reading this machine's store would be work for nothing.
bool asks_for(const JudgeOptions& options, std::string_view id) {
  if (options.clients.empty()) return !options.trust;
  return std::ranges::find(options.clients, id) != options.clients.end();
}

Result<std::vector<ClientModel>> all_clients(const JudgeOptions& options,
                                             const std::vector<Bytes>* saved_store) {
  std::vector<ClientModel> clients = built_in_clients().clients;
  for (ClientModel& client : clients)
    if (client.machine_store && saved_store) {
      client.whole_store = std::make_shared<const CertificateStore>(*saved_store);
    } else if (client.machine_store && asks_for(options, client.id)) {
      MachineStore store = read_machine_store();
      client.whole_store = std::move(store.certificates);
      if (!store.where.empty()) client.store = store.where;
    }
  auto given = options.given_clients;
  if (options.trust) given.emplace_back("custom", *options.trust);
  for (const auto& [name, file] : given) {
    auto anchors = read_certificates(file);
    if (!anchors) return anchors.error();
    if (std::ranges::find(clients, name, &ClientModel::id) != clients.end())
      return input_error(Stage::usage,
                         fmt::format("--client {}: there is a client of that name already", printable(name)));
    clients.push_back(given_client(name, file, std::move(*anchors)));
  }
  return clients;
}

}  // namespace

Result<std::vector<CertificatePtr>> read_certificates(const std::string& file) {
  const auto content = read_file(file);
  if (!content) return content.error();
  const auto ders = certificates_in(*content);
  if (!ders) return input_error(Stage::parse, fmt::format("{}: {}", printable(file), ders.error().detail));
  std::vector<CertificatePtr> certificates;
  for (const Bytes& der : *ders) {
    auto certificate = parse_certificate(der);
    if (!certificate)
      return input_error(Stage::parse, fmt::format("{}: certificate {} cannot be read as X.509",
                                                   printable(file), certificates.size() + 1));
    certificates.push_back(std::move(*certificate));
  }
  return certificates;
}

Result<std::shared_ptr<const Catalogue>> read_catalogue(const JudgeOptions& options) {
  if (!options.catalogue) return std::make_shared<const Catalogue>(Catalogue::twca());
  auto catalogue = Catalogue::from_directory(
      std::filesystem::path(std::u8string(options.catalogue->begin(), options.catalogue->end())));
  if (!catalogue) return catalogue.error();
  return std::make_shared<const Catalogue>(std::move(*catalogue));
}

Result<Knowledge> build_knowledge(const JudgeOptions& options, Time now,
                                  const std::vector<Bytes>* saved_store) {
  Knowledge knowledge;
  knowledge.at = options.at.value_or(now);
  knowledge.for_server = options.for_server;

  auto catalogue = read_catalogue(options);
  if (!catalogue) return catalogue.error();
  knowledge.catalogue = std::move(*catalogue);

  auto clients = all_clients(options, saved_store);
  if (!clients) return clients.error();
  knowledge.all_clients = *clients;
  std::vector<std::string> wanted = options.clients;
  if (options.trust && wanted.empty()) wanted.emplace_back("custom");
  if (!wanted.empty()) {
    for (const auto& [name, file] : options.given_clients)
      if (options.trust && options.clients.empty()) wanted.push_back(name);
    clients = select_clients(std::move(*clients), wanted);
    if (!clients) return clients.error();
  }
  knowledge.clients = std::move(*clients);

  if (options.pool) {
    auto pool = read_certificates(*options.pool);
    if (!pool) return pool.error();
    knowledge.pool = std::move(*pool);
  }
  if (options.expect) {
    auto expectation = read_expectation(*options.expect);
    if (!expectation) return expectation.error();
    knowledge.expected = std::make_shared<const Expectation>(std::move(*expectation));
  }
  auto without = roots_to_leave_out(options.without_roots, *knowledge.catalogue);
  if (!without) return without.error();
  knowledge.without_roots = std::move(*without);
  return knowledge;
}

std::vector<Bytes> machine_store_of(const Knowledge& knowledge) {
  std::vector<Bytes> ders;
  for (const ClientModel& client : knowledge.all_clients)
    if (client.machine_store && client.whole_store) ders = client.whole_store->ders();
  return ders;
}

Report empty_report(const Knowledge& knowledge, const JudgeOptions& given, Language language,
                    const std::vector<GivenOption>& asked) {
  Report report;
  report.tool_name = "chaintier";
  report.tool_version = CHAINTIER_VERSION;
  report.judged_at = knowledge.at;
  report.language = language;
  report.catalogue = knowledge.catalogue;
  report.catalogue_date = knowledge.catalogue->date();
  report.of_twca = knowledge.catalogue->of_twca();
  report.catalogue_path = given.catalogue;
  report.expect_path = given.expect;
  report.options = given.given;
  report.options.insert(report.options.end(), asked.begin(), asked.end());
  for (const ClientModel& client : knowledge.clients)
    report.clients.push_back({client.id, client.store, client.store_date, client.current, client.label});
  return report;
}

Time now() { return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()); }

}  // namespace chaintier
