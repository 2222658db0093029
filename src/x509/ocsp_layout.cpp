#include "src/x509/ocsp_layout.h"

#include <algorithm>

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
// At the end, but for an optional element.
bool ends(ByteView rest, std::uint8_t identifier) {
  take(rest, identifier);
  return rest.empty();
}
// What an explicit tag holds: nothing but one element of this kind.
std::optional<ByteView> only(ByteView content, std::uint8_t identifier) {
  const auto element = take(content, identifier);
  return content.empty() ? element : std::nullopt;
}

bool read_status(ByteView& rest, Single& out) {
  const auto status = tlv::take(rest);
  if (!status) return false;
  ByteView revoked = status->content;
  switch (status->identifier) {
    case tlv::context(0):
      out.status = OcspStatus::good;
      return status->content.empty();
    case tlv::context_holding(1):
      out.status = OcspStatus::revoked;
      out.revoked_at = take(revoked, tlv::generalized_time);
      return out.revoked_at && ends(revoked, tlv::context_holding(0));  // the reason
    case tlv::context(2):
      out.status = OcspStatus::unknown;
      return status->content.empty();
    default:
      return false;
  }
}

std::optional<Single> read_single(ByteView rest) {
  const auto id = take(rest, tlv::sequence);
  if (!id) return std::nullopt;
  ByteView in = *id;
  const auto algorithm = take(in, tlv::sequence);
  const auto name = take(in, tlv::octet_string);
  const auto key = take(in, tlv::octet_string);
  const auto serial = take_whole(in, tlv::integer);
  if (!algorithm || !name || !key || !serial || !in.empty()) return std::nullopt;
  in = *algorithm;
  const auto hash = take_whole(in, tlv::oid);
  Single single;
  if (!hash || !read_status(rest, single)) return std::nullopt;
  single.hash_algorithm = *hash;
  single.issuer_name_hash = *name;
  single.issuer_key_hash = *key;
  single.serial = *serial;
  const auto this_update = take(rest, tlv::generalized_time);
  if (!this_update) return std::nullopt;
  single.this_update = *this_update;
  if (const auto next_update = take(rest, tlv::context_holding(0))) {
    single.next_update = only(*next_update, tlv::generalized_time);
    if (!single.next_update) return std::nullopt;
  }
  if (!ends(rest, tlv::context_holding(1))) return std::nullopt;  // extensions, as in read_data()
  return single;
}

bool read_data(ByteView content, Basic& out) {
  take(content, tlv::context_holding(0));  // version
  if (const auto name = take(content, tlv::context_holding(1)))
    out.by_name = *name;
  else if (const auto key = take(content, tlv::context_holding(2)))
    out.by_key = only(*key, tlv::octet_string);
  if ((!out.by_name && !out.by_key) || !take(content, tlv::generalized_time)) return false;
  const auto responses = take(content, tlv::sequence);
  if (!responses) return false;
  for (ByteView rest = *responses; !rest.empty();) {
    const auto response = take(rest, tlv::sequence);
    auto single = response ? read_single(*response) : std::nullopt;
    if (!single) return false;
    out.responses.push_back(*single);
  }
  return ends(content, tlv::context_holding(1));
}

}  // namespace

std::optional<Response> read_response(ByteView der) {
  auto rest = take(der, tlv::sequence);
  const auto status = rest ? take(*rest, tlv::enumerated) : std::nullopt;
  if (!status || status->size() != 1) return std::nullopt;
  Response response{status->front(), {}};
  const auto tagged = take(*rest, tlv::context_holding(0));
  auto typed = tagged ? only(*tagged, tlv::sequence) : std::nullopt;
  const auto type = typed ? take(*typed, tlv::oid) : std::nullopt;
  if (type && std::ranges::equal(*type, basic_type))
    response.basic_response = only(*typed, tlv::octet_string);
  return response;
}

std::optional<Basic> read_basic(ByteView der) {
  auto rest = take(der, tlv::sequence);
  const auto data = rest ? take_whole(*rest, tlv::sequence) : std::nullopt;
  if (!data) return std::nullopt;
  const auto algorithm = take_whole(*rest, tlv::sequence);
  const auto signature = take(*rest, tlv::bit_string);
  if (!algorithm || !signature || signature->empty() || !ends(*rest, tlv::context_holding(0)))
    return std::nullopt;
  Basic basic;
  basic.data = *data;
  basic.algorithm = *algorithm;
  basic.signature = signature->subspan(1);  // behind the number of unused bits
  ByteView whole = *data;
  if (!read_data(*take(whole, tlv::sequence), basic)) return std::nullopt;
  return basic;
}

}  // namespace chaintier::ocsp
