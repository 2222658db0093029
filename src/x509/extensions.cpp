#include "src/x509/extensions.h"

#include <algorithm>
#include <set>
#include <unordered_set>

#include <openssl/asn1t.h>
#include <openssl/bn.h>
#include <openssl/ct.h>

#include "src/base/text.h"
#include "src/x509/der_rules.h"
#include "src/x509/name.h"
#include "src/x509/openssl_text.h"
#include "src/x509/tlv.h"

namespace chaintier {

namespace {

template <class T, auto Free>
using Owned = std::unique_ptr<T, FreeWith<Free>>;

ByteView value_of(const X509_EXTENSION* extension) {
  return octets(X509_EXTENSION_get_data(const_cast<X509_EXTENSION*>(extension)));
}

// Decodes the whole of an extension's value; null when it does not parse or something is left over.
template <auto Decode, auto Free>
auto decode(const X509_EXTENSION* extension) {
  const ByteView value = value_of(extension);
  const unsigned char* at = value.data();
  using T = std::remove_pointer_t<decltype(Decode(nullptr, &at, 0L))>;
  Owned<T, Free> result(Decode(nullptr, &at, static_cast<long>(value.size())));
  if (result && at != value.data() + value.size()) result.reset();
  return result;
}

template <class T>
T* decode_item(const X509_EXTENSION* extension, const ASN1_ITEM* item) {
  const ByteView value = value_of(extension);
  const unsigned char* at = value.data();
  ASN1_VALUE* result = ASN1_item_d2i(nullptr, &at, static_cast<long>(value.size()), item);
  if (result && at != value.data() + value.size()) {
    ASN1_item_free(result, item);
    result = nullptr;
  }
  return reinterpret_cast<T*>(result);
}

std::string oid_text(const ASN1_OBJECT* object) {
  if (auto text = tlv::oid_text({OBJ_get0_data(object), OBJ_length(object)})) return std::move(*text);
  return dotted_oid(object);  // a huge arc
}

Bytes copy_of(const ASN1_STRING* value) {
  const ByteView content = octets(value);
  return Bytes(content.begin(), content.end());
}

// Values of path lengths and the like. What does not fit is as good as "no limit", so it is held at the top.
std::optional<std::int64_t> integer(const ASN1_INTEGER* value) {
  if (!value) return std::nullopt;
  std::int64_t result = 0;
  if (ASN1_INTEGER_get_int64(&result, value) == 1) return result;
  return INT64_MAX;
}

struct Reader {
  explicit Reader(Certificate& certificate) : out(certificate) {}

  Certificate& out;

  void note(Defect defect) {
    if (!out.has(defect)) out.defects.push_back(defect);
  }

  std::string name_string(const ASN1_STRING* value) {
    const std::string_view text = text_of(octets(value));
    if (text.find('\0') != std::string_view::npos) note(Defect::name_with_nul);
    return valid_utf8(text);
  }

  void add(GeneralNames& names, const GENERAL_NAME* name) {
    switch (name->type) {
      case GEN_DNS:
        names.dns.push_back(name_string(name->d.dNSName));
        break;
      case GEN_EMAIL:
        names.email.push_back(name_string(name->d.rfc822Name));
        break;
      case GEN_URI:
        names.uri.push_back(name_string(name->d.uniformResourceIdentifier));
        break;
      case GEN_IPADD:
        names.ip.push_back(copy_of(name->d.iPAddress));
        break;
      case GEN_OTHERNAME: {
        // RFC 9598: a mailbox with a local part beyond ASCII, constrained like any other mailbox.
        const ASN1_TYPE* value = name->d.otherName->value;
        if (oid_text(name->d.otherName->type_id) == "1.3.6.1.5.5.7.8.9" && value->type == V_ASN1_UTF8STRING)
          names.email.push_back(name_string(value->value.utf8string));
        else
          names.other = true;
        break;
      }
      case GEN_DIRNAME: {
        bool bad = false;
        names.directory.push_back(read_name(name->d.directoryName, bad));
        if (bad) note(Defect::bad_name);
        break;
      }
      default:
        names.other = true;
    }
  }

