#include "src/cli/local_inputs.h"

#include <algorithm>

#include "probes/local_files.h"
#include "src/base/text.h"
#include "src/cli/passwords.h"
#include "src/local/read_local.h"

namespace chaintier {

namespace {

constexpr int most_prompts = 3;

bool wants_password(const LocalFile& file) {
  const auto locked = [](const std::optional<Reason>& reason) {
    return reason && (reason->id == "password_needed" || reason->id == "password_wrong");
  };
  return locked(file.reason) ||
         std::ranges::any_of(file.items, [&](const LocalItem& item) { return locked(item.problem); });
}

LocalFile read_found(const FoundFile& found, const Unlocker& unlocker) {
  LocalFile file;
  if (found.content) {
    file = read_local(found.path, found.content->view(), unlocker);
  } else {
    file.path = found.path;
    file.reason = Reason{"cannot_open", {{"detail", found.content.error().detail}}};
  }
  file.named = found.named;
  file.open_to_all = found.open_to_all;
  return file;
}

}  // namespace

LocalInputs read_inputs(const std::vector<std::string>& paths, Unlocker& unlocker,
                        const std::string& prompt) {
  LocalInputs inputs;
  const WalkLimits limits;
  const WalkEnd end = walk_files(paths, limits, [&](FoundFile found) {
    ++inputs.looked_at;
    LocalFile file = read_found(found, unlocker);
    if (file.named || !is_foreign(file)) inputs.files.push_back(std::move(file));
  });
  if (end == WalkEnd::files)
    inputs.limit = Reason{"files", {{"count", static_cast<std::int64_t>(limits.files)}}};
  if (end == WalkEnd::depth)
    inputs.limit = Reason{"depth", {{"count", static_cast<std::int64_t>(limits.depth)}}};
  if (end == WalkEnd::total)
    inputs.limit = Reason{"total", {{"count", static_cast<std::int64_t>(limits.total >> 20)}}};

  for (int i = 0; i < most_prompts && can_ask_for_password(); ++i) {
    const auto locked = std::ranges::find_if(inputs.files, wants_password);
    if (locked == inputs.files.end()) break;
    auto password = ask_for_password(printable(locked->path) + ": " + prompt);
    if (!password || password->empty()) break;
    unlocker.add(std::move(*password));
    for (LocalFile& file : inputs.files) {
      if (!wants_password(file)) continue;
      FoundFile again{file.path, file.named, file.open_to_all, read_secret_file(file.path, limits.file)};
      if (again.content) file = read_found(again, unlocker);
    }
  }
  return inputs;
}

}  // namespace chaintier
