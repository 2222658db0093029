// What is said of a capture that failed: stage, cause and a sentence.
#pragma once

#include <boost/system/error_code.hpp>
#include <string>
#include <string_view>

#include "probes/async.h"
#include "probes/connection.h"
#include "probes/recording_wire.h"
#include "probes/tls_session.h"
#include "src/base/result.h"
#include "src/observe/target.h"

namespace chaintier {

// `what` did not happen within `limit`, or before the time for the whole target was over.
Error timeout_error(Stage stage, Milliseconds limit, bool target_is_over, std::string_view what);

// What the system says about a connection that failed; without an error the server has closed it.
Error connection_error(Stage stage, const boost::system::error_code& error);

// `first`: the first octets of something that does not speak TLS.
Error not_tls_error(ByteView first);

// After TlsSession::Step::failed.
Error handshake_error(const TlsSession& session, const Connection& connection, const RecordingWire& wire,
                      std::uint16_t port);

// What the user may have meant, for a dialogue of `asked` that failed after the server had said `heard`; to
// be put behind the sentence of the error.
std::string starttls_hint(Protocol asked, ByteView heard);

// After all attempts: adds what an alert may mean for a client that speaks no older protocol.
void explain_alert(Error& error);

}  // namespace chaintier
