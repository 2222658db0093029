#include "src/cli/resume.h"

#include <algorithm>
#include <filesystem>
#include <fstream>

#include <fmt/format.h>

#include "src/base/text.h"
#include "src/cli/files.h"
#include "src/cli/report_files.h"
#include "src/cli/terminal.h"
#include "src/observe/share.h"

namespace chaintier {

namespace {

namespace fs = std::filesystem;

fs::path as_path(const std::string& utf8) { return fs::path(std::u8string(utf8.begin(), utf8.end())); }

struct KeptLine {
  FileLine line;
  std::string key;
  bool dropped = false;
};

// Copies the lines that stay, in a new file that takes the place of the old one.
Result<void> rewrite(const std::string& path, const std::vector<KeptLine>& lines) {
  std::ifstream in(as_path(path), std::ios::binary);
  std::string text;
  bool copied = static_cast<bool>(in);
  auto written = write_file(path, [&](std::ostream& out) {
    for (const KeptLine& kept : lines) {
      text.resize(kept.line.size);
      in.seekg(static_cast<std::streamoff>(kept.line.begin));
      copied = copied && in.read(text.data(), static_cast<std::streamsize>(text.size()));
      if (!copied) out.setstate(std::ios::failbit);  // then the old file stays
      out << text << '\n';
    }
  });
  if (!copied) return input_error(Stage::read, fmt::format("cannot read {} a second time", printable(path)));
  return written;
}

// Only what has to change is changed.
Result<void> repair(const std::string& path, const std::vector<KeptLine>& kept, bool cut, bool superseded) {
  const bool all_ended = kept.empty() || kept.back().line.ended;
  if (superseded || !all_ended) return rewrite(path, kept);
  if (!cut) return {};
  std::error_code failed;
  fs::resize_file(as_path(path), kept.empty() ? 0 : kept.back().line.begin + kept.back().line.size + 1,
                  failed);
  if (failed)
    return Error{Stage::write, Fault::input,
                 fmt::format("cannot write {}: {}", printable(path), failed.message())};
  return {};
}

}  // namespace

std::string resume_key(const Target& target) { return identity_of(target) + '\n' + target.tag; }

bool is_complete(const Observation& observation) {
  return !observation.endpoints.empty() &&
         std::ranges::all_of(observation.endpoints, [](const EndpointSeen& endpoint) {
           return !endpoint.samples.empty() &&
                  std::ranges::none_of(endpoint.samples, [](const Sample& sample) {
                    return sample.outcome == Outcome::not_started;
                  });
         });
}

Result<Resumed> read_resume(const std::string& path, bool go_on, std::shared_ptr<const Catalogue> catalogue) {
  Resumed resumed;
  std::error_code failed;
  if (go_on && !fs::exists(as_path(path), failed)) {
    say(fmt::format("{} does not exist yet: every target is scanned", printable(path)));
    return resumed;
  }
  std::vector<KeptLine> kept;
  std::unordered_map<std::string, std::size_t> places;  // in `kept`
  std::size_t again = 0, dropped = 0;
  ReportReader reader(std::move(catalogue));
  const TakeLine take = [&](const ReportHead&, TargetReport target, const FileLine& line) {
    const bool bad = target.bad_target.has_value();
    const std::string key = bad ? identity_of(*target.bad_target) : resume_key(target.observation.target);
    // Of several lines for a target the last one counts: it was written when the target was asked again.
    const auto [place, fresh] = places.try_emplace(key, kept.size());
    if (!fresh) {
      kept[place->second].dropped = true;
      ++dropped;
      resumed.done.erase(key);
      place->second = kept.size();
    }
    kept.push_back({line, key});
    if (bad) {
      resumed.bad.insert(key);
    } else if (is_complete(target.observation)) {
      resumed.done.emplace(key, std::move(target.observation));
    } else {
      kept.back().dropped = true;
      ++again;
    }
  };
  const auto file = read_report_file(path, reader, take);
  if (!file) return file.error();
  if (go_on && !file->lines)
    return input_error(Stage::usage,
                       fmt::format("{} is a JSON report, and cannot be gone on with line by line: "
                                   "give --jsonl a file of its own",
                                   printable(path)));
  if (file->cut) say(cut_sentence(path));
  if (again > 0)
    say(fmt::format("{}: {} {} interrupted, and will be asked again", printable(path), again,
                    again == 1 ? "target was" : "targets were"));
  std::erase_if(kept, [](const KeptLine& one) { return one.dropped; });
  if (go_on)
    if (auto done = repair(path, kept, file->cut, again + dropped > 0); !done) return done.error();
  for (const KeptLine& one : kept)
    if (resumed.done.contains(one.key)) resumed.order.push_back(one.key);
  return resumed;
}

}  // namespace chaintier
