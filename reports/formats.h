// Every report that goes into a file: the option that asks for it, and what writes it. A new one is a line
// in formats.cpp.
#pragma once

#include <ostream>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/result.h"
#include "src/report/report.h"

namespace chaintier {

// What a writer needs to know besides the report.
struct WriteOptions {
  bool language_given = false;  // --lang: that language and no other, also where a file could hold both
  Severity fail_on = Severity::error;  // what counts as failed, where a format knows passed and failed only
  std::string crypto_version;          // "OpenSSL 3.0.11 19 Sep 2023"
  std::vector<std::string> asked;      // the command line without the program's name
  std::string client_data_date;        // of the built-in client data
  bool redacted = false;
};

struct ReportFormat {
  std::string_view option;  // "--csv"
  std::string_view help;    // for --help
  bool binary;              // not for a terminal
  // Failures other than of the stream: nothing usable was written then.
  Result<void> (*write)(const Report& report, const WriteOptions& options, std::ostream& out);
};

std::span<const ReportFormat> report_formats();

}  // namespace chaintier
