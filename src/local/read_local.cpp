#include "src/local/read_local.h"

#include <algorithm>
#include <array>

#include <openssl/crypto.h>

#include "src/base/text.h"
#include "src/files/archive.h"
#include "src/local/container.h"
#include "src/local/csr.h"
#include "src/local/pem_blocks.h"
#include "src/x509/certificate_file.h"

namespace chaintier {

namespace {

bool is_certificate_label(std::string_view label) {
  return label == "CERTIFICATE" || label == "X509 CERTIFICATE" || label == "TRUSTED CERTIFICATE";
}
bool is_request_label(std::string_view label) {
  return label == "CERTIFICATE REQUEST" || label == "NEW CERTIFICATE REQUEST";
}
bool is_bundle_label(std::string_view label) {
  return label == "PKCS7" || label == "CMS" || label == "PKCS #7 SIGNED DATA";
}

class FileReader {
 public:
  FileReader(LocalFile& file, const Unlocker& unlocker) : file_(file), unlocker_(unlocker) {}

  void read(ByteView content) {
    if (content.empty()) return refuse("empty");
    if (looks_like_archive(content)) return archive(content);
    if (is_java_keystore(content)) return container(read_java_keystore(content, unlocker_));
    const Secret text = plain_text(content);
    if (foreign_key(text.text())) return;
    if (const auto blocks = pem_blocks(text.text()); !blocks.empty()) return pem(blocks);
    if (!content.empty() && content[0] == 0x30) return der(content);
    if (const auto bare = bare_base64(text.text()); bare && !bare->empty() && bare->view()[0] == 0x30) {
      der(bare->view());
      if (file_.kind == FileKind::der) file_.kind = FileKind::pem;
      return;
    }
    refuse(trimmed(text.text()).starts_with('<') ? "markup" : "not_recognised");
  }

 private:
  void refuse(std::string_view id) {
    file_.kind = FileKind::other;
    file_.readable = false;
    file_.reason = Reason{std::string(id), {}};
  }

  // Keys of SSH programs: people take them for TLS keys.
  bool foreign_key(std::string_view text) {
    std::string_view id;
    if (text.starts_with("PuTTY-User-Key-File-"))
      id = "putty_key";
    else if (text.find("-----BEGIN OPENSSH PRIVATE KEY-----") != std::string_view::npos)
      id = "openssh_key";
    else if (text.starts_with("ssh-rsa ") || text.starts_with("ssh-ed25519 ") ||
             text.starts_with("ecdsa-sha2-") || text.starts_with("---- BEGIN SSH2 PUBLIC KEY ----"))
      id = "ssh_public_key";
    else if (text.starts_with("-----BEGIN PGP "))
      id = "pgp";
    if (id.empty()) return false;
    refuse(id);
    return true;
  }

  void container(Container&& held) {
    file_.kind = held.kind;
    file_.readable = held.opened;
    file_.reason = std::move(held.reason);
    file_.items = std::move(held.items);
    file_.locks = std::move(held.locks);
    // With no password, whoever can read the file has the key.
    if (held.empty_password)
      for (LocalItem& item : file_.items)
        if (item.kind == ItemKind::private_key && item.checked) item.encrypted = false;
  }

  // What a CA mails (manual 5.3). Archives within archives are not opened.
  void archive(ByteView content) {
    file_.kind = FileKind::zip;
    auto entries = read_archive(content);
    if (!entries) {
      file_.reason = Reason{"zip", {{"detail", entries.error().detail}}};
      return;
    }
    file_.readable = true;
    for (ArchiveEntry& entry : *entries) {
      const Secret inside(entry.bytes);
      OPENSSL_cleanse(entry.bytes.data(), entry.bytes.size());
      if (looks_like_archive(inside.view())) continue;
      LocalFile one;
      FileReader(one, unlocker_).read(inside.view());
      if (!one.items.empty() && !one.readable) {
        file_.readable = false;
        if (!file_.reason) file_.reason = one.reason;
      }
      for (LocalItem& item : one.items) {
        item.alias = entry.name;
        file_.items.push_back(std::move(item));
      }
    }
    if (file_.items.empty()) {
      file_.readable = false;
      file_.reason = Reason{"not_recognised", {}};
    }
  }

  // Certificates of a bundle; false when it is none.
  bool bundle(ByteView content) {
    if (parse_certificate(content)) return false;
    const auto inside = certificates_in(content);
    if (!inside) return false;
    for (const Bytes& one : *inside) file_.items.push_back(certificate_item(one));
    return true;
  }

  void der(ByteView content) {
    file_.kind = FileKind::der;
    file_.readable = true;
    if (parse_certificate(content)) {
      file_.items.push_back(certificate_item(content));
      return;
    }
    if (auto request = read_csr(content)) {
      file_.items.push_back(std::move(*request));
      return;
    }
    if (is_locked_key(content)) {
      file_.items.push_back(locked_key_item(content, unlocker_));
      return;
    }
    if (const auto key = read_private_key(content, unlocker_)) {
      file_.items.push_back(key_item(*key));
      return;
    }
    if (bundle(content)) {
      file_.kind = FileKind::pkcs7;
      return;
    }
    if (auto held = read_pkcs12(content, unlocker_)) return container(std::move(*held));
    if (is_crl(content)) {
      LocalItem list;
      list.kind = ItemKind::crl;
      file_.items.push_back(std::move(list));
      return;
    }
    refuse("der_unknown");
  }

