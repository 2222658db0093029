// Tomcat's server.xml: Connector with SSLHostConfig and Certificate (8.5 and later), or with the attributes
// of before.
#include <algorithm>
#include <map>
#include <memory>

#include <expat.h>

#include "src/base/text.h"
#include "src/local/config_parts.h"

namespace chaintier {

namespace {

using Attributes = std::map<std::string, std::string, std::less<>>;

struct FreeParser {
  void operator()(XML_Parser parser) const noexcept { XML_ParserFree(parser); }
};

struct State {
  std::string path, base;
  ServerConfig& out;
  XML_Parser parser = nullptr;
  Attributes connector, host;
  std::size_t depth = 0;
};

std::string value(const Attributes& attributes, std::string_view name) {
  const auto found = attributes.find(name);
  return found == attributes.end() ? std::string() : found->second;
}

std::string place(const State& state, std::string path) {
  for (const std::string_view variable : {"${catalina.base}", "${catalina.home}"})
    if (const std::size_t at = path.find(variable); at != std::string::npos)
      path.replace(at, variable.size(), state.base);
  return below(state.base, path);
}

void add(State& state, const Attributes& own, std::string_view certificate, std::string_view key,
         std::string_view chain, std::string_view keystore, std::string_view password,
         std::string_view alias) {
  ServerSite site =
      new_site("tomcat", state.path, static_cast<std::size_t>(XML_GetCurrentLineNumber(state.parser)));
  if (const std::string port = value(state.connector, "port"); !port.empty()) site.listen.push_back(port);
  const std::string name = value(state.host, "hostName");
  if (!name.empty() && name != "_default_") site.names.push_back(name);
  if (const std::string store = value(own, keystore); !store.empty()) {
    site.certificate_file = place(state, store);
    if (const std::string entry = value(own, alias); !entry.empty()) site.alias = entry;
  } else {
    site.certificate_file = place(state, value(own, certificate));
    site.key_file = place(state, value(own, key));
    site.chain_file = place(state, value(own, chain));
  }
  if (site.certificate_file.empty()) return;
  // "changeit" is what Tomcat takes when nothing is said.
  const std::string secret = value(own, password);
  state.out.passwords.emplace_back(bytes_of(secret.empty() ? std::string_view("changeit") : secret));
  state.out.sites.push_back(std::move(site));
}

void XMLCALL begin(void* data, const XML_Char* name, const XML_Char** raw) {
  State& state = *static_cast<State*>(data);
  if (++state.depth > 64) {
    XML_StopParser(state.parser, XML_FALSE);
    return;
  }
  Attributes attributes;
  for (; raw[0] && raw[1]; raw += 2) attributes.emplace(raw[0], raw[1]);
  const std::string_view element = name;
  if (element == "Connector") {
    state.connector = attributes;
    state.host.clear();
    if (lower_ascii(value(attributes, "SSLEnabled")) != "true") return;
    if (attributes.contains("keystoreFile") || attributes.contains("SSLCertificateFile"))
      add(state, attributes, "SSLCertificateFile", "SSLCertificateKeyFile", "SSLCertificateChainFile",
          "keystoreFile", "keystorePass", "keyAlias");
  } else if (element == "SSLHostConfig") {
    state.host = attributes;
    // Before 8.5.3 the certificate's attributes stood here.
    if (attributes.contains("certificateFile") || attributes.contains("certificateKeystoreFile"))
      add(state, attributes, "certificateFile", "certificateKeyFile", "certificateChainFile",
          "certificateKeystoreFile", "certificateKeystorePassword", "certificateKeyAlias");
  } else if (element == "Certificate") {
    add(state, attributes, "certificateFile", "certificateKeyFile", "certificateChainFile",
        "certificateKeystoreFile", "certificateKeystorePassword", "certificateKeyAlias");
  }
}

void XMLCALL end(void* data, const XML_Char*) {
  State& state = *static_cast<State*>(data);
  if (state.depth > 0) --state.depth;
}

// A document type with entities of its own is what attacks are made of; server.xml needs none.
void XMLCALL entity(void* data, const XML_Char*, int, const XML_Char*, int, const XML_Char*, const XML_Char*,
                    const XML_Char*, const XML_Char*) {
  XML_StopParser(static_cast<State*>(data)->parser, XML_FALSE);
}

}  // namespace

ServerConfig read_tomcat(const std::string& path, ConfigFiles& files) {
  ServerConfig config;
  const auto text = files.read(path);
  const std::unique_ptr<std::remove_pointer_t<XML_Parser>, FreeParser> parser(XML_ParserCreate(nullptr));
  if (!text || !parser) {
    config.reason = Reason{"config_absent", {{"file", path}}};
    return config;
  }
  // Relative paths start at CATALINA_BASE, which holds the folder of server.xml.
  State state{path, parent_folder(parent_folder(path)), config, parser.get(), {}, {}, 0};
  XML_SetUserData(parser.get(), &state);
  XML_SetElementHandler(parser.get(), begin, end);
  XML_SetEntityDeclHandler(parser.get(), entity);
  if (XML_Parse(parser.get(), text->data(), static_cast<int>(text->size()), 1) != XML_STATUS_OK)
    config.reason =
        Reason{"xml_damaged",
               {{"file", path}, {"line", static_cast<std::int64_t>(XML_GetCurrentLineNumber(parser.get()))}}};
  return config;
}

}  // namespace chaintier
