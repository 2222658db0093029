// The explain pages of the findings that need mending, with the steps for each kind of server.
#include <algorithm>
#include <map>

#include "reports/html_parts.h"
#include "src/base/text.h"
#include "src/report/explain.h"

namespace chaintier {

namespace {

bool is_ascii(char c) { return static_cast<unsigned char>(c) < 0x80; }

// U+3000 to U+303F and U+FF00 to U+FF3F: the marks that stand in Chinese text without a blank.
bool is_wide_mark(std::string_view three) {
  return three.size() >= 3 && (three.starts_with("\xE3\x80") || three.starts_with("\xEF\xBC"));
}

// Lines of a page are broken where the file's width ends. A blank stands between words, and between a Latin
// word and a Chinese one, but neither between Chinese characters nor beside their marks.
void append_line(std::string& text, std::string_view line) {
  if (!text.empty()) {
    const bool chinese = !is_ascii(text.back()) && !is_ascii(line.front());
    const std::string_view end =
        std::string_view(text).substr(text.size() - std::min<std::size_t>(3, text.size()));
    if (!chinese && !is_wide_mark(end) && !is_wide_mark(line)) text += ' ';
  }
  text += line;
}

// The form of explain pages: "## " heading, "- " item with continuation lines, four blanks before a command.
class Page {
 public:
  explicit Page(int level) : level_(level) {}

  SafeHtml html(std::string_view content) {
    for (const std::string_view line : split(content, '\n')) {
      const std::string_view words = trimmed(line);
      if (words.empty()) {
        end_text();
        end_code();
      } else if (line.starts_with("# ")) {
        continue;  // the caption says it
      } else if (line.starts_with("## ")) {
        end_list();
        html_ << heading(level_, text(words.substr(3)));
      } else if (line.starts_with("    ")) {
        end_text();
        code_.append(line.substr(4)).append("\n");
      } else if (line.starts_with("- ")) {
        end_item();
        if (!in_list_) html_ << "<ul>";
        in_list_ = in_item_ = true;
        html_ << "<li>";
        append_line(text_, words.substr(2));
      } else {
        end_code();
        if (in_list_ && !line.starts_with(' ')) end_list();
        append_line(text_, words);
      }
    }
    end_list();
    return std::move(html_);
  }

 private:
  void end_text() {
    if (text_.empty()) return;
    if (in_item_)
      html_ << text(text_);
    else
      html_ << "<p>" << text(text_) << "</p>";
    text_.clear();
  }
  void end_code() {
    if (code_.empty()) return;
    html_ << "<pre class=\"shell\" tabindex=\"0\">";
    for (const std::string_view line : split(trimmed(code_), '\n')) html_ << text(line) << "\n";
    html_ << "</pre>";
    code_.clear();
  }
  void end_item() {
    end_text();
    end_code();
    if (in_item_) html_ << "</li>";
    in_item_ = false;
  }
  void end_list() {
    end_item();
    if (in_list_) html_ << "</ul>";
    in_list_ = false;
  }

  int level_;
  SafeHtml html_;
  std::string text_, code_;
  bool in_list_ = false, in_item_ = false;
};

}  // namespace

SafeHtml explanation_id(const PageContext& page, Code code) {
  SafeHtml html;
  html << page.ids << "x-" << text(id(code));
  return html;
}

// The pages are about TWCA's files and manual.
bool is_explained(const PageContext& page, const TargetReport& target, const Finding& finding) {
  return speaks_of_twca(page.report, target) && finding.severity != Severity::note;
}

SafeHtml explanations_section(const PageContext& page) {
  std::map<int, Code> codes;
  for (const TargetReport& target : page.report.targets)
    for (const Finding& finding : target.findings)
      if (is_explained(page, target, finding)) codes.emplace(rank(finding.code), finding.code);
  SafeHtml html;
  for (const auto& [rank, code] : codes) {
    auto content = explain(id(code), page.report.language);
    if (!content) continue;
    if (page.report.targets.size() == 1) put_command(*content, page.report, page.report.targets.front());
    if (html.empty()) html << "<section class=\"explained\">" << heading(2, word(page, "title.explain"));
    html << "<details id=\"" << explanation_id(page, code) << "\"><summary><span class=\"cert-name\">"
         << word(page, "short." + std::string(id(code))) << "</span> <code>" << text(id(code))
         << "</code></summary><div class=\"inside\">" << Page(3).html(*content) << "</div></details>";
  }
  if (!html.empty()) html << "</section>";
  return html;
}

}  // namespace chaintier
