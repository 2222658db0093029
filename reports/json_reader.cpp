#include "reports/json_reader.h"

#include <algorithm>
#include <boost/json.hpp>

#include <fmt/format.h>

#include "reports/json_reader_parts.h"
#include "src/base/json_members.h"
#include "src/clients/client_model.h"

namespace chaintier {

namespace json = boost::json;
using namespace json_members;

namespace {

// One certificate as PEM, as to_pem() writes it; what it holds need not be a certificate.
Bytes der_of(const std::string& pem) {
  constexpr std::string_view begin = "-----BEGIN CERTIFICATE-----\n", end = "-----END CERTIFICATE-----\n";
  if (!pem.starts_with(begin) || !pem.ends_with(end) || pem.size() < begin.size() + end.size())
    throw Wrong{"\"pem\" is no certificate in PEM"};
  std::string body = pem.substr(begin.size(), pem.size() - begin.size() - end.size());
  std::erase(body, '\n');
  return base64_of(body, "pem");
}

std::vector<ClientInfo> read_clients(const json::object& data) {
  std::vector<ClientInfo> clients;
  for (const json::value& value : list(data, "clients")) {
    const json::object& in = object_of(value, "a client");
    ClientInfo client;
    client.id = text(in, "id");
    client.store = text(in, "store");
    client.store_date = text(in, "store_date");
    client.current = flag(in, "current");
    // Labels are no part of a report; a client that was given on the command line is called as there.
    static const std::vector<ClientModel> known = built_in_clients().clients;
    const auto model = std::ranges::find(known, client.id, &ClientModel::id);
    if (model != known.end())
      client.label = model->label;
    else
      client.label = label_of_given(client.id, client.store);
    clients.push_back(std::move(client));
  }
  return clients;
}

Report read_head(const json::object& in) {
  Report head;
  const json::object& tool = object(in, "tool");
  head.tool_name = text(tool, "name");
  head.tool_version = text(tool, "version");
  head.judged_at = time_of(in, "judged_at");
  head.language = one_of(text(in, "language"), Language::en, "language");
  const json::object& data = object(in, "data");
  head.catalogue_date = text(data, "catalogue_date");
  // Reports of earlier versions do not have these.
  if (data.contains("catalogue_of")) head.of_twca = text(data, "catalogue_of") == "twca";
  if (data.contains("catalogue_path")) head.catalogue_path = text(data, "catalogue_path");
  if (data.contains("expect_path")) head.expect_path = text(data, "expect_path");
  if (data.contains("options"))
    for (const json::value& value : list(data, "options")) {
      const json::object& given = object_of(value, "an option");
      head.options.push_back({text(given, "option"), text_or_null(given, "value")});
    }
  head.clients = read_clients(data);
  return head;
}

std::string head_text(const json::object& in) {
  std::string result;
  for (const std::string_view key : {"tool", "judged_at", "language", "data"})
    result += json::serialize(member(in, key)) + '\n';
  return result;
}

}  // namespace

ReadCertificates::ReadCertificates(const json::object& certificates, ReportReader& reader) {
  for (const auto& [name, value] : certificates) {
    const json::object& in = object_of(value, "a certificate");
    Entry entry;
    const std::string pem = text(in, "pem");
    entry.sent = reader.pool_.keep(der_of(pem));
    if (entry.sent->fingerprint.hex() != std::string_view(name))
      throw Wrong{"a certificate does not have the SHA-256 that it stands under"};
    entry.parsed = reader.parsed(entry.sent);
    if (!entry.parsed && !in.contains("parse_error"))
      throw Wrong{
          fmt::format("certificate {} cannot be read as X.509", std::string_view(name).substr(0, 16))};
    if (const auto* slug = in.if_contains("catalogue"); slug && slug->is_string() && entry.parsed)
      if (!reader.catalogue_->find(entry.sent->fingerprint)) reader.foreign_.emplace(slug->get_string(), pem);
    entries_.emplace(std::string(name), std::move(entry));
  }
}

const ReadCertificates::Entry& ReadCertificates::at(std::string_view fingerprint) const {
  const auto found = entries_.find(fingerprint);
  if (found == entries_.end())
    throw Wrong{fmt::format("certificate \"{}\" is spoken of, and is not in \"certificates\"",
                            printable(shorten(fingerprint, 64)))};
  return found->second;
}

const SentPtr& ReadCertificates::sent(std::string_view fingerprint) const { return at(fingerprint).sent; }
CertificatePtr ReadCertificates::parsed(std::string_view fingerprint) const { return at(fingerprint).parsed; }

CertificatePtr ReadCertificates::readable(std::string_view fingerprint) const {
  const Entry& entry = at(fingerprint);
  if (!entry.parsed) throw Wrong{"a path or an advice holds a certificate that cannot be read as X.509"};
  return entry.parsed;
}

ReportReader::ReportReader(std::shared_ptr<const Catalogue> catalogue) : catalogue_(std::move(catalogue)) {}

std::shared_ptr<const Catalogue> ReportReader::catalogue() const {
  if (foreign_.empty()) return catalogue_;
  std::vector<Catalogue::File> files;
  for (const auto& [slug, pem] : foreign_) files.push_back({slug + ".pem", pem});
  for (const KnownCa& known : catalogue_->all())
    if (!foreign_.contains(known.slug))
      files.push_back({known.slug + ".pem", to_pem(known.certificate->der)});
  auto together = Catalogue::from_files(files);
  return together ? std::make_shared<const Catalogue>(std::move(*together)) : catalogue_;
}

CertificatePtr ReportReader::parsed(const SentPtr& sent) {
  if (const KnownCa* known = catalogue_->find(sent->fingerprint)) return known->certificate;
  auto& place = parsed_[sent->fingerprint];
  if (CertificatePtr alive = place.lock()) return alive;
  const Result<CertificatePtr> fresh = parse_certificate(sent->der);
  if (!fresh) {
    parsed_.erase(sent->fingerprint);
    return nullptr;
  }
  place = *fresh;
  if (parsed_.size() >= sweep_at_) {
    std::erase_if(parsed_, [](const auto& one) { return one.second.expired(); });
    sweep_at_ = std::max<std::size_t>(1024, parsed_.size() * 2);
  }
  return *fresh;
}

Result<void> ReportReader::read(std::string_view content, const Take& take) {
  boost::system::error_code failed;
  const json::value value = json::parse(content, failed);
  if (failed) return input_error(Stage::parse, "it is no JSON: " + failed.message());
  try {
    const json::object& in = object_of(value, "it");
    const std::string schema = text(in, "schema");
    if (schema != "chaintier.report/1" && schema != "chaintier.target/1")
      throw Wrong{fmt::format("its schema is \"{}\", not chaintier.report/1 or chaintier.target/1",
                              printable(shorten(schema, 60)))};
    if (std::string now = head_text(in); !head_ || now != last_head_) {
      auto head = std::make_shared<Report>(read_head(in));
      head->catalogue = catalogue_;
      head_ = std::move(head);
      last_head_ = std::move(now);
    }
    const ReadCertificates certificates(object(in, "certificates"), *this);
    if (schema == "chaintier.target/1") {
      take(head_, read_target_report(in, certificates));
      return {};
    }
    const ReportHead head = head_;
    for (const json::value& target : list(in, "targets"))
      take(head, read_target_report(object_of(target, "a target"), certificates));
    return {};
  } catch (const Wrong& wrong) {
    return input_error(Stage::parse, wrong.detail);
  }
}

}  // namespace chaintier
