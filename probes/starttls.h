// The words that go before TLS on ports that begin in the clear (RFC 3207, 3501, 2595, 4217 ...). No sockets
// here: octets in, the next step out.
#pragma once

#include <memory>
#include <string>

#include "src/base/bytes.h"
#include "src/observe/target.h"

namespace chaintier {

struct StarttlsStep {
  enum class Next {
    read,      // send `send`, then come back with what arrives
    go_ahead,  // send `send`, then begin TLS
    failed     // the server does not offer it, refused it, or speaks something else; `detail` says which
  };
  Next next = Next::failed;
  Bytes send;          // may be empty
  std::string detail;  // English; what the server wrote is escaped in it
};

class StarttlsDialogue {
 public:
  virtual ~StarttlsDialogue() = default;
  // To be called with nothing at first, then with all octets as they arrive, however they are cut into
  // pieces, until the step is go_ahead or failed. Octets behind the server's go-ahead are a failure: somebody
  // has put them there to be taken for the beginning of the TLS stream.
  virtual StarttlsStep advance(ByteView received) = 0;
};

// Whether the dialogue of this protocol is built.
bool starttls_supported(Protocol protocol);

// `host` is the name asked for; only XMPP says it to the server. Precondition: starttls_supported(protocol).
std::unique_ptr<StarttlsDialogue> make_starttls(Protocol protocol, const std::string& host);

}  // namespace chaintier
