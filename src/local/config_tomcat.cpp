// Tomcat's server.xml: Connector with SSLHostConfig and Certificate (8.5 and later), or with the attributes
// of before. Passwords stand in it in clear: they are kept in Secrets, and what the XML parser held of them
// is overwritten.
#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <map>
#include <memory>

#include <expat.h>
#include <openssl/crypto.h>

#include "src/base/text.h"
#include "src/local/config_parts.h"

namespace chaintier {

namespace {

using Attributes = std::map<std::string, std::string, std::less<>>;
using Secrets = std::map<std::string, Secret, std::less<>>;

struct FreeParser {
  void operator()(XML_Parser parser) const noexcept { XML_ParserFree(parser); }
};

// Memory of the parser: its size stands before it, so that all of it can be overwritten.
constexpr std::size_t size_room = alignof(std::max_align_t);

void* take_memory(std::size_t size) {
  if (size > SIZE_MAX - size_room) return nullptr;
  void* block = std::malloc(size + size_room);
  if (!block) return nullptr;
  std::memcpy(block, &size, sizeof size);
  return static_cast<char*>(block) + size_room;
}

std::size_t size_of_memory(void* memory) {
  std::size_t size = 0;
  std::memcpy(&size, static_cast<char*>(memory) - size_room, sizeof size);
  return size;
}

void give_memory(void* memory) {
  if (!memory) return;
  OPENSSL_cleanse(memory, size_of_memory(memory));
  std::free(static_cast<char*>(memory) - size_room);
}

void* change_memory(void* memory, std::size_t size) {
  void* larger = take_memory(size);
  if (!larger || !memory) return larger;
  std::memcpy(larger, memory, std::min(size, size_of_memory(memory)));
  give_memory(memory);
  return larger;
}

bool names_a_password(std::string_view attribute) {
  const std::string lower = lower_ascii(attribute);
  return lower.find("pass") != std::string::npos && !lower.ends_with("file");
}

struct Element {
  Attributes values;
  Secrets secrets;  // what is called a password

  std::string value(std::string_view name) const {
    const auto found = values.find(name);
    return found == values.end() ? std::string() : found->second;
  }
  bool has(std::string_view name) const { return values.contains(name); }
};

// Which attributes say what; the names changed over the years.
struct Vocabulary {
  std::string_view certificate, key, chain, store, store_type, store_password, store_password_file, alias,
      key_password, key_password_file;
};
constexpr Vocabulary connector_words{"SSLCertificateFile",
                                     "SSLCertificateKeyFile",
                                     "SSLCertificateChainFile",
                                     "keystoreFile",
                                     "keystoreType",
                                     "keystorePass",
                                     "",
                                     "keyAlias",
                                     "keyPass",
                                     ""};
constexpr Vocabulary certificate_words{"certificateFile",
                                       "certificateKeyFile",
                                       "certificateChainFile",
                                       "certificateKeystoreFile",
                                       "certificateKeystoreType",
                                       "certificateKeystorePassword",
                                       "certificateKeystorePasswordFile",
                                       "certificateKeyAlias",
                                       "certificateKeyPassword",
                                       "certificateKeyPasswordFile"};
constexpr std::string_view password_of_apr = "SSLPassword";

class Reader {
 public:
  Reader(const std::string& path, ConfigFiles& files, ServerConfig& out)
      : path_(path), folder_(parent_folder(path)), files_(files), out_(out) {
    base_ = base();
    const auto text = files.read(path);
    const XML_Memory_Handling_Suite memory{take_memory, change_memory, give_memory};
    const std::unique_ptr<std::remove_pointer_t<XML_Parser>, FreeParser> parser(
        XML_ParserCreate_MM(nullptr, &memory, nullptr));
    if (!text || !parser) {
      out.reason = Reason{"config_absent", {{"file", path}}};
      return;
    }
    parser_ = parser.get();
    // What Tomcat takes when nothing is said.
    out.passwords.emplace_back(bytes_of(std::string_view("changeit")));
    read_properties();
    XML_SetUserData(parser_, this);
    XML_SetElementHandler(parser_, begin, end);
    XML_SetEntityDeclHandler(parser_, entity);
    if (XML_Parse(parser_, text->text().data(), static_cast<int>(text->size()), 1) == XML_STATUS_OK) return;
    // What was read up to there stays: a server.xml that is damaged further down still names its keystores.
    out.reason =
        Reason{entity_ ? "xml_entity" : "xml_damaged",
               {{"file", path}, {"line", static_cast<std::int64_t>(XML_GetCurrentLineNumber(parser_))}}};
  }

