// Text of strangers through redaction and into every text format: nothing internal is left, and no format is
// broken by what a name says.
#include <boost/json.hpp>
#include <sstream>

#include "reports/formats.h"
#include "reports/nagios.h"
#include "src/report/internal_names.h"
#include "src/report/redact.h"
#include "tests/fuzz/fuzz.h"
#include "tests/support/sample_report.h"

using namespace chaintier;

namespace {

bool is_name_octet(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
         c == '.';
}

void promise_clean(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    std::size_t end = at;
    while (end < text.size() && is_name_octet(text[end])) ++end;
    std::string_view run = text.substr(at, end - at);
    while (run.ends_with('.')) run.remove_suffix(1);
    while (run.starts_with('.')) run.remove_prefix(1);
    const auto address = IpAddress::parse(run);
    // A group of an IPv6 address is no address, and ":10.0.0.1" may be the end of one.
    const bool within = at > 0 && text[at - 1] == ':';
    promise(!address || within || !is_internal(*address), "an internal address is left");
    const std::string name = normal_name(run);
    for (const char* ending : {"local", "internal", "corp", "lan", "home.arpa"})
      promise(name.find('.') == std::string::npos || !ends_in(name, ending), "an internal name is left");
    at = end > at ? end : at + 1;
  }
}

const Report& model() {
  static const Report report = sample_report(Language::en, 1);
  return report;
}

void write_all(const Report& report) {
  for (const ReportFormat& format : report_formats()) {
    if (format.binary || format.option == "--html") continue;
    std::ostringstream out;
    promise(format.write(report, {}, out).has_value(), "a report is written");
    const std::string text = std::move(out).str();
    promise(valid_utf8(text) == text, "a report is UTF-8");
    for (const char c : text)
      promise(static_cast<unsigned char>(c) >= 0x20 || c == '\n' || c == '\r',
              "a report holds no control character");
    if (format.option == "--sarif" || format.option == "--json") {
      boost::json::error_code failed;
      boost::json::parse(text, failed);
      promise(!failed, "it is JSON");
    }
  }
  std::ostringstream plugin;
  write_nagios(report, plugin);
  const std::string line = plugin.str();
  promise(line.find('\n') + 1 == line.size(), "the plugin's report is one line");
  promise(line.find('|') == line.rfind('|'), "the plugin's report has one bar");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string raw(text_of({data, size}));
  Redactor redactor;
  const std::string once = redactor.text(raw);
  promise_clean(once);
  promise(redactor.text(once) == once, "redacting twice changes nothing");

  Report report = model();
  Observation& seen = report.targets[0].observation;
  seen.target.text = seen.target.host = seen.target.shown_host = seen.target.tag = raw;
  seen.cnames = {raw};
  for (Finding& finding : report.targets[0].findings)
    for (auto& [name, fact] : finding.facts)
      if (std::holds_alternative<std::string>(fact)) fact = raw;
  std::vector<std::string> asked{raw};
  write_all(report);
  write_all(redacted(report, asked, redactor));
  return 0;
}
