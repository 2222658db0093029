#include "src/x509/ocsp_layout.h"

#include <algorithm>
#include <utility>

#include "src/x509/tlv.h"

namespace chaintier::ocsp {

namespace {

// id-pkix-ocsp-basic, 1.3.6.1.5.5.7.48.1.1.
constexpr std::uint8_t basic_type[] = {0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x30, 0x01, 0x01};

// The content of the next element when it is of this kind; `rest` stays at another.
std::optional<ByteView> take(ByteView& rest, std::uint8_t identifier) {
  if (rest.empty() || rest[0] != identifier) return std::nullopt;
  const auto element = tlv::take(rest);
  return element ? std::optional(element->content) : std::nullopt;
}
std::optional<ByteView> take_whole(ByteView& rest, std::uint8_t identifier) {
  if (rest.empty() || rest[0] != identifier) return std::nullopt;
  const auto element = tlv::take(rest);
  return element ? std::optional(element->whole) : std::nullopt;
}
// What an explicit tag holds: nothing but one element of this kind.
std::optional<ByteView> only(ByteView content, std::uint8_t identifier) {
  const auto element = take(content, identifier);
  return content.empty() ? element : std::nullopt;
}

struct BasicReader {
  Basic out;

  // At the end, but for an optional element that nobody reads here.
  bool ends(ByteView rest, std::uint8_t identifier) {
    if (take(rest, identifier)) out.plain = false;
    return rest.empty();
  }

  bool read_status(ByteView& rest, Single& single) {
    const auto status = tlv::take(rest);
    if (!status) return false;
    ByteView revoked = status->content;
    switch (status->identifier) {
      case tlv::context(0):
        single.status = OcspStatus::good;
        return status->content.empty();
      case tlv::context_holding(1):
        single.status = OcspStatus::revoked;
        single.revoked_at = take(revoked, tlv::generalized_time);
        return single.revoked_at && ends(revoked, tlv::context_holding(0));  // the reason
      case tlv::context(2):
        single.status = OcspStatus::unknown;
        return status->content.empty();
      default:
        return false;
    }
  }

  bool read_id(ByteView rest, Single& single) {
    const auto algorithm = take(rest, tlv::sequence);
    const auto name = take(rest, tlv::octet_string);
    const auto key = take(rest, tlv::octet_string);
    const auto serial = take_whole(rest, tlv::integer);
    if (!algorithm || !name || !key || !serial || !rest.empty()) return false;
    ByteView in = *algorithm;
    const auto hash = take_whole(in, tlv::oid);
    if (!take(in, tlv::null) && tlv::take(in)) out.plain = false;  // parameters
    if (!hash || !in.empty()) return false;
    single.hash_algorithm = *hash;
    single.issuer_name_hash = *name;
    single.issuer_key_hash = *key;
    single.serial = *serial;
    return true;
  }

  bool read_single(ByteView rest) {
    Single single;
    const auto id = take(rest, tlv::sequence);
    if (!id || !read_id(*id, single) || !read_status(rest, single)) return false;
    const auto this_update = take(rest, tlv::generalized_time);
    if (!this_update) return false;
    single.this_update = *this_update;
    if (const auto next_update = take(rest, tlv::context_holding(0))) {
      single.next_update = only(*next_update, tlv::generalized_time);
      if (!single.next_update) return false;
    }
    out.responses.push_back(single);
    return ends(rest, tlv::context_holding(1));  // extensions, as in read_data()
  }

  bool read_data(ByteView rest) {
    if (take(rest, tlv::context_holding(0))) out.plain = false;  // version
    if (const auto name = take(rest, tlv::context_holding(1)))
      out.by_name = *name;
    else if (const auto key = take(rest, tlv::context_holding(2)))
      out.by_key = only(*key, tlv::octet_string);
    if ((!out.by_name && !out.by_key) || !take(rest, tlv::generalized_time)) return false;
    const auto responses = take(rest, tlv::sequence);
    if (!responses) return false;
    for (ByteView list = *responses; !list.empty();) {
      const auto response = take(list, tlv::sequence);
      if (!response || !read_single(*response)) return false;
    }
    if (out.responses.size() != 1) out.plain = false;
    return ends(rest, tlv::context_holding(1));
  }

  bool read(ByteView der) {
    auto rest = take(der, tlv::sequence);
    const auto data = rest ? take_whole(*rest, tlv::sequence) : std::nullopt;
    const auto algorithm = data ? take_whole(*rest, tlv::sequence) : std::nullopt;
    const auto signature = algorithm ? take(*rest, tlv::bit_string) : std::nullopt;
    if (!signature || signature->empty() || !ends(*rest, tlv::context_holding(0))) return false;
    out.data = *data;
    out.algorithm = *algorithm;
    out.signature = signature->subspan(1);  // behind the number of unused bits
    ByteView whole = *data;
    return read_data(*take(whole, tlv::sequence));
  }
};

}  // namespace

std::optional<Response> read_response(ByteView der) {
  auto rest = take(der, tlv::sequence);
  const auto status = rest ? take(*rest, tlv::enumerated) : std::nullopt;
  if (!status || status->size() != 1) return std::nullopt;
  Response response{status->front(), {}};
  if (const auto tagged = take(*rest, tlv::context_holding(0))) {
    auto typed = only(*tagged, tlv::sequence);
    const auto type = typed ? take(*typed, tlv::oid) : std::nullopt;
    const auto octets = type ? only(*typed, tlv::octet_string) : std::nullopt;
    if (!octets) return std::nullopt;
    if (std::ranges::equal(*type, basic_type)) response.basic_response = octets;
  }
  return rest->empty() ? std::optional(response) : std::nullopt;
}

std::optional<Basic> read_basic(ByteView der) {
  BasicReader reader;
  return reader.read(der) ? std::optional(std::move(reader.out)) : std::nullopt;
}

}  // namespace chaintier::ocsp