 private:
  static void XMLCALL begin(void* data, const XML_Char* name, const XML_Char** raw) {
    static_cast<Reader*>(data)->open(name, raw);
  }
  static void XMLCALL end(void* data, const XML_Char* name) { static_cast<Reader*>(data)->close(name); }
  // A document type with entities of its own is what attacks are made of.
  static void XMLCALL entity(void* data, const XML_Char*, int, const XML_Char*, int, const XML_Char*,
                             const XML_Char*, const XML_Char*, const XML_Char*) {
    Reader& reader = *static_cast<Reader*>(data);
    reader.entity_ = true;
    XML_StopParser(reader.parser_, XML_FALSE);
  }

  // CATALINA_BASE: it holds the folder "conf", which packages keep below /etc and link to.
  std::string base() const {
    if (folder_ == ".") return "..";
    const std::string name = folder_.substr(folder_.find_last_of('/') + 1);
    if (name != "conf")
      for (const char* place : {"/var/lib/", "/usr/share/", "/opt/"})
        if (!files_.matching(place + name + "/conf/server.xml").empty()) return place + name;
    return parent_folder(folder_);
  }

  // Of a file as the configuration names it.
  std::string place(std::string_view named) const {
    if (named.starts_with("file:")) named.remove_prefix(named.starts_with("file://") ? 7 : 5);
    const bool has_base = named.starts_with(base_ + "/");  // from "${catalina.base}"
    const std::string path = has_base ? std::string(named) : below(base_, named), conf = base_ + "/conf/";
    if (path.starts_with(conf) && folder_ + "/" != conf && files_.matching(path).empty())
      return below(folder_, path.substr(conf.size()));  // a copy of "conf" under another name
    return path;
  }

  // catalina.properties beside server.xml: what "${name}" stands for, passwords among it.
  void read_properties() {
    IncludeBudget budget;
    each_line(below(parent_folder(path_), "catalina.properties"), files_, budget,
              [&](const ConfigLine& line) {
                const std::size_t equals = line.text.find('=');
                if (equals == std::string_view::npos) return;
                properties_.insert_or_assign(std::string(trimmed(line.text.substr(0, equals))),
                                             Secret(bytes_of(trimmed(line.text.substr(equals + 1)))));
              });
    for (const char* name : {"catalina.base", "catalina.home"})
      properties_.insert_or_assign(name, Secret(bytes_of(base_)));
  }

  // "${name}" and "${name:-usual}" replaced; what is not known stays.
  Secret filled(std::string_view raw) const {
    Secret result{ByteView()};
    std::size_t at = 0;
    const auto append = [&](ByteView part) {
      Secret longer(result.size() + part.size());
      std::ranges::copy(result.view(), longer.data());
      std::ranges::copy(part, longer.data() + result.size());
      result = std::move(longer);
    };
    while (at < raw.size()) {
      const std::size_t open = raw.find("${", at);
      const std::size_t close = open == std::string_view::npos ? open : raw.find('}', open);
      if (close == std::string_view::npos) break;
      const std::string_view inside = raw.substr(open + 2, close - open - 2);
      const std::size_t usual = inside.find(":-");
      const auto known = properties_.find(inside.substr(0, usual));
      append(bytes_of(raw.substr(at, open - at)));
      if (known != properties_.end())
        append(known->second.view());
      else
        append(bytes_of(usual == std::string_view::npos ? raw.substr(open, close + 1 - open)
                                                        : inside.substr(usual + 2)));
      at = close + 1;
    }
    append(bytes_of(raw.substr(std::min(at, raw.size()))));
    return result;
  }

