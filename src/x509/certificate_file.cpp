#include "src/x509/certificate_file.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>

#include <fmt/format.h>
#include <openssl/pkcs7.h>

#include "src/base/openssl_handles.h"
#include "src/base/text.h"
#include "src/x509/certificate.h"

namespace chaintier {

namespace {

constexpr std::string_view begin_mark = "-----BEGIN ";
constexpr std::string_view end_mark = "-----END ";
constexpr std::string_view dashes = "-----";

Error unreadable(std::string detail) { return input_error(Stage::parse, std::move(detail)); }

// Notepad and PowerShell save UTF-16; PEM is ASCII, so every second octet is all there is to it.
std::string as_ascii(ByteView content) {
  const bool little = content.size() >= 2 && content[0] == 0xff && content[1] == 0xfe;
  const bool big = content.size() >= 2 && content[0] == 0xfe && content[1] == 0xff;
  if (!little && !big) return std::string(text_of(content));
  std::string text;
  for (std::size_t i = 2; i + 1 < content.size(); i += 2) {
    const std::uint8_t low = content[little ? i : i + 1];
    const std::uint8_t high = content[little ? i + 1 : i];
    text += high == 0 ? static_cast<char>(low) : '?';
  }
  return text;
}

std::size_t line_of(std::string_view text, std::size_t position) {
  return 1 + static_cast<std::size_t>(std::ranges::count(text.substr(0, position), '\n'));
}

constexpr auto base64_alphabet = [] {
  std::array<bool, 256> is{};
  for (const char c : std::string_view("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"))
    is[static_cast<unsigned char>(c)] = true;
  return is;
}();

bool is_base64(char c) { return base64_alphabet[static_cast<unsigned char>(c)]; }

// The characters of the alphabet that `text` begins with: a line, usually.
std::string_view base64_run(std::string_view text) {
  const auto end = std::ranges::find_if_not(text, is_base64);
  return text.substr(0, static_cast<std::size_t>(end - text.begin()));
}

// `offset` is where `body` stands in the file, for the line number.
Result<Bytes> decode_base64(std::string_view file, std::size_t offset, std::string_view body) {
  std::string clean;
  clean.reserve(body.size());
  std::size_t padding = 0;  // and where the last of it stands
  std::size_t padding_at = 0;
  for (std::size_t i = 0; i < body.size(); ++i) {
    if (const std::string_view run = base64_run(body.substr(i)); !run.empty()) {
      if (padding > 0)  // the decoder would take it for zeros
        return unreadable(fmt::format("base64 damaged at line {}: padding ('=') with more behind it",
                                      line_of(file, padding_at)));
      clean += run;
      i += run.size() - 1;
      continue;
    }
    const char c = body[i];
    if (c == ' ' || c == '\t' || c == '\r' || c == '\n') continue;
    if (c != '=') {
      const bool smart = static_cast<unsigned char>(c) >= 0x80;
      return unreadable(fmt::format("base64 damaged at line {}: {}", line_of(file, offset + i),
                                    smart ? "a character that is not ASCII (pasted through a word processor?)"
                                          : fmt::format("the character '{}'", printable({&c, 1}))));
    }
    ++padding;
    padding_at = offset + i;
    clean += c;
  }
  if (padding > 2)
    return unreadable(fmt::format("base64 damaged at line {}: more padding ('=') than there can be",
                                  line_of(file, padding_at)));
  if (clean.size() % 4 != 0)
    return unreadable(
        fmt::format("base64 cut short in the block that begins at line {}: {} characters are not a "
                    "multiple of 4",
                    line_of(file, offset), clean.size()));
  Bytes bytes(clean.size() / 4 * 3);
  const int size = EVP_DecodeBlock(bytes.data(), reinterpret_cast<const unsigned char*>(clean.data()),
                                   static_cast<int>(clean.size()));
  if (size < 0)
    return unreadable(
        fmt::format("base64 damaged in the block that begins at line {}", line_of(file, offset)));
  bytes.resize(static_cast<std::size_t>(size) - padding);
  return bytes;
}

// Certificates of a PKCS#7 SignedData (RFC 2315 9.1); nothing when it is none.
std::optional<std::vector<Bytes>> from_pkcs7(ByteView der) {
  const ErrorQueueScope errors;
  const unsigned char* at = der.data();
  const std::unique_ptr<PKCS7, FreeWith<PKCS7_free>> message(
      d2i_PKCS7(nullptr, &at, static_cast<long>(der.size())));
  if (!message || !PKCS7_type_is_signed(message.get()) || !message->d.sign) return std::nullopt;
  std::vector<Bytes> result;
  const STACK_OF(X509)* list = message->d.sign->cert;
  for (int i = 0; i < sk_X509_num(list); ++i) {
    unsigned char* out = nullptr;
    const int size = i2d_X509(sk_X509_value(list, i), &out);
    if (size <= 0) continue;
    result.emplace_back(out, out + size);
    OPENSSL_free(out);
  }
  return result;
}

// The first complete element: "TRUSTED CERTIFICATE" blocks carry OpenSSL's own data behind the certificate.
Bytes first_element(Bytes der) {
  const unsigned char* at = der.data();
  long length = 0;
  int tag = 0;
  int xclass = 0;
  const int form = ASN1_get_object(&at, &length, &tag, &xclass, static_cast<long>(der.size()));
  if ((form & 0x80) == 0 && length >= 0) {
    const auto size = static_cast<std::size_t>(at - der.data()) + static_cast<std::size_t>(length);
    if (size <= der.size()) der.resize(size);
  }
  return der;
}

std::string what_it_is(std::string_view label) {
  if (label.find("PRIVATE KEY") != std::string_view::npos) return "a private key, not a certificate";
  if (label.find("CERTIFICATE REQUEST") != std::string_view::npos)
    return "a certificate request (CSR), not the certificate issued for it";
  if (label == "X509 CRL") return "a revocation list (CRL), not a certificate";
  if (label == "PUBLIC KEY") return "a public key, not a certificate";
  return fmt::format("a PEM block \"{}\", not a certificate", printable(label));
}

bool looks_like_markup(std::string_view text) {
  constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
  if (text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size());
  return trimmed(text).starts_with('<');
}

struct PemReader {
  std::string_view file;
  std::vector<Bytes> found{};
  std::string other{};  // what else stood there

