#include "src/files/certificate_source.h"

#include <utility>

#include <fmt/format.h>
#include <openssl/crypto.h>
#include <openssl/pkcs12.h>

#include "src/base/openssl_handles.h"
#include "src/base/text.h"
#include "src/x509/certificate_file.h"

namespace chaintier {

namespace {

constexpr std::string_view a_key = "a private key: it is left alone, and nothing of it is kept";
constexpr std::string_view a_container =
    "a container for private keys (PKCS#12 or Java keystore): it is left alone, and nothing of it is kept";

bool holds(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

// PKCS#1, SEC 1 or PKCS#8 in DER.
bool is_key(ByteView content) {
  const ErrorQueueScope errors;
  const unsigned char* at = content.data();
  const EvpPkeyPtr key(d2i_AutoPrivateKey(nullptr, &at, static_cast<long>(content.size())));
  if (key) return true;
  at = content.data();
  const std::unique_ptr<X509_SIG, FreeWith<X509_SIG_free>> encrypted(
      d2i_X509_SIG(nullptr, &at, static_cast<long>(content.size())));
  return encrypted != nullptr;
}

bool is_container(ByteView content) {
  const std::string_view text = text_of(content);
  if (text.starts_with("\xfe\xed\xfe\xed") || text.starts_with("\xce\xce\xce\xce"))
    return true;  // JKS, JCEKS
  const ErrorQueueScope errors;
  const unsigned char* at = content.data();
  const std::unique_ptr<PKCS12, FreeWith<PKCS12_free>> container(
      d2i_PKCS12(nullptr, &at, static_cast<long>(content.size())));
  return container != nullptr;
}

class Collector {
 public:
  explicit Collector(const ArchiveLimits& limits) : limits_(limits) {}

  Result<CertificateSource> collect(std::vector<ArchiveEntry> files) {
    for (ArchiveEntry& file : files)
      if (auto done = add(file, true); !done) return done.error();
    return std::move(source_);
  }

 private:
  void leave_out(const ArchiveEntry& file, std::string_view why, bool secret = false) {
    source_.left_out.push_back({file.name, std::string(why), secret});
  }

  static Error damaged(const ArchiveEntry& file, std::string_view why) {
    return input_error(Stage::parse, fmt::format("{}: {}", printable(file.name), why));
  }

  Result<void> add(ArchiveEntry& file, bool may_be_archive) {
    if (looks_like_archive(file.bytes)) {
      if (may_be_archive) return add_archive(file);
      leave_out(file, "an archive within an archive: unpack it first");
      return {};
    }
    const bool pem = holds(text_of(file.bytes), "-----BEGIN ");
    const bool key_beside = pem && holds(text_of(file.bytes), "PRIVATE KEY-----");
    const bool container = !pem && is_container(file.bytes);
    const bool key = key_beside || (!pem && !container && is_key(file.bytes));
    Result<void> done;
    if (container || (key && !pem))
      leave_out(file, container ? a_container : a_key, true);
    else
      done = add_certificates(file, key_beside);
    if (key || container) OPENSSL_cleanse(file.bytes.data(), file.bytes.size());
    return done;
  }

  Result<void> add_certificates(const ArchiveEntry& file, bool key_beside) {
    if (key_beside) leave_out(file, a_key, true);
    const auto ders = certificates_in(file.bytes);
    if (!ders) {
      const std::string_view text = text_of(file.bytes);
      if (holds(text, "-----BEGIN CERTIFICATE-----") || holds(text, "-----BEGIN PKCS7-----"))
        return damaged(file, ders.error().detail);
      if (!key_beside) leave_out(file, ders.error().detail);
      return {};
    }
    for (const Bytes& der : *ders) {
      auto certificate = parse_certificate(der);
      if (!certificate) return damaged(file, "a certificate in it cannot be read as X.509");
      source_.found.push_back({std::move(*certificate), file.name});
    }
    return {};
  }

  Result<void> add_archive(ArchiveEntry& file) {
    auto inside = read_archive(file.bytes, limits_);
    if (!inside) return damaged(file, inside.error().detail);
    for (ArchiveEntry& entry : *inside)
      if (auto done = add(entry, false); !done) return damaged(file, done.error().detail);
    return {};
  }

  const ArchiveLimits& limits_;
  CertificateSource source_;
};

}  // namespace

Result<CertificateSource> certificates_of(std::vector<ArchiveEntry> files, const ArchiveLimits& limits) {
  return Collector(limits).collect(std::move(files));
}

}  // namespace chaintier