  GeneralNames read(const GENERAL_NAMES* list) {
    GeneralNames names;
    for (int i = 0; i < sk_GENERAL_NAME_num(list); ++i) add(names, sk_GENERAL_NAME_value(list, i));
    return names;
  }

  void uris(std::vector<std::string>& into, const GENERAL_NAME* name) {
    if (name->type == GEN_URI) into.push_back(name_string(name->d.uniformResourceIdentifier));
  }

  bool basic_constraints(const X509_EXTENSION* extension) {
    const auto value = decode<d2i_BASIC_CONSTRAINTS, BASIC_CONSTRAINTS_free>(extension);
    if (!value) return false;
    out.basic_constraints = BasicConstraints{value->ca != 0, integer(value->pathlen)};
    return true;
  }

  bool key_usage(const X509_EXTENSION* extension) {
    const auto value = decode<d2i_ASN1_BIT_STRING, ASN1_BIT_STRING_free>(extension);
    if (!value) return false;
    unsigned bits = 0;
    for (unsigned bit = 0; bit < 9; ++bit)
      if (ASN1_BIT_STRING_get_bit(value.get(), static_cast<int>(bit))) bits |= 1u << bit;
    if (bits == 0) note(Defect::empty_sequence);
    out.key_usage = static_cast<std::uint16_t>(bits);
    return true;
  }

  bool extended_key_usage(const X509_EXTENSION* extension) {
    const auto value = decode<d2i_EXTENDED_KEY_USAGE, EXTENDED_KEY_USAGE_free>(extension);
    if (!value) return false;
    std::vector<std::string> usages;
    for (int i = 0; i < sk_ASN1_OBJECT_num(value.get()); ++i)
      usages.push_back(oid_text(sk_ASN1_OBJECT_value(value.get(), i)));
    if (usages.empty()) note(Defect::empty_sequence);
    out.extended_key_usage = std::move(usages);
    return true;
  }

  bool subject_key_id(const X509_EXTENSION* extension) {
    const auto value = decode<d2i_ASN1_OCTET_STRING, ASN1_OCTET_STRING_free>(extension);
    if (!value) return false;
    out.subject_key_id = copy_of(value.get());
    return true;
  }

  bool authority_key_id(const X509_EXTENSION* extension) {
    const auto value = decode<d2i_AUTHORITY_KEYID, AUTHORITY_KEYID_free>(extension);
    if (!value) return false;
    AuthorityKeyId id;
    if (value->keyid) id.key_id = copy_of(value->keyid);
    if (value->issuer) id.issuer = read(value->issuer);
    if (value->serial) id.serial = to_hex(octets(value->serial));
    out.authority_key_id = std::move(id);
    return true;
  }

  bool subject_alt_name(const X509_EXTENSION* extension) {
    const auto value = decode<d2i_GENERAL_NAMES, GENERAL_NAMES_free>(extension);
    if (!value) return false;
    out.subject_alt_name = read(value.get());
    const bool empty_name =
        std::ranges::find(out.subject_alt_name->dns, "") != out.subject_alt_name->dns.end();
    if (out.subject_alt_name->empty() || empty_name) note(Defect::empty_sequence);
    return true;
  }

  void subtrees(const STACK_OF(GENERAL_SUBTREE) * trees, GeneralNames& into, NameConstraints& constraints) {
    for (int i = 0; i < sk_GENERAL_SUBTREE_num(trees); ++i) {
      const GENERAL_SUBTREE* tree = sk_GENERAL_SUBTREE_value(trees, i);
      const bool minimum = tree->minimum && integer(tree->minimum) != 0;
      if (minimum || tree->maximum) constraints.min_max_used = true;
      add(into, tree->base);
    }
  }

  bool name_constraints(const X509_EXTENSION* extension) {
    const Owned<NAME_CONSTRAINTS, NAME_CONSTRAINTS_free> value(
        decode_item<NAME_CONSTRAINTS>(extension, ASN1_ITEM_rptr(NAME_CONSTRAINTS)));
    if (!value) return false;
    NameConstraints constraints;
    constraints.has_permitted = value->permittedSubtrees != nullptr;
    constraints.has_excluded = value->excludedSubtrees != nullptr;
    subtrees(value->permittedSubtrees, constraints.permitted, constraints);
    subtrees(value->excludedSubtrees, constraints.excluded, constraints);
    const bool empty_list =
        (constraints.has_permitted && sk_GENERAL_SUBTREE_num(value->permittedSubtrees) == 0) ||
        (constraints.has_excluded && sk_GENERAL_SUBTREE_num(value->excludedSubtrees) == 0);
    if (empty_list || (!constraints.has_permitted && !constraints.has_excluded)) note(Defect::empty_sequence);
    out.name_constraints = std::move(constraints);
    return true;
  }

