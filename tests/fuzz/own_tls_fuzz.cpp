// Our own client against a server with right keys and signatures whose messages are changed, and against any
// octets.
#include <algorithm>

#include "probes/own_tls_session.h"
#include "probes/tls_session.h"
#include "tests/fuzz/fuzz.h"
#include "tests/probes/scripted_tls_server.h"

using namespace chaintier;
using namespace chaintier::test;

namespace {

class AnyOctets final : public TlsWire {
 public:
  explicit AnyOctets(ByteView octets) : rest_(octets) {}
  Moved read(std::span<std::uint8_t> into) override {
    if (rest_.empty()) return {Status::closed, 0};
    const std::size_t count = std::min(into.size(), rest_.size());
    std::copy_n(rest_.begin(), count, into.begin());
    rest_ = rest_.subspan(count);
    return {Status::done, count};
  }
  Moved write(ByteView octets) override { return {Status::done, octets.size()}; }

 private:
  ByteView rest_;
};

struct Change {
  std::uint8_t message, kind;
  std::size_t at;
  std::uint8_t value;
};

std::vector<Bytes> changed(Bytes message, const std::vector<Change>& changes, std::uint8_t number) {
  std::vector<Bytes> sent{message};
  for (const Change& change : changes) {
    if (change.message % 8 != number || sent.empty()) continue;
    Bytes& last = sent.back();
    const std::size_t at = last.empty() ? 0 : change.at % last.size();
    switch (change.kind % 6) {
      case 0:
        if (!last.empty()) last[at] ^= change.value;
        break;
      case 1:
        sent.pop_back();
        break;
      case 2:
        sent.push_back(last);
        break;
      case 3:
        last.resize(at);
        break;
      case 4:
        last.insert(last.begin() + static_cast<std::ptrdiff_t>(at), change.value);
        break;
      default:  // the length of the message follows what it has become
        if (last.size() >= 4)
          for (std::size_t i = 0; i < 3; ++i)
            last[1 + i] = static_cast<std::uint8_t>((last.size() - 4) >> (8 * (2 - i)));
    }
  }
  return sent;
}

struct Lane {
  TlsContexts contexts;
  std::unique_ptr<OwnTlsClient> made = OwnTlsClient::make(contexts);
  OwnTlsClient& client = *made;
};

const TlsRequest request{KeyType::any, "www.example.tw", true, 0x0304};

struct Seen {
  bool done = false;
  std::string facts;
  std::vector<Bytes> certificates;
  friend bool operator==(const Seen&, const Seen&) = default;
};

Seen seen_by(const auto& session, bool done) {
  Seen seen{done, {}, {}};
  if (const auto facts = session.facts())
    seen.facts = facts->version + ' ' + facts->cipher + ' ' + facts->group + ' ' + facts->alpn;
  for (const ByteView der : session.record().certificates())
    seen.certificates.emplace_back(der.begin(), der.end());
  return seen;
}

Seen look(Lane& lane, TlsWire& wire, bool server_holds_key) {
  OwnTlsSession session(lane.client, request, wire);
  const bool done = session.handshake() == OwnTlsSession::Step::done;
  if (done) promise(session.key_proved(), "a complete handshake proves the key");
  if (session.key_proved()) {
    promise(server_holds_key, "nobody proves a key without it");
    promise(!session.record().certificates().empty(), "a key is proved for a certificate");
  }
  return seen_by(session, done);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static Lane lane;
  Input input(data, size);
  const std::uint8_t shape = input.octet();
  if (shape == 0xff) {
    AnyOctets wire(input.all());
    look(lane, wire, false);
    return 0;
  }
  TlsScript script;
  script.version = shape % 2 ? 0x0303 : 0x0304;
  script.suite = shape % 2 ? 0xc02b : 0x1301;
  script.record_size = shape % 4 < 2 ? 16'000 : 200;
  const bool thief = shape % 12 >= 8;  // it shows a certificate whose key it does not hold
  script.key = (thief ? ec_chain().issuer : ec_chain().leaf).key.get();
  script.certificates = {ec_chain().leaf.der, ec_chain().issuer.der};
  std::vector<Change> changes;
  while (!input.empty() && changes.size() < 16)
    changes.push_back({input.octet(), input.octet(), input.number(), input.octet()});
  std::uint8_t number = 0;
  script.change = [&](const Bytes& message) { return changed(message, changes, number++); };
  ScriptedTlsServer server(script);
  const Seen own = look(lane, server, !thief);
  if (!own.done) return 0;

  // Then libssl must have taken it too, and seen the same.
  number = 0;
  ScriptedTlsServer again(script);
  TlsSession libssl(lane.contexts, request, again);
  const bool done = libssl.handshake() == TlsSession::Step::done;
  promise(seen_by(libssl, done) == own, "libssl says the same");
  return 0;
}
