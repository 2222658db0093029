#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include <fmt/format.h>
#include <openssl/crypto.h>
#include <termios.h>
#include <unistd.h>

#include "probes/local_files.h"
#include "src/base/text.h"
#include "src/cli/passwords.h"
#include "src/local/pem_blocks.h"

namespace chaintier {

namespace {

constexpr std::size_t most_passwords = 1000, longest_file = 1u << 20, longest_password = 4096;

// Keeps the terminal from showing what is typed, and puts it back however the reading ends.
class EchoOff {
 public:
  EchoOff() : changed_(tcgetattr(STDIN_FILENO, &before_) == 0) {
    if (!changed_) return;
    termios quiet = before_;
    quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    quiet.c_lflag |= ECHONL;
    changed_ = tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet) == 0;
  }
  ~EchoOff() {
    if (changed_) tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
  }
  EchoOff(const EchoOff&) = delete;
  EchoOff& operator=(const EchoOff&) = delete;
  bool quiet() const { return changed_; }

 private:
  termios before_{};
  bool changed_;
};

void add_lines(std::string_view rest, std::vector<Secret>& passwords) {
  while (!rest.empty() && passwords.size() <= most_passwords) {
    const std::size_t end = rest.find('\n');
    const std::string_view line = rest.substr(0, end);
    passwords.emplace_back(bytes_of(line));
    if (line.ends_with('\r')) passwords.emplace_back(bytes_of(line.substr(0, line.size() - 1)));
    if (end == std::string_view::npos) break;
    rest.remove_prefix(end + 1);
  }
}

}  // namespace

Result<std::vector<Secret>> collect_passwords(const std::optional<std::string>& file) {
  std::vector<Secret> passwords;
  if (file) {
    const auto content = read_secret_file(*file, longest_file);
    if (!content) return input_error(Stage::read, fmt::format("--password-file: {}", content.error().detail));
    // Editors of Windows put a byte order mark first, or write UTF-16: such a file is tried both ways.
    const Secret plain = plain_text(content->view());
    for (const Secret* form : {&*content, &plain}) {
      if (form == &plain && plain.text() == content->text()) break;
      add_lines(form->text(), passwords);
      if (passwords.size() > most_passwords)
        return input_error(Stage::read, fmt::format("--password-file {}: more than {} passwords",
                                                    printable(*file), most_passwords));
    }
  }
  if (char* set = std::getenv("CHAINTIER_PASSWORD")) {
    passwords.emplace_back(bytes_of(std::string_view(set)));
    // Nobody needs it there any more, and /proc/PID/environ shows it.
    OPENSSL_cleanse(set, std::strlen(set));
  }
  return passwords;
}

bool can_ask_for_password() { return isatty(STDIN_FILENO) == 1 && isatty(STDERR_FILENO) == 1; }

std::optional<Secret> ask_for_password(const std::string& prompt) {
  const EchoOff echo;
  if (!echo.quiet()) return std::nullopt;  // better none than one for all to see
  std::fprintf(stderr, "%s ", prompt.c_str());
  std::fflush(stderr);
  Secret line(longest_password);
  std::size_t used = 0;
  while (used < line.size()) {
    const ssize_t got = read(STDIN_FILENO, line.data() + used, 1);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return std::nullopt;
    if (line.data()[used] == '\n') {
      line.shrink(used);
      return line;
    }
    ++used;
  }
  return std::nullopt;
}

}  // namespace chaintier
