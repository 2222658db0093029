// From options to what the judgement rests on, and from judged targets to a report.
#pragma once

#include <vector>

#include "src/base/result.h"
#include "src/cli/options.h"
#include "src/findings/knowledge.h"
#include "src/report/report.h"

namespace chaintier {

// `now` is used where --time is absent. The client "curl" gets the trust store of this machine, or the DER
// certificates of `saved_store` when there is one.
Result<Knowledge> build_knowledge(const JudgeOptions& options, Time now,
                                  const std::vector<Bytes>* saved_store = nullptr);

// The folder of --catalogue, or the built-in one.
Result<std::shared_ptr<const Catalogue>> read_catalogue(const JudgeOptions& options);

// The scanning machine's trust anchors as `knowledge` has them, for saving.
std::vector<Bytes> machine_store_of(const Knowledge& knowledge);

// A report without targets yet. `asked`: options that change what is asked, besides those that judge.
Report empty_report(const Knowledge& knowledge, const JudgeOptions& given, Language language,
                    const std::vector<GivenOption>& asked = {});

// The certificates of a file that all have to parse: anchors, pools.
Result<std::vector<CertificatePtr>> read_certificates(const std::string& file);

Time now();

}  // namespace chaintier
