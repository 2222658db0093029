#include "reports/safe_html.h"

#include "src/base/embedded.h"
#include "src/base/text.h"

namespace chaintier {

SafeHtml SafeHtml::text(std::string_view raw) {
  SafeHtml result;
  std::string& html = result.html_;
  html.reserve(raw.size() + 16);
  for (const char c : printable(raw)) {
    switch (c) {
      case '&':
        html += "&amp;";
        break;
      case '<':
        html += "&lt;";
        break;
      case '>':
        html += "&gt;";
        break;
      case '"':
        html += "&quot;";
        break;
      case '\'':
        html += "&#39;";
        break;
      default:
        html += c;
    }
  }
  return result;
}

SafeHtml SafeHtml::page_file(std::string_view path) {
  SafeHtml result;
  result.html_ = embedded_file(path);
  return result;
}

SafeHtml bdi(std::string_view raw) {
  SafeHtml result("<bdi>");
  result << text(raw) << "</bdi>";
  return result;
}

}  // namespace chaintier
