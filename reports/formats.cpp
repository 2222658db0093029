#include "reports/formats.h"

#include <array>

#include "reports/bundle.h"
#include "reports/csv.h"
#include "reports/html.h"
#include "reports/json.h"
#include "reports/junit.h"
#include "reports/local_targets.h"
#include "reports/prometheus.h"
#include "reports/sarif.h"

namespace chaintier {

namespace {

template <void (*write)(const Report&, std::ostream&)>
Result<void> plain(const Report& report, const WriteOptions&, std::ostream& out) {
  write(report, out);
  return {};
}

// For formats that know targets only.
template <void (*write)(const Report&, std::ostream&)>
Result<void> targets(const Report& report, const WriteOptions&, std::ostream& out) {
  report.local ? write(with_local_targets(report), out) : write(report, out);
  return {};
}

Result<void> html(const Report& report, const WriteOptions& options, std::ostream& out) {
  if (options.language_given)
    write_html(report, out);
  else
    write_html_in_both(report, out);
  return {};
}

Result<void> junit(const Report& report, const WriteOptions& options, std::ostream& out) {
  report.local ? write_junit(with_local_targets(report), options.fail_on, out)
               : write_junit(report, options.fail_on, out);
  return {};
}

constexpr std::array formats{
    ReportFormat{"--json", "write the JSON report there; - is standard output", false, plain<write_json>},
    ReportFormat{"--html", "write the HTML report there", false, html},
    ReportFormat{"--csv", "write a table there, a row a finding, for Excel", false, targets<write_csv>},
    ReportFormat{"--junit", "write JUnit XML there, a test case a target, for Jenkins or GitLab", false,
                 junit},
    ReportFormat{"--sarif", "write SARIF 2.1.0 there, for code scanning", false, targets<write_sarif>},
    ReportFormat{"--prometheus", "write metrics there, for node_exporter's textfile collector", false,
                 targets<write_prometheus>},
    ReportFormat{"--bundle", "write a ZIP there with all that a helper needs: reports, chains, versions",
                 true, write_bundle},
};

}  // namespace

std::span<const ReportFormat> report_formats() { return formats; }

}  // namespace chaintier
