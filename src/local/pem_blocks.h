// PEM (RFC 7468) as people have it: several blocks, text around, UTF-16, byte order marks, word processors.
// Unlike certificates_in() it goes on behind a damaged block, and takes every label.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/secret.h"
#include "src/local/local_report.h"

namespace chaintier {

struct PemBlock {
  std::string label;
  std::size_t line = 0;  // of its BEGIN line, from 1
  bool locked = false;   // RFC 1421 4.6.1.1: "Proc-Type: 4,ENCRYPTED"
  Secret text;           // the whole block, BEGIN to END line, for a locked one only
  Secret der;            // empty for a locked or damaged one
  std::optional<Reason> damage;
};

// ASCII or UTF-8 text of a file; UTF-16 is turned into UTF-8 where a byte order mark or a first hyphen tells
// it, and a UTF-8 byte order mark is left out.
Secret plain_text(ByteView content);

// Nothing but base64 and white space, of at least 64 characters: PEM whose BEGIN and END lines got lost.
std::optional<Secret> bare_base64(std::string_view text);

// Every block in file order. A BEGIN line that a word processor spoilt is a damaged block with an empty
// label.
std::vector<PemBlock> pem_blocks(std::string_view text);

}  // namespace chaintier
