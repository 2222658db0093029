// A key, a digest and a signature: the quick yes is never said where OpenSSL says no.
#include <algorithm>
#include <optional>

#include "src/base/openssl_handles.h"
#include "src/x509/quick_ecdsa.h"
#include "tests/fuzz/fuzz.h"

using namespace chaintier;

namespace {

constexpr std::size_t spki_octets = 91, digest_octets = 32;

struct Keys {
  Bytes spki;
  EvpPkeyPtr key;
  std::optional<QuickEcdsa> quick;
};

// `last` is kept from one input to the next: tables take some 30 ms.
void read_key(ByteView spki, Keys& last) {
  if (std::ranges::equal(spki, last.spki)) return;
  const unsigned char* at = spki.data();
  last.key.reset(d2i_PUBKEY(nullptr, &at, static_cast<long>(spki.size())));
  last.quick = QuickEcdsa::make(spki);
  last.spki.assign(spki.begin(), spki.end());
  promise(!last.quick || last.key, "what has tables is a key");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static Keys last;
  Input input(data, size);
  read_key(input.take(spki_octets), last);
  const ByteView digest = input.take(digest_octets);
  const ByteView signature = input.all();
  if (!last.quick) return 0;
  const ErrorQueueScope errors;
  const EvpPkeyCtxPtr context(EVP_PKEY_CTX_new_from_pkey(nullptr, last.key.get(), nullptr));
  promise(context && EVP_PKEY_verify_init(context.get()) == 1, "OpenSSL checks with the key");
  const bool good =
      EVP_PKEY_verify(context.get(), signature.data(), signature.size(), digest.data(), digest.size()) == 1;
  promise(last.quick->surely_good(digest, signature) == good, "both say the same");
  return 0;
}
