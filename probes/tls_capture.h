// One look at one address: connect, change to TLS where the protocol asks for it, shake hands, note what was
// served. No application data is sent or read.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "probes/async.h"
#include "probes/own_tls_session.h"
#include "probes/tls_context.h"
#include "src/base/address.h"
#include "src/observe/observation.h"
#include "src/observe/sent_pool.h"
#include "src/observe/target.h"

namespace chaintier {

// What the captures of one thread have in common.
class TlsClients {
 public:
  TlsContexts& contexts() { return contexts_; }
  // Made when first asked for. Null where this OpenSSL lacks what it needs (X25519 where only FIPS 140 is
  // allowed).
  OwnTlsClient* own();

 private:
  TlsContexts contexts_;
  std::unique_ptr<OwnTlsClient> own_;
  bool own_was_tried_ = false;
};

struct CaptureRequest {
  IpAddress address;
  std::uint16_t port = 443;
  Protocol protocol = Protocol::tls;
  std::string host;  // said to the server by XMPP only
  Asked asked;
  Milliseconds connect_timeout{5000};
  Milliseconds handshake_timeout{8000};  // also for the STARTTLS dialogue, by itself
  Deadline give_up = Deadline::max();    // of the whole target
  // Whether our own TLS client goes first, where TLS is begun at once. Pointless for a server that made
  // it decline before.
  bool own_client = true;
  // How long it is waited here for a descriptor or port of this machine, within connect_timeout.
  Milliseconds exhaustion_wait{5000};
};

struct Capture {
  Sample sample;        // without `at` and ms.resolve; not_started when the coroutine was cancelled
  int connections = 0;  // begun, so that a rate can be kept
  bool own_client_declined = false;  // for something in the server's hello or after it
};

// A connection that is refused or reset while it is made is tried once more after a tenth of a second. Both
// tries are one sample.
//
// What our own TLS client declines, libssl is asked for on a connection of its own, which has the time that
// is left of the handshake and connect_timeout more. When libssl then sees no chain, what our own client had
// seen of one counts.
//
// A handshake of libssl that ends by alert or a closed connection before any certificate was seen is tried
// again with at most TLS 1.2, then with at most TLS 1.0, within the same limits; if none shows a chain, the
// first error stands. `clients` and `pool` must outlive the coroutine.
//
// Without a descriptor or port of this machine the sample fails with Cause::limit in Stage::connect: see
// lacked_room().
Awaitable<Capture> capture(TlsClients& clients, SentPool& pool, CaptureRequest request);

// It is to be begun again by whoever has more patience, and no answer about the server.
bool lacked_room(const Sample& sample);

}  // namespace chaintier
