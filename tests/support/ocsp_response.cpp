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

void add(const std::vector<Bytes>& elements, std::vector<Bytes>& to) {
  to.insert(to.end(), elements.begin(), elements.end());
}

}  // namespace

Bytes generalized(std::string_view text) { return der::tlv(der::generalized_time_tag, text); }

Bytes ocsp_single(const OcspDraft& draft) {
  const char* const oid = draft.hash == EVP_sha1() ? "1.3.14.3.2.26" : "2.16.840.1.101.3.4.2.1";
  std::vector<Bytes> id{der::sequence({der::oid(oid), der::null()}),
                        der::octet_string(digest(draft.hash, draft.certificate->issuer.der)),
                        der::octet_string(digest(draft.hash, key_bits(*draft.issuer))), draft.serial};
  add(draft.in_id, id);
  std::vector<Bytes> single{der::sequence(id), draft.status, generalized(draft.this_update)};
  if (draft.next_update) single.push_back(*draft.next_update);
  add(draft.in_single, single);
  return der::sequence(single);
}

Bytes ocsp_response(const OcspDraft& draft) {
  std::vector<Bytes> singles = draft.before;
  singles.push_back(ocsp_single(draft));
  std::vector<Bytes> members = draft.version;
  members.push_back(draft.responder.value_or(
      der::explicit_tag(2, der::octet_string(digest(EVP_sha1(), key_bits(*draft.issuer))))));
  add({draft.produced_at, der::sequence(singles)}, members);
  add(draft.in_data, members);
  const Bytes data = der::sequence(members);
  std::vector<Bytes> basic{data, draft.signer.algorithm("SHA256"),
                           der::bit_string(draft.signer.sign(data, "SHA256"))};
  if (!draft.certificates.empty()) basic.push_back(der::explicit_tag(0, der::sequence(draft.certificates)));
  add(draft.in_basic, basic);
  std::vector<Bytes> bytes{der::oid(draft.type), der::octet_string(der::sequence(basic))};
  add(draft.in_bytes, bytes);
  std::vector<Bytes> whole{draft.response_status, der::explicit_tag(0, der::sequence(bytes))};
  add(draft.at_end, whole);
  return der::sequence(whole);
}

}  // namespace chaintier
