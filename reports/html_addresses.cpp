#include <algorithm>

#include <fmt/format.h>

#include "reports/html_parts.h"
#include "src/base/text.h"
#include "src/x509/issuer_answer.h"

namespace chaintier {

namespace {

// Samples of an endpoint that went alike.
struct SampleGroup {
  const Sample* first = nullptr;
  std::int64_t count = 0;
  std::int64_t shortest = 0, longest = 0;  // ms
};

std::vector<CertFingerprint> fingerprints(const Sample& sample) {
  std::vector<CertFingerprint> result;
  for (const SentPtr& sent : sample.served) result.push_back(sent->fingerprint);
  return result;
}

bool same_tls(const std::optional<TlsFacts>& a, const std::optional<TlsFacts>& b) {
  if (!a || !b) return a.has_value() == b.has_value();
  return a->version == b->version && a->cipher == b->cipher && a->group == b->group;
}

bool alike(const Sample& a, const Sample& b) {
  return a.asked == b.asked && a.outcome == b.outcome && a.error == b.error && same_tls(a.tls, b.tls) &&
         fingerprints(a) == fingerprints(b);
}

std::int64_t total(const StageTimes& times) {
  std::int64_t sum = 0;
  for (const auto& stage : {times.resolve, times.connect, times.starttls, times.handshake})
    if (stage) sum += stage->count();
  return sum;
}

std::vector<SampleGroup> groups_of(const EndpointSeen& endpoint) {
  std::vector<SampleGroup> groups;
  for (const Sample& sample : endpoint.samples) {
    const std::int64_t time = total(sample.ms);
    const auto same = std::find_if(groups.begin(), groups.end(),
                                   [&](const SampleGroup& group) { return alike(*group.first, sample); });
    if (same == groups.end()) {
      groups.push_back({&sample, 1, time, time});
      continue;
    }
    ++same->count;
    same->shortest = std::min(same->shortest, time);
    same->longest = std::max(same->longest, time);
  }
  return groups;
}

SafeHtml chain_of(const PageContext& page, const TargetReport& target, const Sample& sample) {
  for (std::size_t i = 0; i < target.chains.size(); ++i) {
    const auto& served = target.chains[i]->served;
    const bool same =
        std::equal(served.begin(), served.end(), sample.served.begin(), sample.served.end(),
                   [](const auto& a, const auto& b) { return a->fingerprint == b->fingerprint; });
    if (!same) continue;
    SafeHtml html("<span class=\"nowrap\">");
    html << say(page, "say.chain_number", {{"number", static_cast<std::int64_t>(i + 1)}}) << "</span>";
    return html;
  }
  return {};
}

void cell(SafeHtml& row, const SafeHtml& content) { row << "<td>" << content << "</td>"; }

SafeHtml time_range(const SampleGroup& group) {
  SafeHtml html;
  if (group.longest == 0) return html;
  html << "<span class=\"nowrap\">" << group.shortest;
  if (group.longest != group.shortest) html << "–" << group.longest;
  html << " ms</span>";
  return html;
}

SafeHtml outcome(const PageContext& page, const Sample& sample) {
  SafeHtml html = badge(page, sample.outcome);
  if (!sample.error) return html;
  html << "<div class=\"result\">" << text(error_text(page.texts, *sample.error))
       << "</div><div class=\"muted\">" << bdi(shorten(printable(sample.error->detail), 160)) << "</div>";
  return html;
}

SafeHtml row(const PageContext& page, const TargetReport& target, const EndpointSeen& endpoint,
             const SampleGroup& group, bool first) {
  const Sample& sample = *group.first;
  SafeHtml html("<tr><th scope=\"row\">");
  if (first) {
    const std::string address = address_text(endpoint);
    if (endpoint.role == EndpointRole::file)
      html << bdi(shorten(printable(target.observation.target.text), 60));
    else
      html << (address.empty() ? text("–") : bdi(address));
    if (endpoint.role != EndpointRole::edge)
      html << "<div class=\"muted\">" << word(page, "role." + std::string(id(endpoint.role))) << "</div>";
  }
  if (endpoint.role != EndpointRole::file && sample.asked.sni != target.observation.target.host)
    html << "<div class=\"muted\">"
         << (sample.asked.sni ? bdi(shorten(printable(*sample.asked.sni), 60)) : word(page, "label.no_sni"))
         << "</div>";
  html << "</th>";
  cell(html, outcome(page, sample));
  cell(html, sample.served.empty() ? SafeHtml() : chain_of(page, target, sample));
  SafeHtml count;
  count << group.count;
  cell(html, count);
  cell(html, sample.tls ? bdi(sample.tls->version) : SafeHtml());
  SafeHtml cipher("<span class=\"cipher\">");
  if (sample.tls) {
    cipher << bdi(sample.tls->cipher);
    if (!sample.tls->group.empty()) cipher << " · " << bdi(sample.tls->group);
  }
  cipher << "</span>";
  cell(html, cipher);
  cell(html, time_range(group));
  html << "</tr>";
  return html;
}

SafeHtml head(const PageContext& page, std::initializer_list<std::string_view> keys) {
  SafeHtml html("<thead><tr>");
  for (const std::string_view key : keys) html << "<th scope=\"col\">" << word(page, key) << "</th>";
  html << "</tr></thead>";
  return html;
}

SafeHtml balance(const PageContext& page, const TargetReport& target) {
  SafeHtml html;
  if (!target.balance) return html;
  const Balance& balance = *target.balance;
  if (balance.groups.size() > 1) {
    SafeHtml table("<table>");
    table << head(page, {"label.leaf_ends", "label.samples", "label.addresses"}) << "<tbody>";
    for (const BalanceGroup& group : balance.groups) {
      CertificatePtr leaf;
      for (const auto& chain : target.chains)
        for (const CertificatePtr& certificate : chain->certificates)
          if (certificate && !group.served.empty() && certificate->fingerprint == group.served.front())
            leaf = certificate;
      table << "<tr><th scope=\"row\">";
      if (leaf) table << certificate_link(page, leaf->fingerprint, text(format_date(leaf->not_after)));
      table << "</th><td>" << group.count << "</td><td>";
      for (std::size_t i = 0; i < group.seen_at.size(); ++i) {
        if (i) table << text(comma(page.report.language));
        table << bdi(group.seen_at[i].address) << " ×" << group.seen_at[i].count;
      }
      table << "</td></tr>";
    }
    table << "</tbody></table>";
    html << heading(page.level + 1, word(page, "title.balance"))
         << table_box(word(page, "title.balance"), table);
  }
  for (const std::string& sentence : certainty_texts(page.texts, balance))
    html << "<p class=\"muted\">" << text(sentence) << "</p>";
  return html;
}

SafeHtml fetched(const PageContext& page, const TargetReport& target) {
  SafeHtml html;
  if (target.observation.fetched.empty()) return html;
  html << "<p class=\"muted\">" << word(page, "label.fetched") << text(colon(page.report.language))
       << "</p><ul>";
  for (const FetchedPtr& one : target.observation.fetched) {
    html << "<li>" << bdi(shorten(printable(one->url), 120)) << " → ";
    const auto issuers =
        one->error ? Result<std::vector<CertificatePtr>>(*one->error) : issuers_in(one->body);
    if (!issuers) {
      html << bdi(shorten(printable(issuers.error().detail), 160));
    } else {
      for (std::size_t i = 0; i < issuers->size(); ++i) {
        if (i) html << text(comma(page.report.language));
        const Certificate& issuer = *(*issuers)[i];
        html << certificate_link(page, issuer.fingerprint,
                                 bdi(shorten(printable(issuer.subject.short_text()), 60)));
      }
    }
    html << "</li>";
  }
  html << "</ul>";
  return html;
}

}  // namespace

SafeHtml addresses_section(const PageContext& page, const TargetReport& target) {
  const Observation& seen = target.observation;
  if (seen.endpoints.empty()) return {};
  SafeHtml table("<table class=\"addresses\">");
  table << head(page, {"label.address", "label.outcome", "label.chain", "label.samples", "label.tls_version",
                       "label.cipher", "label.time"})
        << "<tbody>";
  for (const EndpointSeen& endpoint : seen.endpoints) {
    bool first = true;
    for (const SampleGroup& group : groups_of(endpoint)) {
      table << row(page, target, endpoint, group, first);
      first = false;
    }
  }
  table << "</tbody></table>";
  const SafeHtml title = word(page, "title.addresses");
  SafeHtml html("<section>");
  html << heading(page.level, title) << table_box(title, table);
  if (!seen.cnames.empty()) {
    html << "<p class=\"muted\">" << word(page, "label.cname") << text(colon(page.report.language));
    for (std::size_t i = 0; i < seen.cnames.size(); ++i) {
      if (i) html << " → ";
      html << bdi(seen.cnames[i]);
    }
    html << "</p>";
  }
  html << fetched(page, target) << balance(page, target) << "</section>";
  return html;
}

}  // namespace chaintier