  bool policies(const X509_EXTENSION* extension) {
    const auto value = decode<d2i_CERTIFICATEPOLICIES, CERTIFICATEPOLICIES_free>(extension);
    if (!value) return false;
    std::vector<std::string> oids;
    for (int i = 0; i < sk_POLICYINFO_num(value.get()); ++i)
      oids.push_back(oid_text(sk_POLICYINFO_value(value.get(), i)->policyid));
    if (oids.empty()) note(Defect::empty_sequence);
    std::set<std::string> distinct(oids.begin(), oids.end());
    if (distinct.size() != oids.size()) note(Defect::bad_extension);  // 4.2.1.4: not more than once
    out.policies = std::move(oids);
    return true;
  }

  bool policy_constraints(const X509_EXTENSION* extension) {
    const Owned<POLICY_CONSTRAINTS, POLICY_CONSTRAINTS_free> value(
        decode_item<POLICY_CONSTRAINTS>(extension, ASN1_ITEM_rptr(POLICY_CONSTRAINTS)));
    if (!value) return false;
    out.policy_constraints =
        PolicyConstraints{integer(value->requireExplicitPolicy), integer(value->inhibitPolicyMapping)};
    if (!value->requireExplicitPolicy && !value->inhibitPolicyMapping) note(Defect::empty_sequence);
    return true;
  }

  bool inhibit_any_policy(const X509_EXTENSION* extension) {
    const auto value = decode<d2i_ASN1_INTEGER, ASN1_INTEGER_free>(extension);
    if (!value) return false;
    out.inhibit_any_policy = integer(value.get());
    return true;
  }

  bool policy_mappings(const X509_EXTENSION* extension) {
    POLICY_MAPPINGS* value = decode_item<POLICY_MAPPINGS>(extension, ASN1_ITEM_rptr(POLICY_MAPPINGS));
    if (!value) return false;
    for (int i = 0; i < sk_POLICY_MAPPING_num(value); ++i) {
      const POLICY_MAPPING* mapping = sk_POLICY_MAPPING_value(value, i);
      out.policy_mappings.emplace_back(oid_text(mapping->issuerDomainPolicy),
                                       oid_text(mapping->subjectDomainPolicy));
    }
    sk_POLICY_MAPPING_pop_free(value, POLICY_MAPPING_free);
    return true;
  }

  bool authority_information(const X509_EXTENSION* extension) {
    const auto value = decode<d2i_AUTHORITY_INFO_ACCESS, AUTHORITY_INFO_ACCESS_free>(extension);
    if (!value) return false;
    for (int i = 0; i < sk_ACCESS_DESCRIPTION_num(value.get()); ++i) {
      const ACCESS_DESCRIPTION* access = sk_ACCESS_DESCRIPTION_value(value.get(), i);
      const int method = OBJ_obj2nid(access->method);
      if (method == NID_ad_ca_issuers) uris(out.aia_issuers, access->location);
      if (method == NID_ad_OCSP) uris(out.ocsp, access->location);
    }
    return true;
  }

  bool crl_points(const X509_EXTENSION* extension) {
    const auto value = decode<d2i_CRL_DIST_POINTS, CRL_DIST_POINTS_free>(extension);
    if (!value) return false;
    for (int i = 0; i < sk_DIST_POINT_num(value.get()); ++i) {
      const DIST_POINT* point = sk_DIST_POINT_value(value.get(), i);
      if (!point->distpoint || point->distpoint->type != 0) continue;
      const GENERAL_NAMES* names = point->distpoint->name.fullname;
      for (int n = 0; n < sk_GENERAL_NAME_num(names); ++n) uris(out.crls, sk_GENERAL_NAME_value(names, n));
    }
    return true;
  }

