# cmake -DOUT=FILE.cpp -DROOT=DATA_FOLDER -P embed.cmake
# Writes the files below ROOT that the program needs at run time into one C++ source file.
file(GLOB_RECURSE paths RELATIVE ${ROOT} ${ROOT}/ca/* ${ROOT}/stores/* ${ROOT}/clients.json ${ROOT}/texts/* ${ROOT}/schema/*.json ${ROOT}/page/*)
list(SORT paths COMPARE STRING)
set(arrays "")
set(table "")
set(number 0)
foreach(path IN LISTS paths)
  file(READ ${ROOT}/${path} hex HEX)
  string(LENGTH "${hex}" length)
  math(EXPR size "${length} / 2")
  string(REGEX REPLACE "(..)" "0x\\1," bytes "${hex}")
  string(APPEND arrays "const unsigned char file_${number}[] = {${bytes}0};\n")
  string(APPEND table "    {\"${path}\", {reinterpret_cast<const char*>(file_${number}), ${size}}},\n")
  math(EXPR number "${number} + 1")
endforeach()
file(WRITE ${OUT}.new "#include \"src/base/embedded.h\"

#include <array>
#include <stdexcept>
#include <string>

namespace chaintier {
namespace {
${arrays}
const std::array<EmbeddedFile, ${number}> files{{
${table}}};
}  // namespace

std::span<const EmbeddedFile> embedded_files() { return files; }

std::string_view embedded_file(std::string_view path) {
  for (const EmbeddedFile& file : files)
    if (file.path == path) return file.content;
  throw std::logic_error(\"no embedded file \" + std::string(path));
}
}  // namespace chaintier
")
file(COPY_FILE ${OUT}.new ${OUT} ONLY_IF_DIFFERENT)
file(REMOVE ${OUT}.new)
