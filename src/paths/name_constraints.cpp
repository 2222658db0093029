#include "src/paths/name_constraints.h"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>

#include "src/base/address.h"
#include "src/base/text.h"

namespace chaintier {

namespace {

// Names times constraints of one certificate: beyond it the check is refused, as a path that must not be
// trusted.
constexpr std::size_t comparison_limit = 1u << 20;

bool valid_dns(std::string_view name) {
  if (name.empty() || name.front() == '.' || name.back() == '.') return false;
  return name.find("..") == std::string_view::npos;
}

bool is_below(std::string_view name, std::string_view domain) {
  return name.size() > domain.size() && name.ends_with(domain) &&
         name[name.size() - domain.size() - 1] == '.';
}

bool dns_within(std::string_view name, std::string_view constraint) {
  if (constraint.empty()) return true;
  if (constraint.front() == '.') return is_below(name, constraint.substr(1));
  return name == constraint || is_below(name, constraint);
}

// "*.example.com" also stands for "a.example.com": an excluded subtree below it is met by some of its names.
bool wildcard_meets(std::string_view pattern, std::string_view constraint) {
  if (!pattern.starts_with("*.") || constraint.empty()) return false;
  if (constraint.front() == '.') constraint.remove_prefix(1);
  return is_below(constraint, pattern.substr(2));
}

struct Mailbox {
  std::string local, host;  // host in lower case
};
std::optional<Mailbox> mailbox(std::string_view text) {
  const std::size_t at = text.rfind('@');
  if (at == std::string_view::npos || at == 0 || at + 1 == text.size()) return std::nullopt;
  return Mailbox{std::string(text.substr(0, at)), lower_ascii(text.substr(at + 1))};
}

bool email_within(const Mailbox& mail, std::string_view constraint) {
  if (constraint.find('@') != std::string_view::npos) {
    const auto wanted = mailbox(constraint);
    return wanted && wanted->local == mail.local && wanted->host == mail.host;
  }
  const std::string host = lower_ascii(constraint);
  if (host.empty()) return true;
  if (host.front() == '.') return is_below(mail.host, std::string_view(host).substr(1));
  return mail.host == host;
}

// The host of a URI, lower case; nothing when there is none or it is an address (4.2.1.10: must be a name).
std::optional<std::string> uri_host(std::string_view uri) {
  const std::size_t scheme = uri.find("://");
  if (scheme == std::string_view::npos) return std::nullopt;
  std::string_view rest = uri.substr(scheme + 3);
  rest = rest.substr(0, rest.find_first_of("/?#"));
  if (const std::size_t at = rest.rfind('@'); at != std::string_view::npos) rest.remove_prefix(at + 1);
  if (rest.empty() || rest.front() == '[') return std::nullopt;
  rest = rest.substr(0, rest.find(':'));
  if (!valid_dns(rest) || IpAddress::parse(rest)) return std::nullopt;
  return lower_ascii(rest);
}

bool uri_host_within(std::string_view host, std::string_view constraint) {
  const std::string wanted = lower_ascii(constraint);
  if (wanted.empty()) return true;
  if (wanted.front() == '.') return is_below(host, std::string_view(wanted).substr(1));
  return host == wanted;
}

bool ip_within(const Bytes& address, const Bytes& constraint) {
  if (constraint.size() != address.size() * 2) return false;
  for (std::size_t i = 0; i < address.size(); ++i)
    if ((address[i] & constraint[address.size() + i]) != (constraint[i] & constraint[address.size() + i]))
      return false;
  return true;
}

bool valid_mask(const Bytes& constraint) {
  if (constraint.size() != 8 && constraint.size() != 32) return false;
  bool zeros = false;
  for (std::size_t i = constraint.size() / 2; i < constraint.size(); ++i)
    for (int bit = 7; bit >= 0; --bit) {
      const bool one = (constraint[i] >> bit & 1) != 0;
      if (one && zeros) return false;
      zeros = zeros || !one;
    }
  return true;
}

bool directory_within(const Name& name, const Name& constraint) {
  return constraint.canonical_rdns.size() <= name.canonical_rdns.size() &&
         std::equal(constraint.canonical_rdns.begin(), constraint.canonical_rdns.end(),
                    name.canonical_rdns.begin());
}

bool well_formed(const GeneralNames& names) {
  const bool dns = std::ranges::all_of(names.dns, [](const std::string& name) {
    const std::string_view bare =
        name.starts_with('.') ? std::string_view(name).substr(1) : std::string_view(name);
    return name.empty() || (valid_dns(bare) && bare.find('*') == std::string_view::npos);
  });
  const bool email = std::ranges::all_of(names.email, [](const std::string& name) {
    if (name.find('@') != std::string::npos) return mailbox(name).has_value();
    const std::string_view bare =
        name.starts_with('.') ? std::string_view(name).substr(1) : std::string_view(name);
    return name.empty() || valid_dns(bare);
  });
  return dns && email && std::ranges::all_of(names.ip, valid_mask);
}

// The names of one certificate that constraints apply to.
struct Subject {
  std::vector<std::string> dns;
  std::vector<Mailbox> email;
  bool bad_email = false;
  std::vector<std::optional<std::string>> uri_hosts;
  std::vector<Bytes> ip;
  std::vector<const Name*> directory;
  bool other = false;
  std::size_t attributes = 0;  // of the subject

