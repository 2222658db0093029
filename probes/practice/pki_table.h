// The shape of TWCA's hierarchy as data: what makes each CA certificate differ from its neighbours.
#pragma once

#include <span>
#include <string_view>

#include "src/base/time.h"
#include "src/catalogue/catalogue.h"

namespace chaintier {

enum class PracticeDigest { sha1, sha256, sha384 };
enum class PracticeEku { absent, server, server_and_client };

struct PracticeCa {
  std::string_view slug;
  std::string_view unit, name;   // OU (may be empty) and CN of the subject
  std::string_view key;          // certificates with the same key name share the key
  std::string_view issuer;       // slug; its own for a self-signed one
  std::string_view serial = {};  // hexadecimal; empty for a random one
  Time not_before, not_after;
  PracticeDigest digest = PracticeDigest::sha256;
  bool subject_key_id = true, authority_key_id = true;
  bool path_length_zero = false;
  PracticeEku eku = PracticeEku::absent;
  std::string_view policies = {};  // dotted, separated by commas
  std::string_view aia = {};       // file name below the practice download address; empty for none
  std::string_view crl = {};       // likewise
  bool in_catalogue = true;
  CaRole role = CaRole::intermediate;
  Hierarchy hierarchy = Hierarchy::none;
  std::string_view validation = {}, generation = {};
  std::string_view note = {}, revoked = {};
  bool for_tls = true;
};

// Issuers stand before what they issue.
std::span<const PracticeCa> practice_cas();

// Where a leaf's caIssuers URL of this issuer leads: a file name, empty where the real CA's leaves have none.
std::string_view leaf_aia_of(std::string_view issuer_slug);

struct PracticeDownload {
  std::string_view file;  // below practice_downloads
  std::string_view slug;
  bool confirmed;
};
std::span<const PracticeDownload> practice_download_files();

// Reserved by RFC 2606: nothing is ever fetched from it.
inline constexpr std::string_view practice_downloads = "http://sslserver.practice.test/cacert/";
inline constexpr std::string_view practice_crls = "http://rootca.practice.test/crl/";
inline constexpr std::string_view practice_ocsp = "http://rootocsp.practice.test/";

}  // namespace chaintier