  bool scts(const X509_EXTENSION* extension) {
    const ByteView value = value_of(extension);
    const unsigned char* at = value.data();
    STACK_OF(SCT)* list = d2i_SCT_LIST(nullptr, &at, static_cast<long>(value.size()));
    if (!list) return false;
    for (int i = 0; i < sk_SCT_num(list); ++i) {
      const SCT* sct = sk_SCT_value(list, i);
      unsigned char* log = nullptr;
      const std::size_t size = SCT_get0_log_id(sct, &log);
      const auto seconds = static_cast<std::int64_t>(SCT_get_timestamp(sct) / 1000);
      out.scts.push_back({to_hex({log, size}), Time{std::chrono::seconds{seconds}}});
    }
    SCT_LIST_free(list);
    return true;
  }

  bool tls_feature(const X509_EXTENSION* extension) {
    const Owned<TLS_FEATURE, TLS_FEATURE_free> value(
        static_cast<TLS_FEATURE*>(X509V3_EXT_d2i(const_cast<X509_EXTENSION*>(extension))));
    if (!value) return false;
    constexpr int status_request = 5;
    for (int i = 0; i < sk_ASN1_INTEGER_num(value.get()); ++i)
      if (integer(sk_ASN1_INTEGER_value(value.get(), i)) == status_request) out.must_staple = true;
    return true;
  }

  // Whether it was understood; nothing when it is none that bears on anything here.
  std::optional<bool> dispatch(int nid, const X509_EXTENSION* extension) {
    switch (nid) {
      case NID_basic_constraints:
        return basic_constraints(extension);
      case NID_key_usage:
        return key_usage(extension);
      case NID_ext_key_usage:
        return extended_key_usage(extension);
      case NID_subject_key_identifier:
        return subject_key_id(extension);
      case NID_authority_key_identifier:
        return authority_key_id(extension);
      case NID_subject_alt_name:
        return subject_alt_name(extension);
      case NID_name_constraints:
        return name_constraints(extension);
      case NID_certificate_policies:
        return policies(extension);
      case NID_policy_constraints:
        return policy_constraints(extension);
      case NID_policy_mappings:
        return policy_mappings(extension);
      case NID_inhibit_any_policy:
        return inhibit_any_policy(extension);
      case NID_info_access:
        return authority_information(extension);
      case NID_crl_distribution_points:
        return crl_points(extension);
      case NID_ct_precert_scts:
        return scts(extension);
      case NID_tlsfeature:
        return tls_feature(extension);
      default:
        return std::nullopt;
    }
  }

  // Looking through a handful is quickest, but a megabyte of certificate has room for eighty thousand.
  bool is_repeated(const std::string& oid) {
    constexpr std::size_t few = 32;
    if (out.extensions.size() < few) return out.extension(oid) != nullptr;
    if (many_.empty())
      for (const Extension& known : out.extensions) many_.insert(known.oid);
    return !many_.insert(oid).second;
  }

  void read_all(const STACK_OF(X509_EXTENSION) * extensions) {
    for (int i = 0; i < sk_X509_EXTENSION_num(extensions); ++i) {
      const X509_EXTENSION* extension = sk_X509_EXTENSION_value(extensions, i);
      const ASN1_OBJECT* object = X509_EXTENSION_get_object(const_cast<X509_EXTENSION*>(extension));
      Extension seen{oid_text(object), X509_EXTENSION_get_critical(extension) != 0, false};
      if (is_repeated(seen.oid)) {
        note(Defect::extension_repeated);
        continue;
      }
      if (const auto understood = dispatch(OBJ_obj2nid(object), extension)) {
        seen.understood = *understood;
        if (!*understood) note(Defect::bad_extension);
        if (*understood && !is_der(value_of(extension))) note(Defect::not_der);
      }
      const bool key_id = seen.oid == "2.5.29.14" || seen.oid == "2.5.29.35";
      if (key_id && seen.critical) note(Defect::critical_key_id);
      out.extensions.push_back(std::move(seen));
    }
  }

 private:
  std::unordered_set<std::string> many_;
};

}  // namespace

void read_extensions(const STACK_OF(X509_EXTENSION) * extensions, Certificate& certificate) {
  Reader(certificate).read_all(extensions);
}

}  // namespace chaintier
