// What a server may say in its handshake.
#include "probes/handshake_record.h"
#include "tests/fuzz/fuzz.h"

using namespace chaintier;

namespace {

bool inside(ByteView part, ByteView whole) {
  return part.empty() ||
         (part.data() >= whole.data() && part.data() + part.size() <= whole.data() + whole.size());
}

void check(const Result<CertificateList>& list, ByteView body) {
  if (!list) return promise_printable(list.error().detail);
  for (const ByteView certificate : list->certificates)
    promise(inside(certificate, body), "views stay inside");
  if (list->staple) promise(inside(*list->staple, body), "views stay inside");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView body(data, size);
  check(read_certificates_12(body), body);
  check(read_certificates_13(body), body);
  if (const auto status = read_certificate_status(body)) promise(inside(*status, body), "views stay inside");
  if (const auto hello = read_server_hello(body))
    promise(!tls_version_name(hello->version).empty(), "versions have names");

  // And as messages, each after its length.
  HandshakeRecord record;
  for (Input input(data, size); !input.empty();) {
    record.on_message(input.take(input.number()));
    std::size_t total = 0;
    for (const ByteView certificate : record.certificates()) total += certificate.size();
    promise(total <= longest_certificate_list, "a list is not longer than the limit");
    if (record.malformed()) promise_printable(record.malformed()->detail);
    if (const auto group = record.group()) promise(!tls_group_name(*group).empty(), "groups have names");
  }
  return 0;
}
