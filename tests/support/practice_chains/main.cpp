// practice_chains FOLDER TIME: writes the practice PKI for programs that are not ours.
//
//   FOLDER/catalogue/            what --catalogue takes
//   FOLDER/machine_store.pem     the roots of an up-to-date machine, for SSL_CERT_FILE
//   FOLDER/chains/ID/            leaf.pem, chain.pem (the rest, may be empty), fullchain.pem, key.pem
//   FOLDER/chains.json           [{"id", "host", "findings": [...], "verdict"}], expected as of TIME
#include <boost/json.hpp>
#include <filesystem>
#include <fstream>
#include <iostream>

#include "probes/practice/cases.h"
#include "probes/practice/pki.h"
#include "src/x509/certificate.h"

namespace {

using namespace chaintier;
namespace fs = std::filesystem;

void write(const fs::path& file, const std::string& content) {
  std::ofstream out(file, std::ios::binary);
  out << content;
  if (!out.flush()) throw std::runtime_error("cannot write " + file.string());
}

void write_chain(const fs::path& folder, const PracticeServer& server) {
  fs::create_directories(folder);
  const std::string leaf = to_pem(server.served.front());
  std::string rest;
  for (std::size_t i = 1; i < server.served.size(); ++i) rest += to_pem(server.served[i]);
  write(folder / "leaf.pem", leaf);
  write(folder / "chain.pem", rest);
  write(folder / "fullchain.pem", leaf + rest);
  write(folder / "key.pem", server.key_pem);
}

void write_all(const fs::path& folder, Time now) {
  const auto pki = PracticePki::create().value();
  fs::create_directories(folder / "catalogue");
  for (const auto& file : pki.catalogue_files()) write(folder / "catalogue" / file.name, file.content);
  write(folder / "machine_store.pem", pki.machine_store());

  boost::json::array list;
  for (const auto& plan : practice_plans(pki, now, false).value()) {
    const auto& server = plan.servers.front();
    if (plan.servers.size() > 1 || server.behaviour != PracticeBehaviour::tls ||
        !server.served_by_name.empty())
      continue;
    write_chain(folder / "chains" / plan.id, server);
    list.push_back({{"id", plan.id},
                    {"host", plan.host},
                    {"findings", boost::json::value_from(plan.findings)},
                    {"verdict", plan.verdict}});
  }
  write(folder / "chains.json", boost::json::serialize(list));
}

}  // namespace

int main(int argc, char** argv) {
  const auto now = argc == 3 ? parse_rfc3339(argv[2]) : std::nullopt;
  if (!now) {
    std::cerr << "usage: practice_chains FOLDER TIME (RFC 3339)\n";
    return 2;
  }
  try {
    write_all(argv[1], *now);
  } catch (const std::exception& failed) {
    std::cerr << "practice_chains: " << failed.what() << "\n";
    return 1;
  }
  return 0;
}
