#include <algorithm>
#include <filesystem>
#include <iostream>

#include <fmt/format.h>

#include "src/base/text.h"
#include "src/cli/commands.h"
#include "src/cli/files.h"
#include "src/cli/setup.h"
#include "src/findings/diagnose.h"
#include "src/findings/judge_chain.h"
#include "src/report/texts.h"
#include "src/x509/certificate_bundle.h"

namespace chaintier {

namespace {

// The list that the leaf needs, leaf first, and the root that it leads to.
struct Mend {
  std::vector<CertificatePtr> chain;
  CertificatePtr root;
};

Result<Mend> work_out(const CertificatePtr& leaf, const std::string& file, Knowledge knowledge) {
  Ground ground(std::move(knowledge));
  const std::vector<SentPtr> served{make_sent(leaf->der)};
  const ChainJudgement chain = judge_chain(served, std::nullopt, ground);
  if (!chain.should_send)
    return input_error(
        Stage::parse,
        fmt::format(
            "{}: {} was not issued under the catalogue (its issuer is {}), so its chain is not known here",
            printable(file), printable(leaf->subject.short_text()), printable(leaf->issuer.short_text())));
  Mend mend{*chain.should_send, nullptr};
  for (const JudgedPath& path : chain.paths) {
    const auto& certificates = path.path.certificates;
    if (certificates.size() == mend.chain.size() + 1 &&
        std::ranges::equal(mend.chain, std::span(certificates).first(mend.chain.size()), {},
                           &Certificate::fingerprint, &Certificate::fingerprint))
      mend.root = certificates.back();
  }
  return mend;
}

// What is wrong with the certificates themselves, the leaf first: no list of files mends that.
std::vector<Finding> faults_of(const Mend& mend, Knowledge knowledge) {
  Observation observation;
  observation.name_checked = false;
  Sample sample;
  sample.at = knowledge.at;
  sample.outcome = Outcome::partial;
  for (const CertificatePtr& certificate : mend.chain) sample.served.push_back(make_sent(certificate->der));
  observation.endpoints.push_back({std::nullopt, 0, EndpointRole::file, {std::move(sample)}});
  std::vector<Finding> faults = Diagnoser(std::move(knowledge)).diagnose(std::move(observation)).findings;
  std::erase_if(faults, [](const Finding& finding) {
    const std::string_view code = id(finding.code);
    return finding.severity == Severity::note || !(code.starts_with("leaf.") || code.starts_with("issuer."));
  });
  return faults;
}

struct File {
  std::string name, content;
};

// IIS takes the CA certificates one by one; they are named as in TWCA's cert.zip (manual 5.3).
std::vector<File> files_of(const Mend& mend) {
  const std::span chain(mend.chain);
  const auto issuers = chain.subspan(1);
  std::vector<File> files{{"fullchain.pem", pem_bundle(chain)},
                          {"chain.pem", pem_bundle(issuers)},
                          {"chain.p7b", pkcs7_bundle(chain)},
                          {"server.cer", pem_bundle(chain.first(1))}};
  for (std::size_t i = 0; i < issuers.size(); ++i)
    files.push_back({issuers.size() == 1 ? std::string("uca.cer") : fmt::format("uca_{}.cer", i + 1),
                     pem_bundle(issuers.subspan(i, 1))});
  if (mend.root) files.push_back({"root.cer", pem_bundle(std::span(&mend.root, 1))});
  return files;
}

Result<std::filesystem::path> empty_place(const std::string& folder, const std::vector<File>& files) {
  const std::filesystem::path path(std::u8string(folder.begin(), folder.end()));
  std::error_code failed;
  std::filesystem::create_directories(path, failed);
  if (!std::filesystem::is_directory(path, failed))
    return Error{Stage::usage, Fault::input,
                 fmt::format("--out {}: cannot make that folder", printable(folder))};
  for (const File& file : files)
    if (std::filesystem::exists(path / file.name, failed))
      return Error{Stage::usage, Fault::input,
                   fmt::format("--out {}: {} is there already and would be lost; give a new folder",
                               printable(folder), file.name)};
  return path;
}

}  // namespace

ExitCode run_fix(const FixCommand& command) {
  auto knowledge = build_knowledge(command.judge, now());
  if (!knowledge) return fail(knowledge.error());
  const auto certificates = read_certificates(command.leaf);
  if (!certificates) return fail(certificates.error());
  const auto leaf =
      std::ranges::find_if(*certificates, [](const CertificatePtr& one) { return !one->is_ca(); });
  if (leaf == certificates->end())
    return fail(input_error(
        Stage::parse,
        fmt::format("{}: it holds CA certificates only; give the site's own certificate (server.cer)",
                    printable(command.leaf))));
  const bool of_twca = knowledge->catalogue->of_twca();
  const auto mend = work_out(*leaf, command.leaf, *knowledge);
  if (!mend) return fail(mend.error());
  const std::vector<File> files = files_of(*mend);
  const auto folder = empty_place(command.out, files);
  if (!folder) return fail(folder.error());
  for (const File& file : files) {
    const auto name8 = (*folder / file.name).u8string();
    if (auto done = write_file(std::string(name8.begin(), name8.end()),
                               [&](std::ostream& out) { out << file.content; });
        !done)
      return fail(done.error());
  }
  const Texts& texts = Texts::of(command.language);
  const std::vector<Finding> faults = faults_of(*mend, std::move(*knowledge));
  const auto written = write_file("-", [&](std::ostream& out) {
    for (const File& file : files) {
      const std::string& use =
          texts.word("fix.file." + file.name.substr(0, file.name.starts_with("uca") ? 3 : std::string::npos));
      out << fmt::format("{}/{}  {}\n", printable(command.out), file.name,
                         of_twca ? use : without_manual(use));
    }
    if (!faults.empty()) out << "\n" << texts.word("fix.despite") << "\n";
    for (const Finding& fault : faults) {
      const FindingText text = texts.finding(fault, {}, of_twca);
      out << fmt::format("- {}\n", printable(text.title));
    }
  });
  if (!written) return fail(written.error());
  const bool broken =
      std::ranges::any_of(faults, [](const Finding& fault) { return fault.severity == Severity::error; });
  return broken ? ExitCode::findings : ExitCode::ok;
}

}  // namespace chaintier
