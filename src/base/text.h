// Text of strangers: what a certificate or a server says may be any bytes.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace chaintier {

bool is_ascii(std::string_view text);
bool is_utf8(std::string_view raw);
// Valid UTF-8: each octet that is not part of a well-formed sequence becomes U+FFFD.
std::string valid_utf8(std::string_view raw);

// For a terminal or a plain line of text: valid UTF-8 in which C0/C1 controls, line separators and
// bidirectional overrides are written as \u{..}, so that nothing can move the cursor or reorder a line.
std::string printable(std::string_view raw);

// Columns that a terminal takes for it: wide East Asian characters two, combining marks none.
std::size_t display_width(std::string_view utf8);

// Cuts to `columns` columns at a character border and adds "…" where something was cut.
std::string shorten(std::string_view utf8, std::size_t columns);

// Lines of at most `columns` columns, broken where UAX #14 allows it; a longer word is cut. At least one
// line.
std::vector<std::string> wrapped(std::string_view utf8, std::size_t columns);

std::string_view trimmed(std::string_view text);
std::string lower_ascii(std::string_view text);
std::vector<std::string_view> split(std::string_view text, char separator);

}  // namespace chaintier
