// What a person reads, in two languages. Texts are data (data/texts/<language>.json), keyed by finding code.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "src/findings/finding.h"
#include "src/report/report.h"

namespace chaintier {

struct FindingText {
  std::string title;                  // one line: what is wrong
  std::string why;                    // what it does to whom
  std::vector<std::string> fix;       // steps, in order; may be empty for a note
  std::optional<std::string> manual;  // section of TWCA's manual, "5.4.10"
};

// Without the references to TWCA's manual in parentheses: "Import it (manual 5.5)." becomes "Import it."
std::string without_manual(std::string text);

class Texts {
 public:
  static const Texts& of(Language language);

  // Placeholders filled from the facts; client ids are shown by their labels, times as dates. Without
  // `of_twca` nothing is said of TWCA, of its manual or of the files that it delivers.
  FindingText finding(const Finding& finding, const std::vector<ClientInfo>& clients,
                      bool of_twca = true) const;

  // A word or sentence of the reports by its key ("verdict.error", "label.served"). A key that does not exist
  // is a bug: std::logic_error.
  const std::string& word(std::string_view key) const;
  // The same for a key that may have no word: nothing then.
  const std::string* find_word(std::string_view key) const;
  // A word whose placeholders are filled from `facts`. A placeholder without a fact is a bug:
  // std::logic_error.
  std::string phrase(std::string_view key, const std::map<std::string, Fact>& facts) const;

  // A fact as a reader is shown it; the name decides what the value means ("clients", "stage", "reasons"
  // ...).
  std::string fact(std::string_view name, const Fact& fact,
                   const std::vector<ClientInfo>& clients = {}) const;

  Language language() const { return language_; }

 private:
  explicit Texts(Language language);
  struct Entry;
  Language language_;
  std::shared_ptr<const Entry> entry_;
};

}  // namespace chaintier
