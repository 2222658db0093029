#include "src/report/join.h"

#include <algorithm>
#include <tuple>

#include "src/observe/share.h"

namespace chaintier {

namespace {

void add_date(std::vector<DataDate>& dates, const std::string& date, const std::string& source) {
  if (std::ranges::find(dates, date, &DataDate::date) == dates.end()) dates.push_back({date, source});
}

// Another catalogue may have the same slugs for other certificates.
bool is_foreign(const JudgedPath& path, const Catalogue& catalogue) {
  if (CertFingerprint::parse(path.anchor)) return false;
  const KnownCa* known = catalogue.find(path.anchor);
  return !known || known->certificate->fingerprint != path.path.anchor().fingerprint;
}

bool was_judged_with_another(const TargetReport& target, const Catalogue& catalogue) {
  return std::ranges::any_of(target.chains, [&](const auto& chain) {
    return (chain->issued_by && !catalogue.find(*chain->issued_by)) ||
           std::ranges::any_of(chain->paths,
                               [&](const JudgedPath& path) { return is_foreign(path, catalogue); });
  });
}

auto place_by_name(const TargetReport& target) {
  const Target& asked = target.observation.target;
  const std::size_t line = target.bad_target ? target.bad_target->line : 0;
  return std::tuple(target.bad_target.has_value(), line, asked.host_address, std::string_view(asked.host),
                    asked.connect_to, asked.port, asked.protocol, std::string_view(asked.text),
                    std::string_view(asked.tag));
}

}  // namespace

std::size_t Joiner::source_number(const std::string& source) {
  if (sources_.empty() || sources_.back() != source) sources_.push_back(source);
  return sources_.size() - 1;
}

void Joiner::note_data(const Report& head, const std::string& source) {
  if (&head == last_noted_) return;
  last_noted_ = &head;
  add_date(catalogues_, head.catalogue_date, source);
  for (const ClientInfo& client : head.clients) {
    add_date(clients_[client.id], client.store_date, source);
    if (std::ranges::find(all_clients_, client.id, &ClientInfo::id) == all_clients_.end())
      all_clients_.push_back(client);
  }
}

void Joiner::add(const std::shared_ptr<const Report>& head, TargetReport target, const std::string& source) {
  note_data(*head, source);
  if (!latest_ || head->judged_at >= latest_->judged_at) latest_ = head;
  const std::string identity =
      target.bad_target ? identity_of(*target.bad_target) : identity_of(target.observation.target);
  Entry entry{head, std::move(target), source_number(source)};
  const auto [place, fresh] = by_identity_.try_emplace(identity, entries_.size());
  if (fresh) {
    entries_.push_back(std::move(entry));
    return;
  }
  Entry& known = entries_[place->second];
  repeated_.push_back(place->second);
  if (head->judged_at >= known.head->judged_at) known = std::move(entry);
}

Joined Joiner::finish(std::shared_ptr<const Catalogue> catalogue, Order order) {
  Joined joined;
  if (latest_) {
    joined.report.judged_at = latest_->judged_at;
    joined.report.catalogue_date = latest_->catalogue_date;
    joined.report.of_twca = latest_->of_twca;
    joined.report.catalogue_path = latest_->catalogue_path;
    joined.report.expect_path = latest_->expect_path;
    joined.report.options = latest_->options;
    joined.report.clients = latest_->clients;
    for (const ClientInfo& client : all_clients_)
      if (std::ranges::find(latest_->clients, client.id, &ClientInfo::id) == latest_->clients.end())
        joined.report.clients.push_back(client);
  }
  std::ranges::sort(repeated_);
  repeated_.erase(std::unique(repeated_.begin(), repeated_.end()), repeated_.end());
  for (const std::size_t index : repeated_)
    joined.repeated.emplace_back(entries_[index].target.observation.target.text,
                                 sources_[entries_[index].source]);
  joined.catalogues = catalogues_;
  joined.clients = clients_;
  std::erase_if(joined.clients, [](const auto& one) { return one.second.size() < 2; });
  if (order == Order::by_name)
    std::ranges::stable_sort(entries_, {}, [](const Entry& entry) { return place_by_name(entry.target); });
  for (Entry& entry : entries_) {
    if (was_judged_with_another(entry.target, *catalogue)) ++joined.other_catalogue;
    joined.report.targets.push_back(std::move(entry.target));
    joined.heads.push_back(std::move(entry.head));
    joined.sources.push_back(sources_[entry.source]);
  }
  entries_.clear();
  joined.report.catalogue = std::move(catalogue);
  return joined;
}

}  // namespace chaintier
