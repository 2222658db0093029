// SHA-256 digests, one type for each kind of thing digested, so that they cannot be mixed up.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <cstring>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "src/base/bytes.h"

namespace chaintier {

// Lower-case hexadecimal without separators.
std::string to_hex(ByteView bytes);
// Accepts upper and lower case; nothing for an odd length or another character.
std::optional<Bytes> from_hex(std::string_view text);

std::array<std::uint8_t, 32> sha256(ByteView bytes);

template <class Tag>
struct Digest {
  std::array<std::uint8_t, 32> bytes{};

  static Digest of(ByteView content) { return Digest{sha256(content)}; }
  // 64 hexadecimal digits; nothing for any other text.
  static std::optional<Digest> parse(std::string_view text) {
    const auto raw = from_hex(text);
    if (!raw || raw->size() != 32) return std::nullopt;
    Digest result;
    std::memcpy(result.bytes.data(), raw->data(), 32);
    return result;
  }
  std::string hex() const { return to_hex(bytes); }

  friend auto operator<=>(const Digest&, const Digest&) = default;
};

using CertFingerprint = Digest<struct CertificateTag>;  // of the certificate's DER
using KeyFingerprint = Digest<struct KeyTag>;           // of the DER of its SubjectPublicKeyInfo
using ChainFingerprint = Digest<struct ChainTag>;       // of the concatenated certificate fingerprints

}  // namespace chaintier

template <class Tag>
struct std::hash<chaintier::Digest<Tag>> {
  std::size_t operator()(const chaintier::Digest<Tag>& digest) const noexcept {
    std::size_t value = 0;
    std::memcpy(&value, digest.bytes.data(), sizeof value);
    return value;
  }
};