  void pem(const std::vector<PemBlock>& blocks) {
    file_.kind = FileKind::pem;
    file_.readable = true;
    bool only_bundles = true;
    std::optional<Reason> other;
    for (const PemBlock& one : blocks) {
      only_bundles = only_bundles && is_bundle_label(one.label);
      if (one.damage) {
        spoilt(one);
        continue;
      }
      if (auto why = block(one); why && !other) other = std::move(why);
    }
    if (only_bundles) file_.kind = FileKind::pkcs7;
    if (file_.items.empty() && !file_.reason) {
      file_.readable = false;
      file_.reason = other;
      if (other) file_.kind = FileKind::other;
    }
  }

  void spoilt(const PemBlock& block) {
    file_.readable = false;
    if (!file_.reason) file_.reason = block.damage;
    if (block.label.find("PRIVATE KEY") == std::string::npos) return;
    LocalItem item;
    item.kind = ItemKind::private_key;
    item.checked = false;
    item.encrypted = block.locked || block.label == "ENCRYPTED PRIVATE KEY";
    item.problem = block.damage;
    file_.items.push_back(std::move(item));
  }

  // What else it is, when it is nothing of use here.
  std::optional<Reason> block(const PemBlock& one) {
    const ByteView content = one.der.view();
    const auto broken = [&](std::string_view id) {
      file_.readable = false;
      if (!file_.reason)
        file_.reason = Reason{std::string(id), {{"line", static_cast<std::int64_t>(one.line)}}};
    };
    if (is_certificate_label(one.label)) {
      LocalItem item = certificate_item(first_of(content, one.label));
      if (!item.certificate) {
        // "BEGIN CERTIFICATE" around something else happens when people edit these lines.
        if (read_csr(content))
          broken("block_is_csr");
        else if (is_locked_key(content) || read_private_key(content, unlocker_))
          broken("block_is_key");
        else
          broken("block_damaged");
      }
      file_.items.push_back(std::move(item));
    } else if (is_request_label(one.label)) {
      if (auto request = read_csr(content))
        file_.items.push_back(std::move(*request));
      else
        broken(parse_certificate(content) ? "block_is_certificate" : "block_damaged");
    } else if (is_bundle_label(one.label)) {
      if (!bundle(content)) broken("block_damaged");
    } else if (one.label == "X509 CRL") {
      LocalItem list;
      list.kind = ItemKind::crl;
      file_.items.push_back(std::move(list));
    } else if (one.label == "PKCS12") {
      if (auto held = read_pkcs12(content, unlocker_))
        container(std::move(*held));
      else
        broken("block_damaged");
    } else if (one.label.ends_with("PRIVATE KEY")) {
      key(one, content);
    } else if (one.label == "PUBLIC KEY" || one.label == "RSA PUBLIC KEY") {
      return Reason{"public_key", {}};
    } else if (one.label == "DH PARAMETERS" || one.label == "EC PARAMETERS") {
      return Reason{"parameters", {}};
    } else {
      return Reason{"label_unknown", {{"label", shorten(printable(one.label), 60)}}};
    }
    return std::nullopt;
  }

  void key(const PemBlock& one, ByteView content) {
    LocalItem item;
    item.kind = ItemKind::private_key;
    if (one.locked) {
      item = locked_pem_item(one.text, unlocker_);
    } else if (is_locked_key(content)) {
      item = locked_key_item(content, unlocker_);
    } else if (const auto opened = read_private_key(content, unlocker_)) {
      item = key_item(*opened);
    } else {
      item.checked = false;
      item.problem = Reason{"key_damaged", {}};
    }
    if (item.problem && item.problem->id == "key_damaged") {
      file_.readable = false;
      if (!file_.reason)
        file_.reason = Reason{"key_block_damaged", {{"line", static_cast<std::int64_t>(one.line)}}};
    }
    file_.items.push_back(std::move(item));
  }

  // "TRUSTED CERTIFICATE" blocks carry OpenSSL's own data behind the certificate.
  static ByteView first_of(ByteView der, std::string_view label) {
    if (label != "TRUSTED CERTIFICATE") return der;
    if (der.size() < 4 || der[0] != 0x30 || der[1] != 0x82) return der;
    const std::size_t size = 4u + (std::size_t{der[2]} << 8 | der[3]);
    return size <= der.size() ? der.first(size) : der;
  }

  LocalFile& file_;
  const Unlocker& unlocker_;
};

// The endings under which people keep certificates.
bool named_as_certificate(std::string_view path) {
  const std::string name = lower_ascii(path);
  return name.ends_with(".cer") || name.ends_with(".crt") || name.ends_with(".cert");
}

}  // namespace

std::string_view id(FileKind kind) {
  static constexpr std::array<std::string_view, 8> ids{"pem", "der",   "pkcs7", "pkcs12",
                                                       "jks", "jceks", "zip",   "other"};
  return ids[static_cast<std::size_t>(kind)];
}

std::string_view id(ItemKind kind) {
  static constexpr std::array<std::string_view, 4> ids{"certificate", "private_key", "csr", "crl"};
  return ids[static_cast<std::size_t>(kind)];
}

LocalFile read_local(const std::string& path, ByteView content, const Unlocker& unlocker) {
  LocalFile file;
  file.path = path;
  FileReader(file, unlocker).read(content);
  if (file.readable && !file.reason && file.items.empty()) {
    file.readable = false;
    file.reason = Reason{"nothing_inside", {}};
  }
  if (!file.reason && !file.items.empty() && named_as_certificate(path) &&
      std::ranges::all_of(file.items, [](const LocalItem& item) { return item.kind == ItemKind::csr; }))
    file.reason = Reason{"csr_not_certificate", {}};
  return file;
}

bool is_foreign(const LocalFile& file) {
  if (!file.items.empty() || file.kind != FileKind::other || !file.reason) return false;
  return file.reason->id != "putty_key" && file.reason->id != "openssh_key" &&
         file.reason->id != "cannot_open";
}

}  // namespace chaintier
