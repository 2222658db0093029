// What the writers of the local side have in common.
#pragma once

#include <string>
#include <vector>

#include "src/local/local_report.h"
#include "src/report/texts.h"

namespace chaintier {

std::string reason_text(const Texts& texts, const Reason& reason);
// The texts of a finding, with the command that looks at the same file again.
FindingText local_texts(const Report& report, const Finding& finding);
// "certificate www.example.tw", "private key RSA 2048": what an item is, in one line.
std::string item_text(const Texts& texts, const LocalItem& item);
// What is known of the item besides: dates, key, matches. One sentence each.
std::vector<std::string> item_notes(const Report& report, const LocalFile& file, const LocalItem& item);
Verdict verdict_of(const LocalFile& file);
Verdict verdict_of(const ServerSite& site);
Verdict verdict_of(const TrustStore& store);
// "nginx /etc/nginx/nginx.conf:12"
std::string site_place(const ServerSite& site);
std::vector<std::string> site_notes(const Report& report, const ServerSite& site);
std::vector<std::string> store_notes(const Report& report, const TrustStore& store);

}  // namespace chaintier
