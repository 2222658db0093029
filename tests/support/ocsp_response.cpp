#include "tests/support/ocsp_response.h"

namespace chaintier {

namespace {

Bytes digest(const EVP_MD* method, ByteView content) {
  Bytes result(static_cast<std::size_t>(EVP_MD_get_size(method)));
  EVP_Digest(content.data(), content.size(), result.data(), nullptr, method, nullptr);
  return result;
}

// The content of the BIT STRING at the end of a SubjectPublicKeyInfo of a P-256 key.
ByteView key_bits(const Certificate& issuer) { return ByteView(issuer.key.spki).last(65); }

}  // namespace

Bytes generalized(std::string_view text) { return der::tlv(der::generalized_time_tag, text); }

Bytes ocsp_single(const OcspDraft& draft) {
  const char* const oid = draft.hash == EVP_sha1() ? "1.3.14.3.2.26" : "2.16.840.1.101.3.4.2.1";
  const Bytes id =
      der::sequence({der::sequence({der::oid(oid), der::null()}),
                     der::octet_string(digest(draft.hash, draft.certificate->issuer.der)),
                     der::octet_string(digest(draft.hash, key_bits(*draft.issuer))), der::integer(0x1234)});
  std::vector<Bytes> single{id, draft.status, generalized(draft.this_update)};
  if (draft.next_update) single.push_back(*draft.next_update);
  single.insert(single.end(), draft.in_single.begin(), draft.in_single.end());
  return der::sequence(single);
}

Bytes ocsp_response(const OcspDraft& draft) {
  std::vector<Bytes> singles = draft.before;
  singles.push_back(ocsp_single(draft));
  const Bytes responder = draft.responder.value_or(
      der::explicit_tag(2, der::octet_string(digest(EVP_sha1(), key_bits(*draft.issuer)))));
  std::vector<Bytes> members{responder, draft.produced_at, der::sequence(singles)};
  members.insert(members.end(), draft.in_data.begin(), draft.in_data.end());
  const Bytes data = der::sequence(members);
  std::vector<Bytes> basic{data, draft.signer.algorithm("SHA256"),
                           der::bit_string(draft.signer.sign(data, "SHA256"))};
  if (!draft.certificates.empty()) basic.push_back(der::explicit_tag(0, der::sequence(draft.certificates)));
  basic.insert(basic.end(), draft.at_end.begin(), draft.at_end.end());
  const Bytes bytes =
      der::sequence({der::oid("1.3.6.1.5.5.7.48.1.1"), der::octet_string(der::sequence(basic))});
  return der::sequence({der::tlv(0x0a, Bytes{0}), der::explicit_tag(0, bytes)});
}

}  // namespace chaintier
