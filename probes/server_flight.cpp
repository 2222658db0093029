#include "probes/server_flight.h"

#include <algorithm>

#include "probes/tls_encoding.h"
#include "probes/tls_numbers.h"

namespace chaintier {

void put_record(Bytes& out, std::uint8_t type, ByteView content, std::uint16_t version) {
  out.reserve(out.size() + record_header + content.size());
  TlsWriter writer(out);
  writer.number(type, 1);
  writer.number(version, 2);
  writer.number(content.size(), 2);
  writer.put(content);
}

bool ExtensionTypes::is_new(std::uint16_t type) {
  if (std::ranges::find(seen_, type) != seen_.end()) return false;
  seen_.push_back(type);
  return true;
}

std::optional<std::string> chosen_protocol(ByteView extension) {
  TlsCursor in(extension);
  TlsCursor list(in.vector(2));
  const ByteView chosen = list.vector(1);
  if (!in.ok() || !in.at_end() || !list.ok() || !list.at_end() || chosen.empty()) return std::nullopt;
  TlsCursor offered(http_protocols);
  while (!offered.at_end())
    if (std::ranges::equal(offered.vector(1), chosen)) return std::string(text_of(chosen));
  return std::nullopt;
}

}  // namespace chaintier