  std::size_t count() const {
    return attributes + dns.size() + email.size() + uri_hosts.size() + ip.size() + directory.size();
  }
};

void add_email(Subject& subject, std::string_view text) {
  if (auto mail = mailbox(text))
    subject.email.push_back(std::move(*mail));
  else
    subject.bad_email = true;
}

Subject names_of(const Certificate& certificate) {
  Subject subject;
  subject.attributes = certificate.subject.attributes.size();
  if (!certificate.subject.empty()) subject.directory.push_back(&certificate.subject);
  if (!certificate.subject_alt_name) {
    // Without the extension, an address in the subject is constrained as one (4.2.1.10); so is a common name
    // that older clients would take for a host.
    for (const auto& attribute : certificate.subject.attributes) {
      if (attribute.type == "emailAddress") add_email(subject, attribute.value);
      const bool host_like = attribute.value.find('.') != std::string::npos &&
                             attribute.value.find_first_of(" @/:") == std::string::npos;
      if (attribute.type == "CN" && host_like && !certificate.is_ca())
        subject.dns.push_back(lower_ascii(attribute.value));
    }
    return subject;
  }
  const GeneralNames& names = *certificate.subject_alt_name;
  for (const auto& name : names.dns) subject.dns.push_back(lower_ascii(name));
  for (const auto& name : names.email) add_email(subject, name);
  for (const auto& name : names.uri) subject.uri_hosts.push_back(uri_host(name));
  subject.ip = names.ip;
  for (const auto& name : names.directory) subject.directory.push_back(&name);
  subject.other = names.other;
  return subject;
}

template <class Names, class Constraints, class Within>
bool all_within_any(const Names& names, const Constraints& constraints, Within within) {
  return std::ranges::all_of(names, [&](const auto& name) {
    return std::ranges::any_of(constraints, [&](const auto& constraint) { return within(name, constraint); });
  });
}

template <class Names, class Constraints, class Within>
bool any_within_any(const Names& names, const Constraints& constraints, Within within) {
  return std::ranges::any_of(names, [&](const auto& name) {
    return std::ranges::any_of(constraints, [&](const auto& constraint) { return within(name, constraint); });
  });
}

bool dns_name_within(const std::string& name, const std::string& constraint) {
  return valid_dns(name) && dns_within(name, lower_ascii(constraint));
}
bool uri_within(const std::optional<std::string>& host, const std::string& constraint) {
  return host && uri_host_within(*host, constraint);
}
bool name_within(const Name* name, const Name& constraint) { return directory_within(*name, constraint); }

bool permitted(const Subject& subject, const GeneralNames& by) {
  if (!by.dns.empty() && !all_within_any(subject.dns, by.dns, dns_name_within)) return false;
  if (!by.email.empty() && (subject.bad_email || !all_within_any(subject.email, by.email, email_within)))
    return false;
  if (!by.uri.empty() && !all_within_any(subject.uri_hosts, by.uri, uri_within)) return false;
  if (!by.ip.empty() && !all_within_any(subject.ip, by.ip, ip_within)) return false;
  if (!by.directory.empty() && !all_within_any(subject.directory, by.directory, name_within)) return false;
  return !(by.other && subject.other);
}

bool excluded(const Subject& subject, const GeneralNames& by) {
  const auto meets = [](const std::string& name, const std::string& constraint) {
    const std::string lower = lower_ascii(constraint);
    return dns_within(name, lower) || wildcard_meets(name, lower);
  };
  if (any_within_any(subject.dns, by.dns, meets)) return true;
  if (!by.email.empty() && subject.bad_email) return true;
  if (any_within_any(subject.email, by.email, email_within)) return true;
  const bool no_host =
      std::ranges::any_of(subject.uri_hosts, [](const auto& host) { return !host.has_value(); });
  if (!by.uri.empty() && no_host) return true;
  if (any_within_any(subject.uri_hosts, by.uri, uri_within)) return true;
  if (any_within_any(subject.ip, by.ip, ip_within)) return true;
  if (any_within_any(subject.directory, by.directory, name_within)) return true;
  return by.other && subject.other;
}

std::size_t size(const GeneralNames& names) {
  return names.dns.size() + names.email.size() + names.uri.size() + names.ip.size() + names.directory.size();
}

}  // namespace

std::vector<PathProblem> check_name_constraints(std::span<const CertificatePtr> path) {
  std::vector<PathProblem> problems;
  std::vector<std::optional<Subject>> subjects(path.size());
  for (std::size_t ca = path.size(); ca-- > 1;) {
    const auto& constraints = path[ca]->name_constraints;
    if (!constraints) continue;
    if (!well_formed(constraints->permitted) || !well_formed(constraints->excluded) ||
        constraints->min_max_used)
      problems.push_back({ca, Problem::bad_name_constraints});
    for (std::size_t below = ca; below-- > 0;) {
      const Certificate& certificate = *path[below];
      if (below > 0 && certificate.self_issued()) continue;  // 6.1.3 (b): self-issued CAs are exempt
      auto& subject = subjects[below];
      if (!subject) subject = names_of(certificate);
      const std::size_t comparisons =
          subject->count() * (size(constraints->permitted) + size(constraints->excluded));
      if (comparisons > comparison_limit || !permitted(*subject, constraints->permitted) ||
          excluded(*subject, constraints->excluded))
        problems.push_back({below, Problem::name_constraints});
    }
  }
  std::ranges::sort(problems);
  problems.erase(std::unique(problems.begin(), problems.end()), problems.end());
  return problems;
}

}  // namespace chaintier
