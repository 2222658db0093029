#include "src/cli/expect.h"

#include <algorithm>
#include <filesystem>
#include <utility>

#include <fmt/format.h>

#include "src/base/text.h"
#include "src/cli/files.h"
#include "src/cli/terminal.h"
#include "src/files/certificate_source.h"

namespace chaintier {

namespace {

namespace fs = std::filesystem;

std::string utf8(const fs::path& path) {
  const auto text = path.generic_u8string();
  return {text.begin(), text.end()};
}

Error cannot_read(const std::string& path, std::string_view why) {
  return input_error(Stage::read, fmt::format("cannot read {}: {}", printable(path), why));
}

Result<std::vector<fs::path>> files_below(const fs::path& folder, const std::string& shown,
                                          const ArchiveLimits& limits) {
  std::vector<fs::path> files;
  std::error_code failed;
  fs::recursive_directory_iterator at(folder, fs::directory_options::skip_permission_denied, failed);
  for (; !failed && at != fs::recursive_directory_iterator(); at.increment(failed)) {
    std::error_code unknown;
    if (!at->is_regular_file(unknown)) continue;
    if (files.size() == limits.entries)
      return cannot_read(shown, fmt::format("the folder holds more than {} files; give the one with the "
                                            "certificates",
                                            limits.entries));
    files.push_back(at->path());
  }
  if (failed) return cannot_read(shown, failed.message());
  std::ranges::sort(files);
  return files;
}

// Which files were not read as certificates, for the sentence of a failure.
std::string left_out_text(const CertificateSource& source) {
  constexpr std::size_t most = 4;
  std::string text;
  for (std::size_t i = 0; i < std::min(source.left_out.size(), most); ++i)
    text += fmt::format("{}{} ({})", i == 0 ? "; left out: " : ", ", printable(source.left_out[i].file),
                        source.left_out[i].why);
  if (source.left_out.size() > most) text += fmt::format(" and {} more", source.left_out.size() - most);
  return text;
}

}  // namespace

Result<std::vector<ArchiveEntry>> read_files_at(const std::string& path, const ArchiveLimits& limits) {
  const fs::path place(std::u8string(path.begin(), path.end()));
  std::error_code failed;
  if (path == "-" || !fs::is_directory(place, failed)) {
    auto content = read_file(path, limits.archive);
    if (!content) return content.error();
    std::vector<ArchiveEntry> one;
    one.push_back({path, std::move(*content)});
    return one;
  }
  const auto files = files_below(place, path, limits);
  if (!files) return files.error();
  std::vector<ArchiveEntry> result;
  std::size_t total = 0;
  for (const fs::path& file : *files) {
    auto content = read_file(utf8(file), limits.archive);
    if (!content) return content.error();
    total += content->size();
    if (total > limits.total)
      return cannot_read(path, fmt::format("the folder holds more than {} MiB; give the one with the "
                                           "certificates",
                                           limits.total >> 20));
    result.push_back({utf8(file.lexically_relative(place)), std::move(*content)});
  }
  return result;
}

Result<Expectation> read_expectation(const std::string& path) {
  const auto wrong = [&](const Error& error) {
    return input_error(error.stage, fmt::format("--expect {}: {}", printable(path), error.detail));
  };
  auto files = read_files_at(path);
  if (!files) return input_error(files.error().stage, "--expect: " + files.error().detail);
  // The name of a single file stands in the sentence already.
  const bool single = files->size() == 1 && files->front().name == path;
  auto source = certificates_of(std::move(*files));
  if (!source) {
    Error error = source.error();
    if (single && error.detail.starts_with(printable(path) + ": "))
      error.detail.erase(0, printable(path).size() + 2);
    return wrong(error);
  }
  for (const LeftOutFile& file : source->left_out)
    if (file.secret) say(fmt::format("--expect: {} holds {}", printable(file.file), file.why));
  std::vector<CertificatePtr> certificates;
  for (const FoundCertificate& one : source->found) certificates.push_back(one.certificate);
  SignatureChecker signatures;
  auto expectation = expectation_of(certificates, signatures);
  if (!expectation) {
    Error error = expectation.error();
    error.detail += left_out_text(*source);
    return wrong(error);
  }
  return expectation;
}

}  // namespace chaintier
