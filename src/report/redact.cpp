#include "src/report/redact.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "src/base/digest.h"
#include "src/base/text.h"
#include "src/local/local_report.h"
#include "src/report/internal_names.h"

namespace chaintier {

namespace {

// No name is longer (RFC 1035 2.3.4), even with all its characters escaped.
constexpr std::size_t longest_run = 1024;

// Endings that mark a name as internal in running text, where "chain.pem" must not be taken for a host.
constexpr std::array internal_endings{"local",     "localdomain", "localnet", "internal", "intranet",
                                      "intern",    "lan",         "home",     "corp",     "private",
                                      "home.arpa", "test",        "dmz",      "office",   "localhost"};

// Of files that may be called after a host.
constexpr std::array file_endings{"pem", "crt",  "cer", "der",  "key",   "p7b",  "p7c", "pfx", "p12", "jks",
                                  "zip", "conf", "cfg", "json", "jsonl", "html", "csv", "xml", "txt", "log"};

bool is_name_octet(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
         c == '.';
}
bool is_v6_octet(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F') || c == ':' || c == '.';
}
bool is_foreign(char c) { return static_cast<unsigned char>(c) >= 0x80; }

// Punctuation of Chinese text: U+2000 to U+203F, U+3000 to U+303F, U+FF00 to U+FF3F.
bool ends_with_punctuation(std::string_view text) {
  if (text.size() < 3) return false;
  const std::string_view lead = text.substr(text.size() - 3, 2);
  return lead == "\xE2\x80" || lead == "\xE3\x80" || lead == "\xEF\xBC";
}

// An IPv6 address at the start of the text: its length, without punctuation that follows; 0 for none.
std::size_t v6_length(std::string_view text) {
  constexpr std::size_t longest = 46;  // and one more, which shows that it is none
  std::size_t end = 0;
  while (end < text.size() && end < longest && is_v6_octet(text[end])) ++end;
  if (std::ranges::count(text.substr(0, end), ':') < 2) return 0;
  if (end < text.size() && is_name_octet(text[end])) return 0;
  for (; end >= 2; --end) {
    if (IpAddress::parse(text.substr(0, end))) return end;
    const char last = text[end - 1];
    if (last != ':' && last != '.') return 0;
  }
  return 0;
}

// "http://host:80/path" -> "host"; empty for what is no such URI.
std::string_view host_of(std::string_view uri) {
  const std::size_t slashes = uri.find("://");
  if (slashes == std::string_view::npos) return {};
  uri.remove_prefix(slashes + 3);
  uri = uri.substr(0, uri.find_first_of("/?#"));
  if (const std::size_t user = uri.rfind('@'); user != std::string_view::npos) uri.remove_prefix(user + 1);
  return uri.substr(0, uri.find(':'));
}

// A name as people type it: the stops of Chinese and Japanese text are dots too (UTS 46 4.2.1), all of them
// or those beside letters other than ASCII.
std::vector<std::string> spellings(const std::string& shown) {
  std::vector<std::string> result{shown};
  for (const char* stop : {"\u3002", "\uFF0E", "\uFF61"}) {
    std::string all, beside;
    for (std::size_t i = 0; i < shown.size(); ++i) {
      const bool dot = shown[i] == '.';
      const bool near =
          (i > 0 && is_foreign(shown[i - 1])) || (i + 1 < shown.size() && is_foreign(shown[i + 1]));
      all += dot ? std::string(stop) : std::string(1, shown[i]);
      beside += dot && near ? std::string(stop) : std::string(1, shown[i]);
    }
    result.push_back(std::move(all));
    result.push_back(std::move(beside));
  }
  return result;
}

}  // namespace

void Redactor::learn_name(std::string_view raw, bool internal) {
  const std::string name = normal_name(raw);
  if (name.empty() || IpAddress::parse(name) || ends_in(name, "redacted.invalid")) return;
  if (!internal && !is_internal_name(name)) return;
  const std::string token = name_token(name);
  // Whatever else stands below a top-level domain that does not exist is internal too.
  if (const std::size_t dot = name.rfind('.');
      dot != std::string::npos && is_internal_name("x." + name.substr(dot + 1)))
    endings_.insert(name.substr(dot + 1));
  if (std::ranges::any_of(name, is_foreign)) shown_.emplace(raw, token);
}

void Redactor::learn_certificate(const CertificatePtr& certificate) {
  if (!certificate) return;
  if (certificate->subject_alt_name)
    for (const std::string& dns : certificate->subject_alt_name->dns) learn_name(dns, false);
  for (const auto* uris : {&certificate->aia_issuers, &certificate->ocsp, &certificate->crls})
    for (const std::string& uri : *uris) learn_name(host_of(uri), false);
  for (const Name* each : {&certificate->subject, &certificate->issuer}) {
    std::vector<std::string> components;
    for (const Name::Attribute& attribute : each->attributes)
      if (attribute.type == "DC") components.push_back(attribute.value);
    if (const std::string domain = internal_domain(components); !domain.empty()) learn_name(domain, true);
  }
  const std::string common = certificate->subject.value("CN");
  if (common.find('.') != std::string::npos && common.find(' ') == std::string::npos)
    learn_name(common, false);
}

void Redactor::learn(const TargetReport& target) {
  const Observation& seen = target.observation;
  std::size_t inside = 0, outside = 0;
  for (const EndpointSeen& endpoint : seen.endpoints)
    if (endpoint.address) ++(is_internal(*endpoint.address) ? inside : outside);
  const bool internal = inside > 0 && outside == 0;
  if (!target.bad_target && seen.name_checked && !seen.target.host.empty()) {
    learn_name(seen.target.host, internal);
    // The name as shown means the same host, and must get the same token.
    const auto known = names_.find(normal_name(seen.target.host));
    if (known != names_.end() && seen.target.shown_host != seen.target.host)
      for (const std::string& spelling : spellings(seen.target.shown_host))
        shown_.emplace(spelling, known->second);
  }
  for (const std::string& cname : seen.cnames) learn_name(cname, internal);
  for (const auto& judged : target.chains)
    for (const CertificatePtr& certificate : judged->certificates) learn_certificate(certificate);
}

// A name that is given internal addresses alone.
void Redactor::learn(const GivenOption& given) {
  if (given.option != "--resolve" || !given.value) return;
  const std::size_t equals = given.value->find('=');
  if (equals == std::string::npos) return;
  const std::string_view value = *given.value;
  const bool internal = std::ranges::all_of(split(value.substr(equals + 1), ','), [](std::string_view one) {
    const auto address = IpAddress::parse(trimmed(one));
    return address && is_internal(*address);
  });
  learn_name(value.substr(0, equals), internal);
}

std::string Redactor::name_token(std::string_view raw) {
  const std::string name = normal_name(raw);
  const auto known = names_.find(name);
  if (known != names_.end()) return known->second;
  most_labels_ = std::max(most_labels_, static_cast<std::size_t>(std::ranges::count(name, '.')) + 1);
  return names_.emplace(name, fmt::format("host-{}.redacted.invalid", names_.size() + 1)).first->second;
}

IpAddress Redactor::address_token(const IpAddress& address) {
  if (!is_internal(address)) return address;
  if (const auto known = addresses_.find(address); known != addresses_.end()) return known->second;
  const std::size_t number = address.is_v6() ? ++v6_ : ++v4_;
  const auto octet = [&](int shift) { return static_cast<std::uint8_t>(number >> shift & 0xFF); };
  Bytes octets{240, octet(16), octet(8), octet(0)};
  if (address.is_v6()) {
    octets.assign(16, 0);
    octets[0] = 1;
    for (int i = 0; i < 4; ++i) octets[static_cast<std::size_t>(15 - i)] = octet(8 * i);
  }
  return addresses_.emplace(address, IpAddress::from_octets(octets).value()).first->second;
}

bool Redactor::is_secret(std::string_view run) const {
  return !internal_v4_in(run).empty() || is_secret_name(run);
}

bool Redactor::is_secret_name(std::string_view run) const {
  if (run.size() > longest_run || IpAddress::parse(run)) return false;
  const std::string name = normal_name(run);
  if (name.empty() || ends_in(name, "redacted.invalid")) return false;
  if (names_.contains(name) || spells_internal_address(name)) return true;
  const std::size_t dot = name.rfind('.');
  if (dot == std::string::npos) return false;
  return endings_.contains(name.substr(dot + 1)) ||
         std::ranges::any_of(internal_endings,
                             [&](std::string_view domain) { return ends_in(name, domain); });
}

// The part of a run that is secret: all of it, all but the ending of a file's name, or a learnt name within
// it.
std::string_view Redactor::secret_part(std::string_view run) const {
  if (const auto address = IpAddress::parse(run); address && is_internal(*address)) return run;
  if (is_secret_name(run)) return run;
  const std::size_t last = run.rfind('.');
  const bool file = last != std::string_view::npos &&
                    std::ranges::find(file_endings, lower_ascii(run.substr(last + 1))) != file_endings.end();
  const std::string_view stem = file ? run.substr(0, last) : run;
  if (file && is_secret_name(stem)) return stem;
  // "erp.corp.local_2025.pem", "old-erp.pem": what files are called after a host.
  for (std::size_t at = stem.find_first_of("-_"); at < stem.size(); at = stem.find_first_of("-_", at + 1)) {
    if (is_secret_name(stem.substr(0, at))) return stem.substr(0, at);
    if (const std::string_view rest = stem.substr(at + 1); is_secret_name(rest)) return rest;
  }
  if (const std::string_view address = internal_v4_in(run); !address.empty()) return address;
  // Labels from `from` on, as many as the longest learnt name has.
  std::string_view best;
  for (std::size_t from = 0; from < run.size(); from = std::min(run.find('.', from), run.size() - 1) + 1) {
    std::size_t to = from;
    for (std::size_t labels = 1; labels <= most_labels_ && to < run.size(); ++labels) {
      to = std::min(run.find('.', to + (labels > 1 ? 1 : 0)), run.size());
      const std::string_view part = run.substr(from, to - from);
      if (labels > 1 && part.size() > best.size() && names_.contains(lower_ascii(part))) best = part;
    }
  }
  return best;
}

// A run of characters of names: an address, a name, or anything else, which stays. What a token is put in
// place of is not looked at again, but what stands before and behind it is.
std::string Redactor::word(std::string_view run) {
  std::string result;
  for (;;) {
    std::size_t begin = 0, end = run.size();
    while (begin < end && run[begin] == '.') ++begin;
    while (end > begin && run[end - 1] == '.') --end;
    const std::string_view secret = secret_part(run.substr(begin, end - begin));
    if (secret.empty()) return result += run;
    // No name of a host or a file; there may be any number of secrets in it.
    if (run.size() > longest_run) return result += name_token(to_hex(sha256(bytes_of(run))));
    const auto at = static_cast<std::size_t>(secret.data() - run.data());
    const auto address = IpAddress::parse(secret);
    result += word(run.substr(0, at));
    result += address ? address_token(*address).text() : name_token(secret);
    run.remove_prefix(at + secret.size());
  }
}

// In DER the octet before a string is its length and those behind it begin the next element, which may be a
// set in a sequence: up to one before and five behind may look like part of a name.
bool Redactor::is_secret_in_der(std::string_view run) const {
  for (std::size_t before = 0; before <= 1; ++before)
    for (std::size_t behind = 0; behind <= 5; ++behind)
      if (run.size() > before + behind && is_secret(run.substr(before, run.size() - before - behind)))
        return true;
  return false;
}

// Strings stand in DER as they are; those in two octets a character (BMPString) have a zero before each.
bool Redactor::reveals(ByteView der) const {
  const std::string raw(text_of(der));
  std::string narrow = raw;
  std::erase(narrow, '\0');
  for (const std::string* octets : {&raw, static_cast<const std::string*>(&narrow)})
    for (std::size_t at = 0; at < octets->size();) {
      std::size_t end = at;
      while (end < octets->size() && is_name_octet((*octets)[end])) ++end;
      if (is_secret_in_der(std::string_view(*octets).substr(at, end - at))) return true;
      at = std::max(end, at + 1);
    }
  return std::ranges::any_of(shown_,
                             [&](const auto& name) { return raw.find(name.first) != std::string::npos; });
}

std::string Redactor::shown_names(std::string_view raw) const {
  std::string result(raw);
  for (const auto& [name, token] : shown_)
    for (std::size_t at = 0; (at = result.find(name, at)) != std::string::npos; at += token.size())
      result.replace(at, name.size(), token);
  return result;
}

// URIs of directories name a host and a domain label by label, and most of the rest is as internal.
std::string Redactor::directory_names(std::string_view raw) {
  std::string result;
  while (const auto found = internal_components(raw)) {
    std::size_t from = static_cast<std::size_t>(found->span.data() - raw.data());
    std::size_t to = from + found->span.size();
    const std::string token = name_token(found->domain);
    const std::size_t start = raw.find_last_of(" \t\n\"'<>|", from) + 1;  // 0 when there is none
    const std::string scheme = lower_ascii(raw.substr(start, std::min<std::size_t>(from - start, 8)));
    if (scheme.starts_with("ldap:") || scheme.starts_with("ldaps:")) {
      from = start;
      to = std::min(raw.find_first_of(" \t\n\"'<>|", to), raw.size());
      result += std::string(raw.substr(0, from)) + "ldap:///" + token;
    } else {
      result += std::string(raw.substr(0, from)) + "DC=" + token;
    }
    raw.remove_prefix(to);
  }
  return result += raw;
}

// A token can make an address of what stood before it and was none ("fe80:" and "::1"), so the text is looked
// at until nothing changes. Text that goes on changing is no text that anybody wrote.
std::string Redactor::text(std::string_view raw) {
  constexpr int most_rounds = 8;
  std::string result(raw);
  for (int round = 0; round < most_rounds; ++round) {
    std::string next = text_once(result);
    if (next == result) return result;
    result = std::move(next);
  }
  return name_token(to_hex(sha256(bytes_of(raw))));
}

std::string Redactor::text_once(std::string_view raw) {
  const std::string prepared = directory_names(shown_names(raw));
  std::string_view rest = prepared;
  std::string result;
  std::size_t fixed = 0;  // what was replaced before this place is not looked at again
  while (!rest.empty()) {
    if (const std::size_t length = v6_length(rest); length > 0) {
      const IpAddress address = IpAddress::parse(rest.substr(0, length)).value();
      const bool within = !result.empty() && is_name_octet(result.back());
      const std::string shown =
          is_internal(address) ? address_token(address).text() : std::string(rest.substr(0, length));
      // "http::1": beside the name before it a token would be read as another address the next time.
      result += within && is_internal(address) ? "[" + shown + "]" : shown;
      rest.remove_prefix(length);
      continue;
    }
    std::size_t end = 0;
    while (end < rest.size() && is_name_octet(rest[end])) ++end;
    if (end == 0) {
      result += rest.front();
      rest.remove_prefix(1);
      continue;
    }
    // The part before the dot may be in other characters than ASCII.
    std::string run(rest.substr(0, end));
    if (run.starts_with('.') && !result.empty() && is_foreign(result.back())) {
      std::size_t from = result.size();
      while (from > fixed && (is_foreign(result[from - 1]) || is_name_octet(result[from - 1])) &&
             !ends_with_punctuation(std::string_view(result).substr(0, from)))
        --from;
      run.insert(0, result.substr(from));
      result.resize(from);
    }
    const std::string shown = word(run);
    result += shown;
    if (shown != run) fixed = result.size();
    rest.remove_prefix(end);
  }
  return result;
}

std::vector<std::string> Redactor::texts(const std::vector<std::string>& raw) {
  std::vector<std::string> result;
  for (const std::string& one : raw) result.push_back(text(one));
  return result;
}

Fact Redactor::fact(const Fact& raw) {
  if (const auto* one = std::get_if<std::string>(&raw)) return text(*one);
  if (const auto* list = std::get_if<std::vector<std::string>>(&raw)) return texts(*list);
  return raw;
}

Finding Redactor::finding(const Finding& raw) {
  Finding result = raw;
  for (Where& where : result.where) {
    if (where.address) where.address = text(*where.address);
    if (where.file) where.file = text(*where.file);
  }
  for (auto& [key, value] : result.facts) value = fact(value);
  return result;
}

Observation Redactor::observation(const Observation& raw) {
  Observation result = raw;
  Target& target = result.target;
  target.text = text(target.text);
  target.host = text(target.host);
  target.shown_host = text(target.shown_host);
  target.tag = text(target.tag);
  for (auto* address : {&target.host_address, &target.connect_to})
    if (*address) *address = address_token(**address);
  result.cnames = texts(result.cnames);
  for (FetchedPtr& one : result.fetched) {
    Fetched clean = *one;
    clean.url = text(clean.url);
    if (clean.error) clean.error->detail = text(clean.error->detail);
    if (reveals(clean.body)) clean.body.clear();
    one = std::make_shared<const Fetched>(std::move(clean));
  }
  for (EndpointSeen& endpoint : result.endpoints) {
    if (endpoint.address) endpoint.address = address_token(*endpoint.address);
    for (Sample& sample : endpoint.samples) {
      if (sample.asked.sni) sample.asked.sni = text(*sample.asked.sni);
      if (sample.error) sample.error->detail = text(sample.error->detail);
      for (SentPtr& one : sample.served) one = sent(one);
      if (sample.staple) sample.staple = response(*sample.staple);
    }
  }
  return result;
}

TargetReport Redactor::redacted(const TargetReport& raw) {
  learn(raw);
  TargetReport result = raw;
  if (raw.bad_target) {
    // What is not a target may be anything; only its number stays.
    const std::string& text = raw.bad_target->text;
    const std::string name =
        lines_.try_emplace(text, fmt::format("redacted-line-{}", lines_.size() + 1)).first->second;
    Target& target = result.observation.target;
    target.text = target.shown_host = result.bad_target->text = name;
    target.tag = result.bad_target->tag = this->text(target.tag);
    result.bad_target->error.detail = "this is not a target; its text is redacted";
    return result;
  }
  result.observation = observation(raw.observation);
  for (auto& judged : result.chains) judged = chain(*judged);
  if (result.balance)
    for (BalanceGroup& group : result.balance->groups) {
      group.addresses = texts(group.addresses);
      for (SeenAt& at : group.seen_at) at.address = text(at.address);
    }
  result.staples.clear();
  for (const auto& [octets, judged] : raw.staples) {
    StapleJudgement& staple = result.staples[response(octets)] = judged;
    staple.reason = text(staple.reason);
  }
  for (Finding& one : result.findings) one = finding(one);
  return result;
}

Report Redactor::without_targets(const Report& report) {
  Report result;
  result.tool_name = report.tool_name;
  result.tool_version = report.tool_version;
  result.judged_at = report.judged_at;
  result.language = report.language;
  result.catalogue_date = report.catalogue_date;
  result.of_twca = report.of_twca;
  if (report.catalogue_path) result.catalogue_path = text(*report.catalogue_path);
  if (report.expect_path) result.expect_path = text(*report.expect_path);
  for (const GivenOption& given : report.options) learn(given);
  for (const GivenOption& given : report.options) {
    result.options.push_back(given);
    if (given.value) result.options.back().value = text(*given.value);
  }
  result.clients = report.clients;
  result.catalogue = report.catalogue;
  for (ClientInfo& client : result.clients) {
    client.store = text(client.store);
    for (auto& [language, label] : client.label) label = text(label);
  }
  return result;
}

Report redacted(const Report& report, std::vector<std::string>& asked, Redactor& redactor) {
  for (const TargetReport& target : report.targets) redactor.learn(target);
  if (report.local) redactor.learn(*report.local);
  Report result = redactor.without_targets(report);
  if (report.local) result.local = std::make_shared<const LocalReport>(redactor.redacted(*report.local));
  for (const TargetReport& target : report.targets) result.targets.push_back(redactor.redacted(target));
  for (std::string& argument : asked) {
    const bool bad = std::ranges::any_of(report.targets, [&](const TargetReport& target) {
      return target.bad_target && target.bad_target->text == argument;
    });
    argument = bad ? "redacted-line" : redactor.text(argument);
  }
  return result;
}

}  // namespace chaintier
