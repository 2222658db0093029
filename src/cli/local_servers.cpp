#include "src/cli/local_servers.h"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "probes/local_files.h"
#include "src/cli/config_files.h"
#include "src/cli/setup.h"
#include "src/cli/terminal.h"
#include "src/cli/unused_addresses.h"
#include "src/findings/judge_chain.h"
#include "src/local/against.h"
#include "src/local/judge_servers.h"
#include "src/local/read_local.h"

namespace chaintier {

namespace {

constexpr std::size_t largest_file = 16u << 20;

// The first of the usual places that is there; nothing when the kind is not installed.
std::optional<std::string> usual_place(const std::string& kind, MachineConfigFiles& files) {
  for (const std::string& place : usual_places(kind))
    if (!files.matching(place).empty()) return place;
  return std::nullopt;
}

ServerSite unread(const std::string& kind, const std::string& path, Reason reason) {
  ServerSite site;
  site.kind = kind;
  site.file = path;
  site.reason = std::move(reason);
  return site;
}

// The CA certificates that this machine's server certificates have to be sent with.
std::vector<CertificatePtr> needed_issuers(const LocalReport& local, Ground& ground) {
  std::vector<CertificatePtr> needed;
  for (const LocalFile& file : local.files)
    for (const LocalItem& item : file.items) {
      if (!item.certificate || item.certificate->is_ca()) continue;
      const std::vector<SentPtr> served{item.sent};
      const auto chain = judge_chain(served, std::nullopt, ground).should_send;
      if (chain) needed.insert(needed.end(), chain->begin() + 1, chain->end());
    }
  return needed;
}

// Captures one target and returns what was seen.
Observation capture(const Target& target, const ScanOptions& options, const StopFlag& stop) {
  Observation seen;
  scan({target}, options, now, stop,
       [&](std::size_t, Observation observation) { seen = std::move(observation); });
  return seen;
}

}  // namespace

void read_servers(const LocalCommand& command, Unlocker& unlocker, Diagnoser& diagnoser, LocalReport& local) {
  MachineConfigFiles files;
  std::vector<ServerSite> sites;
  for (const auto& [kind, given] : command.servers) {
    const auto path = given ? given : usual_place(kind, files);
    if (!path) {
      if (!command.all_servers)
        sites.push_back(
            unread(kind, fmt::format("{}", fmt::join(usual_places(kind), ", ")), Reason{"store_absent", {}}));
      continue;
    }
    ServerConfig config = read_server(kind, *path, files);
    for (Secret& password : config.passwords) unlocker.add(std::move(password));
    if (config.reason)
      sites.push_back(unread(kind, *path, *config.reason));
    else if (config.sites.empty() && !command.all_servers)
      sites.push_back(unread(kind, *path, Reason{"no_site", {}}));
    for (ServerSite& site : config.sites) sites.push_back(std::move(site));
  }
  const LoadFile load = [&](const std::string& path) {
    const auto content = read_secret_file(path, largest_file);
    LocalFile file;
    if (content) {
      file = read_local(path, content->view(), unlocker);
    } else {
      file.path = path;
      file.reason = Reason{"cannot_open", {{"detail", content.error().detail}}};
    }
    file.open_to_all = is_open_to_all(path);
    return file;
  };
  for (ServerSite& site : sites) {
    if (!site.reason) judge_site(site, load, diagnoser);
    local.servers.push_back(std::move(site));
  }
}

void read_stores(Diagnoser& diagnoser, Ground& ground, LocalReport& local) {
  std::vector<StoreContents> stores = stores_of_this_machine();
  if (const auto windows = read_windows_machine()) {
    stores.push_back(store_contents(*windows));
    const LoadFile load = [&](const std::string& place) { return load_place(*windows, place); };
    for (ServerSite& site : iis_sites(*windows)) {
      judge_site(site, load, diagnoser);
      local.servers.push_back(std::move(site));
    }
  }
  const auto needed = needed_issuers(local, ground);
  for (const StoreContents& contents : stores)
    local.stores.push_back(judge_store(contents, *diagnoser.knowledge().catalogue, needed));
}

std::vector<TargetReport> compare_with_public(const LocalCommand& command, Diagnoser& diagnoser,
                                              LocalReport& local) {
  static StopFlag stop;  // reached from the signal handler
  std::vector<TargetReport> reports;
  std::vector<Target> targets;
  for (const std::string& text : command.against)
    if (auto target = parse_target(text))
      targets.push_back(std::move(*target));  // else said with the options
  for (const std::string& sentence : unused_addresses(command.scan, targets)) say("warning: " + sentence);
  if (targets.empty()) return reports;
  stop_on_interrupt(stop);
  interrupts_are_heeded();
  const std::vector<IpAddress> own = addresses_of_this_machine();
  for (const Target& target : targets) {
    Observation seen = capture(target, command.scan, stop);
    const bool elsewhere = std::ranges::none_of(seen.endpoints, [&](const EndpointSeen& endpoint) {
      return endpoint.address && is_own(*endpoint.address, own);
    });
    std::optional<Observation> here;
    if (elsewhere && !target.host_address && !stop.requested()) {
      Target loopback = target;
      loopback.connect_to = IpAddress::parse("127.0.0.1");
      here = capture(loopback, command.scan, stop);
    }
    Against against = compare(seen, installed_for(target, local), here, own);
    local.comparisons.push_back(std::move(against.comparison));
    TargetReport report = diagnoser.diagnose(std::move(seen));
    for (Finding& finding : against.findings) report.findings.push_back(std::move(finding));
    std::ranges::stable_sort(report.findings, [](const Finding& a, const Finding& b) {
      return std::pair(-static_cast<int>(a.severity), rank(a.code)) <
             std::pair(-static_cast<int>(b.severity), rank(b.code));
    });
    report.verdict = verdict_of(report.observation, report.findings);
    report.headline = headline_of(report.findings);
    reports.push_back(std::move(report));
  }
  return reports;
}

}  // namespace chaintier