  void open(std::string_view name, const XML_Char** raw) {
    if (++depth_ > 64) {
      XML_StopParser(parser_, XML_FALSE);
      return;
    }
    Element element;
    for (; raw[0] && raw[1]; raw += 2) {
      Secret value = filled(raw[1]);
      if (names_a_password(raw[0]))
        element.secrets.emplace(raw[0], std::move(value));
      else
        element.values.emplace(raw[0], std::string(value.text()));
    }
    if (name == "Connector") {
      host_ = {};
      certificates_ = 0;
      connector_ = std::move(element);
      tls_ = lower_ascii(connector_.value("SSLEnabled")) == "true";
      if (connector_.has("keystoreFile") || connector_.has("SSLCertificateFile"))
        add(connector_, connector_words);
    } else if (name == "SSLHostConfig") {
      host_ = std::move(element);
      certificates_before_ = certificates_;
      // Before 8.5.3 the certificate's attributes stood here.
      if (host_.has("certificateFile") || host_.has("certificateKeystoreFile")) add(host_, certificate_words);
    } else if (name == "Certificate") {
      add(element, certificate_words);
    }
  }

  void close(std::string_view name) {
    if (depth_ > 0) --depth_;
    const bool none = name == "SSLHostConfig" ? certificates_ == certificates_before_ : certificates_ == 0;
    if (none && tls_ && (name == "SSLHostConfig" || name == "Connector")) add({}, certificate_words);
    if (name == "SSLHostConfig") host_ = {};
    if (name == "Connector") tls_ = false;
  }

  void password(const Element& own, std::string_view attribute, std::string_view file_attribute) {
    if (const auto found = own.secrets.find(attribute); found != own.secrets.end())
      out_.passwords.emplace_back(found->second.view());
    const std::string file = own.value(file_attribute);
    if (file.empty()) return;
    if (const auto content = files_.read(place(file))) {  // its first line
      const std::string_view text = content->text();
      out_.passwords.emplace_back(bytes_of(trimmed(text.substr(0, text.find('\n')))));
    }
  }

  void add(const Element& own, const Vocabulary& words) {
    ++certificates_;
    ServerSite site = new_site("tomcat", path_, static_cast<std::size_t>(XML_GetCurrentLineNumber(parser_)));
    if (const std::string port = connector_.value("port"); !port.empty()) site.listen.push_back(port);
    const std::string name = host_.value("hostName");
    if (!name.empty() && name != "_default_") site.names.push_back(name);
    if (const std::string store = own.value(words.store); !store.empty()) {
      site.certificate_file = place(store);
      if (const std::string entry = own.value(words.alias); !entry.empty()) site.alias = entry;
    } else {
      site.certificate_file = place(own.value(words.certificate));
      site.key_file = place(own.value(words.key));
      site.chain_file = place(own.value(words.chain));
    }
    const std::string type = lower_ascii(own.value(words.store_type));
    // Without either it is the file .keystore of whoever runs Tomcat.
    if (type == "pkcs11" || type.starts_with("windows-") || type == "keychainstore")
      site.reason = Reason{"not_a_file", {{"file", own.value(words.store_type)}}};
    else if (site.certificate_file.empty())
      site.reason = Reason{"default_keystore", {}};
    if (!tls_) site.reason = Reason{"tls_off", {{"setting", "SSLEnabled=\"true\""}}};
    password(own, words.store_password, words.store_password_file);
    password(own, words.key_password, words.key_password_file);
    password(own, password_of_apr, {});
    out_.sites.push_back(std::move(site));
  }

  std::string path_, folder_, base_;  // relative paths start at the last, CATALINA_BASE
  ConfigFiles& files_;
  ServerConfig& out_;
  XML_Parser parser_ = nullptr;
  Secrets properties_;
  Element connector_, host_;
  bool tls_ = false, entity_ = false;
  std::size_t depth_ = 0;
  std::size_t certificates_ = 0, certificates_before_ = 0;  // of this Connector; before this SSLHostConfig
};

}  // namespace

ServerConfig read_tomcat(const std::string& path, ConfigFiles& files) {
  ServerConfig config;
  Reader(path, files, config);
  return config;
}

}  // namespace chaintier
