#include "reports/bundle.h"

#include <chrono>
#include <map>
#include <memory>
#include <sstream>

#include <fmt/format.h>
#include <zip.h>

#include "reports/html.h"
#include "reports/json.h"
#include "reports/json_parts.h"
#include "reports/view.h"
#include "src/base/text.h"

namespace chaintier {

namespace {

using Files = std::map<std::string, std::string>;  // by name, which is the order in the archive

constexpr std::size_t name_columns = 60;

// Nothing that a file system could take for more than a name.
std::string file_name(std::string_view raw) {
  std::string name;
  for (const char c : shorten(lower_ascii(raw), name_columns)) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
                       (c == '.' && !name.empty() && name.back() != '.');
    if (plain) name += c;
  }
  while (name.ends_with('.')) name.pop_back();
  return name.empty() ? "target" : name;
}

std::string chain_pem(const TargetReport& target, const ChainJudgement& chain) {
  std::string text = fmt::format("# {}\n", printable(target.observation.target.text));
  for (const SeenAt& at : chain.seen_at) text += fmt::format("# {} x{}\n", printable(at.address), at.count);
  if (chain.without_sni_only) text += "# seen only without SNI\n";
  for (std::size_t i = 0; i < chain.served.size(); ++i) {
    const SentCertificate& sent = *chain.served[i];
    text += "\n# SHA-256 " + sent.fingerprint.hex() + "\n";
    if (chain.certificates[i])
      text += "# " + shorten(printable(chain.certificates[i]->subject.text()), 300) + "\n";
    text += sent.der.empty() ? "# left out: the certificate holds an internal name or address\n"
                             : to_pem(sent.der);
  }
  return text;
}

void add_chains(const Report& report, Files& files) {
  for (std::size_t i = 0; i < report.targets.size(); ++i) {
    const TargetReport& target = report.targets[i];
    const std::string folder =
        fmt::format("targets/{:05}-{}", i + 1, file_name(target.observation.target.host));
    for (std::size_t n = 0; n < target.chains.size(); ++n)
      files[fmt::format("{}/chain-{}.pem", folder, n + 1)] = chain_pem(target, *target.chains[n]);
  }
}

template <class Write>
std::string text_by(const Write& write) {
  std::ostringstream out;
  write(out);
  return std::move(out).str();
}

void add_reports(const Report& report, Files& files) {
  files["report.json"] = text_by([&](std::ostream& out) { write_json(report, out); });
  Report page = report;
  for (const Language language : {Language::zh_tw, Language::en}) {
    page.language = language;
    files[fmt::format("report.{}.html", id(language))] =
        text_by([&](std::ostream& out) { write_html(page, out); });
  }
}

std::string manifest(const Report& report, const WriteOptions& options, const Files& files) {
  std::optional<Time> first, last;
  for (const TargetReport& target : report.targets)
    for (const EndpointSeen& endpoint : target.observation.endpoints)
      for (const Sample& sample : endpoint.samples) {
        if (sample.outcome == Outcome::not_started) continue;
        if (!first || sample.at < *first) first = sample.at;
        if (!last || sample.at > *last) last = sample.at;
      }
  JsonObject result;
  result["schema"] = "chaintier.bundle/1";
  result["tool"] = tool_json(report.tool_name, report.tool_version);
  result["crypto"] = options.crypto_version;
  result["catalogue_date"] = report.catalogue_date;
  result["client_data_date"] = options.client_data_date;
  result["asked"] = JsonArray::of(options.asked);
  result["redacted"] = options.redacted;
  result["judged_at"] = format_rfc3339(report.judged_at);
  result["first_sample_at"] = or_null(first, format_rfc3339);
  result["last_sample_at"] = or_null(last, format_rfc3339);
  JsonObject digests;
  for (const auto& [name, content] : files) digests[name] = to_hex(sha256(bytes_of(content)));
  result["sha256"] = digests;
  return result.text() + "\n";
}

struct Discard {
  void operator()(zip_t* archive) const noexcept { zip_discard(archive); }
};
struct FreeSource {
  void operator()(zip_source_t* source) const noexcept { zip_source_free(source); }
};

Error failed(std::string_view what) {
  return {Stage::write, Fault::internal, fmt::format("the bundle cannot be made: {}", what)};
}

Result<void> add(zip_t* archive, const std::string& name, const std::string& content, Time at) {
  zip_source_t* source = zip_source_buffer(archive, content.data(), content.size(), 0);
  if (!source) return failed(zip_strerror(archive));
  const zip_int64_t index = zip_file_add(archive, name.c_str(), source, ZIP_FL_ENC_UTF_8);
  if (index < 0) {
    zip_source_free(source);  // taken over only when adding succeeds
    return failed(zip_strerror(archive));
  }
  // DOS time as it is written into the archive, UTC: the zone of the machine must not change the octets.
  const auto day = std::chrono::floor<std::chrono::days>(at);
  const std::chrono::year_month_day date{day};
  const std::chrono::hh_mm_ss clock{at - day};
  const int year = std::clamp(static_cast<int>(date.year()), 1980, 2107);
  const auto dos_date =
      static_cast<zip_uint16_t>((year - 1980) << 9 | static_cast<int>(unsigned(date.month())) << 5 |
                                static_cast<int>(unsigned(date.day())));
  const auto dos_time = static_cast<zip_uint16_t>(clock.hours().count() << 11 | clock.minutes().count() << 5 |
                                                  clock.seconds().count() / 2);
  const auto place = static_cast<zip_uint64_t>(index);
  if (zip_file_set_dostime(archive, place, dos_time, dos_date, 0) != 0 ||
      zip_set_file_compression(archive, place, ZIP_CM_DEFLATE, 9) != 0 ||
      zip_file_set_external_attributes(archive, place, 0, ZIP_OPSYS_UNIX, 0100644u << 16) != 0)
    return failed(zip_strerror(archive));
  return {};
}

Result<std::string> zipped(const Files& files, Time at) {
  zip_error_t error;
  zip_error_init(&error);
  const std::unique_ptr<zip_source_t, FreeSource> memory(zip_source_buffer_create(nullptr, 0, 0, &error));
  if (!memory) return failed(zip_error_strerror(&error));
  zip_source_keep(memory.get());  // zip_close() gives one reference up
  std::unique_ptr<zip_t, Discard> archive(zip_open_from_source(memory.get(), ZIP_TRUNCATE, &error));
  if (!archive) {
    zip_source_free(memory.get());
    return failed(zip_error_strerror(&error));
  }
  for (const auto& [name, content] : files)
    if (auto done = add(archive.get(), name, content, at); !done) return done.error();
  if (zip_close(archive.get()) != 0) return failed(zip_strerror(archive.get()));
  static_cast<void>(archive.release());

  zip_stat_t size;
  if (zip_source_open(memory.get()) != 0 || zip_source_stat(memory.get(), &size) != 0)
    return failed("the archive cannot be read back");
  std::string octets(size.size, '\0');
  const zip_int64_t read = zip_source_read(memory.get(), octets.data(), octets.size());
  zip_source_close(memory.get());
  if (read < 0 || static_cast<std::size_t>(read) != octets.size())
    return failed("the archive cannot be read back");
  return octets;
}

}  // namespace

Result<void> write_bundle(const Report& report, const WriteOptions& options, std::ostream& out) {
  Files files;
  add_reports(report, files);
  add_chains(report, files);
  files["README.txt"] =
      Texts::of(Language::zh_tw).word("bundle.readme") + "\n\n" +
      Texts::of(Language::en).word("bundle.readme") + "\n" +
      (options.redacted ? "\n" + Texts::of(Language::zh_tw).word("bundle.redacted") + "\n\n" +
                              Texts::of(Language::en).word("bundle.redacted") + "\n"
                        : "");
  files["manifest.json"] = manifest(report, options, files);
  const auto octets = zipped(files, report.judged_at);
  if (!octets) return octets.error();
  out << *octets;
  return {};
}

}  // namespace chaintier
