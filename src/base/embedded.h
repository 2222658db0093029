// Files of data/ that are compiled in, so that the program needs none at run time.
#pragma once

#include <span>
#include <string_view>

namespace chaintier {

struct EmbeddedFile {
  std::string_view path;  // below data/: "ca/twca-cyber-root-ca.self-signed.pem"
  std::string_view content;
};

std::span<const EmbeddedFile> embedded_files();  // sorted by path
std::string_view embedded_file(
    std::string_view path);  // a path that does not exist is a bug: std::logic_error

}  // namespace chaintier
