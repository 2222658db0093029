#include <filesystem>
#include <iostream>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "src/base/text.h"
#include "src/cli/commands.h"
#include "src/cli/files.h"
#include "src/clients/client_model.h"
#include "src/report/texts.h"

namespace chaintier {

namespace {

// Clients that hold the root, each with the date since when, where that is known.
std::vector<std::string> holders(const KnownCa& ca, Language language) {
  std::vector<std::string> result;
  for (const ClientModel& client : built_in_clients().clients)
    for (const AnchorRule& rule : client.anchors) {
      if (rule.slug != ca.slug) continue;
      std::string text = client.label.at(std::string(id(language)));
      if (rule.since) text += fmt::format(" ≥ {}", format_date(*rule.since));
      if (rule.until) text += fmt::format(" < {}", format_date(*rule.until));
      if (rule.sct_not_after) text += fmt::format(" (SCT ≤ {})", format_date(*rule.sct_not_after));
      result.push_back(std::move(text));
    }
  return result;
}

void print_entry(const KnownCa& ca, const Texts& texts, std::ostream& out) {
  const Certificate& certificate = *ca.certificate;
  const auto row = [&](std::string_view key, std::string_view value) {
    if (!value.empty()) out << "  " << texts.word(key) << ": " << printable(value) << '\n';
  };
  out << printable(ca.name) << '\n';
  row("catalogue.slug", ca.slug);
  row("catalogue.role", texts.word(fmt::format("catalogue.role.{}", id(ca.role))));
  if (ca.hierarchy != Hierarchy::none)
    row("catalogue.chain", texts.word(fmt::format("catalogue.chain.{}", id(ca.hierarchy))) +
                               (ca.validation.empty() ? "" : " " + ca.validation));
  row("catalogue.generation", ca.generation);
  row("catalogue.subject", certificate.subject.text());
  row("catalogue.issuer", certificate.issuer.text());
  row("catalogue.valid", format_date(certificate.not_before) + " .. " + format_date(certificate.not_after));
  row("catalogue.key", fmt::format("{} {}", certificate.key.name,
                                   certificate.key.curve.empty() ? std::to_string(certificate.key.bits)
                                                                 : certificate.key.curve));
  row("catalogue.sha256", certificate.fingerprint.hex());
  if (ca.revoked) row("catalogue.revoked", *ca.revoked);
  row("catalogue.note", ca.note);
  row("catalogue.source", ca.source + (ca.source_date.empty() ? "" : ", " + ca.source_date));
  const auto held = holders(ca, texts.language());
  if (!held.empty())
    row("catalogue.held_by",
        fmt::format("{}", fmt::join(held, texts.language() == Language::en ? "; " : ";")));
}

void print_list(const Catalogue& catalogue, const Texts& texts, std::ostream& out) {
  std::size_t width = 0;
  for (const KnownCa& ca : catalogue.all()) width = std::max(width, ca.slug.size());
  for (const CaRole role : {CaRole::root, CaRole::cross, CaRole::intermediate}) {
    out << texts.word(fmt::format("catalogue.role.{}", id(role))) << '\n';
    for (const KnownCa& ca : catalogue.all())
      if (ca.role == role)
        out << fmt::format("  {:<{}}  {}  {}{}\n", ca.slug, width, format_date(ca.certificate->not_after),
                           printable(ca.name),
                           ca.revoked ? " (" + texts.word("catalogue.revoked") + ")" : "");
  }
}

}  // namespace

ExitCode run_catalogue(const CatalogueCommand& command) {
  Catalogue catalogue = Catalogue::twca();
  if (command.folder) {
    auto other = Catalogue::from_directory(
        std::filesystem::path(std::u8string(command.folder->begin(), command.folder->end())));
    if (!other) return fail(other.error());
    catalogue = std::move(*other);
  }
  const Texts& texts = Texts::of(command.language);
  const KnownCa* one = nullptr;
  if (command.slug) {
    one = catalogue.find(*command.slug);
    if (const auto fingerprint = CertFingerprint::parse(*command.slug); !one && fingerprint)
      one = catalogue.find(*fingerprint);
    if (!one)
      return fail(input_error(
          Stage::usage, fmt::format("no entry \"{}\" in the catalogue; \"chaintier catalogue\" lists them",
                                    printable(*command.slug))));
  }
  const auto written = write_file("-", [&](std::ostream& out) {
    if (one)
      print_entry(*one, texts, out);
    else
      print_list(catalogue, texts, out);
  });
  return written ? ExitCode::ok : fail(written.error());
}

}  // namespace chaintier
