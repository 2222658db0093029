// What `local` read, with internal names and addresses replaced.
#include "src/base/text.h"
#include "src/local/local_report.h"
#include "src/report/redact.h"

namespace chaintier {

void Redactor::learn(const LocalReport& local) {
  for (const LocalFile& file : local.files)
    for (const LocalItem& item : file.items) {
      learn_certificate(item.certificate);
      for (const LocalItem::Link& link : item.chain) learn_certificate(link.certificate);
      if (!item.csr) continue;
      for (const std::string& dns : item.csr->dns_names) learn_name(dns, false);
      const std::string common = item.csr->subject.value("CN");
      if (common.find(' ') == std::string::npos) learn_name(common, false);
    }
  for (const ServerSite& site : local.servers) {
    for (const std::string& name : site.names)
      if (name.find('.') != std::string::npos && name.find_first_of(" ^$\\(|") == std::string::npos)
        learn_name(name.starts_with("*.") ? name.substr(2) : name, false);
    if (site.judged) learn(*site.judged);
  }
}

std::optional<Reason> Redactor::reason(const std::optional<Reason>& raw) {
  std::optional<Reason> result = raw;
  if (result)
    for (auto& [key, value] : result->facts) value = fact(value);
  return result;
}

LocalItem Redactor::item(const LocalItem& raw) {
  LocalItem result = raw;
  if (result.sent) result.sent = sent(result.sent);
  result.certificate = certificate(result.certificate);
  if (result.alias) result.alias = text(*result.alias);
  if (result.csr) {
    result.csr->subject = name(result.csr->subject);
    result.csr->dns_names = texts(result.csr->dns_names);
  }
  result.problem = reason(result.problem);
  result.key_files = texts(result.key_files);
  for (LocalItem::Link& link : result.chain) {
    link.certificate = certificate(link.certificate);
    link.name = text(link.name);
    link.file = text(link.file);
  }
  return result;
}

ServerSite Redactor::site(const ServerSite& raw) {
  ServerSite result = raw;
  for (std::string* one : {&result.file, &result.certificate_file, &result.key_file, &result.chain_file})
    *one = text(*one);
  for (auto* list :
       {&result.names, &result.listen, &result.covered, &result.not_covered, &result.completed_from})
    *list = texts(*list);
  if (result.alias) result.alias = text(*result.alias);
  result.reason = reason(result.reason);
  if (result.judged) result.judged = redacted(*result.judged);
  for (Finding& one : result.findings) one = finding(one);
  return result;
}

LocalReport Redactor::redacted(const LocalReport& raw) {
  LocalReport result = raw;
  for (LocalFile& file : result.files) {
    file.path = text(file.path);
    file.reason = reason(file.reason);
    for (LocalItem& one : file.items) one = item(one);
    for (Finding& one : file.findings) one = finding(one);
  }
  for (ServerSite& one : result.servers) one = site(one);
  for (TrustStore& store : result.stores) {
    store.path = text(store.path);
    store.reason = reason(store.reason);
    for (Finding& one : store.findings) one = finding(one);
  }
  for (Comparison& one : result.comparisons) one.target = text(one.target);
  return result;
}

}  // namespace chaintier
