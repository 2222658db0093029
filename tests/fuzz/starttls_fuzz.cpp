// The words before TLS, cut into pieces of any size.
#include <array>

#include "probes/not_tls.h"
#include "probes/starttls.h"
#include "tests/fuzz/fuzz.h"

using namespace chaintier;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::array protocols{Protocol::smtp, Protocol::imap,     Protocol::pop3,  Protocol::ftp,
                                 Protocol::ldap, Protocol::postgres, Protocol::mysql, Protocol::xmpp};
  Input input(data, size);
  const Protocol protocol = protocols[input.octet() % protocols.size()];
  if (!starttls_supported(protocol)) return 0;
  promise_printable(describe_not_tls(ByteView(data, size)));
  const std::size_t piece = std::size_t{1} + input.octet();
  const auto dialogue = make_starttls(protocol, "www.example.tw");
  StarttlsStep step = dialogue->advance({});
  while (step.next == StarttlsStep::Next::read && !input.empty()) {
    promise(step.detail.empty(), "there is nothing to explain before the end");
    step = dialogue->advance(input.take(piece));
  }
  if (step.next == StarttlsStep::Next::failed) promise_printable(step.detail);
  return 0;
}
