// One certificate: parsing, names, host match, path checks of it alone, its JSON.
#include <boost/json.hpp>

#include "reports/json_parts.h"
#include "src/paths/path_checks.h"
#include "src/x509/signature.h"
#include "tests/fuzz/fuzz.h"

using namespace chaintier;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto certificate = parse_certificate({data, size});
  if (!certificate) {
    promise_printable(certificate.error().detail);
    return 0;
  }
  const Certificate& read = **certificate;
  for (const Name* name : {&read.subject, &read.issuer}) {
    promise(valid_utf8(name->text()) == name->text(), "a name's text is UTF-8");
    promise(name->empty() || !name->short_text().empty() || name->text().empty(), "a name has a short text");
  }
  promise(read.tbs.size() <= size && read.signature.size() <= size, "parts are no larger than the whole");
  for (const Defect defect : read.defects) promise(!id(defect).empty(), "a defect has an id");

  Path path{{*certificate}, {1}, {}};
  path.problems = check_path(path, {read.not_before, ReferenceName{"www.example.tw", std::nullopt}, true});
  promise(std::ranges::is_sorted(path.problems), "problems are sorted");
  strict_problems(path);
  SignatureChecker signatures;
  signatures.check(read, read.key);

  static const Catalogue none = Catalogue::from_files({}).value();
  const std::string json = json_of(CertificateRef{*certificate, nullptr}, none).text();
  boost::system::error_code failed;
  boost::json::parse(json, failed);
  promise(!failed, "the JSON of a certificate is JSON");
  return 0;
}