  Result<void> block(std::string_view label, std::size_t offset, std::string_view body) {
    const bool certificate =
        label == "CERTIFICATE" || label == "X509 CERTIFICATE" || label == "TRUSTED CERTIFICATE";
    const bool bundle = label == "PKCS7" || label == "CMS" || label == "PKCS #7 SIGNED DATA";
    if (!certificate && !bundle) {
      if (other.empty()) other = what_it_is(label);
      return {};
    }
    auto der = decode_base64(file, offset, body);
    if (!der) return der.error();
    if (certificate) {
      found.push_back(label == "TRUSTED CERTIFICATE" ? first_element(std::move(*der)) : std::move(*der));
      return {};
    }
    auto inside = from_pkcs7(*der);
    if (!inside)
      return unreadable(fmt::format("the PKCS#7 block at line {} cannot be read", line_of(file, offset)));
    for (Bytes& one : *inside) found.push_back(std::move(one));
    return {};
  }

  Result<std::vector<Bytes>> read() {
    std::size_t at = 0;
    while ((at = file.find(begin_mark, at)) != std::string_view::npos) {
      const std::size_t label_at = at + begin_mark.size();
      const std::size_t label_end = file.find(dashes, label_at);
      if (label_end == std::string_view::npos ||
          file.substr(label_at, label_end - label_at).find('\n') != std::string_view::npos)
        return unreadable(fmt::format("the BEGIN line at line {} is damaged", line_of(file, at)));
      const std::string_view label = file.substr(label_at, label_end - label_at);
      const std::size_t body_at = label_end + dashes.size();
      const std::size_t end = file.find(end_mark, body_at);
      if (end == std::string_view::npos)
        return unreadable(fmt::format("the block that begins at line {} has no END line: the file is cut off",
                                      line_of(file, at)));
      if (file.substr(body_at, end - body_at).find(begin_mark) != std::string_view::npos)
        return unreadable(
            fmt::format("the block that begins at line {} has no END line: another one begins within it",
                        line_of(file, at)));
      if (auto done = block(label, body_at, file.substr(body_at, end - body_at)); !done) return done.error();
      at = end + end_mark.size();
    }
    if (found.empty()) return unreadable("it holds " + (other.empty() ? "no certificate" : other));
    return std::move(found);
  }
};

}  // namespace

Result<std::vector<Bytes>> certificates_in(ByteView content) {
  if (content.empty()) return unreadable("it is empty");
  const std::string text = as_ascii(content);
  if (text.find(begin_mark) != std::string::npos) return PemReader{text}.read();

  Bytes der(content.begin(), content.end());
  if (der.front() != 0x30 && std::ranges::all_of(text, [](char c) {
        return is_base64(c) || c == '=' || c == '\n' || c == '\r' || c == ' ' || c == '\t';
      })) {
    auto bare = decode_base64(text, 0, text);  // base64 without BEGIN and END lines
    if (bare) der = std::move(*bare);
  }
  if (parse_certificate(der)) return std::vector<Bytes>{std::move(der)};
  if (auto inside = from_pkcs7(der); inside && !inside->empty()) return std::move(*inside);
  if (looks_like_markup(text)) return unreadable("it holds HTML or XML, not a certificate");
  return unreadable("it holds no certificate in PEM, DER or PKCS#7 form");
}

}  // namespace chaintier
