#include "src/cli/kept_inputs.h"

#include <algorithm>
#include <filesystem>

#include <fmt/format.h>

#include "src/base/text.h"
#include "src/cli/files.h"
#include "src/files/certificate_source.h"

namespace chaintier {

namespace {

namespace fs = std::filesystem;

// Reports begin like this, and hold certificates too; no file that certificates are kept in does.
bool begins_like_a_report(ByteView content) {
  const std::string_view text = text_of(content);
  return text.starts_with('<') || text.starts_with('{') || text.starts_with("\xEF\xBB\xBF");
}

// A report of an earlier run that lies in the folder may be written again.
bool is_worth_keeping(const std::string& file) {
  const fs::path path(std::u8string(file.begin(), file.end()));
  std::error_code failed;
  if (!fs::is_regular_file(path, failed)) return false;
  if (path.filename() == "catalogue.json") return true;
  auto content = read_file(file);
  if (!content) return true;
  if (begins_like_a_report(*content)) return false;
  const auto source = certificates_of({{file, std::move(*content)}});
  return !source || !source->found.empty() ||
         std::ranges::any_of(source->left_out, [](const LeftOutFile& one) { return one.secret; });
}

}  // namespace

std::vector<std::string> files_read(const JudgeOptions& options) {
  std::vector<std::string> files;
  for (const auto& given : {options.catalogue, options.trust, options.pool, options.expect})
    if (given) files.push_back(*given);
  for (const auto& [name, file] : options.given_clients) files.push_back(file);
  return files;
}

bool would_replace(const std::string& file, const std::string& input) {
  if (file == "-" || input == "-") return false;
  return same_file(file, input) || (is_below(file, input) && is_worth_keeping(file));
}

Result<void> check_not_overwriting(const OutputOptions& options, const std::vector<std::string>& inputs) {
  const auto is_input = [&](const std::string& file) {
    return std::ranges::any_of(inputs, [&](const std::string& input) { return would_replace(file, input); });
  };
  for (const auto& [option, files] : options.files)
    for (const std::string& file : files)
      if (is_input(file))
        return input_error(Stage::usage,
                           fmt::format("{} would overwrite {}, which is also read: give it a file of its own",
                                       option, printable(file)));
  for (const std::string& file : options.jsonl)
    if (is_input(file))
      return input_error(Stage::usage,
                         fmt::format("--jsonl would empty {}, which is also read: give it a file of its own",
                                     printable(file)));
  return {};
}

}  // namespace chaintier
