// From options to what the judgement rests on, and from judged targets to a report.
#pragma once

#include <vector>

#include "src/base/result.h"
#include "src/cli/options.h"
#include "src/findings/knowledge.h"
#include "src/report/report.h"

namespace chaintier {

// `now` is used where --time is absent.
Result<Knowledge> build_knowledge(const JudgeOptions& options, Time now);

// A report without targets yet.
Report empty_report(const Knowledge& knowledge, Language language);

// The certificates of a file that all have to parse: anchors, pools.
Result<std::vector<CertificatePtr>> read_certificates(const std::string& file);

Time now();

}  // namespace chaintier
